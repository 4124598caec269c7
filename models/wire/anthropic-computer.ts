import { actionsIn, computerTool, computerToolName, fromVendor, idOfPart, toVendor } from '../computer/calls.ts'
import type { ComputerFormatName } from '../computer/format.ts'
import { ComputerActionError } from '../errors.ts'
import type { ToolCallPart, ToolDefinition } from '../message.ts'
import { cacheMark } from './anthropic-cache-mark.ts'
import { countAt, type Fields, isAbsent, noteOthers } from './fields.ts'

const formats: Readonly<Record<string, ComputerFormatName>> = {
  computer_20241022: 'anthropic-20241022',
  computer_20250124: 'anthropic-20250124',
  computer_20251124: 'anthropic-20251124',
  computer_toolset_20260801: 'anthropic-toolset-20260801',
}

const known = new Set(['type', 'name', 'display_width_px', 'display_height_px', 'enable_zoom', 'cache_control', 'allowed_callers'])

/** One of the vendor's tools for a computer; `undefined` for its others. */
export function readComputerTool(tool: Fields, field: string, untranslated: Set<string>): ToolDefinition | undefined {
  const { type, display_width_px: width, display_height_px: height } = tool
  const format = typeof type === 'string' && Object.hasOwn(formats, type) ? formats[type] : undefined
  if (format === undefined) return undefined
  noteOthers(tool, known, `tools[](${type})`, untranslated)
  const sized = !isAbsent(width) && !isAbsent(height)
  const display = sized
    ? { width: countAt(width, 1, `${field}.display_width_px`), height: countAt(height, 1, `${field}.display_height_px`) }
    : undefined
  // Which system it is, the vendor is not told.
  return { ...computerTool({ format, environment: 'linux', display }), ...cacheMark(tool, field) }
}

/** A call of a computer, or `undefined` for one of anything else, and for one that no form has: then it is a call as any other. */
export function readComputerCall(block: Fields, id: string, format: ComputerFormatName | undefined): ToolCallPart | undefined {
  const isMember = block['toolset_name'] === computerToolName
  if (!isMember && (format === undefined || block['name'] !== computerToolName)) return undefined
  try {
    return fromVendor(block, id, isMember ? 'anthropic-toolset-20260801' : (format ?? 'anthropic-20251124'))
  } catch (error) {
    if (error instanceof ComputerActionError) return undefined
    throw error
  }
}

/** A call as the client has it: one for each action of a computer. */
export interface ClientCall {
  readonly id: string
  readonly name: string
  readonly input: Record<string, unknown>
  readonly toolset_name?: string
}

/**
 * Calls in the form that the client declared. To the toolset's client a screenshot is added where the actions end with none: what
 * another vendor's model expects after its actions, no other member shows.
 */
export function toClientCalls(call: ToolCallPart, tools: readonly ToolDefinition[]): ClientCall[] {
  const format = tools.find(({ computer }) => computer !== undefined)?.computer?.format
  if (call.computer === undefined || format === undefined) return [{ id: call.id, name: call.name, input: call.input }]
  const actions = actionsIn(call.input)
  const last = actions.at(-1)?.type
  const isSilent = format === 'anthropic-toolset-20260801' && last !== 'screenshot' && last !== 'zoom'
  const written = toVendor(isSilent ? [...actions, { type: 'screenshot' }] : actions, format)
  return written.map((one, index) => ({ ...(one as Omit<ClientCall, 'id'>), id: idOfPart(call.id, index) }))
}
