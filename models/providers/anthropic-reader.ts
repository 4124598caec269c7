import type {
  Message as AnthropicMessage,
  RawMessageStreamEvent,
  RedactedThinkingBlock,
  ThinkingBlock,
} from '@anthropic-ai/sdk/resources/messages'
import { computerToolName, fromVendor } from '../computer/calls.ts'
import type { ComputerFormatName } from '../computer/format.ts'
import { ComputerActionError } from '../errors.ts'
import type { Part, ReasoningPart, ToolCallPart } from '../message.ts'
import type { FinishReason, Usage } from '../outcome.ts'
import { noUsage } from '../outcome.ts'
import type { ModelEvent, ModelFinish } from '../provider.ts'
import type { StreamReader } from './answer.ts'
import { isRecord } from './failure.ts'
import { brokenCall, type OpenCall, parseArguments } from './tool-arguments.ts'

type OpenThinking = Pick<ThinkingBlock, 'type' | 'thinking' | 'signature'>
type OpenBlock =
  | { type: 'text'; text: string }
  | OpenThinking
  | RedactedThinkingBlock
  | ({ type: 'call'; whole: unknown; toolset: unknown } & OpenCall)

/** Reads Anthropic's event stream. `computer` is the form in which a computer was offered, where that is known. */
export function createReader(deployment: string, computer?: ComputerFormatName): StreamReader {
  const content: Part[] = []
  const open = new Map<number, OpenBlock>()
  const broken: OpenCall[] = []
  let servedModel: string | undefined
  let usage: Usage = noUsage
  let stopReason: string | undefined

  const onStart = (
    index: number,
    block: Extract<RawMessageStreamEvent, { type: 'content_block_start' }>['content_block'],
  ): ModelEvent[] => {
    // Servers that copy the format leave out what is empty, and some say all of a block when it begins.
    if (block.type === 'text') {
      open.set(index, { type: 'text', text: block.text ?? '' })
      return block.text ? [{ type: 'text-delta', text: block.text }] : []
    }
    if (block.type === 'thinking') {
      open.set(index, { type: 'thinking', thinking: block.thinking ?? '', signature: block.signature ?? '' })
      return block.thinking ? [{ type: 'reasoning-delta', text: block.thinking }] : []
    }
    if (block.type === 'redacted_thinking') open.set(index, block)
    if (block.type !== 'tool_use') return []
    open.set(index, { type: 'call', id: block.id, name: block.name, text: '', whole: block.input, toolset: toolsetOf(block) })
    return [{ type: 'tool-call-delta', id: block.id, name: block.name, inputText: '' }]
  }

  const onDelta = (index: number, delta: Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta']): ModelEvent[] => {
    const block = open.get(index)
    if (delta.type === 'text_delta' && block?.type === 'text') {
      block.text += delta.text
      return [{ type: 'text-delta', text: delta.text }]
    }
    if (delta.type === 'thinking_delta' && block?.type === 'thinking') {
      block.thinking += delta.thinking
      return [{ type: 'reasoning-delta', text: delta.thinking }]
    }
    if (delta.type === 'signature_delta' && block?.type === 'thinking') block.signature += delta.signature
    if (delta.type === 'input_json_delta' && block?.type === 'call') {
      block.text += delta.partial_json
      return [{ type: 'tool-call-delta', id: block.id, name: block.name, inputText: delta.partial_json }]
    }
    return []
  }

  const onStop = (index: number): ModelEvent[] => {
    const block = open.get(index)
    open.delete(index)
    if (block?.type === 'text' && block.text !== '') content.push({ type: 'text', text: block.text })
    if (block?.type === 'thinking' || block?.type === 'redacted_thinking') {
      const part = toReasoning(block, deployment)
      content.push(part)
      return [{ type: 'reasoning', part }]
    }
    if (block?.type !== 'call') return []
    const input = block.text.trim() === '' && isRecord(block.whole) ? block.whole : parseArguments(block.text)
    if (input === undefined) {
      broken.push(block)
      return []
    }
    const call = toCall({ ...block, input }, computer)
    content.push(call)
    return [{ type: 'tool-call', call }]
  }

  const onEnd = (): ModelFinish => {
    const finishReason = finishReasonOf(stopReason)
    const [half] = [...broken, ...[...open.values()].filter((block) => block.type === 'call')]
    // An answer that ran out of tokens closes its call half written.
    if (half !== undefined && finishReason !== 'length') throw brokenCall(deployment, half)
    return { type: 'finish', finishReason, rawFinishReason: stopReason, usage, servedModel, message: { role: 'assistant', content } }
  }

  return {
    read(data) {
      const event = data as unknown as RawMessageStreamEvent
      switch (event.type) {
        case 'message_start':
          servedModel = event.message.model
          usage = toUsage(event.message.usage, usage)
          return []
        case 'content_block_start':
          return onStart(event.index, event.content_block)
        case 'content_block_delta':
          return onDelta(event.index, event.delta)
        case 'content_block_stop':
          return onStop(event.index)
        case 'message_delta':
          stopReason = event.delta.stop_reason ?? stopReason
          usage = toUsage(event.usage, usage)
          return []
        case 'message_stop':
          return [onEnd()]
        default:
          return []
      }
    },
  }
}

