import { z } from 'zod'
import { defineSignal } from './signal.ts'

/** Whether the step stands inside a running tool loop. */
export const toolLoop = defineSignal({
  value: 'true or false',
  is: 'whether the newest messages answer tool calls',
  options: {},
  schema: z.strictObject({ kind: z.literal('tool_loop') }),
  create: (name) => ({ name, cost: 'read', type: 'bool', read: (step) => ({ value: step.toolLoop, confidence: 1 }) }),
})
