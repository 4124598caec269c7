import type { ComputerAction, Point } from '../action.ts'
import type { ComputerFormat, Screen } from '../format.ts'
import { toShortKey } from '../key-spellings.ts'
import { canonicalKeys } from '../keys.ts'
import { pointOf, refusal, textOf, wordOf, writtenPoint } from '../reading.ts'
import { alongAxes, endsOf, noWord, scrollDirections, scrolled, scrollPixels, typingSteps, writeEach } from '../writing.ts'
import { quoteArgument, readCalls, type TextCall } from './ui-tars-calls.ts'

/** It scrolls in a direction and does not say how far: its own runtime turns the wheel so often. */
const scrolledSteps = 5
const waitMs = 5000

/** The text in which UI-TARS thinks and acts; it is told of its actions in the prompt. */
export const uiTars: ComputerFormat = {
  name: 'ui-tars',
  tool: () => undefined,
  parse(call, screen) {
    const text = textOf(call, 'the call')
    const { thought, calls } = readCalls(text)
    const claim = thought === '' ? {} : { claim: thought }
    return { blocks: calls.map((one) => ({ action: read(one, screen), ...claim, raw: call })), safetyChecks: [] }
  },
  format(blocks, screen) {
    if (blocks.length === 0) return []
    const calls = writeEach(blocks, screen, ({ action }, pointer) => write(action, pointer, screen))
    const thought = blocks.find(({ claim }) => claim !== undefined)?.claim
    return [`${thought === undefined ? '' : `Thought: ${thought}\n`}Action: ${calls.join('\n\n')}`]
  },
}

function read({ name, args }: TextCall, screen: Screen): ComputerAction {
  const start = () => boxOf(args['start_box'] ?? args['start_point'] ?? args['point'], `${name} start_box`, screen)
  switch (name) {
    case 'click':
    case 'left_single':
      return { type: 'click', at: start(), button: 'left', count: 1, modifiers: [] }
    case 'left_double':
      return { type: 'click', at: start(), button: 'left', count: 2, modifiers: [] }
    case 'right_single':
      return { type: 'click', at: start(), button: 'right', count: 1, modifiers: [] }
    case 'hover':
      return { type: 'move', at: start() }
    case 'drag':
      return { type: 'drag', path: [start(), boxOf(args['end_box'] ?? args['end_point'], 'drag end_box', screen)], modifiers: [] }
    case 'hotkey':
      return { type: 'key', keys: hotkeyOf(textOf(args['key'] ?? args['hotkey'], 'hotkey key')) }
    case 'type': {
      const content = textOf(args['content'], 'type content')
      return content.endsWith('\n') ? { type: 'type', text: content.slice(0, -1), submit: true } : { type: 'type', text: content }
    }
    case 'scroll': {
      const direction = wordOf(args['direction'], 'scroll direction', scrollDirections)
      const hasPlace = args['start_box'] ?? args['start_point'] ?? args['point']
      return { type: 'scroll', ...(hasPlace && { at: start() }), ...scrolled(direction, scrolledSteps), unit: 'step', modifiers: [] }
    }
    case 'wait':
      return { type: 'wait', ms: waitMs }
    case 'finished':
      return { type: 'finish', status: 'success', ...(args['content'] && { text: args['content'] }) }
    case 'call_user':
      return { type: 'finish', status: 'needs-user' }
    case 'press_back':
      return { type: 'back' }
    default:
      throw refusal('the action', 'one of UI-TARS’', name)
  }
}

function hotkeyOf(text: string): string[] {
  const keys = canonicalKeys(
    text
      .trim()
      .split(/\s+/)
      .filter((key) => key !== ''),
  )
  if (keys.length === 0) throw refusal('hotkey key', 'at least one key', text)
  return keys
}

/** `(x,y)` with or without its marks, `<point>x y</point>`, or a box of four numbers, whose centre counts. */
function boxOf(value: string | undefined, at: string, screen: Screen): Point {
  if (value === undefined) throw refusal(at, 'a place', value)
  const bare = value.replaceAll(/<\|?\/?[a-z_]+\|?>/g, ' ')
  const numbers = bare.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? []
  const [x, y, right, bottom] = numbers
  const isPlain = /^[\s()[\],\d.-]*$/.test(bare)
  if (!isPlain || x === undefined || y === undefined || (numbers.length !== 2 && numbers.length !== 4)) {
    throw refusal(at, 'two or four numbers', value)
  }
  if (right === undefined || bottom === undefined) return pointOf(x, y, at, screen)
  pointOf(x, y, at, screen)
  pointOf(right, bottom, at, screen)
  return pointOf((x + right) / 2, (y + bottom) / 2, at, screen)
}

function write(action: ComputerAction, pointer: Point | undefined, screen: Screen): string[] {
  const box = (at: Point | undefined) => {
    const point = at ?? pointer
    if (point === undefined) throw noWord('ui-tars', `${action.type} where the pointer is, and nobody knows where that is`)
    const { x, y } = writtenPoint(point, screen)
    return `'<|box_start|>(${x},${y})<|box_end|>'`
  }
  const noKeys = (modifiers: readonly string[]) => {
    if (modifiers.length > 0) throw noWord('ui-tars', 'keys that are held while the mouse is used')
  }
  switch (action.type) {
    case 'click': {
      noKeys(action.modifiers)
      const { button, count } = action
      const name = clickNames[`${button} ${count}`]
      if (name === undefined) throw noWord('ui-tars', `${count} clicks of the ${button} button`)
      return [`${name}(start_box=${box(action.at)})`]
    }
    case 'drag': {
      noKeys(action.modifiers)
      const { from, to } = endsOf(action, pointer, 'ui-tars')
      return [`drag(start_box=${box(from)}, end_box=${box(to)})`]
    }
    case 'scroll': {
      noKeys(action.modifiers)
      const { dx, dy } = scrollPixels(action)
      return alongAxes(dx, dy).map(({ direction }) => `scroll(start_box=${box(action.at)}, direction='${direction}')`)
    }
    case 'type': {
      if (action.at !== undefined || action.clear) {
        const { text, submit } = action
        const before = typingSteps({ ...action, text: '', submit: false }, screen.environment)
        return [...before, { type: 'type', text, submit } as const].flatMap((one) => write(one, pointer, screen))
      }
      // A closing line break submits, so one that only stands at the end of the text cannot be written.
      if (action.text.endsWith('\n') && !action.submit) throw noWord('ui-tars', 'typing a text that ends in a line break')
      return [`type(content=${quoteArgument(action.submit ? `${action.text}\n` : action.text)})`]
    }
    case 'key': {
      if (action.holdMs !== undefined) throw noWord('ui-tars', 'keys that are held for a time')
      const keys = action.keys.map((key) => toShortKey(key, screen.environment)).join(' ')
      return Array.from({ length: action.repeat ?? 1 }, () => `hotkey(key=${quoteArgument(keys)})`)
    }
    case 'wait':
      return ['wait()']
    case 'finish':
      if (action.status === 'needs-user') return ['call_user()']
      if (action.status === 'failure') throw noWord('ui-tars', 'giving up')
      return [action.text === undefined ? 'finished()' : `finished(content=${quoteArgument(action.text)})`]
    default:
      throw noWord('ui-tars', action.type)
  }
}

const clickNames: Readonly<Record<string, string>> = { 'left 1': 'click', 'left 2': 'left_double', 'right 1': 'right_single' }
