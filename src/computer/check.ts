import type { ComputerAction } from '../../models/computer/action.ts'
import type { ParsedCall } from '../../models/computer/format.ts'
import { ComputerActionError } from '../../models/errors.ts'
import { type Finding, strictest, type Verdict, verdicts } from '../../tools/computer/guard/verdict.ts'
import type { CheckInput } from '../operations/check-action.ts'
import type { GivenFiles } from '../operations/given-files.ts'
import type { RunScope } from '../runs/run.ts'
import { type ConsentServices, consentTo, settled } from './consent.ts'
import { readGivenAction } from './given-action.ts'
import { screensLookedThrough, secretsSeen } from './judge-turn.ts'
import { type GuardTools, type Judged, judgeOnScreen, type Surroundings } from './judged.ts'
import type { ScreenReader } from './reading.ts'
import { openScreens, type Seen } from './screens.ts'

export interface CheckedAction {
  readonly verdict: Verdict
  /** Sentences, the strictest first. */
  readonly reasons: readonly string[]
  /** What was judged; nothing where it is no action of this screen. */
  readonly actions: readonly ComputerAction[]
  /** Id of the newest frame. */
  readonly frame: string
  readonly target: Readonly<Record<string, unknown>> | undefined
  /** What a person has to accept, where the verdict is `confirm`. */
  readonly approval?: string | undefined
  readonly expiresAt?: number | undefined
  readonly findings: readonly Finding[]
  /** What could not be looked at, and why. */
  readonly unscored: readonly string[]
}

export interface CheckServices extends ConsentServices {
  readonly files: GivenFiles
  readonly tools: GuardTools
  readonly reader: ScreenReader
}

/**
 * Judges one action, or each of a batch: the strictest verdict of all counts, since a person is asked before any of it is done.
 *
 * A `confirm` comes with an approval. Sent along again, it lets the same action on the same target pass once, as long as the screen is
 * still the one that it was given for.
 */
export async function checkAction(
  services: CheckServices,
  given: CheckInput,
  scope: RunScope,
  around: Omit<Surroundings, 'index'> & { readonly thread: string | undefined },
): Promise<CheckedAction> {
  const { caller, signal } = scope
  const { thread, ...rest } = around
  const pictures = { screenshot: given.screenshot, decidedOn: given.decided_on, url: given.url, window: given.window }
  const seen = await openScreens(services, pictures, { caller, thread, signal })
  const screen = { source: seen.decidedOn.source, space: seen.decidedOn.sent.space, environment: 'browser' as const }
  let call: ParsedCall
  try {
    call = readGivenAction(given.action, screen)
  } catch (error) {
    if (!(error instanceof ComputerActionError) || error.rule === 'shape' || error.rule === 'no-word') throw error
    return refused(seen, { layer: 'action', verdict: 'deny', code: error.rule, reason: error.message })
  }
  const { reader } = services
  const before = seen.decidedOn.id === seen.newest.id ? undefined : seen.decidedOn
  const earlier = thread === undefined ? [] : await services.frames.ofThread(caller.principal, thread)
  const read = await secretsSeen(
    services.frames,
    caller.principal,
    earlier.slice(-screensLookedThrough).map(({ id }) => id),
    seen,
  )
  const all: Judged[] = []
  for (const [index, block] of call.blocks.entries()) {
    const own: Surroundings = {
      ...rest,
      read,
      claim: given.claim ?? block.claim,
      url: given.url,
      index,
      screen: () => reader.read(caller.principal, seen.newest, before),
      safetyChecks: index === 0 ? call.safetyChecks : [],
    }
    all.push(await judgeOnScreen(block.action, seen, own, services.tools, signal))
  }
  const verdict = strictest(all.map((one) => one.verdict))
  const worst = all.find((one) => one.verdict === verdict)
  const checked: CheckedAction = {
    verdict,
    reasons: [...new Set(all.toSorted(byStrictness).flatMap((one) => one.reasons))],
    actions: call.blocks.map(({ action }) => action),
    frame: seen.newest.id,
    target: worst && targetOf(worst),
    findings: all.flatMap(({ findings }) => findings),
    unscored: [...new Set(all.flatMap(({ unscored }) => unscored))],
  }
  if (verdict !== 'confirm') return checked
  const parts = call.blocks.flatMap(({ action }, index) => (all[index] === undefined ? [] : [{ action, judged: all[index] }]))
  const asked = { parts, seen, url: given.url, tool: 'check_action' }
  return { ...checked, ...settled(await consentTo(services, asked, given.approval, scope), checked.reasons) }
}

function refused({ newest }: Seen, finding: Finding): CheckedAction {
  return {
    verdict: finding.verdict,
    reasons: [finding.reason],
    actions: [],
    frame: newest.id,
    target: undefined,
    findings: [finding],
    unscored: [],
  }
}

function byStrictness(one: Judged, other: Judged): number {
  return verdicts.indexOf(other.verdict) - verdicts.indexOf(one.verdict)
}

/** Where the action goes and what stands there, for people. */
export function targetOf({ point, label, box }: Judged): Readonly<Record<string, unknown>> | undefined {
  const region = box && {
    left: Math.round(box.left),
    top: Math.round(box.top),
    right: Math.round(box.right),
    bottom: Math.round(box.bottom),
  }
  return point && { x: point.x, y: point.y, ...(label !== undefined && { label }), ...(region !== undefined && { box: region }) }
}
