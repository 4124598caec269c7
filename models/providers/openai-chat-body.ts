import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions'
import type { Message, Part, ToolResultPart } from '../message.ts'
import { textOf } from '../message.ts'
import type { ModelRequest } from '../provider.ts'
import { effortOf, takesParallelToolCalls, takesTemperature } from './openai-models.ts'
import { isOwn } from './own-reasoning.ts'
import { isStrictSchema } from './response-schema.ts'
import { createIdMap, idRuleOf } from './tool-ids.ts'

export function toBody(request: ModelRequest, deployment: string, official: boolean): ChatCompletionCreateParamsStreaming {
  const { model, system, messages, tools, toolChoice, maxOutputTokens, responseSchema, cacheKey } = request
  const effort = effortOf(model, request.reasoning)
  const toId = createIdMap(messages, idRuleOf(model))
  const lastAsked = messages.findLastIndex(({ role, content }) => role === 'user' && content.some((part) => part.type !== 'tool-result'))
  const sent = messages.flatMap((message, index) => toMessages(message, { deployment, toId, inLoop: index > lastAsked }))
  return {
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: system === undefined ? sent : [{ role: 'system', content: system }, ...sent],
    ...(tools !== undefined &&
      tools.length > 0 && {
        tools: tools.map(({ name, description, inputSchema }) => ({
          type: 'function' as const,
          function: { name, description, parameters: inputSchema },
        })),
        ...(toolChoice !== undefined && {
          tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function' as const, function: { name: toolChoice.name } },
        }),
        ...(request.parallelToolCalls === false && takesParallelToolCalls(model) && { parallel_tool_calls: false }),
      }),
    ...(maxOutputTokens !== undefined && (official ? { max_completion_tokens: maxOutputTokens } : { max_tokens: maxOutputTokens })),
    ...(takesTemperature(model) && sampling(request)),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(cacheKey !== undefined && official && { prompt_cache_key: cacheKey }),
    ...(responseSchema !== undefined && {
      response_format: {
        type: 'json_schema' as const,
        json_schema: { name: 'answer', schema: responseSchema, strict: isStrictSchema(responseSchema) },
      },
    }),
  }
}

/** What models that reason refuse to be told, log-probabilities among it: they give none. */
function sampling({ temperature, topP, stopSequences, logprobs }: ModelRequest): Partial<ChatCompletionCreateParamsStreaming> {
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(stopSequences !== undefined && stopSequences.length > 0 && { stop: [...stopSequences] }),
    ...(logprobs === true && { logprobs: true }),
  }
}

interface MessageContext {
  deployment: string
  toId: (id: string) => string
  /** Whether the message belongs to the tool loop under way: only there is reasoning wanted back. */
  inLoop: boolean
}

/** What is kept of a turn for the same model, beside the common vocabulary. */
export type RawReasoning = RawThought | { callId: string; extra: unknown }

/** A field of the turn. OpenRouter's list may be signed or encrypted, with a text beside it that is shown. */
export type RawThought =
  | { field: 'reasoning_content' | 'reasoning'; text: string }
  | { field: 'reasoning_details'; value: Record<string, unknown>[]; text: string }

function toMessages(message: Message, context: MessageContext): ChatCompletionMessageParam[] {
  if (message.role === 'assistant') return toAssistant(message.content, context)
  const results = message.content.filter((part) => part.type === 'tool-result')
  const rest = message.content.filter((part) => part.type !== 'tool-result')
  const answers = results.map((part): ChatCompletionMessageParam => {
    const text = part.isError ? `The tool failed: ${textOf(part.content)}` : textOf(part.content)
    return { role: 'tool', tool_call_id: context.toId(part.id), content: text }
  })
  const content = [...results.flatMap(imagesOf), ...rest.flatMap(toContent)]
  if (content.length === 0) return answers
  const [only] = content
  return [...answers, { role: 'user', content: content.length === 1 && only?.type === 'text' ? only.text : content }]
}

/** A tool message holds text alone, so a tool's images follow in the user's message. */
function imagesOf(part: ToolResultPart): ChatCompletionContentPart[] {
  const images = part.content.filter((inner) => inner.type === 'image')
  if (images.length === 0) return []
  return [
    { type: 'text', text: `${images.length === 1 ? 'Image' : 'Images'} that the tool ${part.name} returned:` },
    ...images.flatMap(toContent),
  ]
}

function toContent(part: Part): ChatCompletionContentPart[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }]
    case 'image':
      return [{ type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.data}` } }]
    case 'image-url':
      return [{ type: 'image_url', image_url: { url: part.url } }]
    case 'file':
      return [toFile(part.mediaType, part.name ?? 'file', part.data)]
    default:
      return []
  }
}

/** The format takes PDF files alone; what is text goes as text. */
function toFile(mediaType: string, name: string, data: string): ChatCompletionContentPart {
  if (/^text\/|[/+](?:json|xml|yaml)$/.test(mediaType)) {
    return { type: 'text', text: `File "${name}":\n\n${Buffer.from(data, 'base64').toString('utf8')}` }
  }
  return { type: 'file', file: { filename: name, file_data: `data:${mediaType};base64,${data}` } }
}

function toAssistant(content: readonly Part[], { deployment, toId, inLoop }: MessageContext): ChatCompletionMessageParam[] {
  const raws = content.flatMap((part) => (part.type === 'reasoning' && isOwn(part, deployment) ? [part.raw as RawReasoning] : []))
  const calls = content
    .filter((part) => part.type === 'tool-call')
    .map((part): ChatCompletionMessageFunctionToolCall & { extra_content?: unknown } => {
      const kept = raws.find((raw) => 'callId' in raw && raw.callId === part.id)
      return {
        id: toId(part.id),
        type: 'function',
        function: { name: part.name, arguments: JSON.stringify(part.input) },
        ...(kept !== undefined && 'extra' in kept && { extra_content: kept.extra }),
      }
    })
  const text = textOf(content)
  if (text === '' && calls.length === 0) return []
  const message: ChatCompletionAssistantMessageParam = { role: 'assistant', content: text === '' ? null : text }
  if (calls.length > 0) message.tool_calls = calls
  return [{ ...message, ...thoughtOf(raws, inLoop && calls.length > 0) }]
}

/** OpenRouter wants its list back in each turn, and the servers that know a text alone want it in a tool loop only. */
function thoughtOf(raws: readonly RawReasoning[], inLoop: boolean): Record<string, unknown> {
  const thoughts = raws.filter((raw) => 'field' in raw)
  const details = thoughts.flatMap((raw) => (raw.field === 'reasoning_details' ? raw.value : []))
  if (details.length > 0) return { reasoning_details: details }
  const [first] = thoughts
  return inLoop && first !== undefined ? { [first.field]: thoughts.map((raw) => raw.text).join('') } : {}
}
