import { z } from 'zod'
import { defineSignal } from './signal.ts'

/** Whose move the step is: `user_turn`, `continuation` or `background`. */
export const turn = defineSignal({
  value: 'text',
  is: '`user_turn`, `continuation` (of a tool loop) or `background`',
  options: {},
  schema: z.strictObject({ kind: z.literal('turn') }),
  create: (name) => ({
    name,
    cost: 'read',
    type: 'string',
    values: ['user_turn', 'continuation', 'background'],
    read: (step) => ({ value: step.kind, confidence: 1 }),
  }),
})
