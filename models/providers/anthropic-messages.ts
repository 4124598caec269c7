import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  RawMessageStreamEvent,
  Tool,
  ToolChoice,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages'
import { ProviderError } from '../errors.ts'
import type { FilePart, ImagePart, ImageUrlPart, Message, Part } from '../message.ts'
import type { FinishReason, Usage } from '../outcome.ts'
import { noUsage } from '../outcome.ts'
import type { ModelEvent, ModelFinish, ModelRequest, Provider } from '../provider.ts'
import { anthropicFailures } from './anthropic-failures.ts'
import { type AnthropicQuirks, quirksOf } from './anthropic-models.ts'
import { type Endpoint, forward } from './endpoint.ts'
import { withOwnReasoning } from './own-reasoning.ts'
import { isStrictSchema, schemaInWords } from './response-schema.ts'
import { type StreamReader, streamCall } from './stream-call.ts'
import { brokenCall, type OpenCall, parseArguments } from './tool-arguments.ts'
import { commonIds, createIdMap } from './tool-ids.ts'

export interface AnthropicMessagesOptions {
  endpoint: Endpoint
  secret: string | undefined
  secretVariable: string | undefined
}

/** The format asks for a limit; this one stands where the request has none. */
const defaultMaxTokens = 4096

/** Anthropic's Messages, and servers that speak the same format. */
export function createAnthropicMessages({ endpoint, secret, secretVariable }: AnthropicMessagesOptions): Provider {
  return {
    name: endpoint.name,
    format: 'anthropic-messages',
    send(request, { signal } = {}) {
      const deployment = `${endpoint.name}/${request.model}`
      return streamCall({
        endpoint,
        path: '/messages',
        body: () => toBody(request, deployment),
        failures: { deployment, rules: anthropicFailures, secret, secretVariable },
        reader: createReader(deployment),
        signal,
      })
    },
    forward: (request, { signal } = {}) => forward(endpoint, request, signal),
  }
}

function toBody(request: ModelRequest, deployment: string): MessageCreateParamsStreaming {
  const { model, messages, tools, maxOutputTokens, temperature, responseSchema, cacheKey } = request
  const quirks = quirksOf(model)
  const toId = createIdMap(messages, commonIds)
  const asFormat = responseSchema !== undefined && quirks.schema && isStrictSchema(responseSchema)
  const { choice, words } = toToolChoice(request, quirks)
  const system = [request.system, responseSchema !== undefined && !asFormat ? schemaInWords(responseSchema) : undefined, words]
    .filter((text) => text !== undefined && text !== '')
    .join('\n\n')
  const body: MessageCreateParamsStreaming = {
    model,
    stream: true,
    max_tokens: maxOutputTokens ?? defaultMaxTokens,
    ...(tools !== undefined && tools.length > 0 && { tools: tools.map(toTool) }),
    ...(choice !== undefined && { tool_choice: choice }),
    ...(system !== '' && { system: [{ type: 'text', text: system }] }),
    messages: messages.flatMap((message) => toMessage(message, deployment, toId)),
    ...(asFormat && { output_config: { format: { type: 'json_schema', schema: responseSchema } } }),
  }
  if (cacheKey !== undefined) markCache(body)
  // The vendor's type has no sampling parameters any more; its older models still take them.
  return temperature !== undefined && quirks.temperature ? { ...body, ...{ temperature: Math.min(1, temperature) } } : body
}

function toTool({ name, description, inputSchema }: NonNullable<ModelRequest['tools']>[number]): Tool {
  return { name, description, input_schema: inputSchema as Tool['input_schema'] }
}

function toToolChoice({ tools, toolChoice }: ModelRequest, quirks: AnthropicQuirks): { choice?: ToolChoice; words?: string } {
  if (tools === undefined || tools.length === 0 || toolChoice === undefined) return {}
  if (toolChoice === 'auto' || toolChoice === 'none') return { choice: { type: toolChoice } }
  const name = toolChoice === 'required' ? undefined : toolChoice.name
  if (!quirks.forcedTools)
    return { choice: { type: 'auto' }, words: `Call ${name === undefined ? 'a tool' : `the tool ${name}`} before you answer.` }
  return { choice: name === undefined ? { type: 'any' } : { type: 'tool', name } }
}

/**
 * Marks what may be read from the cache next time, at the four places the format allows: after the tools, after the
 * system text, and after the last two turns of the user, the earlier of which is where this request finds the last one's.
 *
 * Only for requests with a cache key: nothing says of others that their beginning comes again, and writing costs more than reading.
 */
