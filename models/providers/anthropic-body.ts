import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  Tool,
  ToolChoice,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages'
import type { ComputerFormatName } from '../computer/format.ts'
import { ProviderError } from '../errors.ts'
import type { FilePart, ImagePart, ImageUrlPart, Message, Part, ToolDefinition } from '../message.ts'
import type { ModelRequest } from '../provider.ts'
import { cacheControl, markCache } from './anthropic-cache.ts'
import {
  anthropicComputerOf,
  type ComputerBlocks,
  computerBlocks,
  toCallBlocks,
  toComputerTool,
  toResultBlocks,
} from './anthropic-computer.ts'
import { type AnthropicQuirks, quirksOf } from './anthropic-models.ts'
import { toThinking } from './anthropic-thinking.ts'
import { withOwnReasoning } from './own-reasoning.ts'
import { isStrictSchema, schemaInWords } from './response-schema.ts'
import { commonIds, createIdMap } from './tool-ids.ts'

/** A request in Anthropic's format, as the model takes it. */
export function toBody(
  request: ModelRequest,
  deployment: string,
  computer: ComputerFormatName | undefined = anthropicComputerOf(request),
): MessageCreateParamsStreaming {
  const { model, tools, responseSchema, cacheKey } = request
  const quirks = quirksOf(model)
  const toId = createIdMap(request.messages, commonIds)
  const context: BlockContext = { deployment, toId, computer: computerBlocks(request.messages, computer) }
  const messages = request.messages.flatMap((message) => toMessage(message, context))
  const asFormat = responseSchema !== undefined && quirks.schema && isStrictSchema(responseSchema)
  const { choice, words } = toToolChoice(request, quirks)
  const { maxTokens, thinking, effort } = toThinking(request, {
    quirks,
    messages,
    isForced: choice?.type === 'any' || choice?.type === 'tool',
  })
  const system = [request.system, responseSchema !== undefined && !asFormat ? schemaInWords(responseSchema) : undefined, words]
    .filter((text) => text !== undefined && text !== '')
    .join('\n\n')
  const stops = request.stopSequences?.filter((sequence) => sequence.trim() !== '') ?? []
  const body: MessageCreateParamsStreaming = {
    model,
    stream: true,
    max_tokens: maxTokens,
    ...(tools !== undefined && tools.length > 0 && { tools: tools.map((tool) => toTool(tool, computer)) }),
    ...(choice !== undefined && { tool_choice: choice }),
    ...(system !== '' && { system: [{ type: 'text', text: system, ...cacheControl(request.systemCacheBreakpoint) }] }),
    messages,
    ...(thinking !== undefined && { thinking }),
    ...(stops.length > 0 && { stop_sequences: stops }),
    ...((asFormat || effort !== undefined) && {
      output_config: {
        ...(effort !== undefined && { effort }),
        ...(asFormat && { format: { type: 'json_schema', schema: responseSchema } }),
      },
    }),
    ...(thinking === undefined || thinking.type === 'disabled' ? toSampling(request, quirks) : {}),
  }
  markCache(body, cacheKey)
  return body
}

/** The vendor's type has no sampling parameters any more; its older models still take them. */
function toSampling({ temperature, topP }: ModelRequest, quirks: AnthropicQuirks): object {
  if (!quirks.temperature) return {}
  return {
    ...(temperature !== undefined && { temperature: Math.min(1, temperature) }),
    ...(topP !== undefined && (temperature === undefined || quirks.bothSamplings) && { top_p: topP }),
  }
}

function toTool(
  { name, description, inputSchema, computer, cacheBreakpoint }: ToolDefinition,
  format: ComputerFormatName | undefined,
): Tool {
  if (computer !== undefined && format !== undefined) return { ...toComputerTool(computer, format), ...cacheControl(cacheBreakpoint) }
  return {
    name,
    ...(description !== '' && { description }),
    input_schema: inputSchema as Tool['input_schema'],
    ...cacheControl(cacheBreakpoint),
  }
}

function toToolChoice(request: ModelRequest, quirks: AnthropicQuirks): { choice?: ToolChoice; words?: string } {
  const { tools, toolChoice, parallelToolCalls } = request
  if (tools === undefined || tools.length === 0) return {}
  const oneOnly = parallelToolCalls === false && { disable_parallel_tool_use: true }
  if (toolChoice === undefined) return oneOnly ? { choice: { type: 'auto', ...oneOnly } } : {}
  if (toolChoice === 'none') return { choice: { type: 'none' } }
  if (toolChoice === 'auto') return { choice: { type: 'auto', ...oneOnly } }
  const name = toolChoice === 'required' ? undefined : toolChoice.name
  if (!quirks.forcedTools) {
    const words = `Call ${name === undefined ? 'a tool' : `the tool ${name}`} before you answer.`
    return { choice: { type: 'auto', ...oneOnly }, words }
  }
  return { choice: name === undefined ? { type: 'any', ...oneOnly } : { type: 'tool', name, ...oneOnly } }
}

/** Results come first, as the format wants them; empty texts, which it refuses, are left out. */
function toMessage({ role, content }: Message, context: BlockContext): MessageParam[] {
  const results = content.filter((part) => part.type === 'tool-result')
  const rest = content.filter((part) => part.type !== 'tool-result')
  const blocks = withOwnReasoning([...results, ...rest], context.deployment).flatMap((part) => toBlock(part, context))
  return blocks.length === 0 ? [] : [{ role, content: blocks }]
}

interface BlockContext {
  readonly deployment: string
  readonly toId: (id: string) => string
  readonly computer: ComputerBlocks
}

function toBlock(part: Part, { deployment, toId, computer }: BlockContext): ContentBlockParam[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text, ...cacheControl(part.cacheBreakpoint) }]
    case 'image':
    case 'image-url':
      return [toImage(part)]
    case 'file':
      return [toDocument(part, deployment)]
    case 'reasoning':
      return [part.raw as ContentBlockParam]
    case 'tool-call': {
      const blocks = computer.get(part.id)
      if (blocks !== undefined) return toCallBlocks(part, blocks, toId)
      return [{ type: 'tool_use', id: toId(part.id), name: part.name, input: part.input }]
    }
    case 'tool-result': {
      const inner = part.content.flatMap(
        (one): NonNullable<Exclude<ToolResultBlockParam['content'], string>> =>
          one.type === 'image'
            ? [toImage(one)]
            : one.text === ''
              ? []
              : [{ type: 'text', text: one.text, ...cacheControl(one.cacheBreakpoint) }],
      )
      const { isError, cacheBreakpoint } = part
      const result = { type: 'tool_result' as const, tool_use_id: toId(part.id), content: inner }
      const whole = { ...result, ...(isError && { is_error: true }), ...cacheControl(cacheBreakpoint) }
      const blocks = computer.get(part.id)
      return blocks === undefined ? [whole] : toResultBlocks(whole, blocks)
    }
  }
}

function toImage(part: ImagePart | ImageUrlPart): ImageBlockParam {
  if (part.type === 'image-url') return { type: 'image', source: { type: 'url', url: part.url } }
  const { mediaType, data, cacheBreakpoint } = part
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data }, ...cacheControl(cacheBreakpoint) }
}

function toDocument({ mediaType, name, data, cacheBreakpoint }: FilePart, deployment: string): ContentBlockParam {
  const title = { ...(name !== undefined && { title: name }), ...cacheControl(cacheBreakpoint) }
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
