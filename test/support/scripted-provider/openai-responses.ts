import type {
  Response,
  ResponseErrorEvent,
  ResponseFunctionToolCall,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseReasoningItem,
  ResponseStreamEvent,
  ResponseUsage,
} from 'openai/resources/responses/responses'
import { openaiFailure } from './openai-chat.ts'
import { type Answer, argumentsOf, idOf, usageOf, words } from './script.ts'
import { contentText, list, type RequestView, type StreamEvent, string, type WireFormat } from './wire-format.ts'

/**
 * Responses.
 *
 * Sources: `ResponseStreamEvent`, `Response` of the `openai` package 7.57.0; platform.openai.com/docs/api-reference/responses-streaming
 * for the order of events.
 */
export const openaiResponses: WireFormat = {
  name: 'openai-responses',
  path: '/v1/responses',
  read,
  stream,
  whole: (answer, model) => response(answer, model, output(answer)),
  failure: (failure) => openaiFailure(failure),
  failureEvent: (failure) => {
    const { message, code } = openaiFailure(failure).body.error
    const event = {
      type: 'error',
      code: code ?? null,
      message: message ?? '',
      param: null,
      sequence_number: 0,
    } satisfies ResponseErrorEvent
    return { event: 'error', data: event, role: 'closing' }
  },
}

/** Without the number, which is given when the stream is put together. */
type Unnumbered = ResponseStreamEvent extends infer Event
  ? Event extends { sequence_number: number }
    ? Omit<Event, 'sequence_number'>
    : never
  : never

function stream(answer: Answer, model: string): StreamEvent[] {
  const events: StreamEvent[] = []
  const push = (event: Unnumbered, role: StreamEvent['role']) => {
    events.push({ event: event.type, data: { ...event, sequence_number: events.length }, role })
  }
  const opened = response(answer, model, [], 'in_progress')
  const items = output(answer)

  push({ type: 'response.created', response: opened }, 'opening')
  push({ type: 'response.in_progress', response: opened }, 'opening')
  for (const [index, item] of items.entries()) {
    if (item.type === 'reasoning') pushReasoning(push, item, index)
    else if (item.type === 'message') pushMessage(push, item, index, answer)
    else if (item.type === 'function_call') pushCall(push, item, index, answer)
  }
  const done = response(answer, model, items)
  push(
    done.status === 'incomplete' ? { type: 'response.incomplete', response: done } : { type: 'response.completed', response: done },
    'closing',
  )
  return events
}

type Push = (event: Unnumbered, role: StreamEvent['role']) => void

function pushReasoning(push: Push, item: ResponseReasoningItem, index: number): void {
  const at = { item_id: item.id, output_index: index, summary_index: 0 }
  const text = item.summary[0]?.text ?? ''
  push({ type: 'response.output_item.added', output_index: index, item: { ...item, summary: [] } }, 'opening')
  push({ type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } }, 'opening')
  for (const word of words(text)) push({ type: 'response.reasoning_summary_text.delta', ...at, delta: word }, 'content')
  push({ type: 'response.reasoning_summary_text.done', ...at, text }, 'content')
  push({ type: 'response.reasoning_summary_part.done', ...at, part: { type: 'summary_text', text } }, 'content')
  push({ type: 'response.output_item.done', output_index: index, item }, 'content')
}

function pushMessage(push: Push, item: ResponseOutputMessage, index: number, answer: Answer): void {
  const at = { item_id: item.id, output_index: index, content_index: 0 }
  const [part] = item.content
  if (part === undefined) return
  push({ type: 'response.output_item.added', output_index: index, item: { ...item, content: [], status: 'in_progress' } }, 'opening')
  if (part.type === 'refusal') {
    push({ type: 'response.content_part.added', ...at, part: { ...part, refusal: '' } }, 'opening')
    for (const word of words(part.refusal)) push({ type: 'response.refusal.delta', ...at, delta: word }, 'content')
    push({ type: 'response.refusal.done', ...at, refusal: part.refusal }, 'content')
  } else {
    push({ type: 'response.content_part.added', ...at, part: { ...part, text: '' } }, 'opening')
    for (const word of words(part.text, answer)) push({ type: 'response.output_text.delta', ...at, delta: word, logprobs: [] }, 'content')
    push({ type: 'response.output_text.done', ...at, text: part.text, logprobs: [] }, 'content')
  }
  push({ type: 'response.content_part.done', ...at, part }, 'content')
  push({ type: 'response.output_item.done', output_index: index, item }, 'content')
}

