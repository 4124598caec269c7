import { z } from 'zod'
import { featuresOf, viewArm } from './linucb-arm.ts'
import { pricePrior } from './prior.ts'
import { defineSelector, type Selector } from './selector.ts'
import { learnerFields, staged } from './staged.ts'

const schema = z.strictObject({
  kind: z.literal('linucb'),
  ...learnerFields,
  /** How much what is unsure is worth trying. */
  alpha: z.number().min(0).max(5).default(0.5),
  /** What a step may cost in the mean; without it cost alone breaks ties. */
  usd_per_step: z.number().positive().max(1000).optional(),
})

/** Contextual bandit: the model whose expected reward, its uncertainty and its cost at the present price of a dollar come out best. */
export const linucb = defineSelector({
  is: 'the best expected success for steps like this one. [It learns](policies.md#selectors-that-learn)',
  options: {
    name: 'under which it is learnt: rules that name the same one learn together; the kind unless told',
    incumbent: 'a selector (`in-order` unless given) that decides until it has earned it',
    canary: 'the part of the steps that it decides about on trial',
    alpha: 'how much what is unsure is tried',
    usd_per_step: 'dollars grow dearer while more is spent than this',
  },
  schema,
  create: (options) => {
    const name = options.name ?? 'linucb'
    return { ...staged(bandit(name, options), { ...options, name }), learnsFrom: { name, usdPerStep: options.usd_per_step } }
  },
})

/** A cost that equals the budget of a step takes off so much at a pressure of 1. */
const tieBreaker = 0.001

function bandit(name: string, { alpha, usd_per_step: budget }: z.output<typeof schema>): Selector {
  return {
    name: 'linucb',
    order(step, deployments, facts) {
      const state = facts.knowledge.bandit(name) ?? { arms: {}, lessons: 0, costPressure: 0 }
      const features = featuresOf(step)
      const costs = deployments.map((one) => facts.estimate(one) ?? 0)
      const unit = budget ?? Math.max(...costs, Number.MIN_VALUE)
      const scores = Object.fromEntries(
        deployments.map((one, index) => {
          const { mean, spread } = viewArm(state.arms[one.id], features, state.lessons, pricePrior(one, deployments))
          const cost = (costs[index] ?? 0) / unit
          return [one.id, mean + alpha * spread - (tieBreaker + state.costPressure) * cost]
        }),
      )
      return {
        order: deployments.toSorted((left, right) => (scores[right.id] ?? 0) - (scores[left.id] ?? 0)),
        propensity: 1,
        scores,
        ...(state.lessons === 0 && { note: 'it has had no lesson yet, so prices and uncertainty decide' }),
      }
    },
  }
}
