import type { ParsedCall } from '../../models/computer/format.ts'
import { ComputerActionError } from '../../models/errors.ts'
import { foldReading } from '../../models/local/detect/index.ts'
import type { Frames } from '../../tools/computer/frames.ts'
import { judgeFreshness } from '../../tools/computer/guard/freshness.ts'
import { type Finding, strictest, type Verdict } from '../../tools/computer/guard/verdict.ts'
import { canonicalJson, sha256 } from '../../tools/definitions.ts'
import type { CheckInput } from '../operations/check-action.ts'
import type { GivenFiles } from '../operations/given-files.ts'
import type { Approvals } from '../runs/approvals.ts'
import { canElicit, confirmationRequest, saysYes } from '../runs/confirmation.ts'
import type { Effect, RunScope } from '../runs/run.ts'
import { readGivenAction } from './given-action.ts'
import { type LayerTools, type Looked, lookAt } from './layers.ts'
import { type Proposal, pointOf } from './look.ts'
import { openScreens, type Seen } from './screens.ts'

export interface CheckedAction {
  readonly verdict: Verdict
  /** Sentences, the strictest first. */
  readonly reasons: readonly string[]
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

export interface CheckServices {
  readonly frames: Frames
  readonly files: GivenFiles
  readonly approvals: Approvals
  readonly tools: () => LayerTools
}

/** What is known of the work that an action belongs to. */
export interface Surroundings {
  readonly thread: string | undefined
  readonly task: string | undefined
  readonly taint: Proposal['taint']
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
  around: Surroundings,
): Promise<CheckedAction> {
  const { caller, signal } = scope
  const seen = await openScreens(
    services,
    { screenshot: given.screenshot, decidedOn: given.decided_on, url: given.url },
    { caller, thread: around.thread, signal },
  )
  const screen = { source: seen.decidedOn.source, space: seen.decidedOn.sent.space, environment: 'browser' as const }
  let call: ParsedCall
  try {
    call = readGivenAction(given.action, screen)
  } catch (error) {
    if (!(error instanceof ComputerActionError) || error.rule === 'shape' || error.rule === 'no-word') throw error
    return denied(seen, { layer: 'action', verdict: 'deny', code: error.rule, reason: error.message })
  }
  const looked: Looked[] = []
  const tools = services.tools()
  for (const [index, block] of call.blocks.entries()) {
    const claim = given.claim ?? block.claim
    const proposal: Proposal = {
      ...seen,
      ...{ block, index, claim, url: given.url ?? seen.newest.url, task: around.task, taint: around.taint },
      safetyChecks: index === 0 ? call.safetyChecks : [],
    }
    looked.push(await lookAt(proposal, tools, signal))
  }
  const findings = looked.flatMap(({ reports }) => reports.flatMap((report) => report.findings))
  const verdict = strictest(findings.map((one) => one.verdict))
  const [first] = looked
  const point = call.blocks[0] && pointOf(call.blocks[0].action)
  const checked: CheckedAction = {
    verdict,
    reasons: reasonsOf(findings),
    frame: seen.newest.id,
    target: point && { x: point.x, y: point.y, ...labelOf(first) },
    findings,
    unscored: looked.flatMap(({ reports }) =>
      reports.flatMap(({ layer, unscored }) => (unscored === undefined ? [] : [`${layer}: ${unscored}`])),
    ),
  }
  return verdict === 'confirm' ? askFor(services, checked, { given, call, seen, scope, label: first?.target?.label }) : checked
}

function denied({ newest }: Seen, finding: Finding): CheckedAction {
  return { verdict: finding.verdict, reasons: [finding.reason], frame: newest.id, target: undefined, findings: [finding], unscored: [] }
}

function reasonsOf(findings: readonly Finding[]): string[] {
  const order: readonly Verdict[] = ['deny', 'reobserve', 'confirm', 'allow']
  const sorted = findings.toSorted((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict))
  return [...new Set(sorted.map(({ reason }) => reason))]
}

function labelOf(looked: Looked | undefined): Record<string, unknown> {
  const { label, box } = looked?.target ?? {}
  const region = box && {
    left: Math.round(box.left),
    top: Math.round(box.top),
    right: Math.round(box.right),
    bottom: Math.round(box.bottom),
  }
  return { ...(label !== undefined && { label }), ...(region !== undefined && { box: region }) }
}

interface Asked {
  readonly given: CheckInput
  readonly call: ParsedCall
  readonly seen: Seen
  readonly scope: RunScope
  readonly label: string | undefined
}

/** A new approval, or what has become of the one that came along. */
async function askFor(services: CheckServices, checked: CheckedAction, asked: Asked): Promise<CheckedAction> {
  const { approvals, frames } = services
  const { given, scope, seen } = asked
  const { principal } = scope.caller
  const effect = effectOf(checked, asked)
  if (given.approval !== undefined) {
    const known = await approvals.get(principal, given.approval)
    const decidedOn = known?.frame === undefined ? undefined : await frames.open(principal, known.frame)
    if (known?.status === 'pending' && canElicit(scope.caller)) {
      const answers = await scope.ask({ confirmation: confirmationRequest(known) })
      await approvals.decide(principal, known.id, saysYes(answers['confirmation']) ? 'accepted' : 'denied', 'elicitation')
    }
    const point = asked.call.blocks[0] && pointOf(asked.call.blocks[0].action)
    const stale = decidedOn && (await judgeFreshness({ decidedOn, newest: seen.newest, point }))
    if (stale !== undefined && stale.findings.length > 0) {
      const [finding] = stale.findings
      return { ...checked, verdict: 'reobserve', reasons: [`The approval is void: ${finding?.reason}`, ...checked.reasons] }
    }
    const fate = await approvals.redeem(principal, given.approval, effect)
    if (fate === 'accepted') return { ...checked, verdict: 'allow', reasons: ['A person has accepted exactly this', ...checked.reasons] }
    if (fate === 'pending') return { ...checked, approval: given.approval, expiresAt: known?.expiresAt }
    if (fate === 'denied') return { ...checked, verdict: 'deny', reasons: ['A person has said no', ...checked.reasons] }
    if (fate === 'expired')
      return withApproval(services, { ...checked, reasons: ['The approval has expired', ...checked.reasons] }, effect, asked)
    const reason = 'The approval is not for this action on this target, or was used'
    return withApproval(services, { ...checked, reasons: [reason, ...checked.reasons] }, effect, asked)
  }
  return withApproval(services, checked, effect, asked)
}

async function withApproval(
  { approvals }: CheckServices,
  checked: CheckedAction,
  effect: Effect,
  { scope }: Asked,
): Promise<CheckedAction> {
  const { id, expiresAt } = await approvals.create({ ...effect, principal: scope.caller.principal, handle: scope.handle })
  return { ...checked, approval: id, expiresAt }
}

/** What is agreed to: the action with its values, what stands on its target, and the site. */
function effectOf(checked: CheckedAction, { given, call, seen, label }: Asked): Effect {
  const actions = call.blocks.map(({ action }) => action)
  const url = given.url ?? seen.newest.url
  const origin = url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined
  const where = [...(label === undefined ? [] : [`on "${label}"`]), ...(origin === undefined ? [] : [`at ${origin}`])].join(' ')
  return {
    tool: 'check_action',
    argumentsHash: sha256(canonicalJson([actions, foldReading(label ?? ''), origin ?? null])),
    effect: `Let the agent do ${actions.map((action) => JSON.stringify(action)).join(', then ')}${where === '' ? '' : ` ${where}`}. ${checked.reasons.join('; ')}`,
    frame: seen.newest.id,
  }
}
