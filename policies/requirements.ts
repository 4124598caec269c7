import type { Deployment } from '../models/deployment.ts'
import type { Availability, Pool } from '../models/pool.ts'
import type { Choice } from './rules.ts'
import type { Step } from './step.ts'

/** A deployment as a member of one of its pools. */
export interface Place {
  readonly deployment: Deployment
  readonly pool: Pool
}

export interface RequirementInput {
  readonly step: Step
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

/** The first hard requirement that a deployment misses, in a sentence; `undefined` when it meets all. */
export function missedRequirement(place: Place, input: RequirementInput): string | undefined {
  return (
    missedByCaller(place, input) ??
    missedByRule(place, input) ??
    missedByStep(place, input) ??
    missedByBudget(place, input) ??
    resting(place, input)
  )
}

function missedByCaller({ deployment, pool }: Place, { step, choice }: RequirementInput): string | undefined {
  const { askedModel, askedPool } = step
  if (askedModel !== undefined && deployment.id !== askedModel) return `the caller asked for model ${askedModel}`
  if (askedPool !== undefined && pool.name !== askedPool) return `the caller asked for pool ${askedPool}`
  const asked = askedModel !== undefined || askedPool !== undefined
  if (pool.computer && !asked && choice.action.prefer !== 'computer') return 'the pool is kept for computer use'
  return undefined
}

function missedByRule({ deployment, pool }: Place, { choice }: RequirementInput): string | undefined {
  const { require: required, models } = choice.action
  if (required?.local === true && !deployment.local) return `the rule ${choice.name} keeps the step on this machine`
  if (required?.pools?.includes(pool.name) === false) return `the rule ${choice.name} allows the pools ${required.pools.join(', ')} alone`
  if (models?.includes(deployment.id) === false) return `the rule ${choice.name} allows the models ${models.join(', ')} alone`
  return undefined
}

function missedByStep({ deployment }: Place, { step }: RequirementInput): string | undefined {
  if (step.kind === 'background' && !deployment.local) return 'background work stays on local pools'
  const missing = step.modalities.find((one) => !deployment.modalities.includes(one))
  if (missing !== undefined) return `it does not take ${missing} input`
  if (step.imageUrls && deployment.local) return 'it cannot fetch an image by its URL'
  if (step.toolsOffered > 0 && !deployment.toolCalls) return 'it cannot call tools'
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
