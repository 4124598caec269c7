import { z } from 'zod'
import { pricePrior } from './prior.ts'
import { defineSelector } from './selector.ts'

const share = z.number().min(0).max(1)

/**
 * The smallest model first, and the strongest only when the answer is judged not to do: by the log-probabilities of its tool
 * arguments where the provider gives them, else by a judge. Once it had to go on, the rest of the thread or loop begins with the strongest.
 *
 * Price stands for size. `src/dispatch/cascade.ts` carries it out.
 */
export const cascade = defineSelector({
  is: 'the cheapest; the dearest only answers when that answer is [judged not to do](policies.md#several-models-for-one-answer)',
  options: {
    min_confidence: 'of a call of a tool: the mean probability of its tokens that does',
    judge: 'who judges anything else: `self`, or a model',
    min_score: 'what that judge must say',
  },
  schema: z.strictObject({
    kind: z.literal('cascade'),
    /** What the tokens of tool arguments must reach in the geometric mean of their probabilities. */
    min_confidence: share.default(0.8),
    /** Who judges what has no log-probabilities: the model itself, or another that may answer the step. */
    judge: z.union([z.literal('self'), z.string().regex(/\//, 'a model is written provider/model')]).default('self'),
    min_score: share.default(0.7),
  }),
  create: ({ min_confidence: minConfidence, judge, min_score: minScore }) => ({
    name: 'cascade',
    way: { kind: 'cascade', minConfidence, judge, minScore },
    order(_step, deployments, { escalated }) {
      const byStrength = deployments.toSorted((left, right) => pricePrior(right, deployments) - pricePrior(left, deployments))
      const smallest = byStrength.at(-1)
      if (escalated) return { order: byStrength, propensity: 1, note: 'it had to go on to the strongest model before, and stays there' }
      return { order: smallest === undefined ? [] : [smallest, ...byStrength.filter((one) => one !== smallest)], propensity: 1 }
    },
  }),
})
