import { estimateOffPolicy, type OffPolicyEstimates } from '../evaluation/off-policy.ts'
import { expectedRewards } from './expected-rewards.ts'
import { createConversations, type PlanAgainOptions, planAgain } from './plan-again.ts'
import type { ReplayableDecision } from './replayable.ts'
import { createCostSimulation } from './simulated-cost.ts'

export interface ReplayReport {
  readonly policy: string
  /** Names of the policies that decided. */
  readonly before: readonly string[]
  readonly steps: number
  readonly from: number | undefined
  readonly to: number | undefined
  /** Steps by pool and by model, as they were and as they would be; `none` where nobody could answer. */
  readonly pools: Readonly<Record<string, Tally>>
  readonly models: Readonly<Record<string, Tally>>
  readonly cost: CostReport
  readonly latency: { readonly beforeMs: number | null; readonly afterMs: number | null; readonly steps: number }
  readonly quality: OffPolicyEstimates
  readonly flips: readonly Flip[]
}

export interface Tally {
  readonly before: number
  readonly after: number
}

export interface CostReport {
  /** What was paid. */
  readonly recordedUsd: number
  /** Both with the same simulated prompt caches, so that they can be compared. */
  readonly beforeUsd: number
  readonly afterUsd: number
  /** Dispatched steps that are in all three. */
  readonly steps: number
  /** Steps left out, since a price is unknown. */
  readonly unpriced: number
}

export interface Flip {
  readonly decision: string
  readonly at: number
  /** The beginning of what was said. */
  readonly text: string
  readonly before: Chosen
  readonly after: Chosen
  readonly beforeUsd: number | null
  readonly afterUsd: number | null
}

export interface Chosen {
  readonly pool: string | null
  readonly model: string | null
  readonly rule: string
}

export interface ReplayOptions extends PlanAgainOptions {
  readonly onProgress?: ((done: number, all: number) => void) | undefined
}

/**
 * Makes recorded decisions again under another policy, in their order: a loop that would have begun with another model goes on
 * with that one. No model is asked; signals of kind `http` and `mcp` ask again. Answers are taken to be as long as they were.
 */
export async function replay(decisions: readonly ReplayableDecision[], options: ReplayOptions): Promise<ReplayReport> {
  const deployments = new Map(options.pools.flatMap((pool) => pool.deployments.map((one) => [one.id, one])))
  const conversations = createConversations()
  const [costBefore, costAfter] = [createCostSimulation(), createCostSimulation()]
  const flips: Flip[] = []
  const pools = createTally()
  const models = createTally()
  const cost = { recordedUsd: 0, beforeUsd: 0, afterUsd: 0, steps: 0, unpriced: 0 }
  const made: { decision: ReplayableDecision; after: Chosen }[] = []

  for (const [index, decision] of decisions.entries()) {
    options.signal.throwIfAborted()
    options.onProgress?.(index, decisions.length)
    const plan = await planAgain(decision, conversations, options)
    const before: Chosen = { pool: decision.pool, model: decision.model, rule: decision.rule }
    const after: Chosen = { pool: plan.pool, model: plan.candidates[0]?.model ?? null, rule: plan.rule }
    made.push({ decision, after })
    pools.count(before.pool, after.pool)
    models.count(before.model, after.model)

    const priced = (chosen: Chosen, simulation: typeof costBefore) => simulation.cost(decision, deployments.get(chosen.model ?? ''))
    const [beforeUsd, afterUsd] = [priced(before, costBefore), priced(after, costAfter)]
    if (decision.outcome !== undefined) {
      if (beforeUsd === null || afterUsd === null) cost.unpriced += 1
      else {
        cost.recordedUsd += decision.outcome.costUsd ?? 0
        cost.beforeUsd += beforeUsd
        cost.afterUsd += afterUsd
        cost.steps += 1
      }
    }
    if (before.model !== after.model) {
      flips.push({ decision: decision.id, at: decision.at, text: decision.step.text.slice(0, 80), before, after, beforeUsd, afterUsd })
    }
  }

  return {
    policy: options.policy.name,
    before: [...new Set(decisions.map(({ policy }) => policy))].toSorted(),
    steps: decisions.length,
    from: decisions[0]?.at,
    to: decisions.at(-1)?.at,
    pools: pools.all(),
    models: models.all(),
    cost,
    latency: latencyOf(made),
    quality: qualityOf(made),
    flips,
  }
}

type Made = readonly { readonly decision: ReplayableDecision; readonly after: Chosen }[]

/** Mean milliseconds, over the steps whose new model has answered in this history as well. */
function latencyOf(made: Made): ReplayReport['latency'] {
  const byModel = new Map<string, { sum: number; count: number }>()
  for (const { decision } of made) {
    if (decision.outcome === undefined) continue
    const { sum, count } = byModel.get(decision.outcome.model) ?? { sum: 0, count: 0 }
    byModel.set(decision.outcome.model, { sum: sum + decision.outcome.latencyMs, count: count + 1 })
  }
  let [before, after, steps] = [0, 0, 0]
  for (const { decision, after: chosen } of made) {
    const known = byModel.get(chosen.model ?? '')
    if (decision.outcome === undefined || known === undefined) continue
    steps += 1
    before += decision.outcome.latencyMs
    after += chosen.model === decision.outcome.model ? decision.outcome.latencyMs : known.sum / known.count
  }
  return steps === 0 ? { beforeMs: null, afterMs: null, steps } : { beforeMs: before / steps, afterMs: after / steps, steps }
}

function qualityOf(made: Made): OffPolicyEstimates {
  const judged = made.flatMap(({ decision, after }) =>
    decision.reward === undefined || decision.model === null ? [] : [{ decision, after, reward: decision.reward, model: decision.model }],
  )
  const expected = expectedRewards(judged)
  return estimateOffPolicy(
    judged.map(({ decision, after, reward, model }) => ({
      reward,
      propensity: decision.propensity,
      target: after.model === model ? 1 : 0,
      expectedLogged: expected(model, decision.id),
      expectedTarget: expected(after.model ?? '', decision.id),
    })),
  )
}

function createTally() {
  const counts = new Map<string, { before: number; after: number }>()
  const of = (name: string | null) => {
    const known = counts.get(name ?? 'none') ?? { before: 0, after: 0 }
    counts.set(name ?? 'none', known)
    return known
  }
  return {
    count(before: string | null, after: string | null) {
      of(before).before += 1
      of(after).after += 1
    },
    all: (): Record<string, Tally> =>
      Object.fromEntries([...counts].toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))),
  }
}
