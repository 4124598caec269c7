import { z } from 'zod'
import { defineSelector } from './selector.ts'

/**
 * Several models answer, a judge compares, and one answer is made of theirs. For the few steps that are worth several times the price.
 *
 * `src/dispatch/panel.ts` carries it out.
 */
export const panel = defineSelector({
  is: 'the first few answer together, and one answer is [written of theirs](policies.md#several-models-for-one-answer)',
  options: {
    members: 'how many',
    judge: '`first`, or a model, compares and writes',
  },
  schema: z.strictObject({
    kind: z.literal('panel'),
    /** How many answer: the first of the pool, or of `models`. */
    members: z.int().min(2).max(5).default(3),
    /** Who compares and writes: the first member, or another that may answer the step. */
    judge: z.union([z.literal('first'), z.string().regex(/\//, 'a model is written provider/model')]).default('first'),
  }),
  create: ({ members, judge }) => ({
    name: 'panel',
    way: { kind: 'panel', members, judge },
    order: (_step, deployments) => ({ order: deployments, propensity: 1 }),
  }),
})
