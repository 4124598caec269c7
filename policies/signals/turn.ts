import type { Signal } from './signal.ts'

/** Whose move the step is: `user_turn`, `continuation` or `background`. */
export function turn({ name }: { name: string }): Signal {
  return { name, cost: 'read', type: 'string', read: (step) => ({ value: step.kind, confidence: 1 }) }
}
