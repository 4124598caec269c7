import type { ReasoningPart } from '../message.ts'
import type { FinishReason, Usage } from '../outcome.ts'
import type { ModelFinish } from '../provider.ts'
import { isRecord } from '../providers/failure.ts'
import { toClientCalls } from './anthropic-computer.ts'
import type { AnswerFrame, ClientFailure } from './client-format.ts'

/** An answer that is not streamed. */
export function writeAnthropicAnswer(finish: ModelFinish, frame: AnswerFrame): Record<string, unknown> {
  const content = finish.message.content.flatMap((part): Record<string, unknown>[] => {
    switch (part.type) {
      case 'text':
        return part.text === '' ? [] : [{ type: 'text', text: part.text, citations: null }]
      case 'reasoning':
        return [isThinking(part) ? { type: 'thinking', thinking: part.text, signature: frame.seal(part) } : redacted(part, frame)]
      case 'tool-call':
        return toClientCalls(part, frame.request.tools).map((call) => ({ ...call, type: 'tool_use', caller: { type: 'direct' } }))
      default:
        return []
    }
  })
  return { ...messageOf(frame), content, ...ending(finish), usage: { ...messageOf(frame).usage, ...usageOf(finish.usage) } }
}

/** The message as it stands before anything was said. Its usage is an estimate: clients measure their context by it while they wait. */
export function messageOf({ id, request, inputTokens }: AnswerFrame) {
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [],
    container: null,
    diagnostics: null,
    stop_details: null,
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: Math.max(1, Math.round(inputTokens)),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: null,
      output_tokens: 1,
      output_tokens_details: null,
      server_tool_use: null,
      inference_geo: null,
      service_tier: 'standard',
      speed: null,
    },
  }
}

/** Whether a part shows its text, or did when it was made: Anthropic signs thinking that it leaves out as well. */
export function isThinking({ text, raw }: ReasoningPart): boolean {
  return text !== '' || (isRecord(raw) && raw['type'] === 'thinking')
}

export function redacted(part: ReasoningPart, { seal }: AnswerFrame): Record<string, unknown> {
  return { type: 'redacted_thinking', data: seal(part) }
}

const rawReasons: ReadonlySet<string> = new Set([
  ...['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal', 'model_context_window_exceeded'],
])

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  other: 'end_turn',
}

/** Why the answer ended: in the provider's own word where that is one of the format. */
export function ending({ finishReason, rawFinishReason }: ModelFinish) {
  const reason = rawFinishReason !== undefined && rawReasons.has(rawFinishReason) ? rawFinishReason : reasons[finishReason]
  return {
    stop_reason: reason,
    stop_sequence: null,
    stop_details: reason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
  }
}

export function usageOf({ inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, ...details }: Usage) {
  const { reasoningTokens, cacheWrite1hTokens = 0 } = details
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cacheReadTokens,
    ...(cacheWriteTokens > 0 && {
      cache_creation: {
        ephemeral_5m_input_tokens: Math.max(0, cacheWriteTokens - cacheWrite1hTokens),
        ephemeral_1h_input_tokens: cacheWrite1hTokens,
      },
    }),
    output_tokens: outputTokens,
    ...(reasoningTokens !== undefined && { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  }
}

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** Clients decide by the type whether they try again, so each status has one. */
export function writeAnthropicFailure({ status, message, type }: ClientFailure): Record<string, unknown> {
  const named = type ?? errorTypes[status] ?? (status >= 400 && status < 500 ? 'invalid_request_error' : 'api_error')
  return { type: 'error', error: { type: named, message } }
}
