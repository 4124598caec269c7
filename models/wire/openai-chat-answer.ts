import type { ChatCompletion, ChatCompletionMessage, ChatCompletionMessageToolCall } from 'openai/resources/chat/completions'
import type { CompletionUsage } from 'openai/resources/completions'
import type { Part, ToolCallPart } from '../message.ts'
import type { FinishReason, Usage } from '../outcome.ts'
import type { ModelFinish } from '../provider.ts'
import type { AnswerFrame, ClientRequest } from './client-format.ts'
import { textInputOf } from './openai-text-input.ts'

type Message = ChatCompletionMessage & { reasoning_content?: string }

/** A whole answer. */
export function writeChatAnswer(finish: ModelFinish, frame: AnswerFrame): ChatCompletion {
  const { content } = finish.message
  const text = joined(content, 'text')
  const reasoning = joined(content, 'reasoning')
  const calls = content.filter((part) => part.type === 'tool-call')
  const refused = finish.finishReason === 'refusal'
  const message: Message = {
    role: 'assistant',
    content: refused || (text === '' && calls.length > 0) ? null : text,
    refusal: refused ? text : null,
    annotations: [],
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls.map((call) => toToolCall(call, frame.request)) }),
  }
  return {
    id: `chatcmpl-${frame.id}`,
    object: 'chat.completion',
    created: Math.floor(frame.createdAt / 1000),
    model: frame.request.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: refused ? 'stop' : chatFinishReason(finish.finishReason) }],
    usage: toChatUsage(finish.usage),
  }
}

/** Pieces of one answer, as a stream would have joined them. */
function joined(content: readonly Part[], type: 'text' | 'reasoning'): string {
  return content.map((part) => (part.type === type ? part.text : '')).join('')
}

function toToolCall(call: ToolCallPart, { textTools }: ClientRequest): ChatCompletionMessageToolCall {
  const { id, name, input } = call
  if (textTools.has(name)) return { id, type: 'custom', custom: { name, input: textInputOf(call) } }
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input) } }
}

/**
 * A refusal that only the end of an answer tells (Anthropic's) is to this format a filter's doing: its text, if any, went
 * out as an answer's.
 */
export function chatFinishReason(reason: FinishReason): Exclude<ChatCompletion.Choice['finish_reason'], 'function_call'> {
  switch (reason) {
    case 'length':
      return 'length'
    case 'tool-calls':
      return 'tool_calls'
    case 'content-filter':
    case 'refusal':
      return 'content_filter'
    default:
      return 'stop'
  }
}

/** `prompt_tokens` is the total, with what was read from and written to the cache as a part of it. */
export function toChatUsage({ inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens = 0 }: Usage): CompletionUsage {
  const promptTokens = inputTokens + cacheReadTokens + cacheWriteTokens
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  }
}