function markCache({ tools, system, messages }: MessageCreateParamsStreaming): void {
  const mark = { type: 'ephemeral' as const }
  const tool = tools?.at(-1)
  if (tool !== undefined) tool.cache_control = mark
  const text = typeof system === 'string' ? undefined : system?.at(-1)
  if (text !== undefined) text.cache_control = mark
  for (const { content } of messages.filter(({ role }) => role === 'user').slice(-2)) {
    const block = typeof content === 'string' ? undefined : content.at(-1)
    if (block !== undefined && 'cache_control' in block === false && isMarkable(block)) block.cache_control = mark
  }
}

type Markable = Extract<ContentBlockParam, { type: 'text' | 'image' | 'document' | 'tool_result' }>

function isMarkable(block: ContentBlockParam): block is Markable {
  return block.type === 'text' || block.type === 'image' || block.type === 'document' || block.type === 'tool_result'
}

/** Results come first, as the format wants them; empty texts, which it refuses, are left out. */
function toMessage({ role, content }: Message, deployment: string, toId: (id: string) => string): MessageParam[] {
  const results = content.filter((part) => part.type === 'tool-result')
  const rest = content.filter((part) => part.type !== 'tool-result')
  const blocks = withOwnReasoning([...results, ...rest], deployment).flatMap((part) => toBlock(part, deployment, toId))
  return blocks.length === 0 ? [] : [{ role, content: blocks }]
}

function toBlock(part: Part, deployment: string, toId: (id: string) => string): ContentBlockParam[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }]
    case 'image':
    case 'image-url':
      return [toImage(part)]
    case 'file':
      return [toDocument(part, deployment)]
    case 'reasoning':
      return [part.raw as ContentBlockParam]
    case 'tool-call':
      return [{ type: 'tool_use', id: toId(part.id), name: part.name, input: part.input }]
    case 'tool-result': {
      const inner = part.content.flatMap(
        (one): NonNullable<Exclude<ToolResultBlockParam['content'], string>> =>
          one.type === 'image' ? [toImage(one)] : one.text === '' ? [] : [{ type: 'text', text: one.text }],
      )
      return [{ type: 'tool_result', tool_use_id: toId(part.id), content: inner, ...(part.isError && { is_error: true }) }]
    }
  }
}

function toImage(part: ImagePart | ImageUrlPart): ImageBlockParam {
  if (part.type === 'image-url') return { type: 'image', source: { type: 'url', url: part.url } }
  return { type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.data } }
}

function toDocument({ mediaType, name, data }: FilePart, deployment: string): ContentBlockParam {
  const title = name === undefined ? {} : { title: name }
  if (mediaType === 'application/pdf') {
    return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data }, ...title }
  }
  if (/^text\/|[/+](?:json|xml|yaml)$/.test(mediaType)) {
    return {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: Buffer.from(data, 'base64').toString('utf8') },
      ...title,
    }
  }
  throw new ProviderError(`Cannot send ${name ?? 'a file'} to ${deployment}: files must be PDF or text, received ${mediaType}`, {
    kind: 'bad_request',
    deployment,
  })
}

type OpenBlock = { type: 'text'; text: string } | { type: 'thinking'; thinking: string; signature: string } | ({ type: 'call' } & OpenCall)

function createReader(deployment: string): StreamReader {
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
    if (block.type === 'text') open.set(index, { type: 'text', text: block.text })
    else if (block.type === 'thinking') open.set(index, { type: 'thinking', thinking: block.thinking, signature: block.signature })
    else if (block.type === 'redacted_thinking') content.push({ type: 'reasoning', text: '', mintedBy: deployment, raw: block })
    else if (block.type === 'tool_use') {
      open.set(index, { type: 'call', id: block.id, name: block.name, text: '' })
      return [{ type: 'tool-call-delta', id: block.id, name: block.name, inputText: '' }]
    }
    return []
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
    if (block?.type === 'thinking') {
      const raw = { type: 'thinking', thinking: block.thinking, signature: block.signature }
      content.push({ type: 'reasoning', text: block.thinking, mintedBy: deployment, raw })
    }
    if (block?.type !== 'call') return []
    const input = parseArguments(block.text)
    if (input === undefined) {
      broken.push(block)
      return []
    }
    const call = { type: 'tool-call' as const, id: block.id, name: block.name, input }
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
