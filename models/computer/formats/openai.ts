import type { ComputerAction, MouseButton, Point } from '../action.ts'
import type { ComputerFormat, ComputerFormatName, Environment, ParsedCall, Screen } from '../format.ts'
import { toOpenAiKey } from '../key-spellings.ts'
import { type Fields, fieldsOf, keysOf, numberOf, pointOf, refusal, textOf, wordOf, writtenPoint } from '../reading.ts'
import { readOpenAiChecks } from '../safety.ts'
import { fromSource, sizeOf, toSource } from '../space.ts'
import { endsOf, noWord, scrollPixels, typingSteps, writeEach } from '../writing.ts'

type OpenAiName = Extract<ComputerFormatName, `openai${string}`>

/** How long its `wait` is nowhere says; its own sample waits so long. */
const waitMs = 1000

/** `computer-use-preview`: one action a call. */
export const openAiPreview: ComputerFormat = {
  name: 'openai-preview',
  tool({ space, environment }) {
    const { width, height } = sizeOf(space)
    return { type: 'computer_use_preview', display_width: width, display_height: height, environment: environments[environment] }
  },
  parse: parseCall,
  format: (blocks, screen) =>
    writeEach(blocks, screen, ({ action }, pointer) =>
      write(action, pointer, 'openai-preview', screen).map((one) => ({
        type: 'computer_call',
        action: one,
        pending_safety_checks: [],
      })),
    ),
}

/** GPT-5.4 and later: `actions`, and keys that are held meanwhile. */
export const openAi: ComputerFormat = {
  name: 'openai',
  tool: () => ({ type: 'computer' }),
  parse: parseCall,
  format(blocks, screen) {
    const actions = writeEach(blocks, screen, ({ action }, pointer) => write(action, pointer, 'openai', screen))
    return actions.length === 0 ? [] : [{ type: 'computer_call', actions, pending_safety_checks: [] }]
  },
}

const environments: Readonly<Record<Environment, string>> = {
  browser: 'browser',
  windows: 'windows',
  mac: 'mac',
  linux: 'ubuntu',
  // It knows none of phones.
  mobile: 'browser',
}

/** An item `computer_call`, or one of its actions alone. */
function parseCall(call: unknown, screen: Screen): ParsedCall {
  const item = fieldsOf(call, 'the call')
  const actions = item['type'] === 'computer_call' ? actionsOf(item) : [item]
  return {
    blocks: actions.map((action) => ({ action: read(fieldsOf(action, 'action'), screen), raw: call })),
    safetyChecks: item['type'] === 'computer_call' ? readOpenAiChecks(item['pending_safety_checks']) : [],
  }
}

/** Both are there in some answers: then the list says more. */
function actionsOf({ actions, action }: Fields): readonly unknown[] {
  if (Array.isArray(actions)) return actions
  if (actions !== undefined && actions !== null) throw refusal('actions', 'a list', actions)
  return [action]
}

const buttons: Readonly<Record<string, MouseButton>> = { left: 'left', right: 'right', wheel: 'middle', back: 'back', forward: 'forward' }

