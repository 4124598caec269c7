import type { Embedder } from '../../models/embedder.ts'
import type { Pool } from '../../models/pool.ts'
import { worstCaseCost } from '../../models/prices.ts'
import { extractiveDeployment } from '../../models/providers/extractive.ts'
import { assessStep } from '../assess.ts'
import { createPlan, type Plan } from '../plan.ts'
import type { Policy } from '../policy.ts'
import type { RoutingFacts } from '../routing-conditions.ts'
import type { Choice } from '../rules.ts'
import type { SignalReading } from '../signals/signal.ts'
import { mayOffer } from '../tool-filter.ts'
import { givenStep } from './given-step.ts'
import type { Given } from './test-file.ts'

export interface Surroundings {
  readonly policy: Policy
  readonly pools: readonly Pool[]
  /** Of the step's text, for selectors that look at one. */
  readonly embedder: Embedder | undefined
  /** What chance hangs on: the same gives the same plan. */
  readonly decision: string
}

export interface PlannedGiven {
  readonly plan: Plan
  readonly choice: Choice
  /** What the conditions looked at. */
  readonly facts: RoutingFacts
}

/** A Monday at noon, UTC: a test does not hang on the day on which it runs. */
const now = Date.UTC(2026, 0, 5, 12)
const cooldownMs = 60_000

/** Decides about a step that is only described, on the same way as about a real one. Nothing is called but the embedder. */
export async function planGiven(given: Given, { policy, pools, embedder, decision }: Surroundings): Promise<PlannedGiven> {
  const described = givenStep(given)
  const budget = {
    usdPerCall: given.budget.usd_per_call,
    usdPerDay: given.budget.usd_per_day,
    spentTodayUsd: given.budget.spent_today_usd,
  }
  const state = () => undefined
  const assessment = await assessStep(policy, described, { live: { now, budget, pools, state } }, fixedReadings(given))
  const { readings, projected, choice } = assessment
  const { request, tools } = choice.action
  const step = { ...described, maxOutputTokens: given.max_output_tokens ?? request?.max_output_tokens ?? described.maxOutputTokens }
  const offered = typeof given.tools_offered === 'number' ? [] : given.tools_offered
  const looksAtVector = choice.action.selector.needsVector === true && step.text !== ''
  const plan = createPlan({
    decision,
    step,
    policy,
    ...assessment,
    pools,
    availability: (model) =>
      given.cooling.includes(model) ? { state: 'cooling', until: now + cooldownMs, reason: 'a failure' } : { state: 'ready' },
    state,
    estimate: ({ price, maxOutputTokens }) =>
      price === null ? null : worstCaseCost(step.inputTokens, Math.min(step.maxOutputTokens, maxOutputTokens), price),
    vector: looksAtVector ? (await embedder?.embed([step.text]))?.[0] : undefined,
    budget,
    context: { turns: 0, recalled: 0, tokens: 0 },
    tools: offered.filter((name) => mayOffer(name, tools)),
    cacheKey: undefined,
    extractivePool: extractiveDeployment.provider,
    now,
  })
  return { plan, choice, facts: { step: described, readings, projected } }
}

function fixedReadings({ signals }: Given): SignalReading[] {
  return Object.entries(signals).map(([signal, given]) => {
    const { value, confidence } = typeof given === 'object' ? given : { value: given, confidence: 1 }
    return { signal, value, confidence, ms: 0 }
  })
}
