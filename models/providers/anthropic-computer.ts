import type { ContentBlockParam, Tool, ToolResultBlockParam } from '@anthropic-ai/sdk/resources/messages'
import { actionsIn, computerToolName, idOfPart, toVendor } from '../computer/calls.ts'
import type { ComputerFormatName } from '../computer/format.ts'
import { formatFor } from '../computer/format-for.ts'
import { computerFormats } from '../computer/formats/index.ts'
import { ComputerActionError } from '../errors.ts'
import type { ComputerTool, Message, ToolCallPart } from '../message.ts'
import type { ModelRequest } from '../provider.ts'

/** Forms that a model has refused by name. */
export type RefusedForms = ReadonlySet<ComputerFormatName>

/** The form of Anthropic's that a model takes, where the request has a computer for it. */
export function anthropicComputerOf(
  { model, tools }: Pick<ModelRequest, 'model' | 'tools'>,
  refused?: RefusedForms,
): ComputerFormatName | undefined {
  const offered = tools?.some(({ computer }) => computer !== undefined) === true
  const format = offered ? formatFor(model, refused)?.format : undefined
  return format?.startsWith('anthropic-') ? format : undefined
}

const headers: Readonly<Record<string, string>> = {
  'anthropic-20241022': 'computer-use-2024-10-22',
  'anthropic-20250124': 'computer-use-2025-01-24',
  'anthropic-20251124': 'computer-use-2025-11-24',
}

/** The older tools have to be asked for by a header, beside what the rule sets in it. */
export function withComputerHeader(
  request: ModelRequest,
  format: ComputerFormatName | undefined,
): Readonly<Record<string, string>> | undefined {
  const beta = format === undefined ? undefined : headers[format]
  if (beta === undefined) return request.headers
  const others = request.headers?.['anthropic-beta']
  return { ...request.headers, 'anthropic-beta': others === undefined ? beta : `${others},${beta}` }
}

const defaultDisplay = { width: 1280, height: 800 }

/** The vendor's own tool; members that the client's form has no word for are turned off. */
export function toComputerTool({ format: client, environment, display = defaultDisplay }: ComputerTool, format: ComputerFormatName): Tool {
  const { width, height } = display
  const space = { kind: 'pixels', width, height } as const
  const tool = computerFormats[format].tool({ source: display, space, environment }) as Record<string, unknown>
  const isOpenAi = client?.startsWith('openai') === true
  if (isOpenAi && 'enable_zoom' in tool) tool['enable_zoom'] = false
  const configs = Object.fromEntries(unknownToOpenAi.map((name) => [name, { enabled: false }]))
  // The vendor's type of a tool knows those of the client alone.
  return { ...tool, ...(isOpenAi && format === 'anthropic-toolset-20260801' && { configs }) } as unknown as Tool
}

const unknownToOpenAi = ['zoom', 'cursor_position', 'hold_key', 'left_mouse_down', 'left_mouse_up', 'triple_click']

/** Blocks of each call of a computer, by its id. */
export type ComputerBlocks = ReadonlyMap<string, readonly Record<string, unknown>[]>

/**
 * The calls of a conversation in this form: a block for each action. Where the toolset's last action shows nothing and its answer has
 * a picture, a `screenshot` follows, since only that may show one. What has no word in the form stays a call of a function.
 */
export function computerBlocks(messages: readonly Message[], format: ComputerFormatName | undefined): ComputerBlocks {
  const blocks = new Map<string, readonly Record<string, unknown>[]>()
  if (format === undefined) return blocks
  const parts = messages.flatMap(({ content }) => content)
  const shown = new Set(
    parts.flatMap((part) => (part.type === 'tool-result' && part.content.some(({ type }) => type === 'image') ? [part.id] : [])),
  )
  for (const part of parts) {
    if (part.type !== 'tool-call' || part.computer === undefined) continue
    const written = blocksOf(part, format, shown.has(part.id))
    if (written !== undefined) blocks.set(part.id, written)
  }
  return blocks
}

function blocksOf(call: ToolCallPart, format: ComputerFormatName, isShown: boolean): Record<string, unknown>[] | undefined {
  try {
    const actions = actionsIn(call.input)
    const last = actions.at(-1)?.type
    const asks = format === 'anthropic-toolset-20260801' && isShown && last !== 'screenshot' && last !== 'zoom'
    return toVendor(asks ? [...actions, { type: 'screenshot' }] : actions, format) as Record<string, unknown>[]
  } catch (error) {
    if (error instanceof ComputerActionError) return undefined
    throw error
  }
}

export function toCallBlocks(
  { id }: ToolCallPart,
  blocks: readonly Record<string, unknown>[],
  toId: (id: string) => string,
): ContentBlockParam[] {
  return blocks.map((block, index) => ({ ...block, id: idOfPart(toId(id), index) }) as unknown as ContentBlockParam)
}

/** What came of a call belongs to its last action; those before it were done. */
export function toResultBlocks(result: ToolResultBlockParam, blocks: readonly Record<string, unknown>[]): ContentBlockParam[] {
  return blocks.map((block, index): ContentBlockParam => {
    const own = index === blocks.length - 1 ? result : { type: 'tool_result' as const, tool_use_id: '', content: [] }
    const echoed = { ...own, tool_use_id: idOfPart(result.tool_use_id, index) }
    return block['toolset_name'] === undefined ? echoed : ({ ...echoed, toolset_name: computerToolName } as ContentBlockParam)
  })
}
