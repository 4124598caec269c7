import type { Selector } from './selector.ts'

/** The order in which the configuration names the pool's models. */
export function inOrder(): Selector {
  return { name: 'in-order', order: (_step, deployments) => ({ order: [...deployments], propensity: 1 }) }
}
