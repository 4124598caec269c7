import type { Signal } from './signal.ts'

/** Whether the step stands inside a running tool loop. */
export function toolLoop({ name }: { name: string }): Signal {
  return { name, cost: 'read', type: 'bool', read: (step) => ({ value: step.toolLoop, confidence: 1 }) }
}
