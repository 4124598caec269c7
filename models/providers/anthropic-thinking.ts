import type { MessageParam, OutputConfig, ThinkingConfigParam } from '@anthropic-ai/sdk/resources/messages'
import { familyOf } from '../families.ts'
import type { ModelRequest, ReasoningRequest } from '../provider.ts'
import type { AnthropicQuirks } from './anthropic-models.ts'
import { isRecord } from './failure.ts'

/** The format asks for a limit; this one stands where the request has none. */
const defaultMaxTokens = 4096

/** The same for models that decide themselves how much of it they think. */
const defaultMaxTokensWithThinking = 32_000

/** The vendor refuses a smaller budget. */
export const leastBudget = 1024

export const thinkingBudgets: Readonly<Record<NonNullable<ReasoningRequest['effort']>, number>> = {
  ...{ none: 0, minimal: leastBudget, low: 2048, medium: 8192, high: 16_384, xhigh: 32_000 },
}

interface ThinkingContext {
  quirks: AnthropicQuirks
  messages: readonly MessageParam[]
  /** Whether the request forces the call of a tool. */
  isForced: boolean
}

interface Thinking {
  maxTokens: number
  thinking?: ThinkingConfigParam
  effort?: NonNullable<OutputConfig['effort']>
}

/**
 * How a model is asked to think, in the way its generation takes.
 *
 * A budget stays below the answer's limit. Where the vendor refuses manual thinking, it is left out: beside a forced tool
 * call, which the caller relies on, and in the middle of a tool loop that began without.
 */
export function toThinking(
  { model, reasoning, maxOutputTokens: asked }: ModelRequest,
  { quirks, messages, isForced }: ThinkingContext,
): Thinking {
  // Of a model that nobody knows, nothing says that it can answer more.
  const maxOutputTokens = asked ?? (familyOf(model) === undefined ? defaultMaxTokens : undefined)
  const without = { maxTokens: maxOutputTokens ?? defaultMaxTokens }
  if (reasoning === undefined || quirks.thinking === 'none') return without
  if (reasoning.effort === 'none') return quirks.switchesThinkingOff ? { ...without, thinking: { type: 'disabled' } } : without
  if (quirks.thinking === 'adaptive') {
    const effort = effortOf(reasoning, quirks)
    return {
      maxTokens: maxOutputTokens ?? defaultMaxTokensWithThinking,
      thinking: { type: 'adaptive' },
      ...(effort !== undefined && { effort }),
    }
  }
  const wanted = reasoning.budgetTokens ?? thinkingBudgets[reasoning.effort ?? 'medium']
  const most = maxOutputTokens === undefined ? wanted : reasoning.budgetTokens === undefined ? maxOutputTokens / 2 : maxOutputTokens - 1
  const budget = Math.max(leastBudget, Math.floor(Math.min(wanted, most)))
  const maxTokens = maxOutputTokens ?? budget + defaultMaxTokens
  if (budget >= maxTokens || isForced || loopLacksThinking(messages)) return without
  return { maxTokens, thinking: { type: 'enabled', budget_tokens: budget } }
}

function effortOf({ effort, budgetTokens }: ReasoningRequest, { extraHighEffort }: AnthropicQuirks): Thinking['effort'] {
  if (effort === 'minimal') return 'low'
  if (effort === 'xhigh') return extraHighEffort ? 'xhigh' : 'high'
  if (effort !== undefined && effort !== 'none') return effort
  return budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens)
}

export function effortOfBudget(tokens: number): 'low' | 'medium' | 'high' {
  return tokens <= thinkingBudgets.low ? 'low' : tokens <= thinkingBudgets.medium ? 'medium' : 'high'
}

/**
 * Whether the tool loop that a conversation ends with, if it ends with one, began without thinking.
 *
 * A loop is one turn of the assistant: all its messages since the user's last one that answers no call. Manual thinking
 * (`type: enabled`) is refused in the middle of such a turn ("Expected `thinking` or `redacted_thinking`, but found
 * `tool_use`"), adaptive thinking is not: platform.claude.com/docs, "Thinking with tool use" and "Adaptive thinking".
 */
export function loopLacksThinking(messages: readonly unknown[]): boolean {
  const asked = messages.findLastIndex((message) => isRecord(message) && message['role'] !== 'assistant' && !answersCall(message))
  const first = messages.slice(asked + 1).find((message) => isRecord(message) && message['role'] === 'assistant')
  if (!isRecord(first)) return false
  const { content } = first
  if (!Array.isArray(content)) return true
  const [block] = content
  return !isThinkingBlock(block)
}

export function isThinkingBlock(block: unknown): block is Record<string, unknown> {
  return isRecord(block) && (block['type'] === 'thinking' || block['type'] === 'redacted_thinking')
}

function answersCall({ content }: Record<string, unknown>): boolean {
  return Array.isArray(content) && content.some((block) => isRecord(block) && block['type'] === 'tool_result')
}
