import type { Deployment } from '../models/deployment.ts'
import type { Availability, Pool } from '../models/pool.ts'
import type { Policy, PolicyAction, Rule } from './policy.ts'
import { inOrder } from './selectors/in-order.ts'
import { lowestCost } from './selectors/lowest-cost.ts'
import type { Selector } from './selectors/selector.ts'
import type { SignalFailure, SignalReading } from './signals/signal.ts'
import type { Step } from './step.ts'
import { taintNames } from './taint-facts.ts'

/** The decision and its reasons, in the words that every door shows (MCP, `/v1/plan`, command line). */
export interface Plan {
  decision: string
  step: {
    kind: Step['kind']
    mode: Step['mode']
    input_tokens: number
    modalities: string[]
    images: number
    messages: number
    tools_offered: number
    tool_loop: boolean
    thread: string | null
    /** What has come into the thread: `untrusted_read`, `private_read`, `can_send`. */
    taint: string[]
  }
  /** `null` when nothing can answer; `rejected` says why. */
  pool: string | null
  candidates: { model: string; pool: string; rank: number; est_cost_usd: number | null }[]
  rejected: { model: string; pool: string; reason: string }[]
  rule: string
  /** The rule in a sentence. */
  why: string
  policy: string
  selector: string
  propensity: number
  tools: string[]
  context: { turns: number; recalled: number; tokens: number }
  guards: string[]
  cache: { key: string | null; warm: boolean }
  budget: { usd_per_call: number | null; usd_per_day: number | null; spent_today_usd: number | null }
  hold: { held: boolean; model: string | null; broken_by: string | null }
  trace: { signal: string; value: boolean | number | string; confidence: number; ms: number; error?: string }[]
}

export interface PlanInput {
  decision: string
  step: Step
  policy: Policy
  readings: readonly SignalReading[]
  failures: readonly SignalFailure[]
  pools: readonly Pool[]
  availability: (deployment: string) => Availability
  /** Estimated dollars for this step there; `null` when the price is unknown. */
  estimate: (deployment: Deployment) => number | null
  budget: { usdPerCall: number | undefined; usdPerDay: number | undefined; spentTodayUsd: number | undefined }
  context: Plan['context']
  tools: readonly string[]
  cacheKey: string | undefined
  /** The pool that answers from given text alone: never chosen while a real pool could answer. */
  extractivePool: string
  now: number
}

interface Place {
  deployment: Deployment
  pool: Pool
}

const selectors: Record<PolicyAction['selector'], () => Selector> = { 'in-order': inOrder, 'lowest-cost': lowestCost }

/**
 * Decides: what is required filters, what is preferred orders, and each deployment that is left out is named with its reason.
 *
 * Pure: the same input gives the same plan.
 */
export function createPlan(input: PlanInput): Plan {
  const { step, policy } = input
  const places = input.pools.flatMap((pool) => pool.deployments.map((deployment) => ({ deployment, pool })))
  const rejected: Plan['rejected'] = []
  const fitting = places.filter((place) => {
    const reason = requirement(place, input)
    if (reason !== undefined) rejected.push({ model: place.deployment.id, pool: place.pool.name, reason })
    return reason === undefined
  })
  const eligible = withoutExtractive(fitting, input, rejected)

  const chosen = chooseRule(input)
  const hold = decideHold(input, eligible, rejected)
  const { order, selector, propensity } = orderPlaces(chosen, eligible, input)
  const ordered = hold.held ? heldFirst(hold.model, eligible, order) : order
  rejectLeftOut(eligible, ordered, chosen, rejected)
  const first = ordered[0]

  return {
    decision: input.decision,
    step: {
      kind: step.kind,
      mode: step.mode,
      input_tokens: step.inputTokens,
      modalities: [...step.modalities],
      images: step.images,
      messages: step.messages,
      tools_offered: step.toolsOffered,
      tool_loop: step.toolLoop,
      thread: step.thread ?? null,
      taint: taintNames(step.taint),
    },
    pool: first?.pool.name ?? null,
    candidates: ordered.map(({ deployment, pool }, index) => ({
      model: deployment.id,
      pool: pool.name,
      rank: index + 1,
      est_cost_usd: input.estimate(deployment),
    })),
    rejected,
    rule: hold.held ? 'hold' : chosen.name,
    why: hold.held ? 'a step inside a running tool loop keeps its model' : chosen.why,
    policy: policy.name,
    selector,
    propensity,
    tools: [...input.tools],
    context: input.context,
    guards: [],
    cache: { key: input.cacheKey ?? null, warm: first !== undefined && first.deployment.id === step.previousModel },
    budget: {
      usd_per_call: input.budget.usdPerCall ?? null,
      usd_per_day: input.budget.usdPerDay ?? null,
      spent_today_usd: input.budget.spentTodayUsd ?? null,
    },
    hold,
    trace: [
      ...input.readings.map(({ signal, value, confidence, ms }) => ({ signal, value, confidence, ms })),
      ...input.failures.map(({ signal, error, ms }) => ({ signal, value: 'unscored', confidence: 0, ms, error })),
    ],
  }
}

