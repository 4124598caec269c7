// A selector: it orders the deployments that have passed every requirement. The schema says what a policy may write for it.
import { defineSelector, z } from 'signalbox/selector'

/** Short questions go to the last model of the pool, all others to the first. */
export const shortToLast = defineSelector({
  schema: z.strictObject({ kind: z.literal('short-to-last'), characters: z.int().min(1).default(40) }),
  create: ({ characters }) => ({
    name: 'short-to-last',
    order: ({ text }, deployments) => ({
      order: text.length < characters ? deployments.toReversed() : deployments,
      // This rule always gives the same answer; one that draws lots says how likely its first place was.
      propensity: 1,
    }),
  }),
})
