/** How a call of a tool ended. `edited`: the same tool was called again within three turns with edited arguments, a soft failure. */
export type OutcomeClass =
  | 'accepted'
  | 'edited'
  | 'tool_error'
  | 'schema'
  | 'auth'
  | 'quota'
  | 'timeout'
  | 'transport'
  | 'drift'
  | 'cancelled'
  | 'denied'

/** What a search was asked for, as vectors and words see it. */
export interface LearnedNeed {
  readonly vector: Float32Array
  /** As `wordsOf` reads them. */
  readonly words: readonly string[]
}

/** One call of a tool that was found for a need, and how it ended. */
export interface ToolOutcome {
  readonly need: LearnedNeed
  /** Exposed name. */
  readonly tool: string
  /** `HostedTool.hash` at the call: what was learnt of another definition does not count. */
  readonly hash: string
  readonly class: OutcomeClass
  /** Who says so. */
  readonly source: 'harness' | 'person' | 'model'
  readonly principal: string
  /** Epoch ms. */
  readonly at: number
  /** The place of the tool in the answer, from 1. */
  readonly rank?: number | undefined
  /** How likely the tool was to be shown, 0–1: below 1 only where exploration had a part in it. */
  readonly propensity: number
  /** Whether untrusted text was in the thread: such an outcome never teaches. */
  readonly tainted: boolean
  /** The piece of work that it was a part of, of this principal; `undefined` where no more is known than the need. */
  readonly piece?: string | undefined
  /** The tool that was called before it in the thread. */
  readonly previousTool?: string | undefined
}