/** The first hard requirement that a deployment misses, in a sentence; `undefined` when it meets all. */
function requirement({ deployment, pool }: Place, input: PlanInput): string | undefined {
  const { step } = input
  if (step.askedModel !== undefined && deployment.id !== step.askedModel) return `the caller asked for model ${step.askedModel}`
  if (step.askedPool !== undefined && pool.name !== step.askedPool) return `the caller asked for pool ${step.askedPool}`
  const asked = step.askedModel !== undefined || step.askedPool !== undefined
  if (pool.computer && !asked) return 'the pool is kept for computer use'
  if (step.kind === 'background' && !deployment.local) return 'background work stays on local pools'

  const missing = step.modalities.find((one) => !deployment.modalities.includes(one))
  if (missing !== undefined) return `it does not take ${missing} input`
  if (step.imageUrls && deployment.local) return 'it cannot fetch an image by its URL'
  if (step.toolsOffered > 0 && !deployment.toolCalls) return 'it cannot call tools'

  const needed = step.requiredTokens + Math.min(step.maxOutputTokens, deployment.maxOutputTokens)
  if (needed > deployment.contextTokens) return `its context of ${deployment.contextTokens} tokens is too short for about ${needed}`

  const estimate = input.estimate(deployment)
  const limit = lowest(step.maxCostUsd, input.budget.usdPerCall)
  if (limit !== undefined || input.budget.usdPerDay !== undefined) {
    if (estimate === null) return 'its price is unknown and a budget is set'
    if (limit !== undefined && estimate > limit) return `it may cost $${estimate.toFixed(4)}, more than the $${limit} allowed for a call`
    const left = input.budget.usdPerDay === undefined ? undefined : input.budget.usdPerDay - (input.budget.spentTodayUsd ?? 0)
    if (left !== undefined && estimate > left && estimate > 0)
      return `it may cost $${estimate.toFixed(4)} and $${Math.max(0, left).toFixed(4)} of today's budget are left`
  }

  const state = input.availability(deployment.id)
  if (state.state === 'cooling')
    return `it is cooling down for ${Math.max(1, Math.ceil((state.until - input.now) / 1000))} s after ${state.reason}`
  if (state.state === 'half-open' && state.probing) return `it is being probed after ${state.reason}`
  return undefined
}

function withoutExtractive(fitting: readonly Place[], input: PlanInput, rejected: Plan['rejected']): Place[] {
  const isExtractive = ({ pool }: Place) => pool.name === input.extractivePool
  const asked = input.step.askedPool === input.extractivePool || input.step.askedModel !== undefined
  const configured = input.pools.some((pool) => pool.name !== input.extractivePool && pool.deployments.length > 0)
  if (asked || !configured || (input.step.kind === 'background' && fitting.every(isExtractive))) return [...fitting]
  for (const { deployment, pool } of fitting.filter(isExtractive)) {
    rejected.push({ model: deployment.id, pool: pool.name, reason: 'it answers without a model, and a model pool is configured' })
  }
  return fitting.filter((place) => !isExtractive(place))
}

interface Choice {
  name: string
  why: string
  action: PolicyAction
}

function chooseRule(input: PlanInput): Choice {
  const { step, policy } = input
  const byOrder: PolicyAction = { prefer: 'first', selector: policy.default.selector, fallback: false }
  if (step.askedModel !== undefined) return { name: 'asked_model', why: 'the caller named the model', action: byOrder }
  if (step.askedPool !== undefined) return { name: 'asked_pool', why: 'the caller named the pool', action: byOrder }
  const rule = policy.rules.find((one) => holds(one, input))
  if (rule !== undefined) return { name: rule.name, why: rule.why === '' ? rule.condition.source : rule.why, action: rule.action }
  return { name: 'default', why: 'no rule fired, so the default of the policy holds', action: policy.default }
}

