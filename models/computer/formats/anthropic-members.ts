import type { ClickAction, ComputerAction, KeyAction, Point } from '../action.ts'
import type { ActionBlock, ComputerFormatName, Screen } from '../format.ts'
import { readKeysyms, writeKeysyms } from '../key-spellings.ts'
import {
  type Fields,
  numberOf,
  numberWithin,
  optionalPair,
  optionalText,
  pairOf,
  refusal,
  regionOf,
  textOf,
  wordOf,
  writtenPair,
} from '../reading.ts'
import { endsOf, noWord, scrollDirections, scrolled, scrollSteps, typingSteps } from '../writing.ts'

/** An action of Claude's: the name is `action` in the older tools and the tool's own name in the toolset. */
export interface Member {
  readonly name: string
  readonly input: Fields
}

type AnthropicName = Extract<ComputerFormatName, `anthropic-${string}`>

const longestSeconds = 300
const mostRepeats = 100

const clicks: Readonly<Record<string, Pick<ClickAction, 'button' | 'count'>>> = {
  left_click: { button: 'left', count: 1 },
  right_click: { button: 'right', count: 1 },
  middle_click: { button: 'middle', count: 1 },
  double_click: { button: 'left', count: 2 },
  triple_click: { button: 'left', count: 3 },
}

/** One action, or several where `text` of `key` holds chords that are pressed one after another. */
export function readMember(name: string, input: Fields, screen: Screen): ComputerAction[] {
  const place = () => optionalAt(input, name, screen)
  const click = Object.hasOwn(clicks, name) ? clicks[name] : undefined
  if (click !== undefined) return [{ type: 'click', ...place(), ...click, modifiers: held(input, name) }]
  switch (name) {
    case 'mouse_move':
      return [{ type: 'move', at: pairOf(input['coordinate'], `${name} coordinate`, screen) }]
    case 'left_mouse_down':
      return [{ type: 'mouse-down', ...place(), button: 'left' }]
    case 'left_mouse_up':
      return [{ type: 'mouse-up', ...place(), button: 'left' }]
    case 'left_click_drag': {
      const start = optionalPair(input['start_coordinate'], `${name} start_coordinate`, screen)
      const end = pairOf(input['coordinate'], `${name} coordinate`, screen)
      return [{ type: 'drag', path: start === undefined ? [end] : [start, end], modifiers: held(input, name) }]
    }
    case 'scroll': {
      const direction = wordOf(input['scroll_direction'], `${name} scroll_direction`, scrollDirections)
      const amount = numberWithin(input['scroll_amount'], `${name} scroll_amount`, [0, 10_000])
      return [{ type: 'scroll', ...place(), ...scrolled(direction, amount), unit: 'step', modifiers: held(input, name) }]
    }
    case 'type':
      return [{ type: 'type', text: textOf(input['text'], `${name} text`) }]
    case 'key':
      return readKey(input)
    case 'hold_key': {
      const holdMs = seconds(input, name)
      return chordsOf(input, name).map((keys): KeyAction => ({ type: 'key', keys, holdMs }))
    }
    case 'wait':
      return [{ type: 'wait', ms: seconds(input, name) }]
    case 'screenshot':
      return [{ type: 'screenshot' }]
    case 'cursor_position':
      return [{ type: 'cursor-position' }]
    case 'zoom':
      return [{ type: 'zoom', region: regionOf(input['region'], `${name} region`, screen) }]
    default:
      throw refusal('the action', 'one of Anthropic’s', name)
  }
}

function readKey(input: Fields): KeyAction[] {
  const chords = chordsOf(input, 'key')
  const repeat = input['repeat'] ?? 1
  const times = numberWithin(repeat, 'key repeat', [1, mostRepeats])
  if (!Number.isInteger(times)) throw refusal('key repeat', 'an integer', times)
  const [only] = chords
  if (only !== undefined && chords.length === 1) return [{ type: 'key', keys: only, ...(times > 1 && { repeat: times }) }]
  return Array.from({ length: times }, () => chords.map((keys): KeyAction => ({ type: 'key', keys }))).flat()
}

function chordsOf(input: Fields, name: string): string[][] {
  const text = textOf(input['text'], `${name} text`)
  const chords = text === ' ' ? [['Space']] : readKeysyms(text)
  if (chords.length === 0) throw refusal(`${name} text`, 'at least one key', text)
  return chords
}

function held(input: Fields, name: string): string[] {
  return readKeysyms(optionalText(input['text'], `${name} text`) ?? '').flat()
}

function optionalAt(input: Fields, name: string, screen: Screen): { at?: Point } {
  const at = optionalPair(input['coordinate'], `${name} coordinate`, screen)
  return at === undefined ? {} : { at }
}

