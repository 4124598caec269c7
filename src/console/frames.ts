import { anyPrincipal, computerSessionRow, frameRow } from '../../memory/index.ts'
import type { ComputerAction } from '../../models/computer/action.ts'
import type { ImageMediaType } from '../../models/message.ts'
import type { Frame } from '../../tools/computer/frame.ts'
import type { CheckedFrame, KeptCheck } from '../computer/kept-checks.ts'
import type { ComputerSession } from '../computer/session.ts'
import type { Services } from '../operations/services.ts'
import type { FrameDetail, FramePage, FrameSummary, ShownAction } from './wire.ts'

const pageSize = 40
/** Of one caller: the newest ones are looked through for what was done on a screen. */
const sessionsLookedAt = 50

type FrameServices = Pick<Services, 'store' | 'computer'>

export async function listFrames({ store }: FrameServices, cursor: string | undefined): Promise<FramePage> {
  const page = await store.rows.list<Frame>(anyPrincipal, frameRow, { limit: pageSize, cursor })
  return { frames: page.rows.map(({ principal, value }) => summaryOf(principal, value)), next_cursor: page.nextCursor ?? null }
}

/** With what stands on it, what is masked of it, and what a model wanted to do there. */
export async function readFrame({ store, computer }: FrameServices, id: string): Promise<FrameDetail | undefined> {
  const row = await store.rows.get<CheckedFrame>(anyPrincipal, frameRow, id)
  if (row === undefined) return undefined
  const { principal, value: frame } = row
  const masked = await computer.masking.image(principal, id)
  const proposed = await proposedOn(store, principal, id)
  return {
    ...summaryOf(principal, frame),
    text: (frame.text ?? []).map(({ left, top, right, bottom, text }) => ({ left, top, right, bottom, text })),
    masked: masked?.masked.map(({ kind, left, top, right, bottom }) => ({ kind, left, top, right, bottom })) ?? [],
    unread: masked === undefined ? 'its picture is not kept any more' : (masked.unread ?? null),
    ...proposed,
    actions: [...proposed.actions, ...(frame.checks ?? []).flatMap(checkedOn)],
  }
}

/** The picture without what is secret on it, as far as that was read. */
export async function frameImage(
  { store, computer }: FrameServices,
  id: string,
): Promise<{ mediaType: ImageMediaType; bytes: Uint8Array } | undefined> {
  const row = await store.rows.get<Frame>(anyPrincipal, frameRow, id)
  return row && computer.masking.image(row.principal, id)
}

function summaryOf(principal: string, { id, takenAt, source, url, window }: Frame): FrameSummary {
  return { id, principal, at: takenAt, width: source.width, height: source.height, url: url ?? null, window: window ?? null }
}

/** What an agent had judged, each action with what was said of all that it asked about at once. */
function checkedOn({ actions, verdict, reasons, approved }: KeptCheck): ShownAction[] {
  return actions.map((action) => ({ ...shown(action), asked_by: 'check_action', verdict, reasons, approved, result: null }))
}

function shown(action: ComputerAction): Pick<ShownAction, 'type' | 'words' | 'points'> {
  return { type: action.type, words: JSON.stringify(action), points: pointsOf(action) }
}

async function proposedOn(
  store: FrameServices['store'],
  principal: string,
  frame: string,
): Promise<Pick<FrameDetail, 'goal' | 'model' | 'actions'>> {
  const { rows } = await store.rows.list<ComputerSession>(principal, computerSessionRow, { limit: sessionsLookedAt, order: 'updated' })
  for (const { value } of rows) {
    const step = value.steps.find((one) => one.frame === frame)
    if (step === undefined) continue
    const actions = step.actions.map((action, index): ShownAction => {
      const said = step.verdicts?.[index]
      const result = step.results?.find((one) => one.index === index)
      return {
        ...shown(action),
        asked_by: 'next_action',
        verdict: said?.verdict ?? null,
        reasons: said?.reasons ?? [],
        approved: step.approved === true,
        result: result === undefined ? null : result.ok ? 'done' : (result.error ?? 'failed'),
      }
    })
    return { goal: value.goal, model: step.model, actions }
  }
  return { goal: null, model: null, actions: [] }
}

/** Where an action touches the screen, in its order, in pixels of the picture as it was taken. */
function pointsOf(action: ComputerAction): { x: number; y: number }[] {
  const found: { x: number; y: number }[] = []
  const look = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) look(one)
    else if (isPoint(value)) found.push({ x: value.x, y: value.y })
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) look(one)
  }
  look(action)
  return found
}

function isPoint(value: unknown): value is { x: number; y: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'x' in value &&
    'y' in value &&
    typeof value.x === 'number' &&
    typeof value.y === 'number'
  )
}
