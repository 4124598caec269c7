import { z } from 'zod'
import type { Message, ToolCallPart } from '../../models/message.ts'
import { defineSignal } from './signal.ts'
import { newestOperations } from './tool-operations.ts'

const window = 6
const times = 3

/**
 * Whether an agent turns in circles: its newest call was made three times within the last six, or the newest call failed as the
 * third of them. Read off the transcript alone.
 */
export function isStalled(history: readonly Message[]): boolean {
  const operations = newestOperations(history, window)
  const newest = operations.at(-1)
  if (newest === undefined) return false
  const key = keyOf(newest.call)
  const repeats = operations.filter(({ call }) => keyOf(call) === key).length
  const errors = operations.filter(({ result }) => result?.isError === true).length
  return repeats >= times || (newest.result?.isError === true && errors >= times)
}

/** The same tool with the same arguments, in whatever order they were written. */
function keyOf({ name, input }: ToolCallPart): string {
  return JSON.stringify([name, Object.entries(input).toSorted(([left], [right]) => (left < right ? -1 : 1))])
}

export const stall = defineSignal({
  value: 'true or false',
  is: 'whether the newest call was made for the third time within six, or failed as the third of six',
  options: {},
  schema: z.strictObject({ kind: z.literal('stall') }),
  create: (name) => ({
    name,
    cost: 'scan',
    type: 'bool',
    trouble: { by: 'stall_escalation', of: (value) => (value === true ? `the work turns in circles (${name})` : undefined) },
    read: (step) => ({ value: isStalled(step.history), confidence: 1 }),
  }),
})
