import type { ComputerAction, Point } from '../../models/computer/action.ts'
import type { SafetyCheck } from '../../models/computer/format.ts'
import type { ImageRule } from '../../models/images.ts'
import type { TextBox } from '../../models/local/ocr/index.ts'
import type { Taint } from '../../models/taint.ts'
import type { Frames } from '../../tools/computer/frames.ts'
import { hashAction, type LoopInput } from '../../tools/computer/guard/loop.ts'
import type { ReadValue } from '../../tools/computer/guard/taint.ts'
import type { Commitments } from '../commitments.ts'
import type { RunScope } from '../runs/run.ts'
import { judgeOf } from './ask-judge.ts'
import type { Computer } from './computer.ts'
import { type Judged, judgeOnScreen } from './judged.ts'
import { secretLines } from './masking.ts'
import type { Seen } from './screens.ts'
import type { SessionStep } from './session.ts'

/** What the work is for, and what was done of it. */
export interface DoneWork {
  readonly goal: string
  readonly steps: readonly {
    /** Ids of frames. Of steps over the wire formats whose screen is not known any more there is none. */
    readonly frame?: string | undefined
    readonly dhash?: string | undefined
    readonly actions: SessionStep['actions']
  }[]
}

/** One turn of a model, and the work that it belongs to. */
export interface Turn {
  readonly actions: readonly ComputerAction[]
  readonly safetyChecks: readonly SafetyCheck[]
  readonly seen: Seen
  readonly session: DoneWork
  readonly scope: Pick<RunScope, 'caller' | 'signal' | 'spend'>
  readonly taint: Taint
  /** What the work has taken by now, this turn not among it. */
  readonly spent?: LoopInput['spent'] | undefined
  /** The rule of the model that it is of: its screen is searched as that model got it. */
  readonly sentBy?: ImageRule | undefined
  /** How many actions were done since the screen was seen. */
  readonly done?: number | undefined
}

/** Every action of the turn, one after the other: what comes before one may change the screen under it. */
export async function judgeTurn(
  services: Parameters<typeof judgeOf>[0] & { readonly computer: Computer; readonly commitments: Commitments },
  { actions, safetyChecks, seen, session, scope, taint, spent, sentBy, done = 0 }: Turn,
): Promise<Judged[]> {
  const { computer } = services
  const commitments = await services.commitments.inForce(scope.caller.principal)
  const tools = { ...computer.tools(), judge: judgeOf(services, scope), commitments }
  const past = session.steps.flatMap(({ actions: before, dhash }) => before.map((action) => ({ actionHash: hashAction(action), dhash })))
  const earlier = session.steps.slice(-screensLookedThrough).flatMap(({ frame }) => frame ?? [])
  const read = await secretsSeen(computer.frames, scope.caller.principal, earlier, seen)
  const typedBefore = session.steps.flatMap((step) => typedIn(step.actions))
  const screen = () => computer.reader.read(scope.caller.principal, seen.newest, undefined, sentBy)
  const now = actions.length === 0 ? 'nothing is to be judged' : await screen()
  // What was read already need not be read again around each click.
  const known = typeof now === 'string' ? seen : withText(seen, now.text)
  const judged: Judged[] = []
  let pointer = session.steps.reduce((at, step) => pointerAfter(step.actions, at), undefined as Point | undefined)
  for (const [index, given] of actions.entries()) {
    const action = placedAt(given, pointer)
    pointer = pointerAfter([action], pointer)
    const before = actions.slice(0, index)
    const around = {
      ...{ taint, read, task: session.goal, past, spent, screen, index: done + before.filter(mayChangeScreen).length },
      typedBefore: [...typedBefore, ...typedIn(before)],
      safetyChecks: index === 0 ? safetyChecks : [],
    }
    judged.push(await judgeOnScreen(action, known, around, tools, scope.signal))
  }
  return judged
}

const still: ReadonlySet<ComputerAction['type']> = new Set(['screenshot', 'zoom', 'wait', 'cursor-position', 'move'])

/** Whether the screen may be another one after it. The oldest forms move the pointer first, and click in a second action. */
export function mayChangeScreen({ type }: ComputerAction): boolean {
  return !still.has(type)
}

function pointerAfter(actions: readonly ComputerAction[], before: Point | undefined): Point | undefined {
  return actions.reduce((at, action) => {
    if (action.type === 'drag') return action.path.at(-1) ?? at
    return 'at' in action && action.at !== undefined ? action.at : at
  }, before)
}

/** A click that names no place is one where the pointer is. */
function placedAt(action: ComputerAction, pointer: Point | undefined): ComputerAction {
  const clicks = action.type === 'click' || action.type === 'mouse-down' || action.type === 'mouse-up'
  return clicks && action.at === undefined && pointer !== undefined ? { ...action, at: pointer } : action
}

function typedIn(actions: readonly ComputerAction[]): string[] {
  return actions.flatMap((one) => (one.type === 'type' ? [one.text] : []))
}

/** Of the newest ones. */
export const screensLookedThrough = 8

/** Secrets that stood on earlier screens of the work: what is typed now must not be one of them unless the person asked for it. */
export async function secretsSeen(
  frames: Pick<Frames, 'get'>,
  principal: string,
  earlier: readonly string[],
  { newest }: Seen,
): Promise<ReadValue[]> {
  const ids = [...new Set(earlier)].filter((id) => id !== newest.id)
  const known = await Promise.all(ids.map((id) => frames.get(principal, id)))
  // One after the other: all at once they would hold the event loop together.
  const lines: (readonly string[])[] = []
  for (const frame of known) lines.push(frame === undefined ? [] : await secretLines(frame))
  return lines.flatMap((found, at) => found.map((text): ReadValue => ({ source: `the screen ${ids[at]}`, kind: 'private', text })))
}

function withText({ decidedOn, newest }: Seen, text: readonly TextBox[]): Seen {
  const read = { ...newest, text }
  return { decidedOn: decidedOn.id === newest.id ? read : decidedOn, newest: read }
}
