import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions'
import type { CompletionUsage } from 'openai/resources/completions'
import {
  type Answer,
  argumentsOf,
  type Failure,
  type FailureName,
  failureName,
  idOf,
  type ScriptedToolCall,
  usageOf,
  words,
} from './script.ts'
import { contentText, list, type RequestView, type StreamEvent, string, type WireFormat } from './wire-format.ts'

/**
 * Chat Completions.
 *
 * Sources: `ChatCompletionChunk`, `ChatCompletion` of the `openai` package 7.57.0; platform.openai.com/docs/api-reference/chat-streaming
 * for the order of chunks. `reasoning_content` is the extension of vLLM and DeepSeek (docs.vllm.ai, "Reasoning Outputs").
 */
export const openaiChat: WireFormat = {
  name: 'openai-chat',
  path: '/v1/chat/completions',
  read,
  stream,
  whole,
  failure: (failure) => openaiFailure(failure),
  failureEvent: (failure) => ({ data: openaiFailure(failure).body, role: 'closing' }),
  sentinel: '[DONE]',
}

type Delta = ChatCompletionChunk.Choice.Delta & { reasoning_content?: string }

function stream(answer: Answer, model: string, body: Record<string, unknown>): StreamEvent[] {
  const chunk = (
    delta: Delta,
    finish: ChatCompletionChunk.Choice['finish_reason'] = null,
    logprobs: ChatCompletionChunk.Choice.Logprobs | null = null,
  ) =>
    ({
      ...head(answer),
      object: 'chat.completion.chunk',
      model,
      choices: [{ index: 0, delta, finish_reason: finish, logprobs }],
    }) satisfies ChatCompletionChunk
  const events: StreamEvent[] = [{ data: chunk({ role: 'assistant', content: '', refusal: null }), role: 'opening' }]

  for (const word of words(answer.reasoning ?? '')) events.push({ data: chunk({ reasoning_content: word }), role: 'content' })
  for (const word of words(answer.text ?? '', answer)) {
    events.push({ data: chunk(answer.finish === 'refusal' ? { refusal: word } : { content: word }), role: 'content' })
  }
  for (const [index, call] of (answer.toolCalls ?? []).entries()) {
    const opened: ChatCompletionChunk.Choice.Delta.ToolCall = {
      index,
      id: callId(answer, call, index),
      type: 'function',
      function: { name: call.name, arguments: '' },
    }
    events.push({ data: chunk({ tool_calls: [opened] }), role: 'content' })
    for (const piece of argumentsOf(call).pieces) {
      const told = body['logprobs'] === true && call.logprob !== undefined
      const logprobs = told
        ? { content: [{ token: piece, logprob: call.logprob ?? 0, bytes: null, top_logprobs: [] }], refusal: null }
        : null
      events.push({ data: chunk({ tool_calls: [{ index, function: { arguments: piece } }] }, null, logprobs), role: 'content' })
    }
  }

  events.push({ data: chunk({}, finishReason(answer)), role: 'closing' })
  if (wantsUsage(body)) {
    const last = {
      ...head(answer),
      object: 'chat.completion.chunk',
      model,
      choices: [],
      usage: usage(answer),
    } satisfies ChatCompletionChunk
    events.push({ data: last, role: 'closing' })
  }
  return events
}

function whole(answer: Answer, model: string): ChatCompletion {
  const calls = (answer.toolCalls ?? []).map((call, index) => ({
    id: callId(answer, call, index),
    type: 'function' as const,
    function: { name: call.name, arguments: argumentsOf(call).text },
  }))
  const refused = answer.finish === 'refusal'
  return {
    ...head(answer),
    object: 'chat.completion',
    model,
    choices: [
      {
        index: 0,
        finish_reason: finishReason(answer) ?? 'stop',
        logprobs: null,
        message: {
          role: 'assistant',
          content: refused ? null : (answer.text ?? null),
          refusal: refused ? (answer.text ?? '') : null,
          ...(answer.reasoning !== undefined && { reasoning_content: answer.reasoning }),
          ...(calls.length > 0 && { tool_calls: calls }),
        },
      },
    ],
    usage: usage(answer),
  }
}

