import type { Deployment } from '../../models/deployment.ts'
import { cacheRuleOf, type SeenPrefixes, warmTokens } from '../../models/prompt-cache.ts'
import type { Policy } from '../policy.ts'
import type { Missed, Place } from '../requirements.ts'
import type { Choice } from '../rules.ts'
import type { SignalReading } from '../signals/signal.ts'
import type { Step } from '../step.ts'
import { type Conversation, stepsOf } from './conversation.ts'
import { type Broken, decideHold, type HoldCandidate, type HoldDecision, noHold } from './hold.ts'
import { lockOf } from './locks.ts'
import { type PastConversation, remainingSteps, turnSoFar } from './remaining-steps.ts'
import { type GateSide, type GateVerdict, unweighed, weighSwitch } from './switch-gate.ts'

/** What the hold knows beside the step. */
export interface HoldFacts {
  readonly conversation: Conversation
  /** What each deployment has seen of this step's prompt. */
  readonly seen: SeenPrefixes
  /** How earlier conversations went. */
  readonly past: readonly PastConversation[]
}

interface HoldPlanInput {
  readonly step: Step
  readonly policy: Policy
  readonly choice: Choice
  readonly readings: readonly SignalReading[]
  readonly conversation?: HoldFacts | undefined
  readonly now: number
}

interface Eligibility {
  readonly eligible: readonly Place[]
  /** Why each of the others is not, by model. */
  readonly misses: ReadonlyMap<string, Missed>
  /** Whom the policy would choose. */
  readonly wanted: Place | undefined
}

/** The hold of a step: what a plan knows, put to `decideHold`. */
export function holdOf(input: HoldPlanInput, { eligible, misses, wanted }: Eligibility): HoldDecision {
  const { step, policy, choice, conversation: facts } = input
  const previous = step.previousModel
  if (policy.hold === null || previous === undefined) return noHold
  const held = eligible.find(({ deployment }) => deployment.id === previous)?.deployment
  const troubledAt = facts?.conversation.troubledAt ?? null
  // A prompt that no cache keeps leaves nothing behind: at a turn of the user the policy is as free as at the first.
  if (step.kind === 'user_turn' && step.inputTokens < keptFrom(held)) return noHold
  return decideHold({
    kind: step.kind,
    lock: lockOf(step),
    previous: { model: previous, strength: held === undefined ? 0 : strengthOf(held) },
    lost: held === undefined ? lossOf(misses.get(previous)) : undefined,
    safetyRule: choice.safety ? choice.name : undefined,
    wanted: wanted && toCandidate(wanted.deployment),
    trouble: troubleOf(policy, input.readings),
    sinceTrouble: troubledAt === null ? undefined : stepsOf(facts?.conversation) - troubledAt,
    latchSteps: policy.hold.latch_steps,
    weigh: (model) => weigh(input, held, eligible.find(({ deployment }) => deployment.id === model)?.deployment),
  })
}

/** What the first signal that sees trouble says, with its name for it. */
export function troubleOf({ signals }: Pick<Policy, 'signals'>, readings: readonly SignalReading[]): Broken | undefined {
  for (const { name, trouble } of signals) {
    const value = readings.find(({ signal }) => signal === name)?.value
    const because = value === undefined ? undefined : trouble?.of(value)
    if (trouble !== undefined && because !== undefined) return { by: trouble.by, because }
  }
  return undefined
}

/** The letter by which a conversation remembers the stage of a step; `x` where no signal tells it. */
export function stageLetter({ signals }: Pick<Policy, 'signals'>, readings: readonly SignalReading[]): string {
  const name = signals.find(({ trouble }) => trouble?.by === 'stage_escalation')?.name
  const value = readings.find(({ signal }) => signal === name)?.value
  return typeof value === 'string' ? (letters[value] ?? 'x') : 'x'
}

const letters: Readonly<Record<string, string>> = { critical: 'c', failed: 'f', stuck: 's', settled: 'd', open: 'o' }

function lossOf(missed: Missed | undefined): Broken {
  return { by: missed?.by ?? 'policy_denial', because: missed?.reason ?? 'it is no longer configured' }
}

function toCandidate(deployment: Deployment): HoldCandidate {
  return { model: deployment.id, strength: strengthOf(deployment) }
}

/** The price of output stands for strength where nothing was measured, as for `prefer: strongest`. */
function strengthOf({ price }: Deployment): number {
  return price?.outputPerMillion ?? 0
}

function weigh({ step, policy, readings, conversation: facts, now }: HoldPlanInput, from?: Deployment, to?: Deployment): GateVerdict {
  const { loop_margin = 0, turn_margin = 0, margin_usd = 0, horizon = 30 } = policy.hold ?? {}
  const inLoop = step.kind === 'continuation'
  const side = (deployment: Deployment): GateSide => {
    const cache = cacheRuleOf(deployment)
    return {
      model: deployment.id,
      price: deployment.price,
      cache,
      warmTokens: warmTokens(cache, facts?.seen[deployment.id], step.inputTokens, now),
    }
  }
  if (from === undefined || to === undefined || facts === undefined) {
    return unweighed(from?.id ?? '', to?.id ?? '', 'nothing is known of the conversation')
  }
  const { conversation, past } = facts
  const depth = inLoop ? turnSoFar(conversation.stages).length : 0
  return weighSwitch({
    from: side(from),
    to: side(to),
    promptTokens: step.inputTokens,
    pace: conversation.pace,
    steps: remainingSteps(past, depth, stageLetter(policy, readings), { cap: horizon }),
    margin: { share: inLoop ? loop_margin : turn_margin, usd: margin_usd },
  })
}

/** The shortest prompt that its cache keeps. */
function keptFrom(deployment: Deployment | undefined): number {
  return (deployment && cacheRuleOf(deployment)?.minTokens) ?? Number.POSITIVE_INFINITY
}
