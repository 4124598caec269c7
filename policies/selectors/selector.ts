import type { z } from 'zod'
import type { Deployment } from '../../models/deployment.ts'
import type { DeploymentState } from '../../models/pool.ts'
import type { Step } from '../step.ts'
import type { Knowledge, Stage } from './knowledge.ts'

/** Orders deployments that have passed every hard requirement. */
export interface Selector {
  readonly name: string
  /** Whether it looks at the embedding of the step's text: then it is computed before. */
  readonly needsVector?: boolean | undefined
  /** Of one that is taught by the outcome of each step: under which name, and what a step may cost in the mean. */
  readonly learnsFrom?: { readonly name: string; readonly usdPerStep: number | undefined } | undefined
  /** Of one that asks more than one model for an answer; without it the first that answers is taken. */
  readonly way?: DispatchWay | undefined
  order(step: Step, deployments: readonly Deployment[], facts: SelectorFacts): Ordering
}

export type DispatchWay =
  | { readonly kind: 'cascade'; readonly minConfidence: number; readonly judge: string; readonly minScore: number }
  | { readonly kind: 'panel'; readonly members: number; readonly judge: string }

export interface Ordering {
  /** Of preference. */
  readonly order: readonly Deployment[]
  /** The probability with which its first place was chosen: 1 for a rule that always gives the same answer. */
  readonly propensity: number
  /** Of each deployment, how likely it was to come first, where chance had a part in it. */
  readonly probabilities?: Readonly<Record<string, number>> | undefined
  /** Deployments that it leaves out, which `order` does not hold, and why. */
  readonly rejected?: Readonly<Record<string, string>> | undefined
  /** What each was worth to the selector, by deployment, and a sentence where it could not do what it is for. */
  readonly scores?: Readonly<Record<string, number>> | undefined
  readonly note?: string | undefined
  /** Of a selector that learns: how far it decides, and whom it would have chosen by itself. */
  readonly learner?: LearnerChoice | undefined
}

export interface LearnerChoice {
  /** Under which its state is kept. */
  readonly name: string
  readonly stage: Stage
  readonly model: string | null
  readonly propensity: number
  /** Whom the incumbent chose, who decides about the others. */
  readonly incumbent: string | null
}

export interface SelectorFacts {
  /** The estimated cost of this step there, in US dollars; `null` when a price is unknown. */
  estimate(deployment: Deployment): number | null
  /** What is measured of it by now. */
  state(deployment: string): DeploymentState | undefined
  /** A number from 0 to below 1, the same for the same decision: chance that can be repeated. */
  random(): number
  /** Of the step's text, of length 1; `undefined` when nothing could be embedded. */
  readonly vector: Float32Array | undefined
  /** What earlier steps taught. */
  readonly knowledge: Knowledge
  /** What the step is about: the value of the policy's signal `domain`, where it has one. */
  readonly domain: string | undefined
  /** Names of the tools that are offered, the fittest first. */
  readonly tools: readonly string[]
  /** Whether a cascade had to go on to its strongest model earlier in this thread or loop. */
  readonly escalated: boolean
}

/** One kind of selector: what a policy file writes for it, and how it is made. `policies/selectors/kinds.ts` lists them all. */
export interface SelectorKind<Schema extends z.ZodObject = z.ZodObject> {
  /** What it puts first and what each option means, for `docs/selectors.md`, which is made of them: Markdown. Each kind that ships says them. */
  readonly is?: string
  readonly options?: { readonly [Option in Exclude<keyof z.output<Schema>, 'kind'>]-?: string }
  /** A strict object whose `kind` is a literal. */
  readonly schema: Schema
  /** @throws {Error} If something that it names cannot be used. */
  create(options: z.output<Schema>, surroundings: SelectorSurroundings): Selector
}

/** What a selector may need when it is made. */
export interface SelectorSurroundings {
  /** Whose vectors steps have. */
  readonly embedder?: { readonly id: string } | undefined
  /** Reads a file that the policy names, from the policy's folder. @throws {Error} If it cannot. */
  readonly readFile?: ((path: string) => Uint8Array) | undefined
}

/** Types `create` by the schema beside it. */
export function defineSelector<Schema extends z.ZodObject>(kind: SelectorKind<Schema>): SelectorKind<Schema> {
  return kind
}
