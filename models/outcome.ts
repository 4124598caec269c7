import type { ToolCallPart } from './message.ts'

/**
 * Tokens in four buckets that never overlap.
 *
 * Anthropic's `input_tokens` leaves cached tokens out and OpenAI's includes them;
 * each provider file converts once, so that a sum of the buckets is the total.
 */
export interface Usage {
  /** Input tokens that were neither read from nor written to a prompt cache. */
  inputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  /** Output tokens, reasoning included. */
  outputTokens: number
  /** The part of `outputTokens` spent on reasoning, where the provider tells. */
  reasoningTokens?: number
  /** The part of `cacheWriteTokens` written with the one-hour lifetime, where the provider tells. */
  cacheWrite1hTokens?: number
}

export const noUsage: Usage = Object.freeze({ inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 })

/** Why a model stopped, in our word; the provider's own is kept beside it. */
export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'refusal' | 'pause' | 'other'

/** One call of one deployment, whether it answered or failed. */
export interface Attempt {
  /** `provider/model`. */
  deployment: string
  startedAt: number
  durationMs: number
  /** Milliseconds to the first content event, when there was one. */
  firstContentMs?: number
  error?: { kind: string; message: string; status?: number }
  usage?: Usage
  costUsd?: number | null
}

/** What came back for a Step. The verdict on it arrives later, as rows of the outcome log. */
export interface Outcome {
  decision: string
  pool: string
  /** The deployment that answered, `provider/model`. */
  model: string
  /** The model name the provider says it served, when it differs or is known. */
  servedModel?: string
  text: string
  toolCalls: ToolCallPart[]
  usage: Usage
  /** US dollars; `null` when a price is unknown. */
  costUsd: number | null
  latencyMs: number
  firstContentMs?: number
  finishReason: FinishReason
  rawFinishReason?: string
  attempts: Attempt[]
  /** An earlier answer that was given again. */
  cached?: CachedFrom
  /** Whether the texts that the step was given bear the answer, where the policy has asked for it. */
  grounding?: Grounding
}

/** What was found of an answer beside the texts that its step was given. */
export interface Grounding {
  /** All of its claims are borne; half of them at least; fewer; or nobody could tell, for `why`. */
  verdict: 'grounded' | 'partly' | 'ungrounded' | 'unscored'
  /** How many of its sentences claim something, and the share of those that is borne. */
  claims?: number
  share?: number
  unborne: readonly UnborneClaim[]
  /** Whether claims or sources were so many that some were not read. */
  truncated?: true
  why?: string
}

/** A sentence of the answer, by its place in the text. */
export interface UnborneClaim {
  start: number
  end: number
  /** 0–1: how surely a source says it. */
  score: number
  /** A number, date, code or name stands in no source; or no source says this. */
  why: 'exact' | 'meaning'
}

/** Where an answer that was given again comes from. */
export interface CachedFrom {
  /** The decision that it was the answer of. */
  decision: string
  ageS: number
  /** Whether both requests are the same, or were found to ask the same. */
  match: 'exact' | 'semantic'
  /** How surely they ask the same, 0–1. */
  confidence?: number
}

/** Adds usages bucket by bucket. */
export function addUsage(left: Usage, right: Usage): Usage {
  const sum: Usage = {
    inputTokens: left.inputTokens + right.inputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
    outputTokens: left.outputTokens + right.outputTokens,
  }
  const reasoning = (left.reasoningTokens ?? 0) + (right.reasoningTokens ?? 0)
  const oneHour = (left.cacheWrite1hTokens ?? 0) + (right.cacheWrite1hTokens ?? 0)
  if (reasoning > 0) sum.reasoningTokens = reasoning
  if (oneHour > 0) sum.cacheWrite1hTokens = oneHour
  return sum
}