function pushCall(push: Push, item: ResponseFunctionToolCall, index: number, answer: Answer): void {
  const at = { item_id: item.id ?? '', output_index: index }
  const call = answer.toolCalls?.find((_, position) => `fc_${idOf(answer)}_${position}` === item.id)
  push({ type: 'response.output_item.added', output_index: index, item: { ...item, arguments: '', status: 'in_progress' } }, 'content')
  for (const piece of call === undefined ? [] : argumentsOf(call).pieces) {
    push({ type: 'response.function_call_arguments.delta', ...at, delta: piece }, 'content')
  }
  push({ type: 'response.function_call_arguments.done', ...at, arguments: item.arguments }, 'content')
  push({ type: 'response.output_item.done', output_index: index, item }, 'content')
}

function output(answer: Answer): ResponseOutputItem[] {
  const items: ResponseOutputItem[] = []
  if (answer.reasoning !== undefined) {
    items.push({
      id: `rs_${idOf(answer)}`,
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: answer.reasoning }],
      encrypted_content: 'c2NyaXB0ZWQ=',
    })
  }
  if (answer.text !== undefined && answer.text !== '') {
    const part =
      answer.finish === 'refusal'
        ? { type: 'refusal' as const, refusal: answer.text }
        : { type: 'output_text' as const, text: answer.text, annotations: [], logprobs: [] }
    items.push({ id: `msg_${idOf(answer)}`, type: 'message', role: 'assistant', status: 'completed', content: [part] })
  }
  for (const [index, call] of (answer.toolCalls ?? []).entries()) {
    items.push({
      id: `fc_${idOf(answer)}_${index}`,
      type: 'function_call',
      call_id: call.id ?? `call_${idOf(answer)}_${index}`,
      name: call.name,
      arguments: argumentsOf(call).text,
      // An answer that runs out of tokens does so in its last item.
      status: answer.finish === 'length' && call === answer.toolCalls?.at(-1) ? 'incomplete' : 'completed',
    })
  }
  return items
}

function response(answer: Answer, model: string, items: ResponseOutputItem[], status?: Response['status']): Response {
  const incomplete = answer.finish === 'length' ? 'max_output_tokens' : answer.finish === 'content-filter' ? 'content_filter' : undefined
  const ended = status ?? (incomplete === undefined ? 'completed' : 'incomplete')
  return {
    id: `resp_${idOf(answer)}`,
    access_programs: null,
    object: 'response',
    created_at: 1_750_000_000,
    status: ended,
    error: null,
    incomplete_details: ended === 'incomplete' && incomplete !== undefined ? { reason: incomplete } : null,
    instructions: null,
    metadata: {},
    model,
    output: items,
    output_text: answer.text ?? '',
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    ...(ended !== 'in_progress' && { usage: usage(answer) }),
  }
}

/** `input_tokens` is the total: cached tokens are a part of it. */
function usage(answer: Answer): ResponseUsage {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens } = usageOf(answer)
  const input = inputTokens + cacheReadTokens + cacheWriteTokens
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
    total_tokens: input + outputTokens,
  }
}

function read(body: Record<string, unknown>): RequestView {
  const input = typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] }] : list(body['input'])
  const users = input.filter((item) => item['role'] === 'user')
  const ofModel = (item: Record<string, unknown>) => item['role'] === 'assistant' || item['type'] === 'function_call'
  const afterModel = input.slice(input.findLastIndex(ofModel) + 1)
  return {
    prompt: contentText(users.at(-1)?.['content']),
    system: string(body['instructions']),
    tools: list(body['tools']).map((tool) => string(tool['name'])),
    toolResults: afterModel
      .filter((item) => item['type'] === 'function_call_output')
      .map((item) => ({ id: string(item['call_id']), text: contentText(item['output']) })),
    images: input.flatMap((item) => [...list(item['content']), ...list(item['output'])]).filter((part) => part['type'] === 'input_image')
      .length,
  }
}
