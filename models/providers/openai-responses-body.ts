import type {
  ResponseCreateParamsStreaming,
  ResponseFunctionCallOutputItem,
  ResponseInputContent,
  ResponseInputItem,
  Tool,
} from 'openai/resources/responses/responses'
import type { ComputerFormatName } from '../computer/format.ts'
import type { ImagePart, ImageUrlPart, Message, Part, TextPart, ToolDefinition, ToolResultPart } from '../message.ts'
import type { ModelRequest } from '../provider.ts'
import { type ComputerItems, computerItems, openAiComputerOf, toComputerTool } from './openai-computer.ts'
import { effortOf, mayReason, takesParallelToolCalls, takesTemperature } from './openai-models.ts'
import { withOwnReasoning } from './own-reasoning.ts'
import { isStrictSchema } from './response-schema.ts'
import { commonIds, createIdMap } from './tool-ids.ts'

/** The API refuses a smaller limit. */
const leastOutputTokens = 16

export function toBody(request: ModelRequest, deployment: string): ResponseCreateParamsStreaming {
  const { model, system, messages, tools, toolChoice, maxOutputTokens, responseSchema, temperature, topP, cacheKey } = request
  const effort = effortOf(model, request.reasoning)
  const summary = request.reasoning?.shown === true && effort !== 'none' && mayReason(model) ? { summary: 'auto' as const } : undefined
  return {
    model,
    stream: true,
    store: false,
    ...(mayReason(model) && { include: ['reasoning.encrypted_content' as const] }),
    input: toResponsesItems(messages, deployment, model),
    ...(system !== undefined && { instructions: system }),
    ...(tools !== undefined && tools.length > 0 && { tools: tools.map((tool) => toTool(tool, openAiComputerOf(model))) }),
    ...(toolChoice !== undefined && tools !== undefined && tools.length > 0 && { tool_choice: toToolChoice(toolChoice, tools, model) }),
    ...(maxOutputTokens !== undefined && { max_output_tokens: Math.max(leastOutputTokens, maxOutputTokens) }),
    ...(temperature !== undefined && takesTemperature(model) && { temperature }),
    ...(topP !== undefined && takesTemperature(model) && { top_p: topP }),
    ...((effort !== undefined || summary !== undefined) && { reasoning: { ...(effort !== undefined && { effort }), ...summary } }),
    ...(request.parallelToolCalls === false && tools !== undefined && takesParallelToolCalls(model) && { parallel_tool_calls: false }),
    ...(cacheKey !== undefined && { prompt_cache_key: cacheKey }),
    // The older computer refuses a request without it.
    ...(openAiComputerOf(model) === 'openai-preview' && tools?.some(({ computer }) => computer) && { truncation: 'auto' as const }),
    ...(responseSchema !== undefined && {
      text: { format: { type: 'json_schema', name: 'answer', schema: responseSchema, strict: isStrictSchema(responseSchema) } },
    }),
  }
}

function toTool({ name, description, inputSchema, computer }: ToolDefinition, format: ComputerFormatName | undefined): Tool {
  if (computer !== undefined && format !== undefined) return toComputerTool(computer, format)
  return { type: 'function', name, description, parameters: inputSchema, strict: false }
}

function toToolChoice(
  choice: NonNullable<ModelRequest['toolChoice']>,
  tools: readonly ToolDefinition[],
  model: string,
): NonNullable<ResponseCreateParamsStreaming['tool_choice']> {
  const format = openAiComputerOf(model)
  const isComputer = typeof choice !== 'string' && tools.some(({ name, computer }) => computer !== undefined && name === choice.name)
  if (isComputer && format !== undefined) return { type: format === 'openai' ? 'computer' : 'computer_use_preview' }
  return typeof choice === 'string' ? choice : { type: 'function', name: choice.name }
}

/** A conversation as Responses has it, for this deployment. */
export function toResponsesItems(messages: readonly Message[], deployment: string, model: string): ResponseInputItem[] {
  const toId = createIdMap(messages, commonIds)
  const computer = computerItems(messages, openAiComputerOf(model), toId)
  return messages.flatMap((message) => toItems(message, { deployment, toId, computer }))
}

interface ItemContext {
  readonly deployment: string
  readonly toId: (id: string) => string
  readonly computer: ComputerItems
}

/** Each call and each result is an item of its own; what stands between them stays in order. */
function toItems(message: Message, { deployment, toId, computer }: ItemContext): ResponseInputItem[] {
  const items: ResponseInputItem[] = []
  let content: Part[] = []
  const flush = () => {
    if (content.length > 0) items.push(toMessageItem(message.role, content))
    content = []
  }
  for (const part of withOwnReasoning(message.content, deployment)) {
    if (part.type === 'tool-call') {
      flush()
      const own = computer.calls.get(part.id)
      if (own !== undefined) items.push(...own)
      else items.push({ type: 'function_call', call_id: toId(part.id), name: part.name, arguments: JSON.stringify(part.input) })
    } else if (part.type === 'tool-result') {
      flush()
      const own = computer.results.get(part.id)
      if (own !== undefined) items.push(...own)
      else items.push({ type: 'function_call_output', call_id: toId(part.id), output: toOutput(part) })
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
