/** A selector in a file of its own: `defineSelector`, and the schemas of zod that say what a policy may write for it. */
export { z } from 'zod'
export type { Deployment } from '../../models/deployment.ts'
export {
  defineSelector,
  type Ordering,
  type Selector,
  type SelectorFacts,
  type SelectorKind,
  type SelectorSurroundings,
} from '../../policies/selectors/selector.ts'
export type { Step } from '../../policies/step.ts'
