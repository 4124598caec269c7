import type { ClickAction, ComputerAction, Point } from '../action.ts'
import type { ComputerFormat, ComputerFormatName, Screen } from '../format.ts'
import { toShortKey } from '../key-spellings.ts'
import {
  type Fields,
  fieldsOf,
  isFields,
  keysOf,
  numberOf,
  numberWithin,
  optionalPair,
  pairOf,
  refusal,
  textOf,
  wordOf,
  writtenPair,
} from '../reading.ts'
import { sizeOf } from '../space.ts'
import { endsOf, noWord, scrollPixels, typingSteps, writeEach } from '../writing.ts'

type QwenName = Extract<ComputerFormatName, `qwen${string}`>

const first = [
  ...['key', 'type', 'mouse_move', 'left_click', 'left_click_drag', 'right_click', 'middle_click', 'double_click'],
  ...['scroll', 'wait', 'terminate'],
]

/** Qwen 2 and 2.5: pixels of their own resized picture. */
export const qwen25 = qwen('qwen-2.5', first)
/** Qwen 3 and later: a grid of 0 to 1000. */
export const qwen3 = qwen('qwen-3', [...first, 'triple_click', 'hscroll', 'answer'])

const qwenToolName = 'computer_use'

function qwen(name: QwenName, words: readonly string[]): ComputerFormat {
  const known = new Set(words)
  return {
    name,
    tool: ({ space }) => ({ type: 'function', function: { name: qwenToolName, ...qwenFunction(space, words) } }),
    parse(call, screen) {
      return { blocks: [{ action: read(argumentsOf(call), screen), raw: call }], safetyChecks: [] }
    },
    format: (blocks, screen) =>
      writeEach(blocks, screen, ({ action }, pointer) =>
        write(action, pointer, name, screen).map((args) => {
          if (!known.has(String(args['action']))) throw noWord(name, String(args['action']))
          return { name: qwenToolName, arguments: args }
        }),
      ),
  }
}

/** What the model is told of the tool, in the words of Qwen's cookbook where they matter. */
function qwenFunction(space: Screen['space'], words: readonly string[]): { description: string; parameters: Fields } {
  const { width, height } = sizeOf(space)
  return {
    description:
      'Use a mouse and keyboard to interact with a computer, and take screenshots. ' +
      `The screen's resolution is ${width}x${height}. Click the centre of an element, not its edges.`,
    parameters: {
      type: 'object',
      required: ['action'],
      properties: {
        action: { type: 'string', enum: words, description: 'The action to perform' },
        keys: { type: 'array', items: { type: 'string' }, description: 'Required only by `action=key`' },
        text: { type: 'string', description: 'Required only by `action=type` and `action=answer`' },
        coordinate: {
          type: 'array',
          items: { type: 'number' },
          description: '(x, y): from the left and from the top edge. For `action=left_click_drag` where the drag ends',
        },
        pixels: { type: 'number', description: 'How far to scroll: positive values scroll up, negative values scroll down' },
        time: { type: 'number', description: 'Seconds to wait. Required only by `action=wait`' },
        status: { type: 'string', enum: ['success', 'failure'], description: 'Required only by `action=terminate`' },
      },
    },
  }
}

/** `{name, arguments}`, a call in the form of Chat Completions, or the text that the model itself wrote. */
function argumentsOf(call: unknown): Fields {
  const outer = typeof call === 'string' ? jsonIn(call) : fieldsOf(call, 'the call')
  const inner = isFields(outer['function']) ? outer['function'] : outer
  const args = inner['arguments']
  return fieldsOf(typeof args === 'string' ? json(args, 'arguments') : args, 'arguments')
}

function jsonIn(text: string): Fields {
  const [from, to] = [text.indexOf('{'), text.lastIndexOf('}')]
  return fieldsOf(json(text.slice(Math.max(from, 0), to + 1), 'the call'), 'the call')
}

function json(text: string, at: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw refusal(at, 'JSON', text, { cause })
  }
}

const clicks: Readonly<Record<string, Pick<ClickAction, 'button' | 'count'>>> = {
  left_click: { button: 'left', count: 1 },
  right_click: { button: 'right', count: 1 },
  middle_click: { button: 'middle', count: 1 },
  double_click: { button: 'left', count: 2 },
  triple_click: { button: 'left', count: 3 },
}

