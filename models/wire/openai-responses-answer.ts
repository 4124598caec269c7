import type {
  Response,
  ResponseCustomToolCall,
  ResponseError,
  ResponseFunctionToolCall,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseOutputRefusal,
  ResponseOutputText,
  ResponseReasoningItem,
  ResponseUsage,
} from 'openai/resources/responses/responses'
import type { ReasoningPart, ToolCallPart } from '../message.ts'
import type { FinishReason, Usage } from '../outcome.ts'
import type { ModelFinish } from '../provider.ts'
import type { AnswerFrame, ClientFailure } from './client-format.ts'
import { toComputerItems } from './openai-computer.ts'
import { openaiError } from './openai-failure.ts'
import { textInputOf } from './openai-text-input.ts'

/** A whole answer. Its items are those that a stream would have had. */
export function writeResponsesAnswer(finish: ModelFinish, frame: AnswerFrame): Response {
  const output: ResponseOutputItem[] = []
  let open: ResponseOutputMessage | undefined
  for (const part of finish.message.content) {
    if (part.type === 'text') {
      if (open === undefined) {
        open = messageItem(itemId('msg', frame, output.length), 'completed', [])
        output.push(open)
      }
      const said = open.content.map((one) => (one.type === 'output_text' ? one.text : one.refusal)).join('')
      open.content = [finish.finishReason === 'refusal' ? refusalPart(said + part.text) : textPart(said + part.text)]
      continue
    }
    open = undefined
    if (part.type === 'reasoning') output.push(reasoningItem(itemId('rs', frame, output.length), part, frame))
    if (part.type === 'tool-call') {
      const first = output.length
      const computer = toComputerItems(part, frame.request.tools, (index) => itemId('cu', frame, first + index))
      output.push(...(computer ?? [callItem(part, frame, first)]))
    }
  }
  return responseObject(frame, output, { finish })
}

/** Ends the answer, or is still to come (`undefined`). */
export interface ResponseEnd {
  finish?: ModelFinish
  error?: Response['error']
}

/** What the client sent itself is not told again but for what is short: instructions and tools are long, and each event of a stream's frame has it. */
export function responseObject(
  { request, id, createdAt }: AnswerFrame,
  output: ResponseOutputItem[],
  { finish, error }: ResponseEnd,
): Response {
  const incomplete = finish === undefined ? undefined : incompleteReason(finish.finishReason)
  const ended = finish === undefined ? 'in_progress' : incomplete === undefined ? 'completed' : 'incomplete'
  const { toolChoice = 'auto', responseSchema } = request
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: Math.floor(createdAt / 1000),
    status: error === undefined ? ended : 'failed',
    background: false,
    error: error ?? null,
    incomplete_details: incomplete === undefined ? null : { reason: incomplete },
    instructions: null,
    max_output_tokens: request.maxOutputTokens ?? null,
    model: request.model,
    output,
    output_text: outputText(output),
    parallel_tool_calls: request.parallelToolCalls ?? true,
    previous_response_id: request.previousResponse ?? null,
    prompt_cache_key: request.cacheKey ?? null,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: null },
    temperature: request.temperature ?? null,
    text: {
      format: responseSchema === undefined ? { type: 'text' } : { type: 'json_schema', name: 'answer', schema: responseSchema },
    },
    tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function', name: toolChoice.name },
    tools: [],
    top_p: request.topP ?? null,
    truncation: 'disabled',
    access_programs: null,
    metadata: {},
    ...(finish !== undefined && { usage: toResponsesUsage(finish.usage) }),
  }
}

/** What an answer that broke off says, with what it had said. */
export function failedResponse(frame: AnswerFrame, output: ResponseOutputItem[], failure: ClientFailure): Response {
  return responseObject(frame, output, { error: toResponseError(failure) })
}

/** The vendor's type lists the codes of its own; agents act on more. */
export function toResponseError(failure: ClientFailure): Response['error'] {
  const { message, code, type } = openaiError(failure)
  return { message, code: (code ?? type) as ResponseError['code'] }
}

function outputText(output: readonly ResponseOutputItem[]): string {
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []))
  return parts.map((part) => (part.type === 'output_text' ? part.text : '')).join('')
}

function incompleteReason(reason: FinishReason): 'max_output_tokens' | 'content_filter' | undefined {
  if (reason === 'length') return 'max_output_tokens'
  return reason === 'content-filter' ? 'content_filter' : undefined
}

/** With the prefix that OpenAI asks of such an item when it comes back. */
export function itemId(prefix: 'msg' | 'rs' | 'fc' | 'ctc' | 'cu', { id }: AnswerFrame, index: number): string {
  return `${prefix}_${id}${String(index).padStart(3, '0')}`
}

export function messageItem(
  id: string,
  status: ResponseOutputMessage['status'],
  content: ResponseOutputMessage['content'],
): ResponseOutputMessage {
  return { id, type: 'message', status, role: 'assistant', content }
}

export function textPart(text: string): ResponseOutputText {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

export function refusalPart(refusal: string): ResponseOutputRefusal {
  return { type: 'refusal', refusal }
}

/** Only its own model can read it: what stands for it is sealed. */
function reasoningItem(id: string, part: ReasoningPart, { seal }: AnswerFrame): ResponseReasoningItem {
  return {
    id,
    type: 'reasoning',
    summary: part.text === '' ? [] : [{ type: 'summary_text', text: part.text }],
    encrypted_content: seal(part),
  }
}

function callItem(call: ToolCallPart, frame: AnswerFrame, index: number): ResponseFunctionToolCall | ResponseCustomToolCall {
  const opened = openedCall(call.id, call.name, frame, index)
  if (opened.type === 'custom_tool_call') return { ...opened, input: textInputOf(call) }
  return { ...opened, arguments: JSON.stringify(call.input), status: 'completed' }
}

/** A call before anything of its arguments is known, under the name that the client knows. */
export function openedCall(
  callId: string,
  name: string,
  frame: AnswerFrame,
  index: number,
): ResponseFunctionToolCall | ResponseCustomToolCall {
  const { textTools, namespacedTools } = frame.request
  const named = { call_id: callId, ...(namespacedTools?.get(name) ?? { name }) }
  if (textTools.has(name)) return { id: itemId('ctc', frame, index), type: 'custom_tool_call', ...named, input: '' }
  return { id: itemId('fc', frame, index), type: 'function_call', ...named, arguments: '', status: 'in_progress' }
}

/** `input_tokens` is the total, with what was read from and written to the cache as a part of it. */
function toResponsesUsage({ inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens = 0 }: Usage): ResponseUsage {
  const input = inputTokens + cacheReadTokens + cacheWriteTokens
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: input + outputTokens,
  }
}
