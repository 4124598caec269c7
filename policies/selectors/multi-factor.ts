import { z } from 'zod'
import type { Deployment } from '../../models/deployment.ts'
import { percentile, timesOf } from './latency.ts'
import { expect } from './prior.ts'
import { defineSelector, type SelectorFacts } from './selector.ts'

const weight = z.number().min(0).max(1000).default(0.25)
const ceiling = z.number().positive().max(1e9).optional()

const schema = z.strictObject({
  kind: z.literal('multi-factor'),
  weights: z.strictObject({ quality: weight, latency: weight, cost: weight, load: weight }).prefault({}),
  percentile: percentile.default('p95'),
  /** What a model may take at most; one of which it is not known passes. */
  max_ttft_ms: ceiling,
  max_tpot_ms: ceiling,
  max_cost_usd: ceiling,
  max_inflight: z.int().min(1).max(1_000_000).optional(),
  /** When every model is above a ceiling. */
  on_no_candidates: z.enum(['cheapest', 'first', 'fail']).default('cheapest'),
})
type Options = z.output<typeof schema>

/** Weighs quality, time to the first content, cost and calls in flight, each from 0 to 1 among the candidates; those above a ceiling come last. */
export const multiFactor = defineSelector({
  is: 'the best weighted sum of quality, latency, cost and load. Above one of the limits a model comes last',
  options: {
    weights: 'of each: 0.25 unless told',
    percentile: 'which of the latest 64 calls counts',
    max_ttft_ms: 'milliseconds to the first content',
    max_tpot_ms: 'milliseconds a token',
    max_cost_usd: 'of this step, estimated',
    max_inflight: 'calls under way',
    on_no_candidates: 'what happens when all are above',
  },
  schema,
  create: (options) => ({
    name: 'multi-factor',
    order(_step, deployments, facts) {
      const above = new Map(deployments.map((one) => [one.id, aboveCeiling(one, options, facts)]))
      const within = deployments.filter(({ id }) => above.get(id) === undefined)
      const beyond = deployments.filter(({ id }) => above.get(id) !== undefined)
      if (within.length === 0 && deployments.length > 0) return withoutCandidates(deployments, above, options, facts)
      const scores = scoresOf(within, options, facts)
      const order = within.toSorted((left, right) => (scores[right.id] ?? 0) - (scores[left.id] ?? 0))
      const [one, ...more] = beyond
      const note = one && `${one.id}${more.length > 0 ? ` and ${more.length} more` : ''} come last: ${above.get(one.id)}`
      return { order: [...order, ...beyond], propensity: 1, scores, note }
    },
  }),
})

type Reasons = ReadonlyMap<string, string | undefined>

function withoutCandidates(deployments: readonly Deployment[], above: Reasons, { on_no_candidates: then }: Options, facts: SelectorFacts) {
  if (then === 'fail') {
    const rejected = Object.fromEntries(deployments.map(({ id }) => [id, above.get(id) ?? '']))
    return { order: [], rejected, propensity: 1, note: 'every model is above a ceiling' }
  }
  const cost = (one: Deployment) => facts.estimate(one) ?? Number.MAX_VALUE
  const order = then === 'first' ? deployments : deployments.toSorted((left, right) => cost(left) - cost(right))
  return {
    order,
    propensity: 1,
    note: `every model is above a ceiling, so ${then === 'first' ? 'they stay in order' : 'the cheapest answers'}`,
  }
}

/** In words; `undefined` where it is below all of them. */
function aboveCeiling(deployment: Deployment, options: Options, facts: SelectorFacts): string | undefined {
  const state = facts.state(deployment.id)
  const { firstContentMs = 0, perTokenMs = 0 } = timesOf(state, options.percentile)
  const cost = facts.estimate(deployment) ?? 0
  const inFlight = state?.inFlight ?? 0
  if (options.max_ttft_ms !== undefined && firstContentMs > options.max_ttft_ms)
    return `it takes ${Math.round(firstContentMs)} ms to its first content (${options.percentile}), above ${options.max_ttft_ms}`
  if (options.max_tpot_ms !== undefined && perTokenMs > options.max_tpot_ms)
    return `it takes ${Math.round(perTokenMs)} ms for a token (${options.percentile}), above ${options.max_tpot_ms}`
  if (options.max_cost_usd !== undefined && cost > options.max_cost_usd)
    return `it may cost $${cost.toFixed(4)}, above $${options.max_cost_usd}`
  if (options.max_inflight !== undefined && inFlight >= options.max_inflight)
    return `${inFlight} calls of it are under way, of ${options.max_inflight} at most`
  return undefined
}

function scoresOf(
  deployments: readonly Deployment[],
  { weights, percentile: wanted }: Options,
  facts: SelectorFacts,
): Record<string, number> {
  const costs = spread(deployments.map((one) => facts.estimate(one) ?? undefined))
  const times = spread(deployments.map(({ id }) => timesOf(facts.state(id), wanted).firstContentMs))
  const loads = spread(deployments.map(({ id }) => facts.state(id)?.inFlight ?? 0))
  const scores = deployments.map((one, index) => [
    one.id,
    weights.quality * expect(one, deployments, facts).quality +
      weights.latency * (1 - (times[index] ?? 0)) +
      weights.cost * (1 - (costs[index] ?? 0)) +
      weights.load * (1 - (loads[index] ?? 0)),
  ])
  return Object.fromEntries(scores) as Record<string, number>
}

/** From 0 for the least to 1 for the most; what is unknown stands in the middle. */
function spread(values: readonly (number | undefined)[]): number[] {
  const known = values.filter((one) => one !== undefined)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  return values.map((one) => {
    if (one === undefined) return 0.5
    return most > least ? (one - least) / (most - least) : 0
  })
}