/** A rule whose signal could not be computed does not fire: the trace shows the signal as unscored. */
function holds(rule: Rule, input: PlanInput): boolean {
  try {
    return rule.condition.holds({ step: input.step, readings: input.readings })
  } catch {
    return false
  }
}

function decideHold(input: PlanInput, eligible: readonly Place[], rejected: Plan['rejected']): Plan['hold'] {
  const { step, policy } = input
  const model = step.previousModel
  if (!policy.hold || model === undefined || step.kind !== 'continuation') return { held: false, model: null, broken_by: null }
  if (eligible.some(({ deployment }) => deployment.id === model)) return { held: true, model, broken_by: null }
  const reason = rejected.find((one) => one.model === model)?.reason ?? 'it is no longer configured'
  return { held: false, model, broken_by: reason }
}

function orderPlaces(choice: Choice, eligible: readonly Place[], input: PlanInput) {
  const selector = selectors[choice.action.selector]()
  const pools = preferredPools(choice.action, eligible, input)
  const kept = choice.action.fallback ? pools : pools.slice(0, 1)
  let propensity = 1
  const order = kept.flatMap((pool, index) => {
    const members = eligible.filter((place) => place.pool.name === pool.name)
    const selected = selector.order(
      input.step,
      members.map(({ deployment }) => deployment),
      { estimate: input.estimate },
    )
    if (index === 0) propensity = selected.propensity
    return selected.order.map((deployment) => ({ deployment, pool }))
  })
  return { order: uniquePlaces(withinLocality(order)), selector: selector.name, propensity }
}

/** Each eligible deployment that the rule leaves out is named as well. */
function rejectLeftOut(eligible: readonly Place[], ordered: readonly Place[], choice: Choice, rejected: Plan['rejected']): void {
  const kept = new Set(ordered.map(({ deployment }) => deployment.id))
  const localOnly = ordered[0]?.pool.local === true
  for (const { deployment, pool } of eligible) {
    if (kept.has(deployment.id)) continue
    const reason =
      localOnly && !pool.local ? 'what was meant for a local pool does not leave it' : `the rule ${choice.name} falls back on no other pool`
    rejected.push({ model: deployment.id, pool: pool.name, reason })
  }
}

/** What was meant for a local pool never falls back to one that is not. */
function withinLocality(order: Place[]): Place[] {
  const first = order[0]
  return first?.pool.local === true ? order.filter(({ pool }) => pool.local) : order
}

function uniquePlaces(order: readonly Place[]): Place[] {
  const seen = new Set<string>()
  return order.filter(({ deployment }) => !seen.has(deployment.id) && seen.add(deployment.id))
}

function preferredPools(action: PolicyAction, eligible: readonly Place[], input: PlanInput): Pool[] {
  const pools = input.pools.filter((pool) => eligible.some((place) => place.pool.name === pool.name))
  const { prefer } = action
  if (prefer === 'first') return pools
  if (prefer === 'cheapest') return pools.toSorted((left, right) => costOf(left, input) - costOf(right, input) || 0)
  if (prefer === 'strongest') {
    const position = new Map(pools.map((pool, index) => [pool.name, index]))
    const later = (left: Pool, right: Pool) => (position.get(right.name) ?? 0) - (position.get(left.name) ?? 0)
    return pools.toSorted((left, right) => outputPrice(right) - outputPrice(left) || later(left, right))
  }
  const wanted = 'pool' in prefer ? prefer.pool : input.readings.find((one) => one.signal === prefer.signal)?.value
  return [...pools.filter((pool) => pool.name === wanted), ...pools.filter((pool) => pool.name !== wanted)]
}

function costOf(pool: Pool, input: PlanInput): number {
  return Math.min(...pool.deployments.map((deployment) => input.estimate(deployment) ?? Number.MAX_VALUE))
}

/** The price of output stands for strength where nothing was measured: the dearest model of the pool counts. */
function outputPrice(pool: Pool): number {
  return Math.max(0, ...pool.deployments.map((deployment) => deployment.price?.outputPerMillion ?? 0))
}

function heldFirst(model: string | null, eligible: readonly Place[], order: readonly Place[]): Place[] {
  const isHeld = ({ deployment }: Place) => deployment.id === model
  return [...eligible.filter(isHeld).slice(0, 1), ...order.filter((place) => !isHeld(place))]
}

function lowest(...limits: readonly (number | undefined)[]): number | undefined {
  const given = limits.filter((limit) => limit !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}
