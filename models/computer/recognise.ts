import type { ComputerAction } from './action.ts'
import { computerActionSchema } from './action-schema.ts'
import type { ComputerFormatName } from './format.ts'
import { type Fields, isFields } from './reading.ts'

/** What a payload is: our own form, already read, or a vendor's, which the screen is still needed for. */
export type Recognised =
  | { readonly kind: 'action'; readonly action: ComputerAction }
  | { readonly kind: 'vendor'; readonly format: ComputerFormatName }

const geminiLegacy = new Set([
  ...['click_at', 'hover_at', 'type_text_at', 'scroll_document', 'scroll_at', 'key_combination', 'wait_5_seconds', 'open_web_browser'],
  'search',
])
const geminiNew = new Set([
  ...['click', 'double_click', 'triple_click', 'middle_click', 'right_click', 'mouse_down', 'mouse_up', 'move', 'type', 'wait'],
  ...['press_key', 'key_down', 'key_up', 'hotkey', 'take_screenshot', 'scroll'],
])
const geminiShared = new Set(['drag_and_drop', 'navigate', 'go_back', 'go_forward'])
const openAiActions = new Set(['click', 'double_click', 'scroll', 'type', 'wait', 'keypress', 'drag', 'move', 'screenshot'])

/**
 * Whose form a payload has, by its shape alone; `undefined` for what is nobody's.
 *
 * Versions that differ in what they know but not in how they write it cannot be told apart: then the newest is named, which reads the
 * others as well. In which numbers the places are does not show either: the screen says it.
 */
export function recognise(payload: unknown): Recognised | undefined {
  const own = computerActionSchema.safeParse(payload)
  if (own.success) return { kind: 'action', action: own.data }
  const format = formatOf(payload)
  return format === undefined ? undefined : { kind: 'vendor', format }
}

function formatOf(payload: unknown): ComputerFormatName | undefined {
  if (typeof payload === 'string') return ofText(payload)
  if (!isFields(payload)) return undefined
  const { type } = payload
  if (type === 'computer_call') return Array.isArray(payload['actions']) ? 'openai' : 'openai-preview'
  if (type === 'tool_use') return ofToolUse(payload)
  if (isFields(payload['functionCall'])) return ofGemini(payload['functionCall'])
  const called = isFields(payload['function']) ? payload['function'] : payload
  if (called['name'] === 'computer_use') return 'qwen-3'
  if (typeof payload['name'] === 'string') return ofGemini(payload)
  return typeof type === 'string' && openAiActions.has(type) ? 'openai' : undefined
}

function ofToolUse({ name, toolset_name: toolset, input }: Fields): ComputerFormatName | undefined {
  if (toolset === 'computer') return 'anthropic-toolset-20260801'
  return isFields(input) && typeof input['action'] === 'string' && name === 'computer' ? 'anthropic-20251124' : undefined
}

function ofGemini(call: Fields): ComputerFormatName | undefined {
  const { name } = call
  const args = call['args'] ?? call['arguments']
  if (typeof name !== 'string' || !isFields(args)) return undefined
  if (geminiLegacy.has(name)) return 'gemini-2.5'
  if (geminiNew.has(name)) return 'gemini-3.5'
  if (!geminiShared.has(name)) return undefined
  return 'intent' in args ? 'gemini-3.5' : 'gemini-2.5'
}

function ofText(text: string): ComputerFormatName | undefined {
  if (/"name"\s*:\s*"computer_use"/.test(text)) return 'qwen-3'
  return /(?:^|\n)\s*Action:\s*[a-z_]+\s*\(/.test(text) ? 'ui-tars' : undefined
}
