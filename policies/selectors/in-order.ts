import { z } from 'zod'
import { defineSelector } from './selector.ts'

/** The order in which the configuration names the pool's models. */
export const inOrder = defineSelector({
  is: 'the model that the configuration, or `models`, names first',
  options: {},
  schema: z.strictObject({ kind: z.literal('in-order') }),
  create: () => ({ name: 'in-order', order: (_step, deployments) => ({ order: deployments, propensity: 1 }) }),
})
