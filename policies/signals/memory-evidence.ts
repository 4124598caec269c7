import { z } from 'zod'
import { defineSignal } from './signal.ts'

/** How surely what memory recalls for the step holds what it asks for. What was recalled goes along with the step: nothing is looked up for the signal. */
export const memoryEvidence = defineSignal({
  value: 'number',
  is: 'how surely what [memory](memory.md#how-sure-recall-is) recalls for the step holds what it asks for, 0 to 1; 0 in steps without a thread, which recall nothing. The last turns of the thread, which go along anyway, do not count',
  options: {},
  schema: z.strictObject({ kind: z.literal('memory_evidence') }),
  create: (name) => ({
    name,
    cost: 'read',
    type: 'double',
    read: ({ memoryEvidence: value }) => ({ value, confidence: 1 }),
  }),
})
