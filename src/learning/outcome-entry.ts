/** The stream of each principal that holds how its calls of hosted tools ended. */
export const outcomeStream = 'tool-outcomes'

/** A call as it is logged: without arguments and results. */
export interface CallEntry {
  readonly tool: string
  readonly server: string
  readonly hash: string
  readonly door: 'call' | 'loop'
  /** A class of outcome, or a stage of failure that says nothing about the tool. */
  readonly outcome: string
  readonly ms: number
  readonly decision?: string | undefined
  readonly thread?: string | undefined
  /** Whether text of others stood in the step: such a call teaches nothing. */
  readonly tainted?: true | undefined
  /** What the same caller called with success just before. */
  readonly previousTool?: string | undefined
  /** What the tool was searched for, when a search had shown it. */
  readonly need?: StoredNeed | undefined
  /** The tool's place among those shown, from 0, and how likely it was to be shown there. */
  readonly rank?: number | undefined
  readonly propensity?: number | undefined
}

/** The meaning and the stems of a need. The sentence itself is not kept. */
export interface StoredNeed {
  /** Little-endian 32-bit floats in base64; `undefined` when the search was by words alone. */
  readonly vector?: string | undefined
  readonly embedder?: string | undefined
  readonly words: readonly string[]
}

/** What was learnt later of a call: the newest verdict counts. */
export interface VerdictEntry {
  /** The id of the call's entry. */
  readonly of: string
  readonly outcome: string
  readonly source: OutcomeSource
}

/** Who says how it ended: what Signalbox saw itself, a person, or a model. */
export type OutcomeSource = 'harness' | 'person' | 'model'

export type OutcomeEntry = CallEntry | VerdictEntry

export function isVerdict(entry: OutcomeEntry): entry is VerdictEntry {
  return 'of' in entry
}

export function fromBase64(text: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer)
}

export function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
}
