/** An answer of a model that may be given again to its caller. */
export interface KeptAnswer {
  /** Of which it was the answer. */
  readonly decision: string
  readonly at: number
  readonly pool: string
  readonly model: string
  readonly servedModel?: string | undefined
  readonly text: string
  /** The thread in which it was asked, and those from which something was recalled for it. */
  readonly threads: readonly string[]
  /** Ids of what was recalled for it. */
  readonly recalled: readonly string[]
  /** What it was about, as the policy saw it. */
  readonly domain?: string | undefined
  /** What was asked, where other words may ask the same. */
  readonly question?: KeptQuestion | undefined
  /** What was seen of questions that were held against it, newest last. */
  readonly seen?: readonly SeenPair[] | undefined
  readonly hits: number
  readonly usedAt: number
}

export interface KeptQuestion {
  readonly text: string
  /** A hash of all that must be the same beside the text. */
  readonly scope: string
  readonly embedder: string
  readonly vector: Float32Array
}

/** How surely another question seemed to ask the same, 0–1, and whether the model's answer to it was the same. */
export interface SeenPair {
  readonly confidence: number
  readonly same: boolean
}

export interface NearAnswer {
  readonly key: string
  readonly text: string
  readonly cosine: number
  readonly seen: readonly SeenPair[]
}

export interface AnswerLimits {
  readonly ttlMs: number
  readonly entries: number
  /** Of those of the same domain. */
  readonly domainEntries: number | undefined
}

export type NewAnswer = Omit<KeptAnswer, 'hits' | 'usedAt' | 'seen'>

/** Answers by a hash of their request, each caller's by itself: nobody is ever given what another one asked for. */
export interface Answers {
  /** One that is not older than `ttlMs`. */
  get(principal: string, key: string, options: { ttlMs: number }): Promise<KeptAnswer | undefined>
  /** Answers to the questions of the same scope that are nearest by meaning, nearest first. */
  near(principal: string, question: Omit<KeptQuestion, 'text'>, options: { limit: number }): Promise<NearAnswer[]>
  /** What was seen of all answers of the domain but one. */
  seen(principal: string, domain: string | undefined, options: { but: string }): Promise<SeenPair[]>
  /** Over what was kept under the key. Those used longest ago make room. */
  keep(principal: string, key: string, answer: NewAnswer, limits: AnswerLimits): Promise<void>
  /** It was given again. */
  used(principal: string, key: string): Promise<void>
  /** Another question was held against it. */
  compared(principal: string, key: string, pair: SeenPair): Promise<void>
  list(principal: string): Promise<(KeptAnswer & { readonly key: string })[]>
  /** Who has any: for the owner of the instance, never passed on from a caller. */
  callers(): Promise<string[]>
  /** How many are gone. */
  remove(principal: string, isMeant: (answer: KeptAnswer) => boolean): Promise<number>
}
