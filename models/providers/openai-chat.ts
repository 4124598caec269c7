import { randomUUID } from 'node:crypto'
import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionChunk,
  ChatCompletionContentPart,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions'
import type { Message, Part, ToolCallPart, ToolResultPart } from '../message.ts'
import { textOf } from '../message.ts'
import type { FinishReason, Usage } from '../outcome.ts'
import { noUsage } from '../outcome.ts'
import type { ModelEvent, ModelFinish, ModelRequest, Provider } from '../provider.ts'
import type { StreamReader } from './answer.ts'
import { type Endpoint, forward } from './endpoint.ts'
import { openaiFailures } from './openai-failures.ts'
import { takesTemperature } from './openai-models.ts'
import { isOwn } from './own-reasoning.ts'
import { isStrictSchema } from './response-schema.ts'
import { streamCall } from './stream-call.ts'
import { brokenCall, type OpenCall, parseArguments } from './tool-arguments.ts'
import { createIdMap, idRuleOf } from './tool-ids.ts'

export interface OpenAIChatOptions {
  endpoint: Endpoint
  secret: string | undefined
  secretVariable: string | undefined
  /** Whether OpenAI itself or Azure answers: others refuse parameters that they do not know. */
  official: boolean
}

/** Chat Completions: OpenAI's, and what vLLM, Ollama, LM Studio, llama.cpp and most other servers speak. */
export function createOpenAIChat({ endpoint, secret, secretVariable, official }: OpenAIChatOptions): Provider {
  return {
    name: endpoint.name,
    format: 'openai-chat',
    send(request, { signal } = {}) {
      const deployment = `${endpoint.name}/${request.model}`
      return streamCall({
        endpoint,
        path: '/chat/completions',
        body: () => toBody(request, deployment, official),
        failures: { deployment, rules: openaiFailures, secret, secretVariable },
        reader: createReader(deployment),
        signal,
      })
    },
    forward: (request, { signal } = {}) => forward(endpoint, request, signal),
  }
}

function toBody(request: ModelRequest, deployment: string, official: boolean): ChatCompletionCreateParamsStreaming {
  const { model, system, messages, tools, toolChoice, maxOutputTokens, responseSchema, temperature, cacheKey, logprobs } = request
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
      }),
    ...(maxOutputTokens !== undefined && (official ? { max_completion_tokens: maxOutputTokens } : { max_tokens: maxOutputTokens })),
    ...(temperature !== undefined && takesTemperature(model) && { temperature }),
    // Models that reason give none, and refuse to be asked, as they refuse a temperature.
    ...(logprobs === true && takesTemperature(model) && { logprobs: true }),
    ...(cacheKey !== undefined && official && { prompt_cache_key: cacheKey }),
    ...(responseSchema !== undefined && {
      response_format: {
        type: 'json_schema' as const,
        json_schema: { name: 'answer', schema: responseSchema, strict: isStrictSchema(responseSchema) },
      },
    }),
  }
}

interface MessageContext {
  deployment: string
  toId: (id: string) => string
  /** Whether the message belongs to the tool loop under way: only there is reasoning wanted back. */
  inLoop: boolean
}

/** What is kept of a turn for the same model, beside the common vocabulary. */
type RawReasoning = { field: 'reasoning_content' | 'reasoning'; text: string } | { callId: string; extra: unknown }

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
  const thought = raws.find((raw) => 'field' in raw)
  return [
    inLoop && calls.length > 0 && thought !== undefined && 'field' in thought ? { ...message, [thought.field]: thought.text } : message,
  ]
}

type Delta = ChatCompletionChunk.Choice.Delta & { reasoning_content?: string | null; reasoning?: string | null }
type CallDelta = ChatCompletionChunk.Choice.Delta.ToolCall & { extra_content?: unknown }

