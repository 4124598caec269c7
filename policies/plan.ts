import type { Deployment } from '../models/deployment.ts'
import type { Availability, DeploymentState, Pool } from '../models/pool.ts'
import { cacheRuleOf, warmTokens } from '../models/prompt-cache.ts'
import { type AnswerUse, answerCachingOf } from './answer-cache.ts'
import type { Assessment } from './assess.ts'
import { chanceOf } from './chance.ts'
import { type PlannedGuard, plannedGuards } from './guards.ts'
import type { HoldDecision } from './hold/hold.ts'
import { type HoldFacts, holdOf } from './hold/of-plan.ts'
import type { Note } from './note.ts'
import type { Policy, Rule } from './policy.ts'
import { orderPlaces } from './preference.ts'
import { type Missed, missedRequirement, type Place } from './requirements.ts'
import type { Choice } from './rules.ts'
import { type Knowledge, knowsNothing } from './selectors/knowledge.ts'
import type { LearnerChoice } from './selectors/selector.ts'
import type { SignalReading } from './signals/signal.ts'
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
  /** Every rule whose condition held, the deciding one among them. */
  fired: { rule: string; tier: number; mode: Rule['mode'] }[]
  /** Whom rules in `shadow` mode would have chosen. */
  shadow: { rule: string; pool: string | null; model: string | null }[]
  /** The rule in a sentence. */
  why: string
  policy: string
  selector: string
  /** What the selector thought of each of its candidates, and why it could not do what it is for. */
  selection: {
    scores: Record<string, number> | null
    note: string | null
    /** A selector that learns: its stage, and whom it would have chosen by itself. */
    learner: LearnerChoice | null
    /** What the step is about, by the signal `domain`. */
    domain: string | null
  }
  propensity: number
  tools: string[]
  context: { turns: number; recalled: number; tokens: number }
  /** What the policy tells the guards, and what was laid down beside it. */
  guards: PlannedGuard[]
  /** Parameters of the request that the rule sets where the caller gave none. */
  request: { max_output_tokens?: number; temperature?: number }
  /** Headers of the request to the provider that the rule sets. */
  headers: Record<string, string>
  /**
   * What of the prompt the first candidate is expected to have in its prompt cache; and whether a kept answer may do instead, else
   * why the policy's word for it does not hold for this step.
   */
  cache: { key: string | null; warm: boolean; warm_tokens: number; answers: AnswerUse; why: string | null }
  /** With `session`, where limits bind it: what it has taken of the fullest of them. */
  budget: { usd_per_call: number | null; usd_per_day: number | null; spent_today_usd: number | null; session?: SessionStanding }
  hold: HoldDecision
  trace: { signal: string; value: boolean | number | string; confidence: number; ms: number; error?: string }[]
  projections: { projection: string; value: number | string; confidence: number }[]
}

/** Where a session stands in what it may take. Each degree does what those before it do as well. */
export interface SessionStanding {
  /** Its thread or conversation. */
  readonly session: string
  readonly measure: 'steps' | 'tokens' | 'usd'
  readonly spent: number
  readonly limit: number
  readonly share: number
  readonly from: 'configured' | 'past'
  /** Where the limit is one of a domain. */
  readonly domain?: string | undefined
  /** Fewer tools, less context, the cheapest model, no answer. */
  readonly degree: 'none' | 'shape' | 'compress' | 'downgrade' | 'stop'
}

/** With what `assessStep` said of the same step and policy. */
export interface PlanInput extends Assessment {
  decision: string
  step: Step
  policy: Policy
  pools: readonly Pool[]
  availability: (deployment: string) => Availability
  /** What is measured of a deployment by now. */
  state: (deployment: string) => DeploymentState | undefined
  /** Estimated dollars for this step there; `null` when the price is unknown. */
  estimate: (deployment: Deployment) => number | null
  /** Of the step's text, for selectors that need it. */
  vector: Float32Array | undefined
  /** What earlier steps taught; nothing unless told. */
  knowledge?: Knowledge | undefined
  /** Whether a cascade had to go on to its strongest model earlier in this thread or loop. */
  escalated?: boolean | undefined
  budget: { usdPerCall: number | undefined; usdPerDay: number | undefined; spentTodayUsd: number | undefined }
  session?: SessionStanding | undefined
  context: Plan['context']
  tools: readonly string[]
  /** Declared boundaries that bind the caller. */
  commitments?: readonly { readonly id: string; readonly text: string }[] | undefined
  /** What the model is told of the step. */
  note?: Note | undefined
  cacheKey: string | undefined
  /** Why no kept answer may answer the step, whatever the policy says; `undefined`: one may. */
  uncacheable?: string | undefined
  /** What is known of the conversation that the step goes on with; `undefined` for its first step, or where nobody kept it. */
  conversation?: HoldFacts | undefined
  /** The pool that answers from given text alone: never chosen while a real pool could answer. */
  extractivePool: string
  now: number
}

/**
 * Decides: what is required filters, what is preferred orders, and each deployment that is left out is named with its reason.
 *
 * Pure: the same input gives the same plan, chance included, which follows from the decision's id.
 */
