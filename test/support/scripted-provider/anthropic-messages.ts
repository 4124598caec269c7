import type { ContentBlock, Message, RawMessageStreamEvent, StopReason, Usage } from '@anthropic-ai/sdk/resources/messages'
import type { ErrorResponse, ErrorType } from '@anthropic-ai/sdk/resources/shared'
import { type Answer, argumentsOf, type Failure, type FailureName, failureName, idOf, usageOf, words } from './script.ts'
import { contentText, list, type RequestView, type StreamEvent, string, type WireFormat } from './wire-format.ts'

/**
 * Anthropic Messages.
 *
 * Sources: `RawMessageStreamEvent`, `Message` of `@anthropic-ai/sdk` 1.12.0; platform.claude.com/docs, "Streaming
 * Messages" for the order of events, `ping` included.
 */
export const anthropicMessages: WireFormat = {
  name: 'anthropic-messages',
  path: '/v1/messages',
  read,
  stream,
  whole: (answer, model) => ({ ...message(answer, model), content: blocks(answer) }) satisfies Message,
  failure,
  failureEvent: (one) => ({ event: 'error', data: failure(one).body, role: 'closing' }),
}

function stream(answer: Answer, model: string): StreamEvent[] {
  const events: StreamEvent[] = []
  const push = (event: RawMessageStreamEvent, role: StreamEvent['role']) => events.push({ event: event.type, data: event, role })
  const opened = message(answer, model)

  push(
    { type: 'message_start', message: { ...opened, content: [], stop_reason: null, usage: { ...opened.usage, output_tokens: 1 } } },
    'opening',
  )
  events.push({ event: 'ping', data: { type: 'ping' }, role: 'opening' })
  for (const [index, block] of blocks(answer).entries()) {
    if (block.type === 'thinking') {
      push({ type: 'content_block_start', index, content_block: { type: 'thinking', thinking: '', signature: '' } }, 'opening')
      for (const word of words(block.thinking)) {
        push({ type: 'content_block_delta', index, delta: { type: 'thinking_delta', thinking: word } }, 'content')
      }
      push({ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: block.signature } }, 'content')
    } else if (block.type === 'text') {
      push({ type: 'content_block_start', index, content_block: { type: 'text', text: '', citations: null } }, 'opening')
      for (const word of words(block.text, answer))
        push({ type: 'content_block_delta', index, delta: { type: 'text_delta', text: word } }, 'content')
    } else if (block.type === 'tool_use') {
      push({ type: 'content_block_start', index, content_block: { ...block, input: {} } }, 'content')
      const call = answer.toolCalls?.find((_, position) => callId(answer, position) === block.id)
      for (const piece of call === undefined ? [] : argumentsOf(call).pieces) {
        push({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: piece } }, 'content')
      }
    }
    push({ type: 'content_block_stop', index }, 'content')
  }
  const { output_tokens, output_tokens_details, server_tool_use } = opened.usage
  const last = {
    type: 'message_delta',
    delta: { container: null, stop_details: opened.stop_details, stop_reason: opened.stop_reason, stop_sequence: null },
    usage: {
      output_tokens,
      output_tokens_details,
      server_tool_use,
      input_tokens: opened.usage.input_tokens,
      cache_creation_input_tokens: opened.usage.cache_creation_input_tokens,
      cache_read_input_tokens: opened.usage.cache_read_input_tokens,
    },
  } satisfies RawMessageStreamEvent
  push(last, 'closing')
  push({ type: 'message_stop' }, 'closing')
  return events
}

