import type { Message, ToolDefinition } from './message.ts'

/**
 * Estimates tokens from bytes, without a tokenizer on the request path (`routing.md`, section 12).
 *
 * The ratio of bytes to tokens is learnt by category from what providers report, and errs on the high side.
 */
export interface TokenEstimator {
  estimateText(text: string, category?: string): number
  /** System text, messages, tool definitions and images (by pixels where known). */
  estimateMessages(messages: readonly Message[], system?: string, tools?: readonly ToolDefinition[], category?: string): number
  /** What a provider counted for what was estimated: the next estimates of this category follow. */
  observe(category: string, estimatedTokens: number, actualTokens: number): void
}
