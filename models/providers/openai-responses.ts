import type {
  FunctionTool,
  Response,
  ResponseCreateParamsStreaming,
  ResponseFunctionCallOutputItem,
  ResponseInputContent,
  ResponseInputItem,
  ResponseOutputItem,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses'
import type { ImagePart, ImageUrlPart, Message, Part, TextPart, ToolResultPart } from '../message.ts'
import type { FinishReason, Usage } from '../outcome.ts'
import { noUsage } from '../outcome.ts'
import type { ModelEvent, ModelRequest, Provider } from '../provider.ts'
import type { StreamReader } from './answer.ts'
import { type Endpoint, forward } from './endpoint.ts'
import { type FailureContext, failureOf } from './failure.ts'
import { openaiFailures } from './openai-failures.ts'
import { mayReason, takesTemperature } from './openai-models.ts'
import { withOwnReasoning } from './own-reasoning.ts'
import { isStrictSchema } from './response-schema.ts'
import { streamCall } from './stream-call.ts'
import { brokenCall, type OpenCall, parseArguments } from './tool-arguments.ts'
import { commonIds, createIdMap } from './tool-ids.ts'

/** The API refuses a smaller limit. */
const leastOutputTokens = 16

export interface OpenAIResponsesOptions {
  endpoint: Endpoint
  secret: string | undefined
  secretVariable: string | undefined
}

/**
 * OpenAI's Responses, without state at OpenAI (`store: false`): reasoning comes back encrypted and goes back as it came.
 */
export function createOpenAIResponses({ endpoint, secret, secretVariable }: OpenAIResponsesOptions): Provider {
  return {
    name: endpoint.name,
    format: 'openai-responses',
    send(request, { signal } = {}) {
      const deployment = `${endpoint.name}/${request.model}`
      const failures = { deployment, rules: openaiFailures, secret, secretVariable }
      return streamCall({
        endpoint,
        path: '/responses',
        body: () => toBody(request, deployment),
        failures,
        reader: createReader(failures),
        signal,
      })
    },
    forward: (request, { signal } = {}) => forward(endpoint, request, signal),
  }
}

function toBody(request: ModelRequest, deployment: string): ResponseCreateParamsStreaming {
  const { model, system, messages, tools, toolChoice, maxOutputTokens, responseSchema, temperature, cacheKey } = request
  const toId = createIdMap(messages, commonIds)
  return {
    model,
    stream: true,
    store: false,
    ...(mayReason(model) && { include: ['reasoning.encrypted_content' as const] }),
    input: messages.flatMap((message) => toItems(message, deployment, toId)),
    ...(system !== undefined && { instructions: system }),
    ...(tools !== undefined && tools.length > 0 && { tools: tools.map(toTool) }),
    ...(toolChoice !== undefined && tools !== undefined && tools.length > 0 && { tool_choice: toToolChoice(toolChoice) }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: Math.max(leastOutputTokens, maxOutputTokens) }),
    ...(temperature !== undefined && takesTemperature(model) && { temperature }),
    ...(cacheKey !== undefined && { prompt_cache_key: cacheKey }),
    ...(responseSchema !== undefined && {
      text: { format: { type: 'json_schema', name: 'answer', schema: responseSchema, strict: isStrictSchema(responseSchema) } },
    }),
  }
}

function toTool({ name, description, inputSchema }: NonNullable<ModelRequest['tools']>[number]): FunctionTool {
  return { type: 'function', name, description, parameters: inputSchema, strict: false }
}

function toToolChoice(choice: NonNullable<ModelRequest['toolChoice']>): NonNullable<ResponseCreateParamsStreaming['tool_choice']> {
  return typeof choice === 'string' ? choice : { type: 'function', name: choice.name }
}

/** Each call and each result is an item of its own; what stands between them stays in order. */
function toItems(message: Message, deployment: string, toId: (id: string) => string): ResponseInputItem[] {
  const items: ResponseInputItem[] = []
  let content: Part[] = []
  const flush = () => {
    if (content.length > 0) items.push(toMessageItem(message.role, content))
    content = []
  }
  for (const part of withOwnReasoning(message.content, deployment)) {
    if (part.type === 'tool-call') {
      flush()
      items.push({ type: 'function_call', call_id: toId(part.id), name: part.name, arguments: JSON.stringify(part.input) })
    } else if (part.type === 'tool-result') {
      flush()
      items.push({ type: 'function_call_output', call_id: toId(part.id), output: toOutput(part) })
    } else if (part.type === 'reasoning') {
      flush()
      items.push(part.raw as ResponseInputItem)
    } else {
      content.push(part)
    }
  }
  flush()
  return items
}