function createReader(deployment: string): StreamReader {
  const calls: (OpenCall & { index: number; extra?: unknown })[] = []
  const argumentLogprobs: number[] = []
  let text = ''
  let reasoning: { field: 'reasoning_content' | 'reasoning'; text: string } | undefined
  let refused = false
  let ended: string | undefined
  let usage: Usage = noUsage
  let servedModel: string | undefined

  const onReasoning = (field: 'reasoning_content' | 'reasoning', delta: string): ModelEvent[] => {
    reasoning = { field, text: (reasoning?.text ?? '') + delta }
    return [{ type: 'reasoning-delta', text: delta }]
  }

  const onCall = (delta: CallDelta): ModelEvent => {
    const index = delta.index ?? calls.length
    let call = calls.findLast((one) => one.index === index)
    // Some servers give every call the same index; another id is another call.
    if (call === undefined || (delta.id && delta.id !== call.id && delta.function?.name)) {
      call = { index, id: delta.id || `call_${randomUUID().replaceAll('-', '')}`, name: delta.function?.name ?? '', text: '' }
      calls.push(call)
    }
    const inputText = delta.function?.arguments ?? ''
    call.text += inputText
    if (delta.extra_content !== undefined) call.extra = delta.extra_content
    return { type: 'tool-call-delta', id: call.id, name: call.name, inputText }
  }

  /** Calls are whole when the answer is: nothing else in the format says so. */
  const complete = (): ToolCallPart[] =>
    calls.flatMap((call) => {
      const input = parseArguments(call.text)
      if (input !== undefined) return [{ type: 'tool-call' as const, id: call.id, name: call.name, input }]
      if (ended === 'length') return []
      throw brokenCall(deployment, call)
    })

  return {
    read(data) {
      const chunk = data as unknown as ChatCompletionChunk
      const events: ModelEvent[] = []
      if (chunk.model) servedModel = chunk.model
      if (chunk.usage) usage = toUsage(chunk.usage)
      const choice = chunk.choices?.[0]
      if (choice === undefined) return events
      const delta: Delta = choice.delta ?? {}
      if (delta.reasoning_content) events.push(...onReasoning('reasoning_content', delta.reasoning_content))
      else if (delta.reasoning) events.push(...onReasoning('reasoning', delta.reasoning))
      const said = delta.content || delta.refusal
      if (said) {
        refused ||= !delta.content
        text += said
        events.push({ type: 'text-delta', text: said })
      }
      for (const call of delta.tool_calls ?? []) events.push(onCall(call))
      if (delta.tool_calls?.some((call) => call.function?.arguments))
        argumentLogprobs.push(...(choice.logprobs?.content ?? []).map(({ logprob }) => logprob))
      if (choice.finish_reason) {
        ended = choice.finish_reason
        events.push(...complete().map((call): ModelEvent => ({ type: 'tool-call', call })))
      }
      return events
    },

    /** Usage follows the finish reason, so the answer ends with the stream. Without a finish reason it was cut. */
    end(): ModelFinish | undefined {
      if (ended === undefined) return undefined
      const made = complete()
      const content: Part[] = []
      if (reasoning !== undefined) content.push({ type: 'reasoning', text: reasoning.text, mintedBy: deployment, raw: reasoning })
      for (const call of calls) {
        if (call.extra === undefined) continue
        content.push({
          type: 'reasoning',
          text: '',
          mintedBy: deployment,
          raw: { callId: call.id, extra: call.extra } satisfies RawReasoning,
        })
      }
      if (text !== '') content.push({ type: 'text', text })
      content.push(...made)
      return {
        type: 'finish',
        finishReason: finishReasonOf(ended, { refused, called: made.length > 0 }),
        rawFinishReason: ended,
        usage,
        servedModel,
        message: { role: 'assistant', content },
        ...(argumentLogprobs.length > 0 && { argumentLogprobs }),
      }
    },
  }
}

function finishReasonOf(raw: string, { refused, called }: { refused: boolean; called: boolean }): FinishReason {
  if (raw === 'length') return 'length'
  if (raw === 'content_filter') return 'content-filter'
  if (called) return 'tool-calls'
  if (raw === 'stop') return refused ? 'refusal' : 'stop'
  return 'other'
}

/** `prompt_tokens` is the total: what was read from and written to the cache is a part of it. */
function toUsage(usage: NonNullable<ChatCompletionChunk['usage']>): Usage {
  const cacheReadTokens = usage.prompt_tokens_details?.cached_tokens ?? 0
  const cacheWriteTokens = usage.prompt_tokens_details?.cache_write_tokens ?? 0
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens ?? 0
  return {
    inputTokens: Math.max(0, usage.prompt_tokens - cacheReadTokens - cacheWriteTokens),
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: usage.completion_tokens ?? 0,
    ...(reasoningTokens > 0 && { reasoningTokens }),
  }
}