/** What an answer says that was not streamed: the same events, each part at once, and `finish` last. */
export function readAnswer(body: Record<string, unknown>, deployment: string): ModelEvent[] {
  const { content: blocks, stop_reason: stopReason, usage, model } = body as unknown as AnthropicMessage
  const events: ModelEvent[] = []
  const content: Part[] = []
  for (const block of blocks) {
    if (block.type === 'text' && block.text !== '') {
      content.push({ type: 'text', text: block.text })
      events.push({ type: 'text-delta', text: block.text })
    } else if (block.type === 'thinking' || block.type === 'redacted_thinking') {
      const part = toReasoning(block, deployment)
      content.push(part)
      if (part.text !== '') events.push({ type: 'reasoning-delta', text: part.text })
      events.push({ type: 'reasoning', part })
    } else if (block.type === 'tool_use') {
      const { id, name, input } = block
      if (!isRecord(input)) throw brokenCall(deployment, { id, name, text: JSON.stringify(input) ?? '' })
      const call = toCall({ id, name, toolset: toolsetOf(block), input }, undefined)
      content.push(call)
      events.push({ type: 'tool-call', call })
    }
  }
  events.push({
    type: 'finish',
    finishReason: finishReasonOf(stopReason ?? undefined),
    rawFinishReason: stopReason ?? undefined,
    usage: toUsage(usage, noUsage),
    servedModel: model,
    message: { role: 'assistant', content },
  })
  return events
}

interface WholeCall {
  readonly id: string
  readonly name: string
  readonly toolset: unknown
  readonly input: Record<string, unknown>
}

/** Which toolset a call is of: the vendor's own, where it says so. */
function toolsetOf(block: object): unknown {
  return 'toolset_name' in block ? block.toolset_name : undefined
}

/** One of a computer is read as our actions. One that cannot be read stays what it is, for whoever asked to judge. */
function toCall({ id, name, toolset, input }: WholeCall, computer: ComputerFormatName | undefined): ToolCallPart {
  const plain: ToolCallPart = { type: 'tool-call', id, name, input }
  const isMember = toolset === computerToolName
  if (!isMember && (computer === undefined || name !== computerToolName || typeof input['action'] !== 'string')) return plain
  try {
    const call = isMember ? { name, toolset_name: toolset, input } : { name, input }
    return fromVendor(call, id, isMember ? 'anthropic-toolset-20260801' : (computer ?? 'anthropic-20251124'))
  } catch (error) {
    if (error instanceof ComputerActionError) return isMember ? { ...plain, name: computerToolName } : plain
    throw error
  }
}

function toReasoning(block: OpenThinking | RedactedThinkingBlock, deployment: string): ReasoningPart {
  if (block.type === 'redacted_thinking') return { type: 'reasoning', text: '', mintedBy: deployment, raw: block }
  const raw = { type: 'thinking', thinking: block.thinking, signature: block.signature }
  return { type: 'reasoning', text: block.thinking, mintedBy: deployment, raw }
}

function finishReasonOf(raw: string | undefined): FinishReason {
  switch (raw) {
    case 'end_turn':
    case 'stop_sequence':
      return 'stop'
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length'
    case 'tool_use':
      return 'tool-calls'
    case 'refusal':
      return 'refusal'
    case 'pause_turn':
      return 'pause'
    default:
      return 'other'
  }
}

/** The counts of the first and the last event; both are totals, and a later one that is there replaces the earlier. */
interface WireUsage {
  input_tokens?: number | null
  cache_read_input_tokens?: number | null
  cache_creation_input_tokens?: number | null
  cache_creation?: { ephemeral_1h_input_tokens: number } | null
  output_tokens?: number | null
  output_tokens_details?: { thinking_tokens?: number } | null
}

/** `input_tokens` leaves out what was read from or written to the cache. */
function toUsage(wire: WireUsage | undefined, before: Usage): Usage {
  if (wire === undefined) return before
  const oneHour = wire.cache_creation?.ephemeral_1h_input_tokens ?? before.cacheWrite1hTokens ?? 0
  const reasoningTokens = wire.output_tokens_details?.thinking_tokens ?? before.reasoningTokens ?? 0
  return {
    inputTokens: wire.input_tokens ?? before.inputTokens,
    cacheReadTokens: wire.cache_read_input_tokens ?? before.cacheReadTokens,
    cacheWriteTokens: wire.cache_creation_input_tokens ?? before.cacheWriteTokens,
    outputTokens: wire.output_tokens ?? before.outputTokens,
    ...(reasoningTokens > 0 && { reasoningTokens }),
    ...(oneHour > 0 && { cacheWrite1hTokens: oneHour }),
  }
}