function read(action: Fields, screen: Screen): ComputerAction {
  const type = textOf(action['type'], 'action type')
  const at = () => pointOf(action['x'], action['y'], type, screen)
  const modifiers = () => keysOf(action['keys'], `${type} keys`)
  switch (type) {
    case 'click': {
      const button = wordOf(action['button'] ?? 'left', 'click button', Object.keys(buttons))
      return { type: 'click', at: at(), button: buttons[button] ?? 'left', count: 1, modifiers: modifiers() }
    }
    case 'double_click':
      return { type: 'click', at: at(), button: 'left', count: 2, modifiers: modifiers() }
    case 'move':
      if (modifiers().length > 0) throw refusal('move keys', 'absent: a pointer that only moves holds no keys', action['keys'])
      return { type: 'move', at: at() }
    case 'drag':
      return { type: 'drag', path: readPath(action['path'], screen), modifiers: modifiers() }
    case 'scroll': {
      const [dx, dy] = [numberOf(action['scroll_x'] ?? 0, 'scroll scroll_x'), numberOf(action['scroll_y'] ?? 0, 'scroll scroll_y')]
      const scaled = toSource({ x: dx, y: dy }, screen.space, screen.source)
      return { type: 'scroll', at: at(), dx: scaled.x, dy: scaled.y, unit: 'pixel', modifiers: modifiers() }
    }
    case 'type':
      return { type: 'type', text: textOf(action['text'], 'type text') }
    case 'keypress': {
      const keys = keysOf(action['keys'], 'keypress keys')
      if (keys.length === 0) throw refusal('keypress keys', 'at least one key', action['keys'])
      return { type: 'key', keys }
    }
    case 'wait':
      return { type: 'wait', ms: waitMs }
    case 'screenshot':
      return { type: 'screenshot' }
    default:
      throw refusal('action type', 'one of OpenAI’s', type)
  }
}

function readPath(value: unknown, screen: Screen): Point[] {
  if (!Array.isArray(value) || value.length < 2) throw refusal('drag path', 'a list of at least two points', value)
  return value.map((one, index) => {
    const { x, y } = fieldsOf(one, `drag path[${index}]`)
    return pointOf(x, y, `drag path[${index}]`, screen)
  })
}

function write(action: ComputerAction, pointer: Point | undefined, format: OpenAiName, screen: Screen): Fields[] {
  const place = (at: Point | undefined) => {
    const point = at ?? pointer
    if (point === undefined) throw noWord(format, `${action.type} where the pointer is, and nobody knows where that is`)
    return writtenPoint(point, screen)
  }
  const keys = (names: readonly string[]) => names.map((name) => toOpenAiKey(name, screen.environment))
  const held = (modifiers: readonly string[]) => {
    if (modifiers.length > 0 && format === 'openai-preview') throw noWord(format, 'keys that are held while the mouse is used')
    return modifiers.length === 0 ? {} : { keys: keys(modifiers) }
  }
  switch (action.type) {
    case 'click': {
      const { button, count, at, modifiers } = action
      const name = Object.keys(buttons).find((one) => buttons[one] === button)
      if (count === 1) return [{ type: 'click', button: name, ...place(at), ...held(modifiers) }]
      if (count === 2 && button === 'left') return [{ type: 'double_click', ...place(at), ...held(modifiers) }]
      throw noWord(format, `${count} clicks of the ${button} button`)
    }
    case 'move':
      return [{ type: 'move', ...place(action.at) }]
    case 'drag': {
      const path = action.path.length > 1 ? action.path : Object.values(endsOf(action, pointer, format))
      return [{ type: 'drag', path: path.map((point) => writtenPoint(point, screen)), ...held(action.modifiers) }]
    }
    case 'scroll': {
      const { dx, dy } = scrollPixels(action)
      const { x, y } = fromSource({ x: dx, y: dy }, screen.space, screen.source)
      return [{ type: 'scroll', ...place(action.at), scroll_x: whole(x), scroll_y: whole(y), ...held(action.modifiers) }]
    }
    case 'type':
      if (action.at === undefined && !action.clear && !action.submit) return [{ type: 'type', text: action.text }]
      return typingSteps(action, screen.environment).flatMap((one) => write(one, pointer, format, screen))
    case 'key':
      if (action.holdMs !== undefined) throw noWord(format, 'keys that are held for a time')
      return Array.from({ length: action.repeat ?? 1 }, () => ({ type: 'keypress', keys: keys(action.keys) }))
    case 'wait':
      return [{ type: 'wait' }]
    case 'screenshot':
      return [{ type: 'screenshot' }]
    default:
      throw noWord(format, action.type)
  }
}

/** Without the sign of a zero, which JSON loses. */
function whole(value: number): number {
  return Math.round(value) + 0
}
