/** What earlier steps taught, as it stands when a step is planned. `src/learning` keeps it; selectors read it. */
export interface Knowledge {
  /** How a deployment did, in a domain or with a tool; over everything where neither is named. */
  reputation(deployment: string, about?: ReputationTopic): Reputation
  /** Tokens, of input and allowed answer together, below which this share of the recent steps lies; `undefined` while there are too few. */
  lengthQuantile(share: number): number | undefined
  /** What a bandit of this name has learnt; `undefined` before its first lesson. */
  bandit(name: string): BanditState | undefined
  /** How far a learning selector of this name may decide by now. */
  stage(name: string): Stage
}

export type ReputationTopic = { readonly domain: string } | { readonly tool: string }

/** Verdicts of the window, each weighed by who gave it. */
export interface Reputation {
  readonly good: number
  readonly bad: number
  /** The share of good ones; 0.5 without any. */
  readonly mean: number
  /** Below which the true share hardly lies (Wilson, 95 %); 0 without any. */
  readonly lower: number
  /** Whether it has changed of late: then only what came since counts. */
  readonly drifting: boolean
}

/**
 * `shadow`: what it would choose is noted and the incumbent decides; `canary`: it decides about a small share of the steps;
 * `serving`: it decides.
 */
export type Stage = 'shadow' | 'canary' | 'serving'

/** Of discounted LinUCB. */
export interface BanditState {
  readonly arms: Readonly<Record<string, BanditArm>>
  /** Lessons so far: an arm that had none for a while is discounted for as many. */
  readonly lessons: number
  /** The price of a dollar, in reward: rises while more is spent than the budget allows. */
  readonly costPressure: number
}

export interface BanditArm {
  /** Row by row. */
  readonly covariance: readonly number[]
  readonly rewards: readonly number[]
  /** `BanditState.lessons` at its last lesson. */
  readonly at: number
}

const unknown: Reputation = Object.freeze({ good: 0, bad: 0, mean: 0.5, lower: 0, drifting: false })

export const knowsNothing: Knowledge = Object.freeze({
  reputation: () => unknown,
  lengthQuantile: () => undefined,
  bandit: () => undefined,
  stage: () => 'shadow' as const,
})
