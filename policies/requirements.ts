import type { Deployment } from '../models/deployment.ts'
import type { Availability, Pool } from '../models/pool.ts'
import { isRedactedFor } from './guards.ts'
import type { Policy } from './policy.ts'
import type { Choice } from './rules.ts'
import type { Step } from './step.ts'

/** A deployment as a member of one of its pools. */
export interface Place {
  readonly deployment: Deployment
  readonly pool: Pool
}

export interface RequirementInput {
  readonly step: Step
  readonly policy: Pick<Policy, 'default'>
  readonly choice: Choice
  readonly availability: (deployment: string) => Availability
  /** Estimated dollars for this step there; `null` when the price is unknown. */
  readonly estimate: (deployment: Deployment) => number | null
  readonly budget: {
    readonly usdPerCall: number | undefined
    readonly usdPerDay: number | undefined
    readonly spentTodayUsd: number | undefined
  }
  readonly now: number
}

/** A hard requirement that a deployment misses: its kind, which may break a hold, and a sentence. */
export interface Missed {
  readonly by: 'policy_denial' | 'missing_modality' | 'context_overflow' | 'budget_stop' | 'failure'
  readonly reason: string
}

/** The first hard requirement that a deployment misses; `undefined` when it meets all. */
export function missedRequirement(place: Place, input: RequirementInput): Missed | undefined {
  return (
    missed(
      'policy_denial',
      missedByCaller(place, input) ?? missedByRule(place, input) ?? keptLocal(place, input) ?? unread(place, input),
    ) ??
    missed('missing_modality', missedModality(place, input)) ??
    missed('context_overflow', tooLong(place, input)) ??
    missed('budget_stop', missedByBudget(place, input)) ??
    missed('failure', resting(place, input))
  )
}

function missed(by: Missed['by'], reason: string | undefined): Missed | undefined {
  return reason === undefined ? undefined : { by, reason }
}

function missedByCaller({ deployment, pool }: Place, { step, choice }: RequirementInput): string | undefined {
  const { askedModel, askedPool } = step
  if (askedModel !== undefined && deployment.id !== askedModel) return `the caller asked for model ${askedModel}`
  if (askedPool !== undefined && pool.name !== askedPool) return `the caller asked for pool ${askedPool}`
  const asked = askedModel !== undefined || askedPool !== undefined
  if (pool.computer && !asked && !step.computerUse && choice.action.prefer !== 'computer') return 'the pool is kept for computer use'
  return undefined
}

function missedByRule({ deployment, pool }: Place, { choice }: RequirementInput): string | undefined {
  const { require: required, models, refuse } = choice.action
  if (refuse === true) return choice.refusal ?? `the rule ${choice.actionOf} refuses the step`
  if (required?.local === true && !deployment.local) return `the rule ${choice.name} keeps the step on this machine`
  if (required?.pools?.includes(pool.name) === false) return `the rule ${choice.name} allows the pools ${required.pools.join(', ')} alone`
  if (models?.includes(deployment.id) === false) return `the rule ${choice.name} allows the models ${models.join(', ')} alone`
  return undefined
}

function keptLocal({ deployment, pool }: Place, { step }: RequirementInput): string | undefined {
  return step.kind === 'background' && !deployment.local && pool.name !== step.backgroundPool
    ? 'background work stays on local pools'
    : undefined
}

/** Where somebody works on a screen, the guard of computer use looks after the pictures. */
function unread({ deployment }: Place, { step, policy }: RequirementInput): string | undefined {
  const { privacy } = policy.default.guards ?? {}
  if (privacy?.on_unscored !== 'refuse' || !isRedactedFor(privacy, deployment)) return undefined
  const held = [step.images > 0 && !step.computerUse && 'pictures', step.modalities.includes('file') && 'files'].filter(
    (one) => one !== false,
  )
  return held.length === 0 ? undefined : `the privacy guard cannot read ${held.join(' and ')}, and what is not read is not sent there`
}

function missedModality({ deployment }: Place, { step }: RequirementInput): string | undefined {
  const missing = step.modalities.find((one) => !deployment.modalities.includes(one))
  if (missing !== undefined) return `it does not take ${missing} input`
  if (step.imageUrls && deployment.local) return 'it cannot fetch an image by its URL'
  return step.toolsOffered > 0 && !deployment.toolCalls ? 'it cannot call tools' : undefined
}

function tooLong({ deployment }: Place, { step }: RequirementInput): string | undefined {
  const needed = step.requiredTokens + Math.min(step.maxOutputTokens, deployment.maxOutputTokens)
  if (needed > deployment.contextTokens) return `its context of ${deployment.contextTokens} tokens is too short for about ${needed}`
  return undefined
}

function missedByBudget({ deployment }: Place, { step, choice, budget, estimate: estimateOf }: RequirementInput): string | undefined {
  const limit = lowest(step.maxCostUsd, budget.usdPerCall, choice.action.budget?.usd_per_call)
  if (limit === undefined && budget.usdPerDay === undefined) return undefined
  const estimate = estimateOf(deployment)
  if (estimate === null) return 'its price is unknown and a budget is set'
  if (limit !== undefined && estimate > limit) return `it may cost $${estimate.toFixed(4)}, more than the $${limit} allowed for a call`
  const left = budget.usdPerDay === undefined ? undefined : budget.usdPerDay - (budget.spentTodayUsd ?? 0)
  if (left !== undefined && estimate > left && estimate > 0)
    return `it may cost $${estimate.toFixed(4)} and $${Math.max(0, left).toFixed(4)} of today's budget are left`
  return undefined
}

function resting({ deployment }: Place, { availability, now }: RequirementInput): string | undefined {
  const state = availability(deployment.id)
  if (state.state === 'cooling')
    return `it is cooling down for ${Math.max(1, Math.ceil((state.until - now) / 1000))} s after ${state.reason}`
  if (state.state === 'half-open' && state.probing) return `it is being probed after ${state.reason}`
  return undefined
}

function lowest(...limits: readonly (number | undefined)[]): number | undefined {
  const given = limits.filter((limit) => limit !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}