export function createPlan(input: PlanInput): Plan {
  const { step, policy, choice } = input
  const { ordered, rejected, hold, preferred } = orderCandidates(input)
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
    rule: hold.held ? 'hold' : choice.name,
    fired: choice.fired.map(({ name, tier, mode }) => ({ rule: name, tier, mode })),
    shadow: choice.fired.filter(({ mode }) => mode === 'shadow').map((rule) => shadowOf(rule, input)),
    why: hold.held ? (hold.because ?? choice.why) : choice.why,
    policy: policy.name,
    selector: preferred.selector,
    selection: {
      scores: preferred.scores === undefined ? null : { ...preferred.scores },
      note: preferred.note ?? null,
      learner: preferred.learner ?? null,
      domain: domainOf(input.readings) ?? null,
    },
    propensity: hold.held ? 1 : preferred.propensity,
    tools: [...input.tools],
    context: input.context,
    guards: plannedGuards(policy.default.guards, { commitments: input.commitments, note: input.note }),
    request: requestOf(choice),
    headers: { ...choice.action.headers },
    cache: { key: input.cacheKey ?? null, ...warmthOf(first, input), ...answersOf(input) },
    budget: {
      usd_per_call: input.budget.usdPerCall ?? null,
      usd_per_day: input.budget.usdPerDay ?? null,
      spent_today_usd: input.budget.spentTodayUsd ?? null,
      ...(input.session !== undefined && { session: input.session }),
    },
    hold,
    trace: [
      ...input.readings.map(({ signal, value, confidence, ms }) => ({ signal, value, confidence, ms })),
      ...input.failures.map(({ signal, error, ms }) => ({ signal, value: 'unscored', confidence: 0, ms, error })),
    ],
    projections: input.projected.map(({ projection, value, confidence }) => ({ projection, value, confidence })),
  }
}

function orderCandidates(input: PlanInput) {
  const { step, choice, readings, projected, pools } = input
  const rejected: Plan['rejected'] = []
  const misses = new Map<string, Missed>()
  const places = pools.flatMap((pool) => pool.deployments.map((deployment) => ({ deployment, pool })))
  const fitting = places.filter((place) => {
    const missed = missedRequirement(place, input)
    if (missed !== undefined) {
      rejected.push({ model: place.deployment.id, pool: place.pool.name, reason: missed.reason })
      misses.set(place.deployment.id, missed)
    }
    return missed === undefined
  })
  const eligible = withoutExtractive(fitting, input, rejected)
  const { estimate, state, vector, knowledge = knowsNothing, tools, escalated = false } = input
  const facts = { estimate, state, vector, knowledge, tools, escalated, domain: domainOf(readings), random: chanceOf(input.decision) }
  const preferred = orderPlaces(eligible, { step, choice, readings, projected, pools, facts })
  const hold = holdOf(input, { eligible, misses, wanted: preferred.order[0] })
  const ordered = hold.held ? heldFirst(hold.model, eligible, preferred.order) : preferred.order
  rejectLeftOut({ eligible, ordered, choice, bySelector: preferred.rejected }, rejected)
  return { ordered, rejected, hold, preferred }
}

/** What a rule would have done by itself. */
function shadowOf(rule: Rule, input: PlanInput): Plan['shadow'][number] {
  const choice: Choice = { name: rule.name, why: rule.why, safety: rule.tier === 1, action: rule.action, actionOf: rule.name, fired: [] }
  const first = orderCandidates({ ...input, choice }).ordered[0]
  return { rule: rule.name, pool: first?.pool.name ?? null, model: first?.deployment.id ?? null }
}

function requestOf({ action: { request = {} } }: Choice): Plan['request'] {
  const { max_output_tokens, temperature } = request
  return { ...(max_output_tokens !== undefined && { max_output_tokens }), ...(temperature !== undefined && { temperature }) }
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

function warmthOf(first: Place | undefined, { step, conversation, now }: PlanInput): Pick<Plan['cache'], 'warm' | 'warm_tokens'> {
  const { deployment } = first ?? {}
  if (deployment === undefined || conversation === undefined) return { warm: false, warm_tokens: 0 }
  const tokens = warmTokens(cacheRuleOf(deployment), conversation.seen[deployment.id], step.inputTokens, now)
  return { warm: tokens > 0, warm_tokens: tokens }
}

function answersOf({ policy, choice, readings, uncacheable }: PlanInput): Pick<Plan['cache'], 'answers' | 'why'> {
  const { use } = answerCachingOf(policy.cache, { ofRule: choice.action.cache, domain: domainOf(readings) })
  return use === 'off' || uncacheable === undefined ? { answers: use, why: null } : { answers: 'off', why: uncacheable }
}

/** Each eligible deployment that the rule leaves out is named as well. */
function rejectLeftOut(
  {
    eligible,
    ordered,
    choice,
    bySelector,
  }: { eligible: readonly Place[]; ordered: readonly Place[]; choice: Choice; bySelector: Readonly<Record<string, string>> },
  rejected: Plan['rejected'],
): void {
  const kept = new Set(ordered.map(({ deployment }) => deployment.id))
  const localOnly = ordered[0]?.pool.local === true
  for (const { deployment, pool } of eligible) {
    if (kept.has(deployment.id)) continue
    const reason =
      bySelector[deployment.id] ??
      (localOnly && !pool.local
        ? 'what was meant for a local pool does not leave it'
        : `the rule ${choice.name} falls back on no other pool`)
    rejected.push({ model: deployment.id, pool: pool.name, reason })
  }
}

function heldFirst(model: string | null, eligible: readonly Place[], order: readonly Place[]): Place[] {
  const isHeld = ({ deployment }: Place) => deployment.id === model
  return [...eligible.filter(isHeld).slice(0, 1), ...order.filter((place) => !isHeld(place))]
}

/** A signal of this name says what the step is about, whatever its kind; empty counts as not known. */
export function domainOf(readings: readonly SignalReading[]): string | undefined {
  const value = readings.find(({ signal }) => signal === 'domain')?.value
  return typeof value === 'string' && value !== '' ? value : undefined
}
