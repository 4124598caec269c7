import { z } from 'zod'
import { defineSignal } from './signal.ts'

/** The estimated input tokens of the step. */
export const size = defineSignal({
  value: 'number',
  is: 'the estimated input tokens',
  options: {},
  schema: z.strictObject({ kind: z.literal('size') }),
  create: (name) => ({ name, cost: 'read', type: 'double', read: (step) => ({ value: step.inputTokens, confidence: 0.9 }) }),
})