function seconds(input: Fields, name: string): number {
  return numberWithin(numberOf(input['duration'], `${name} duration`), `${name} duration`, [0, longestSeconds]) * 1000
}

export interface MemberOptions {
  readonly format: AnthropicName
  /** What this version knows. */
  readonly members: ReadonlySet<string>
  readonly screen: Screen
}

/** One action in the words of a version. Those that it lacks are made of what it has, or refused. */
export function writeMembers({ action }: Pick<ActionBlock, 'action'>, pointer: Point | undefined, options: MemberOptions): Member[] {
  const { format, members, screen } = options
  const word = (name: string, input: Fields): Member => {
    if (!members.has(name)) throw noWord(format, name)
    return { name, input }
  }
  const moved = (at: Point | undefined) => (at === undefined ? [] : [word('mouse_move', { coordinate: writtenPair(at, screen) })])
  // The first version presses where the pointer is, with nothing held.
  const pressesAnywhere = members.has('scroll')
  const withKeys = (modifiers: readonly string[]) => {
    if (modifiers.length > 0 && !pressesAnywhere) throw noWord(format, 'keys that are held while the mouse is used')
    return modifiers.length === 0 ? {} : { text: writeKeysyms(modifiers) }
  }
  switch (action.type) {
    case 'click': {
      const { button, count, at, modifiers } = action
      const name = Object.keys(clicks).find((one) => clicks[one]?.button === button && clicks[one]?.count === count)
      if (name === undefined) throw noWord(format, `${count} clicks of the ${button} button`)
      const input = withKeys(modifiers)
      if (at === undefined) return [word(name, input)]
      return pressesAnywhere ? [word(name, { coordinate: writtenPair(at, screen), ...input })] : [...moved(at), word(name, input)]
    }
    case 'move':
      return moved(action.at)
    case 'mouse-down':
    case 'mouse-up':
      if (action.button !== 'left') throw noWord(format, `holding the ${action.button} button`)
      return [...moved(action.at), word(action.type === 'mouse-down' ? 'left_mouse_down' : 'left_mouse_up', {})]
    case 'drag': {
      if (action.path.length > 2 && action.modifiers.length === 0) {
        const [first, ...rest] = action.path
        return [...moved(first), word('left_mouse_down', {}), ...rest.flatMap(moved), word('left_mouse_up', {})]
      }
      const [only] = action.path
      if (action.path.length === 1 && only !== undefined && !pressesAnywhere) {
        return [word('left_click_drag', { coordinate: writtenPair(only, screen), ...withKeys(action.modifiers) })]
      }
      const { from, to } = endsOf(action, pointer, format)
      const end = { coordinate: writtenPair(to, screen), ...withKeys(action.modifiers) }
      return pressesAnywhere
        ? [word('left_click_drag', { start_coordinate: writtenPair(from, screen), ...end })]
        : [...moved(from), word('left_click_drag', end)]
    }
    case 'scroll':
      return scrollSteps(action).map(({ direction, steps }) =>
        word('scroll', {
          ...(action.at !== undefined && { coordinate: writtenPair(action.at, screen) }),
          scroll_direction: direction,
          scroll_amount: steps,
          ...withKeys(action.modifiers),
        }),
      )
    case 'type':
      if (action.at === undefined && !action.clear && !action.submit) return [word('type', { text: action.text })]
      return typingSteps(action, screen.environment).flatMap((one) => writeMembers({ action: one }, pointer, options))
    case 'key':
      return writeKey(action, options, word)
    case 'wait':
      if (action.ms > longestSeconds * 1000) throw noWord(format, `a wait of more than ${longestSeconds} seconds`)
      return [word('wait', { duration: action.ms / 1000 })]
    case 'screenshot':
      return [word('screenshot', {})]
    case 'cursor-position':
      return [word('cursor_position', {})]
    case 'zoom': {
      const { left, top, right, bottom } = action.region
      const first = writtenPair({ x: left, y: top }, screen)
      return [word('zoom', { region: [...first, ...writtenPair({ x: right, y: bottom }, screen)] })]
    }
    default:
      throw noWord(format, action.type)
  }
}

function writeKey(
  { keys, repeat = 1, holdMs }: KeyAction,
  { format }: MemberOptions,
  word: (name: string, input: Fields) => Member,
): Member[] {
  const text = writeKeysyms(keys)
  const press = holdMs === undefined ? word('key', { text }) : word('hold_key', { text, duration: holdMs / 1000 })
  if (repeat === 1) return [press]
  // Only the toolset counts.
  const counts = holdMs === undefined && repeat <= mostRepeats && format === 'anthropic-toolset-20260801'
  return counts ? [word('key', { text, repeat })] : Array.from({ length: repeat }, () => press)
}