function toMessageItem(role: Message['role'], content: readonly Part[]): ResponseInputItem {
  const [only] = content
  if (content.length === 1 && only?.type === 'text') return { role, content: only.text }
  if (role === 'assistant') return { role, content: content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n') }
  return { role, content: content.map(toContent) }
}

function toContent(part: Part): ResponseInputContent {
  if (part.type === 'image' || part.type === 'image-url') return { type: 'input_image', image_url: imageUrl(part), detail: 'auto' }
  if (part.type === 'file') {
    return { type: 'input_file', filename: part.name ?? 'file', file_data: `data:${part.mediaType};base64,${part.data}` }
  }
  return { type: 'input_text', text: part.type === 'text' ? part.text : '' }
}

function toOutput({ content, isError }: ToolResultPart): string | ResponseFunctionCallOutputItem[] {
  const error: TextPart[] = isError ? [{ type: 'text', text: 'The tool failed:' }] : []
  const parts = [...error, ...content]
  if (parts.every((part) => part.type === 'text')) return parts.map((part) => part.text).join('\n\n')
  return parts.map((part) =>
    part.type === 'text' ? { type: 'input_text', text: part.text } : { type: 'input_image', image_url: imageUrl(part), detail: 'auto' },
  )
}

function imageUrl(part: ImagePart | ImageUrlPart): string {
  return part.type === 'image' ? `data:${part.mediaType};base64,${part.data}` : part.url
}

function createReader(failures: FailureContext): StreamReader {
  const { deployment } = failures
  const calls = new Map<string, OpenCall>()
  const content: Part[] = []
  let refused = false

  const onItem = (item: ResponseOutputItem): ModelEvent[] => {
    if (item.type === 'reasoning') {
      const text = [...item.summary, ...(item.content ?? [])].map((part) => part.text).join('\n\n')
      content.push({ type: 'reasoning', text, mintedBy: deployment, raw: item })
    } else if (item.type === 'message') {
      const text = item.content.map((part) => (part.type === 'refusal' ? part.refusal : part.text)).join('')
      if (text !== '') content.push({ type: 'text', text })
    } else if (item.type === 'function_call') {
      // An answer that ran out of tokens closes its calls half written.
      if (item.status === 'incomplete') return []
      const input = parseArguments(item.arguments)
      if (input === undefined) throw brokenCall(deployment, { id: item.call_id, name: item.name, text: item.arguments })
      const call = { type: 'tool-call' as const, id: item.call_id, name: item.name, input }
      content.push(call)
      return [{ type: 'tool-call', call }]
    }
    return []
  }

  const finish = (response: Response): ModelEvent[] => {
    const { reason, raw } = finishReasonOf(response, { refused, called: content.some((part) => part.type === 'tool-call') })
    return [
      {
        type: 'finish',
        finishReason: reason,
        rawFinishReason: raw,
        usage: toUsage(response.usage),
        servedModel: response.model,
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
          return [{ type: 'text-delta', text: event.delta }]
        case 'response.reasoning_summary_text.delta':
        case 'response.reasoning_text.delta':
          return [{ type: 'reasoning-delta', text: event.delta }]
        case 'response.output_item.added':
          if (event.item.type !== 'function_call') return []
          calls.set(event.item.id ?? event.item.call_id, { id: event.item.call_id, name: event.item.name, text: '' })
          return [{ type: 'tool-call-delta', id: event.item.call_id, name: event.item.name, inputText: '' }]
        case 'response.function_call_arguments.delta': {
          const call = calls.get(event.item_id)
          return call === undefined ? [] : [{ type: 'tool-call-delta', id: call.id, name: call.name, inputText: event.delta }]
        }
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

function finishReasonOf(
  { status, incomplete_details: details }: Response,
  { refused, called }: { refused: boolean; called: boolean },
): { reason: FinishReason; raw: string | undefined } {
  if (status === 'incomplete') {
    const raw = details?.reason
    return { reason: raw === 'max_output_tokens' ? 'length' : raw === 'content_filter' ? 'content-filter' : 'other', raw }
  }
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
