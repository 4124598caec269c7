import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  Tool,
  ToolChoice,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages'
import { ProviderError } from '../errors.ts'
import type { FilePart, ImagePart, ImageUrlPart, Message, Part } from '../message.ts'
import type { ModelRequest } from '../provider.ts'
import { type AnthropicQuirks, quirksOf } from './anthropic-models.ts'
import { withOwnReasoning } from './own-reasoning.ts'
import { isStrictSchema, schemaInWords } from './response-schema.ts'
import { commonIds, createIdMap } from './tool-ids.ts'

/** The format asks for a limit; this one stands where the request has none. */
const defaultMaxTokens = 4096

/** A request in Anthropic's format, as the model takes it. */
export function toBody(request: ModelRequest, deployment: string): MessageCreateParamsStreaming {
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
