import type {
  Response,
  ResponseCustomToolCall,
  ResponseFunctionToolCall,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseReasoningItem,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses'
import type { ReasoningPart, ToolCallPart } from '../message.ts'
import type { ModelFinish } from '../provider.ts'
import type { AnswerFrame, StreamWriter } from './client-format.ts'
import { toComputerItems } from './openai-computer.ts'
import { failedResponse, itemId, messageItem, openedCall, refusalPart, responseObject, textPart } from './openai-responses-answer.ts'
import { createTextInputReader, type TextInputReader, textInputOf } from './openai-text-input.ts'

interface OpenMessage {
  item: ResponseOutputMessage
  index: number
  part: { isRefusal: boolean; text: string; index: number } | undefined
}

interface OpenReasoning {
  item: ResponseReasoningItem
  index: number
  text: string
}

interface WrittenCall {
  item: ResponseFunctionToolCall | ResponseCustomToolCall
  index: number
  input: string
  /** Of tools that take a text. */
  text: TextInputReader | undefined
  done: boolean
}

/** Without the number, which is given when it is written. */
type Unnumbered = ResponseStreamEvent extends infer Event
  ? Event extends { sequence_number: number }
    ? Omit<Event, 'sequence_number'>
    : never
  : never

/**
 * An answer as Responses streams it: `created` and `in_progress` with the first thing that is said, an item each for
 * messages, reasoning and calls, and `completed` or `incomplete` with the whole response.
 *
 * What no event told before, such as the text of an answer that came whole, is taken from `finish`. A call that is not
 * whole when the answer ends is closed as incomplete.
 */
export function createResponsesStreamWriter(frame: AnswerFrame, from: WrittenBefore = nothingBefore): StreamWriter {
  const { textTools } = frame.request
  const output = [...from.output] as ResponseOutputItem[]
  const calls = new Map<string, WrittenCall>()
  const computerCalls = new Set<string>()
  const early = new Map<string, string>()
  let message: OpenMessage | undefined
  let reasoning: OpenReasoning | undefined
  let thoughts = output.filter(({ type }) => type === 'reasoning').length
  let said = output.some(({ type }) => type === 'message')
  let written = from.next
  let text = ''

  const put = (event: Unnumbered) => {
    text += `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: written })}\n\n`
    written += 1
  }

  const taken = () => {
    const all = text
    text = ''
    return all
  }

  const open = () => {
    if (written > 0 || from.isBegun) return
    put({ type: 'response.created', response: responseObject(frame, [], {}) })
    put({ type: 'response.in_progress', response: responseObject(frame, [], {}) })
  }

  /** The place of the new item, where it stays open until it is put anew as done. */
  const addItem = (item: ResponseOutputItem): number => {
    open()
    const index = output.push(item) - 1
    put({ type: 'response.output_item.added', output_index: index, item })
    return index
  }

  const endItem = (index: number, item: ResponseOutputItem) => {
    output[index] = item
    put({ type: 'response.output_item.done', output_index: index, item })
  }

  const endPart = ({ item, index, part }: OpenMessage) => {
    if (part === undefined) return
    const at = { item_id: item.id, output_index: index, content_index: part.index }
    const done = part.isRefusal ? refusalPart(part.text) : textPart(part.text)
    if (done.type === 'refusal') put({ type: 'response.refusal.done', ...at, refusal: part.text })
    else put({ type: 'response.output_text.done', ...at, text: part.text, logprobs: [] })
    put({ type: 'response.content_part.done', ...at, part: done })
    item.content.push(done)
  }

  const endMessage = (status: 'completed' | 'incomplete' = 'completed') => {
    if (message === undefined) return
    endPart(message)
    endItem(message.index, { ...message.item, status })
    message = undefined
  }

  const onText = (delta: string, isRefusal: boolean) => {
    if (delta === '') return
    said = true
    if (message === undefined) {
      const item = messageItem(itemId('msg', frame, output.length), 'in_progress', [])
      message = { item, index: addItem({ ...item, content: [] }), part: undefined }
    }
    if (message.part?.isRefusal !== isRefusal) {
      endPart(message)
      message.part = { isRefusal, text: '', index: message.item.content.length }
      const at = { item_id: message.item.id, output_index: message.index, content_index: message.part.index }
      put({ type: 'response.content_part.added', ...at, part: isRefusal ? refusalPart('') : textPart('') })
    }
    const { part } = message
    part.text += delta
    const at = { item_id: message.item.id, output_index: message.index, content_index: part.index }
    if (isRefusal) put({ type: 'response.refusal.delta', ...at, delta })
    else put({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })
  }

  const openReasoning = (): OpenReasoning => {
    endMessage()
    const item: ResponseReasoningItem = { id: itemId('rs', frame, output.length), type: 'reasoning', summary: [] }
    reasoning = { item, index: addItem(item), text: '' }
    return reasoning
  }

  const onReasoningDelta = (delta: string) => {
    if (delta === '') return
    const one = reasoning ?? openReasoning()
    const at = { item_id: one.item.id, output_index: one.index, summary_index: 0 }
    if (one.text === '') put({ type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } })
    one.text += delta
    put({ type: 'response.reasoning_summary_text.delta', ...at, delta })
  }

  const onReasoning = (part: ReasoningPart) => {
    thoughts += 1
    if (part.text !== '' && reasoning === undefined) onReasoningDelta(part.text)
    endReasoning(part)
  }

  /** Without a part, nothing is there that a model could have back. */
  const endReasoning = (part?: ReasoningPart) => {
    const { item, index, text: shown } = reasoning ?? openReasoning()
    reasoning = undefined
    const at = { item_id: item.id, output_index: index, summary_index: 0 }
    if (shown !== '') {
      put({ type: 'response.reasoning_summary_text.done', ...at, text: shown })
      put({ type: 'response.reasoning_summary_part.done', ...at, part: { type: 'summary_text', text: shown } })
    }
    const summary = shown === '' ? [] : [{ type: 'summary_text' as const, text: shown }]
    endItem(index, { ...item, summary, ...(part !== undefined && { encrypted_content: frame.seal(part) }) })
  }

  const openCall = (callId: string, name: string): WrittenCall => {
    const known = calls.get(callId)
    if (known !== undefined) return known
    endMessage()
    const item = openedCall(callId, name, frame, output.length)
    const reader = textTools.has(name) ? createTextInputReader() : undefined
    const call: WrittenCall = { item, index: addItem(item), input: '', text: reader, done: false }
    calls.set(callId, call)
    return call
  }

  const addInput = (call: WrittenCall, delta: string) => {
    if (delta === '') return
    call.input += delta
    const at = { item_id: call.item.id ?? '', output_index: call.index, delta }
    if (call.item.type === 'custom_tool_call') put({ type: 'response.custom_tool_call_input.delta', ...at })
    else put({ type: 'response.function_call_arguments.delta', ...at })
  }

  const onCallDelta = (callId: string, name: string, inputText: string) => {
    // A call is written under its name, so what comes before that is kept.
    if (name === '') {
      early.set(callId, (early.get(callId) ?? '') + inputText)
      return
    }
    const call = openCall(callId, name)
    const input = (early.get(callId) ?? '') + inputText
    early.delete(callId)
    addInput(call, call.text === undefined ? input : call.text.read(input))
  }

  /** Whole at once: how such a call comes in pieces, the format does not say. */
  const onComputerCall = (part: ToolCallPart): boolean => {
    if (computerCalls.has(part.id)) return true
    const items = toComputerItems(part, frame.request.tools, (index) => itemId('cu', frame, output.length + index))
    if (items === undefined) return false
    computerCalls.add(part.id)
    endMessage()
    for (const item of items) endItem(addItem({ ...item, status: 'in_progress' }), item)
    return true
  }

  const onCall = (part: ToolCallPart) => {
    if (onComputerCall(part)) return
    const call = openCall(part.id, part.name)
    if (call.done) return
    call.done = true
    const at = { item_id: call.item.id ?? '', output_index: call.index }
    if (call.item.type === 'custom_tool_call') {
      addInput(call, call.text?.end(part) ?? '')
      const input = textInputOf(part)
      put({ type: 'response.custom_tool_call_input.done', ...at, input })
      endItem(call.index, { ...call.item, input })
      return
    }
    if (call.input.trim() === '') addInput(call, JSON.stringify(part.input))
    put({ type: 'response.function_call_arguments.done', ...at, arguments: call.input })
    endItem(call.index, { ...call.item, arguments: call.input, status: 'completed' })
  }

  const onFinish = (finish: ModelFinish) => {
    open()
    const before = { said, thoughts }
    let parts = 0
    for (const part of finish.message.content) {
      if (part.type === 'reasoning') {
        parts += 1
        if (parts > before.thoughts) onReasoning(part)
      } else if (part.type === 'text' && !before.said) onText(part.text, finish.finishReason === 'refusal')
      else if (part.type === 'tool-call' && !calls.has(part.id)) onCall(part)
    }
    if (reasoning !== undefined) endReasoning()
    const isCut = finish.finishReason === 'length' || finish.finishReason === 'content-filter'
    endMessage(isCut ? 'incomplete' : 'completed')
    for (const call of calls.values()) if (!call.done) endItem(call.index, halfCall(call))
    const response = { ...responseObject(frame, output, { finish }), ...idOf(from.response) }
    put(response.status === 'incomplete' ? { type: 'response.incomplete', response } : { type: 'response.completed', response })
  }

  /** The items, those that are open with what they hold by now. */
  const saidSoFar = (): ResponseOutputItem[] => {
    const all = [...output]
    if (message !== undefined) {
      const { item, index, part } = message
      const open = part === undefined ? [] : [part.isRefusal ? refusalPart(part.text) : textPart(part.text)]
      all[index] = { ...item, status: 'incomplete', content: [...item.content, ...open] }
    }
    if (reasoning !== undefined) {
      const { item, index, text: shown } = reasoning
      all[index] = { ...item, summary: shown === '' ? [] : [{ type: 'summary_text', text: shown }] }
    }
    for (const call of calls.values()) if (!call.done) all[call.index] = halfCall(call)
    return all
  }

  return {
    write(event) {
      switch (event.type) {
        case 'text-delta':
          onText(event.text, event.refusal === true)
          break
        case 'reasoning-delta':
          onReasoningDelta(event.text)
          break
        case 'reasoning':
          onReasoning(event.part)
          break
        case 'tool-call-delta':
          onCallDelta(event.id, event.name, event.inputText)
          break
        case 'tool-call':
          onCall(event.call)
          break
        case 'finish':
          onFinish(event)
      }
      return taken()
    },
    fail(failure) {
      open()
      put({ type: 'response.failed', response: { ...failedResponse(frame, saidSoFar(), failure), ...idOf(from.response) } })
      return taken()
    },
  }
}

/** What of a stream has gone out: whole items, none of them a call. */
interface WrittenBefore {
  readonly isBegun: boolean
  /** As its first event told it. */
  readonly response: Readonly<Record<string, unknown>> | undefined
  readonly output: readonly unknown[]
  /** The number of the next event. */
  readonly next: number
}

const nothingBefore: WrittenBefore = { isBegun: false, response: undefined, output: [], next: 0 }

function idOf({ id, created_at: createdAt }: Readonly<Record<string, unknown>> = {}): Partial<Pick<Response, 'id' | 'created_at'>> {
  return { ...(typeof id === 'string' && { id }), ...(typeof createdAt === 'number' && { created_at: createdAt }) }
}

function halfCall({ item, input }: WrittenCall): WrittenCall['item'] {
  return item.type === 'custom_tool_call' ? { ...item, input } : { ...item, arguments: input, status: 'incomplete' }
}
