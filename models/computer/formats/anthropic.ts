import type { ActionBlock, ComputerFormat, ParsedCall, Screen } from '../format.ts'
import { fieldsOf, refusal, textOf } from '../reading.ts'
import { sizeOf } from '../space.ts'
import { writeEach } from '../writing.ts'
import { readMember, writeMembers } from './anthropic-members.ts'

const first = [
  ...['key', 'type', 'mouse_move', 'left_click', 'left_click_drag', 'right_click', 'middle_click', 'double_click'],
  ...['screenshot', 'cursor_position'],
]
const second = [...first, 'scroll', 'hold_key', 'wait', 'triple_click', 'left_mouse_down', 'left_mouse_up']
const third = [...second, 'zoom']

/** The single tool `computer`, of which each version knows what the one before did and more. */
export const anthropic20241022 = singleTool('anthropic-20241022', 'computer_20241022', first)
export const anthropic20250124 = singleTool('anthropic-20250124', 'computer_20250124', second)
export const anthropic20251124 = singleTool('anthropic-20251124', 'computer_20251124', third)

const toolsetName = 'computer'

/** A tool for each action, told apart from the client's own by `toolset_name`. Screens are not declared. */
export const anthropicToolset: ComputerFormat = {
  name: 'anthropic-toolset-20260801',
  tool: () => ({ type: 'computer_toolset_20260801' }),
  parse(call, screen) {
    const block = fieldsOf(call, 'the call')
    if (block['toolset_name'] !== toolsetName) throw refusal('toolset_name', `"${toolsetName}"`, block['toolset_name'])
    return parsed(readMember(textOf(block['name'], 'name'), fieldsOf(block['input'], 'input'), screen), call)
  },
  format: (blocks, screen) =>
    writeEach(blocks, screen, (block, pointer) =>
      writeMembers(block, pointer, { format: 'anthropic-toolset-20260801', members: new Set(third), screen }).map(({ name, input }) => ({
        type: 'tool_use',
        name,
        toolset_name: toolsetName,
        input,
      })),
    ),
}

/** What Anthropic asks every block to be answered with that comes after a failed one of the same turn. */
export const notExecuted = 'Not executed: an earlier computer action in this turn failed.'

type SingleTool = 'anthropic-20241022' | 'anthropic-20250124' | 'anthropic-20251124'

function singleTool(name: SingleTool, type: string, words: readonly string[]): ComputerFormat {
  const members = new Set(words)
  return {
    name,
    tool({ space }: Screen) {
      const { width, height } = sizeOf(space)
      const zoom = members.has('zoom') ? { enable_zoom: true } : {}
      return { type, name: toolsetName, display_width_px: width, display_height_px: height, ...zoom }
    },
    parse(call, screen) {
      const input = fieldsOf(fieldsOf(call, 'the call')['input'], 'input')
      return parsed(readMember(textOf(input['action'], 'action'), input, screen), call)
    },
    format: (blocks, screen) =>
      writeEach(blocks, screen, (block, pointer) =>
        writeMembers(block, pointer, { format: name, members, screen }).map(({ name: action, input }) => ({
          type: 'tool_use',
          name: toolsetName,
          input: { action, ...input },
        })),
      ),
  }
}

function parsed(actions: readonly ActionBlock['action'][], raw: unknown): ParsedCall {
  return { blocks: actions.map((action) => ({ action, raw })), safetyChecks: [] }
}
