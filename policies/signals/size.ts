import type { Signal } from './signal.ts'

/** The estimated input tokens of the step. */
export function size({ name }: { name: string }): Signal {
  return { name, cost: 'read', type: 'double', read: (step) => ({ value: step.inputTokens, confidence: 0.9 }) }
}
