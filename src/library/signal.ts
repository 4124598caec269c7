/** A signal in a file of its own: `defineSignal`, and the schemas of zod that say what a policy may write for it. */
export { z } from 'zod'
export {
  defineSignal,
  type ReadContext,
  type Signal,
  type SignalKind,
  type SignalResult,
  type SignalSurroundings,
} from '../../policies/signals/signal.ts'
export type { Step } from '../../policies/step.ts'