function message(answer: Answer, model: string): Message {
  const reason = stopReason(answer)
  return {
    id: `msg_${idOf(answer)}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    container: null,
    diagnostics: null,
    stop_details: reason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
    stop_reason: reason,
    stop_sequence: null,
    usage: usage(answer),
  }
}

function blocks(answer: Answer): ContentBlock[] {
  const found: ContentBlock[] = []
  if (answer.reasoning !== undefined) found.push({ type: 'thinking', thinking: answer.reasoning, signature: 'c2NyaXB0ZWQ=' })
  if (answer.text !== undefined && answer.text !== '') found.push({ type: 'text', text: answer.text, citations: null })
  for (const [index, call] of (answer.toolCalls ?? []).entries()) {
    found.push({
      type: 'tool_use',
      id: callId(answer, index),
      name: call.name,
      input: typeof call.input === 'string' ? {} : call.input,
      caller: { type: 'direct' },
    })
  }
  return found
}

function callId(answer: Answer, index: number): string {
  return answer.toolCalls?.[index]?.id ?? `toolu_${idOf(answer)}_${index}`
}

/** `input_tokens` leaves out what was read from or written to the cache. */
function usage(answer: Answer): Usage {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens = 0, outputTokens, reasoningTokens } = usageOf(answer)
  return {
    input_tokens: inputTokens,
    cache_read_input_tokens: cacheReadTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    cache_creation: { ephemeral_5m_input_tokens: cacheWriteTokens - cacheWrite1hTokens, ephemeral_1h_input_tokens: cacheWrite1hTokens },
    output_tokens: outputTokens,
    output_tokens_details: reasoningTokens === undefined ? null : { thinking_tokens: reasoningTokens },
    inference_geo: null,
    server_tool_use: null,
    service_tier: 'standard',
    speed: null,
  }
}

function stopReason(answer: Answer): StopReason {
  const named = {
    stop: 'end_turn',
    length: 'max_tokens',
    'tool-calls': 'tool_use',
    'content-filter': 'refusal',
    refusal: 'refusal',
    pause: 'pause_turn',
  } as const
  if (answer.finish !== undefined) return named[answer.finish]
  return (answer.toolCalls?.length ?? 0) > 0 ? 'tool_use' : 'end_turn'
}

function read(body: Record<string, unknown>): RequestView {
  const messages = list(body['messages'])
  const users = messages.filter((one) => one['role'] === 'user' && contentText(one['content']) !== '')
  const afterModel = messages.slice(messages.findLastIndex((one) => one['role'] === 'assistant') + 1)
  const results = afterModel.flatMap((one) => list(one['content'])).filter((block) => block['type'] === 'tool_result')
  const everyBlock = messages.flatMap((one) => list(one['content'])).flatMap((block) => [block, ...list(block['content'])])
  return {
    prompt: contentText(users.at(-1)?.['content']),
    system: contentText(body['system']),
    tools: list(body['tools']).map((tool) => string(tool['name'])),
    toolResults: results.map((block) => ({ id: string(block['tool_use_id']), text: contentText(block['content']) })),
    images: everyBlock.filter((block) => block['type'] === 'image').length,
  }
}

/** Sources: platform.claude.com/docs, "Errors", for status and type; the wordings are those reported in the trackers of claude-code and anthropic-sdk. */
const failures: Record<FailureName, { status: number; type: ErrorType; message: string }> = {
  auth: { status: 401, type: 'authentication_error', message: 'invalid x-api-key' },
  forbidden: { status: 403, type: 'permission_error', message: 'Your API key does not have permission to use the specified resource' },
  'not-found': { status: 404, type: 'not_found_error', message: 'model: nowhere' },
  'rate-limit': { status: 429, type: 'rate_limit_error', message: 'Number of request tokens has exceeded your per-minute rate limit' },
  quota: { status: 402, type: 'billing_error', message: 'Your credit balance is too low to access the Anthropic API.' },
  'input-too-long': { status: 400, type: 'invalid_request_error', message: 'prompt is too long: 208656 tokens > 200000 maximum' },
  'content-filter': { status: 400, type: 'invalid_request_error', message: 'Output blocked by content filtering policy' },
  signature: { status: 400, type: 'invalid_request_error', message: 'messages.1.content.0: Invalid `signature` in `thinking` block' },
  'bad-request': { status: 400, type: 'invalid_request_error', message: 'shape: Extra inputs are not permitted' },
  'server-error': { status: 500, type: 'api_error', message: 'Internal server error' },
  overloaded: { status: 529, type: 'overloaded_error', message: 'Overloaded' },
}

function failure(one: Failure): { status: number; body: ErrorResponse } {
  const { status, type, message: text } = failures[failureName(one)]
  const error = { type, message: one.message ?? text } as ErrorResponse['error']
  return { status: one.status ?? status, body: { type: 'error', error, request_id: 'req_scripted' } }
}