function read(args: Fields, screen: Screen): ComputerAction {
  const name = textOf(args['action'], 'action')
  const at = optionalPair(args['coordinate'], `${name} coordinate`, screen)
  const click = Object.hasOwn(clicks, name) ? clicks[name] : undefined
  if (click !== undefined) return { type: 'click', ...(at !== undefined && { at }), ...click, modifiers: [] }
  switch (name) {
    case 'key': {
      const keys = keysOf(args['keys'], 'key keys')
      if (keys.length === 0) throw refusal('key keys', 'at least one key', args['keys'])
      return { type: 'key', keys }
    }
    case 'type':
      return { type: 'type', text: textOf(args['text'], 'type text') }
    case 'mouse_move':
      return { type: 'move', at: pairOf(args['coordinate'], `${name} coordinate`, screen) }
    // It says only where it ends: it begins where the pointer is.
    case 'left_click_drag':
      return { type: 'drag', path: [pairOf(args['coordinate'], `${name} coordinate`, screen)], modifiers: [] }
    case 'scroll':
      return {
        type: 'scroll',
        ...(at !== undefined && { at }),
        dx: 0,
        dy: 0 - numberOf(args['pixels'], 'scroll pixels'),
        unit: 'pixel',
        modifiers: [],
      }
    // Its sides are nowhere said; pyautogui, which the model was trained on, scrolls to the right for what is positive.
    case 'hscroll':
      return {
        type: 'scroll',
        ...(at !== undefined && { at }),
        dx: numberOf(args['pixels'], 'hscroll pixels'),
        dy: 0,
        unit: 'pixel',
        modifiers: [],
      }
    case 'wait':
      return { type: 'wait', ms: numberWithin(args['time'], 'wait time', [0, 3600]) * 1000 }
    case 'terminate':
      return { type: 'finish', status: wordOf(args['status'], 'terminate status', ['success', 'failure']) }
    case 'answer':
      return { type: 'finish', status: 'success', text: textOf(args['text'], 'answer text') }
    default:
      throw refusal('the action', 'one of Qwen’s', name)
  }
}

function write(action: ComputerAction, pointer: Point | undefined, format: QwenName, screen: Screen): Fields[] {
  const moved = (at: Point | undefined) => (at === undefined ? [] : [{ action: 'mouse_move', coordinate: writtenPair(at, screen) }])
  switch (action.type) {
    case 'click': {
      const { button, count, at, modifiers } = action
      const name = Object.keys(clicks).find((one) => clicks[one]?.button === button && clicks[one]?.count === count)
      if (name === undefined) throw noWord(format, `${count} clicks of the ${button} button`)
      noKeys(modifiers, format)
      return [{ action: name, ...(at !== undefined && { coordinate: writtenPair(at, screen) }) }]
    }
    case 'move':
      return moved(action.at)
    case 'drag': {
      noKeys(action.modifiers, format)
      const [only] = action.path
      if (action.path.length === 1 && only !== undefined) return [{ action: 'left_click_drag', coordinate: writtenPair(only, screen) }]
      const { from, to } = endsOf(action, pointer, format)
      return [...moved(from), { action: 'left_click_drag', coordinate: writtenPair(to, screen) }]
    }
    case 'scroll': {
      noKeys(action.modifiers, format)
      const { dx, dy } = scrollPixels(action)
      const vertical = dy === 0 && dx !== 0 ? [] : [{ action: 'scroll', pixels: 0 - dy }]
      const horizontal = dx === 0 ? [] : [{ action: 'hscroll', pixels: dx }]
      return [...moved(action.at), ...vertical, ...horizontal]
    }
    case 'type':
      if (action.at === undefined && !action.clear && !action.submit) return [{ action: 'type', text: action.text }]
      return typingSteps(action, screen.environment).flatMap((one) => write(one, pointer, format, screen))
    case 'key': {
      if (action.holdMs !== undefined) throw noWord(format, 'keys that are held for a time')
      const keys = action.keys.map((key) => toShortKey(key, screen.environment))
      return Array.from({ length: action.repeat ?? 1 }, () => ({ action: 'key', keys }))
    }
    case 'wait':
      return [{ action: 'wait', time: action.ms / 1000 }]
    case 'finish': {
      if (action.status === 'needs-user') throw noWord(format, 'asking the person')
      if (action.text !== undefined && action.status === 'success') return [{ action: 'answer', text: action.text }]
      return [{ action: 'terminate', status: action.status }]
    }
    default:
      throw noWord(format, action.type)
  }
}

function noKeys(modifiers: readonly string[], format: QwenName): void {
  if (modifiers.length > 0) throw noWord(format, 'keys that are held while the mouse is used')
}
