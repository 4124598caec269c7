import type { ResponseComputerToolCall } from 'openai/resources/responses/responses'
import { actionsIn, computerTool, computerToolName, fromVendor, idOfPart, toVendor } from '../computer/calls.ts'
import type { Environment } from '../computer/format.ts'
import { readOpenAiChecks, toClientChecks } from '../computer/safety.ts'
import { ComputerActionError } from '../errors.ts'
import type { ImagePart, ToolCallPart, ToolDefinition, ToolResultPart } from '../message.ts'
import { countAt, type Fields, fieldsAt, mismatch, noteOthers, optionalText } from './fields.ts'
import { imageOf } from './openai-content.ts'

const environments: Readonly<Record<string, Environment>> = {
  browser: 'browser',
  mac: 'mac',
  windows: 'windows',
  ubuntu: 'linux',
  linux: 'linux',
}
const known = new Set(['type', 'display_width', 'display_height', 'environment'])

/** One of the vendor's tools for a computer; `undefined` for its others. */
export function readComputerTool(tool: Fields, at: string, untranslated: Set<string>): ToolDefinition | undefined {
  const { type } = tool
  if (type !== 'computer' && type !== 'computer_use_preview') return undefined
  noteOthers(tool, known, `tools.${type}`, untranslated)
  if (type === 'computer') return computerTool({ format: 'openai', environment: 'browser' })
  const environment = optionalText(tool['environment'], `${at}.environment`) ?? 'browser'
  return computerTool({
    format: 'openai-preview',
    environment: environments[environment] ?? 'browser',
    display: {
      width: countAt(tool['display_width'], 1, `${at}.display_width`),
      height: countAt(tool['display_height'], 1, `${at}.display_height`),
    },
  })
}

/** One that cannot be read is a call as any other: a model wrote it once, and it was answered. */
export function readComputerCall(item: Fields, id: string): ToolCallPart {
  const { actions, action } = item
  try {
    return fromVendor(item, id, Array.isArray(actions) ? 'openai' : 'openai-preview')
  } catch (error) {
    if (!(error instanceof ComputerActionError)) throw error
    return { type: 'tool-call', id, name: computerToolName, input: { actions: actions ?? [action] } }
  }
}

/** The screenshot after a call, and which checks the client says that somebody acknowledged. */
export function readComputerOutput(item: Fields, id: string, at: string, untranslated: Set<string>): ToolResultPart {
  const output = fieldsAt(item['output'], `${at}.output`)
  const url = output['image_url']
  const image = typeof url === 'string' ? imageOf(url, `${at}.output.image_url`) : undefined
  // What lies at the vendor or elsewhere, no other model can be shown as what a tool returned.
  if (image?.type !== 'image') untranslated.add('input[].output(computer_screenshot)')
  const content: ImagePart[] = image?.type === 'image' ? [image] : []
  const address = optionalText(output['current_url'], `${at}.output.current_url`)
  return {
    type: 'tool-result',
    id,
    name: computerToolName,
    content: [...(address === undefined ? [] : [{ type: 'text' as const, text: `Address: ${address}` }]), ...content],
    isError: item['status'] === 'failed',
    computer: { acknowledged: checksAt(item['acknowledged_safety_checks'], `${at}.acknowledged_safety_checks`) },
  }
}

function checksAt(value: unknown, field: string) {
  try {
    return readOpenAiChecks(value)
  } catch (error) {
    if (error instanceof ComputerActionError) throw mismatch(field, 'a list of checks with their ids', value)
    throw error
  }
}

/** The items of a call for a client that offered a computer; `undefined` for calls of anything else. */
export function toComputerItems(
  call: ToolCallPart,
  tools: readonly ToolDefinition[],
  itemIdAt: (index: number) => string,
): ResponseComputerToolCall[] | undefined {
  const format = tools.find(({ computer }) => computer !== undefined)?.computer?.format
  if (call.computer === undefined || (format !== 'openai' && format !== 'openai-preview')) return undefined
  const checks = toClientChecks(call.computer.safetyChecks)
  return toVendor(actionsIn(call.input), format).map((one, index) => ({
    ...(one as Pick<ResponseComputerToolCall, 'action' | 'actions'>),
    id: itemIdAt(index),
    type: 'computer_call',
    call_id: idOfPart(call.id, index),
    pending_safety_checks: index === 0 ? checks : [],
    status: 'completed',
  }))
}
