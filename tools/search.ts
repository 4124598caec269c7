import type { LearnedRanking, LearningBase } from './learning/learned.ts'
import type { FitFacts } from './search/confidence.ts'
import type { Catalogue, HostedTool } from './tool.ts'

export { createToolSearch, type ToolSearchOptions } from './search/tool-search.ts'
export { wordsOf } from './search/words.ts'

export interface ToolQuery {
  /** What is to be done, in the agent's own words. */
  need: string
  /** Recent words of the thread: they turn the query a little, never replace it. Addresses and files in them are looked for as well. */
  context?: string | undefined
  /** Exposed names of tools that this thread has used. */
  used?: readonly string[] | undefined
  /** Authorization comes before relevance: what is not allowed is not scored, counted or named. */
  allowed?: ((tool: HostedTool) => boolean) | undefined
  /** What was learnt from outcomes: it has the last word on the order, not on whether a tool fits. */
  learned?: LearnedRanking | undefined
  /** Whether each hit says what its score was made of: for people, since it takes time. */
  explain?: boolean | undefined
  limit: number
  offset?: number | undefined
  signal?: AbortSignal | undefined
}

export interface ToolHit {
  readonly tool: HostedTool
  /** Comparable within one answer only. */
  readonly score: number
  /** Where that was asked for. */
  readonly made?: ScoreMade | undefined
}

/** What a score was made of, before clauses of the need and what was learnt had their say. */
export interface ScoreMade {
  /** Each text by which the tool is compared, and how near its vector is to the need's; `null` without one. */
  readonly views: readonly { readonly text: string; readonly cosine: number | null }[]
  /** The tool's share of the best score by words, 0–1. */
  readonly words: number
  /** What the score would be if nothing had been learnt. */
  readonly unlearned: number
}

export interface ToolFindings {
  readonly hits: readonly ToolHit[]
  /** The calibrated verdict that no tool fits; the nearest are still in `hits`. */
  readonly noneFits: boolean
  /** 0–1: how likely a fitting tool is among the hits. */
  readonly confidence: number
  /** What `confidence` was made of: for whoever calibrates it. */
  readonly facts: FitFacts
  /** `lexical` when no embedder works or the vectors are not there yet. */
  readonly searched: 'semantic' | 'lexical'
  /** How many tools were scored. */
  readonly scored: number
  /** The need as it was compared: for whoever learns from what comes of it. */
  readonly asked: { readonly vector: Float32Array | undefined; readonly words: readonly string[] }
}

export interface ToolSearchState {
  readonly tools: number
  /** Tools whose vectors are there. */
  readonly embedded: number
  readonly searched: 'semantic' | 'lexical'
  /** Texts that had to be embedded since the start, less those that came from the cache. */
  readonly embeddedTexts: number
  readonly error?: string | undefined
}

/** Finds tools by meaning, over three views of each tool, and by rare words; a need of several requests is answered clause by clause too. */
export interface ToolSearch {
  /**
   * Takes up a catalogue. Returns at once: words answer immediately, vectors come in the background. With the words that were kept of
   * this very catalogue, its texts are read later as well.
   */
  index(catalogue: Catalogue, keptWords?: Uint8Array): void
  /**
   * Requests that each tool would serve, by the hash of its definition, as a further view of it: a need that is like one of them is nearer
   * to the tool. Returns at once: their vectors come in the background. Replaces what was given before.
   */
  exemplify(examples: ReadonlyMap<string, readonly string[]>): void
  /** The index of words of the catalogue that was taken up last, for the next run; `undefined` when it was kept already. */
  keptWords(): Uint8Array | undefined
  /** Resolves when the vectors of the newest catalogue are there, or cannot be. */
  settled(): Promise<void>
  find(query: ToolQuery): Promise<ToolFindings>
  /** The tools of this moment, and how they score without what was learnt: what learning is measured against. */
  base(): LearningBase
  /** The exposed names nearest to a mistyped one, of those allowed. */
  nearestNames(name: string, allowed?: (tool: HostedTool) => boolean): string[]
  state(): ToolSearchState
  close(): void
}
