import type { Deployment } from '../../models/deployment.ts'
import type { Step } from '../step.ts'

/** Orders deployments that have passed every hard requirement. */
export interface Selector {
  readonly name: string
  /**
   * @returns The order of preference, and the probability with which its first place was chosen:
   * 1 for a rule that always gives the same answer.
   */
  order(step: Step, deployments: readonly Deployment[], facts: SelectorFacts): { order: Deployment[]; propensity: number }
}

export interface SelectorFacts {
  /** The estimated cost of this step there, in US dollars; `null` when a price is unknown. */
  estimate(deployment: Deployment): number | null
}