function head(answer: Answer) {
  return { id: `chatcmpl-${idOf(answer)}`, created: 1_750_000_000 }
}

function callId(answer: Answer, call: ScriptedToolCall, index: number): string {
  return call.id ?? `call_${idOf(answer)}_${index}`
}

/** `prompt_tokens` is the total: cached tokens are a part of it. */
function usage(answer: Answer): CompletionUsage {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens } = usageOf(answer)
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens
  return {
    prompt_tokens: prompt,
    completion_tokens: outputTokens,
    total_tokens: prompt + outputTokens,
    prompt_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
  }
}

function finishReason(answer: Answer): ChatCompletionChunk.Choice['finish_reason'] {
  const named = {
    stop: 'stop',
    length: 'length',
    'tool-calls': 'tool_calls',
    'content-filter': 'content_filter',
    refusal: 'stop',
    pause: 'stop',
  } as const
  if (answer.finish !== undefined) return named[answer.finish]
  return (answer.toolCalls?.length ?? 0) > 0 ? 'tool_calls' : 'stop'
}

function wantsUsage(body: Record<string, unknown>): boolean {
  const options = body['stream_options']
  return typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
}

function read(body: Record<string, unknown>): RequestView {
  const messages = list(body['messages'])
  const users = messages.filter((message) => message['role'] === 'user')
  const afterModel = messages.slice(messages.findLastIndex((message) => message['role'] === 'assistant') + 1)
  return {
    prompt: contentText(users.at(-1)?.['content']),
    system: messages
      .filter((message) => message['role'] === 'system' || message['role'] === 'developer')
      .map((message) => contentText(message['content']))
      .join('\n\n'),
    tools: list(body['tools']).map((tool) => string(list([tool['function']])[0]?.['name'])),
    toolResults: afterModel
      .filter((message) => message['role'] === 'tool')
      .map((message) => ({ id: string(message['tool_call_id']), text: contentText(message['content']) })),
    images: messages.flatMap((message) => list(message['content'])).filter((part) => part['type'] === 'image_url').length,
  }
}

/**
 * Sources: platform.openai.com/docs/guides/error-codes; the wordings are those that the API has answered, as users
 * report them in the openai-python and vLLM issue trackers.
 */
const failures: Record<FailureName, { status: number; message: string; type: string; code: string | null; param?: string }> = {
  auth: { status: 401, message: 'Incorrect API key provided.', type: 'invalid_request_error', code: 'invalid_api_key' },
  forbidden: { status: 403, message: 'You are not allowed to sample from this model', type: 'invalid_request_error', code: null },
  'not-found': {
    status: 404,
    message: 'The model `nowhere` does not exist or you do not have access to it.',
    type: 'invalid_request_error',
    code: 'model_not_found',
  },
  'rate-limit': { status: 429, message: 'Rate limit reached for requests', type: 'requests', code: 'rate_limit_exceeded' },
  quota: {
    status: 429,
    message: 'You exceeded your current quota, please check your plan and billing details.',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  },
  'input-too-long': {
    status: 400,
    message:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.",
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    param: 'messages',
  },
  'content-filter': {
    status: 400,
    message: 'Invalid prompt: your prompt was flagged as potentially violating our usage policy.',
    type: 'invalid_request_error',
    code: 'invalid_prompt',
  },
  signature: {
    status: 400,
    message: 'The encrypted content could not be verified.',
    type: 'invalid_request_error',
    code: 'invalid_encrypted_content',
  },
  'bad-request': {
    status: 400,
    message: "Unknown parameter: 'shape'.",
    type: 'invalid_request_error',
    code: 'unknown_parameter',
    param: 'shape',
  },
  'server-error': { status: 500, message: 'The server had an error while processing your request.', type: 'server_error', code: null },
  overloaded: { status: 503, message: 'The engine is currently overloaded, please try again later.', type: 'server_error', code: null },
}

export function openaiFailure(failure: Failure): { status: number; body: { error: Record<string, string | null> } } {
  const { status, message, type, code, param } = failures[failureName(failure)]
  return { status: failure.status ?? status, body: { error: { message: failure.message ?? message, type, param: param ?? null, code } } }
}
