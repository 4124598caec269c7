import type { HostedTool } from '../tool.ts'
import type { LearnedNeed } from './outcome.ts'
import type { Transition } from './transitions.ts'

export { learn } from './learn.ts'
export { promote } from './promote.ts'
export { createLearned } from './rescore.ts'

/** A need as the search has it: without a vector, words alone are compared. */
export interface LearnedQuery {
  readonly vector: Float32Array | undefined
  readonly words: readonly string[]
  /** Exposed names of tools that this thread has used, the newest last. */
  readonly used: readonly string[]
}

/** What was learnt from outcomes, ready to use. */
export interface LearnedRanking {
  /** That of the model. */
  readonly id: string
  /**
   * The final scores from the static ones, both in the order of `tools`. A tool without enough evidence keeps its score, and so does
   * one whose definition is another than the one that was learnt about.
   */
  rescore(query: LearnedQuery, tools: readonly HostedTool[], scores: Float64Array): Float64Array
}

/** Counts up with each change of what a model holds or means: one that was kept in another format does not rank. */
export const modelFormat = 2

/** What was learnt: plain JSON, and numbers apart from it. Structured clone and a store keep both as they are. */
export interface LearnedModel {
  /** Follows from the content. */
  readonly id: string
  readonly facts: LearnedFacts
  /** A row of `facts.width` numbers for each past need, then the numbers of the head. */
  readonly vectors: Float32Array
}

export interface LearnedFacts {
  /** Numbers of a vector; 0 before anything was learnt. */
  readonly width: number
  readonly settings: LearnedSettings
  readonly tools: readonly LearnedTool[]
  readonly servers: readonly string[]
  /** Of each past need, in the order of the tools: how much it speaks for its tool, or below 0 against it. */
  readonly weights: readonly number[]
  readonly transitions: readonly Transition[]
  /** Which tools served in the same pieces of work. */
  readonly together: readonly Transition[]
  readonly head?: LearnedHead | undefined
}

/** How much each part of what was learnt says, chosen on outcomes that it was not learnt from. */
export interface LearnedSettings {
  /** What a tool gets that all evidence speaks for. */
  readonly fit: number
  /** What all tools of a server get that all evidence speaks for. */
  readonly server: number
  /** What a tool gets that always follows the one used last. */
  readonly follows: number
  /** What a tool gets that always comes along with the one that stands first. */
  readonly together: number
  /** How much likeness to past needs there must be before they have half of their say. */
  readonly unseen: number
  /** Whether the trained head has a say. */
  readonly head: boolean
  readonly words: number
  /** Below 1: the second and third likeliest tool keep more of the first one's share. */
  readonly sharpness: number
}

export interface LearnedTool {
  readonly name: string
  readonly hash: string
  /** Weight of the outcomes that spoke for it and against it. */
  readonly accepted: number
  readonly failed: number
  /** How many past needs are kept. */
  readonly needs: number
  /** The words of the needs that it served, and how often each came. */
  readonly words: readonly (readonly [word: string, count: number])[]
}

export interface LearnedHead {
  readonly tools: number
  /** Which of the learnt tools they are. */
  readonly places: readonly number[]
  readonly vocabulary: readonly string[]
  readonly rarity: readonly number[]
}

/** What the search ranks without what was learnt. */
export interface LearningBase {
  /** Those that may be found. */
  readonly tools: readonly HostedTool[]
  /** The static scores of all `tools` for a need, in their order. */
  scores(need: LearnedNeed): Float64Array | Promise<Float64Array>
}

export interface LearnOptions {
  signal?: AbortSignal | undefined
  /** Called now and then with the share that is done, 0–1. */
  onProgress?: ((share: number) => void) | undefined
}

/** Whether a candidate may take the place of what ranks now, and the figures that say so. */
export interface Verdict {
  /** `rollback`: what ranks now is worse than the static order, and the candidate is not better. */
  readonly decision: 'promote' | 'keep' | 'rollback'
  /** How many held-back outcomes were compared. */
  readonly compared: number
  /** Mean gain (nDCG@5) over the held-back outcomes. */
  readonly gains: { readonly static: number; readonly current: number | undefined; readonly candidate: number }
  /** A sentence that says why. */
  readonly reason: string
}
