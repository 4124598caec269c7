import type { Response, ResponseComputerToolCall, ResponseOutputItem, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { computerToolName, fromVendor } from '../computer/calls.ts'
import { ComputerActionError } from '../errors.ts'
import type { Part, ReasoningPart, ToolCallPart } from '../message.ts'
import type { FinishReason, Usage } from '../outcome.ts'
import { noUsage } from '../outcome.ts'
import type { ModelEvent } from '../provider.ts'
import type { StreamReader } from './answer.ts'
import { type FailureContext, failureOf } from './failure.ts'
import { brokenCall, type OpenCall, parseArguments } from './tool-arguments.ts'

/** What a whole answer says, as a stream would have said it. */
export function readAnswer(body: Record<string, unknown>, failures: FailureContext): ModelEvent[] {
  const response = body as unknown as Response
  const reader = createReader(failures)
  const events = response.output.flatMap((item): ModelEvent[] => {
    const texts = item.type === 'message' ? item.content : []
    const said = texts.map((part): ModelEvent => {
      return part.type === 'refusal' ? { type: 'text-delta', text: part.refusal, refusal: true } : { type: 'text-delta', text: part.text }
    })
    return [...said, ...reader.read({ type: 'response.output_item.done', item })]
  })
  return [...events, ...reader.read({ type: response.status === 'incomplete' ? 'response.incomplete' : 'response.completed', response })]
}

export function createReader(failures: FailureContext): StreamReader {
  const { deployment } = failures
  const calls = new Map<string, OpenCall>()
  const content: Part[] = []
  let refused = false

  const onItem = (item: ResponseOutputItem): ModelEvent[] => {
    if (item.type === 'reasoning') {
      const text = [...item.summary, ...(item.content ?? [])].map((part) => part.text).join('\n\n')
      const part: ReasoningPart = { type: 'reasoning', text, mintedBy: deployment, raw: item }
      content.push(part)
      return [{ type: 'reasoning', part }]
    } else if (item.type === 'message') {
      const text = item.content.map((part) => (part.type === 'refusal' ? part.refusal : part.text)).join('')
      refused ||= item.content.some((part) => part.type === 'refusal')
      if (text !== '') content.push({ type: 'text', text })
    } else if (item.type === 'function_call') {
      // An answer that ran out of tokens closes its calls half written.
      if (item.status === 'incomplete') return []
      const input = parseArguments(item.arguments)
      if (input === undefined) throw brokenCall(deployment, { id: item.call_id, name: item.name, text: item.arguments })
      return onCall({ type: 'tool-call', id: item.call_id, name: item.name, input })
    } else if (item.type === 'custom_tool_call') {
      const open = calls.get(item.id ?? item.call_id)
      const end: ModelEvent[] = open === undefined ? [] : [{ type: 'tool-call-delta', id: open.id, name: open.name, inputText: '"}' }]
      return [...end, ...onCall({ type: 'tool-call', id: item.call_id, name: item.name, input: { input: item.input } })]
    } else if (item.type === 'computer_call') {
      return onCall(toComputerCall(item))
    } else if (item.type === 'local_shell_call' || item.type === 'shell_call') {
      const name = item.type === 'shell_call' ? 'shell' : 'local_shell'
      return onCall({ type: 'tool-call', id: item.call_id, name, input: { ...item.action } })
    } else if (item.type === 'apply_patch_call') {
      return onCall({ type: 'tool-call', id: item.call_id, name: 'apply_patch', input: { ...item.operation } })
    }
    return []
  }

  const onCall = (call: ToolCallPart): ModelEvent[] => {
    content.push(call)
    return [{ type: 'tool-call', call }]
  }

  const onAdded = (item: ResponseOutputItem): ModelEvent[] => {
    if (item.type !== 'function_call' && item.type !== 'custom_tool_call') return []
    calls.set(item.id ?? item.call_id, { id: item.call_id, name: item.name, text: '' })
    // A text is told as the argument that it is in our vocabulary.
    return [{ type: 'tool-call-delta', id: item.call_id, name: item.name, inputText: item.type === 'function_call' ? '' : '{"input":"' }]
  }

  const onCallDelta = (itemId: string, inputText: string): ModelEvent[] => {
    const call = calls.get(itemId)
    return call === undefined ? [] : [{ type: 'tool-call-delta', id: call.id, name: call.name, inputText }]
  }

  const finish = (response: Response): ModelEvent[] => {
    // Clients take an answer from its end: an action that stands there alone is one of it all the same.
    const isTold = (id: string) => content.some((part) => part.type === 'tool-call' && part.id === id)
    const untold = (response.output ?? []).flatMap((item) => (item.type === 'computer_call' && !isTold(item.call_id) ? onItem(item) : []))
    const { reason, raw } = finishReasonOf(response, { refused, called: content.some((part) => part.type === 'tool-call') })
    return [
      ...untold,
      {
        type: 'finish',
        finishReason: reason,
        rawFinishReason: raw,
        usage: toUsage(response.usage),
        servedModel: response.model,
        answerId: response.id,
        message: { role: 'assistant', content },
      },
    ]
  }

  return {
    read(data) {
      const event = data as unknown as ResponseStreamEvent
      switch (event.type) {
        case 'response.output_text.delta':
          return [{ type: 'text-delta', text: event.delta }]
        case 'response.refusal.delta':
          refused = true
          return [{ type: 'text-delta', text: event.delta, refusal: true }]
        // Parts of a summary are paragraphs.
        case 'response.reasoning_summary_part.added':
          return event.summary_index === 0 ? [] : [{ type: 'reasoning-delta', text: '\n\n' }]
        case 'response.reasoning_summary_text.delta':
        case 'response.reasoning_text.delta':
          return [{ type: 'reasoning-delta', text: event.delta }]
        case 'response.output_item.added':
          return onAdded(event.item)
        case 'response.function_call_arguments.delta':
          return onCallDelta(event.item_id, event.delta)
        case 'response.custom_tool_call_input.delta':
          return onCallDelta(event.item_id, JSON.stringify(event.delta).slice(1, -1))
        case 'response.output_item.done':
          return onItem(event.item)
        case 'response.completed':
        case 'response.incomplete':
          return finish(event.response)
        case 'response.failed': {
          const { message = 'The response failed', code, type } = event.response.error ?? {}
          throw failureOf({ message, code, type: type ?? undefined }, failures)
        }
        default:
          return []
      }
    },
  }
}

/** As our actions. One that cannot be read stays what it is, for whoever asked to judge. */
function toComputerCall(item: ResponseComputerToolCall): ToolCallPart {
  try {
    return fromVendor(item, item.call_id, item.actions === undefined ? 'openai-preview' : 'openai')
  } catch (error) {
    if (!(error instanceof ComputerActionError)) throw error
    return { type: 'tool-call', id: item.call_id, name: computerToolName, input: { actions: item.actions ?? [item.action] } }
  }
}

function finishReasonOf(
  { status, incomplete_details: details }: Response,
  { refused, called }: { refused: boolean; called: boolean },
): { reason: FinishReason; raw: string | undefined } {
  if (status === 'incomplete') {
    const raw = details?.reason
    return { reason: raw === 'max_output_tokens' ? 'length' : raw === 'content_filter' ? 'content-filter' : 'other', raw }
  }
  // Of a response in the background nothing is known yet.
  if (status === 'queued' || status === 'in_progress' || status === 'cancelled') return { reason: 'other', raw: status }
  return { reason: called ? 'tool-calls' : refused ? 'refusal' : 'stop', raw: status }
}

/** `input_tokens` is the total: what was read from and written to the cache is a part of it. */
function toUsage(usage: Response['usage']): Usage {
  if (!usage) return noUsage
  const cacheReadTokens = usage.input_tokens_details?.cached_tokens ?? 0
  const cacheWriteTokens = usage.input_tokens_details?.cache_write_tokens ?? 0
  const reasoningTokens = usage.output_tokens_details?.reasoning_tokens ?? 0
  return {
    inputTokens: Math.max(0, usage.input_tokens - cacheReadTokens - cacheWriteTokens),
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: usage.output_tokens,
    ...(reasoningTokens > 0 && { reasoningTokens }),
  }
}
