import type { ClickAction, ComputerAction, Point } from '../action.ts'
import type { ActionBlock, ComputerFormat, ComputerFormatName, Environment, Screen } from '../format.ts'
import { readPlusKeys, toGeminiKey } from '../key-spellings.ts'
import { canonicalKeys, isModifier } from '../keys.ts'
import {
  type Fields,
  fieldsOf,
  flagOf,
  keysOf,
  numberWithin,
  optionalText,
  pointOf,
  refusal,
  textOf,
  wordOf,
  writtenPoint,
} from '../reading.ts'
import { readGeminiDecision } from '../safety.ts'
import { fromSource, toSource } from '../space.ts'
import {
  alongAxes,
  endsOf,
  noWord,
  type ScrollDirection,
  scrollDirections,
  scrolled,
  scrollPixels,
  typingSteps,
  writeEach,
} from '../writing.ts'

type GeminiName = Extract<ComputerFormatName, `gemini${string}`>

const defaultMagnitude = 800

/** 2.5 computer use, 3 Flash and 3.1 Pro. */
export const gemini25 = gemini('gemini-2.5')
/** 3.5 Flash and later: other names, and an `intent` with each call. */
export const gemini35 = gemini('gemini-3.5')

function gemini(name: GeminiName): ComputerFormat {
  return {
    name,
    tool: ({ environment }) => ({ computer_use: { environment: environments[environment] } }),
    parse(call, screen) {
      const { name: called, args } = callOf(call)
      const claim = optionalText(args['intent'], 'intent')
      const block: ActionBlock = { action: read(called, args, screen), ...(claim !== undefined && { claim }), raw: call }
      return { blocks: [block], safetyChecks: readGeminiDecision(args['safety_decision']) }
    },
    format: (blocks, screen) =>
      writeEach(blocks, screen, ({ action, claim }, pointer) =>
        write(action, pointer, name, screen).map((one) => ({
          functionCall: {
            name: one.name,
            args: { ...one.args, ...(name === 'gemini-3.5' && claim !== undefined && { intent: claim }) },
          },
        })),
      ),
  }
}

const environments: Readonly<Record<Environment, string>> = {
  browser: 'browser',
  windows: 'desktop',
  mac: 'desktop',
  linux: 'desktop',
  mobile: 'mobile',
}

interface Call {
  readonly name: string
  readonly args: Fields
}

/** A part of generateContent, what stands in it, or a step of the Interactions API. */
function callOf(call: unknown): Call {
  const outer = fieldsOf(call, 'the call')
  const inner = fieldsOf(outer['functionCall'] ?? outer['function_call'] ?? outer, 'functionCall')
  return { name: textOf(inner['name'], 'name'), args: fieldsOf(inner['args'] ?? inner['arguments'] ?? {}, 'args') }
}

const clicks: Readonly<Record<string, Pick<ClickAction, 'button' | 'count'>>> = {
  click: { button: 'left', count: 1 },
  click_at: { button: 'left', count: 1 },
  double_click: { button: 'left', count: 2 },
  triple_click: { button: 'left', count: 3 },
  middle_click: { button: 'middle', count: 1 },
  right_click: { button: 'right', count: 1 },
}

/** Both generations: what they share means the same. */
function read(name: string, args: Fields, screen: Screen): ComputerAction {
  const at = () => pointOf(args['x'], args['y'], name, screen)
  const maybeAt = () => (args['x'] === undefined && args['y'] === undefined ? {} : { at: at() })
  const click = Object.hasOwn(clicks, name) ? clicks[name] : undefined
  if (click !== undefined) return { type: 'click', at: at(), ...click, modifiers: [] }
  switch (name) {
    case 'hover_at':
    case 'move':
      return { type: 'move', at: at() }
    case 'mouse_down':
    case 'mouse_up':
      return { type: name === 'mouse_down' ? 'mouse-down' : 'mouse-up', ...maybeAt(), button: 'left' }
    case 'drag_and_drop': {
      const end = pointOf(args['destination_x'], args['destination_y'], `${name} destination`, screen)
      return { type: 'drag', path: [at(), end], modifiers: [] }
    }
    case 'type':
      return typed(args, {}, false)
    case 'type_text_at':
      return typed(args, { at: at() }, true)
    case 'scroll':
    case 'scroll_at':
      return { type: 'scroll', ...maybeAt(), ...readScroll(name, args, screen), unit: 'pixel', modifiers: [] }
    case 'scroll_document':
      return { type: 'scroll', ...readScroll(name, args, screen), unit: 'pixel', modifiers: [] }
    case 'key_combination':
      return { type: 'key', keys: someKeys(readPlusKeys(textOf(args['keys'], `${name} keys`)), name) }
    case 'hotkey':
      return { type: 'key', keys: someKeys(keysOf(args['keys'], `${name} keys`), name) }
    case 'press_key':
      return { type: 'key', keys: oneKey(args, name) }
    case 'key_down':
    case 'key_up':
      return { type: name === 'key_down' ? 'key-down' : 'key-up', keys: oneKey(args, name) }
    case 'wait_5_seconds':
      return { type: 'wait', ms: 5000 }
    case 'wait':
      return { type: 'wait', ms: numberWithin(args['seconds'] ?? 1, 'wait seconds', [0, 3600]) * 1000 }
    case 'take_screenshot':
      return { type: 'screenshot' }
    case 'navigate':
      return { type: 'navigate', url: textOf(args['url'], 'navigate url') }
    case 'go_back':
      return { type: 'back' }
    case 'go_forward':
      return { type: 'forward' }
    case 'search':
      return { type: 'search' }
    case 'open_web_browser':
      return { type: 'open-browser' }
    default:
      throw refusal('the action', 'one of Gemini’s', name)
  }
}

/** The older one empties the field unless it is told not to; the newer types where the focus is. */
function typed(args: Fields, place: { at?: Point }, clears: boolean): ComputerAction {
  const clear = flagOf(args['clear_before_typing'], 'clear_before_typing') ?? clears
  const submit = flagOf(args['press_enter'], 'press_enter') ?? false
  return { type: 'type', text: textOf(args['text'], 'type text'), ...place, ...(clear && { clear }), ...(submit && { submit }) }
}

/** `magnitude` is on the grid as well: of the height for up and down, of the width for left and right. */
function readScroll(name: string, args: Fields, screen: Screen): { dx: number; dy: number } {
  const direction: ScrollDirection = wordOf(args['direction'], `${name} direction`, scrollDirections)
  const magnitude = numberWithin(args['magnitude'] ?? defaultMagnitude, `${name} magnitude`, [0, 100_000])
  const { dx, dy } = scrolled(direction, magnitude)
  const { x, y } = toSource({ x: dx, y: dy }, screen.space, screen.source)
  return { dx: x, dy: y }
}

function oneKey(args: Fields, name: string): string[] {
  return canonicalKeys([textOf(args['key'], `${name} key`)])
}

function someKeys(keys: string[], name: string): string[] {
  if (keys.length === 0) throw refusal(`${name} keys`, 'at least one key', keys)
  return keys
}

function write(action: ComputerAction, pointer: Point | undefined, format: GeminiName, screen: Screen): Call[] {
  const isNew = format === 'gemini-3.5'
  const place = (at: Point | undefined) => {
    const point = at ?? pointer
    if (point === undefined) throw noWord(format, `${action.type} where the pointer is, and nobody knows where that is`)
    return writtenPoint(point, screen)
  }
  const newOnly = (name: string, args: Fields): Call => {
    if (!isNew) throw noWord(format, name.replaceAll('_', ' '))
    return { name, args }
  }
  /** Held keys have no word of their own, but the newer models press and release them. */
  const holding = (modifiers: readonly string[], calls: Call[]): Call[] => [
    ...modifiers.map((key) => newOnly('key_down', { key: toGeminiKey(key) })),
    ...calls,
    ...modifiers.toReversed().map((key) => newOnly('key_up', { key: toGeminiKey(key) })),
  ]
  switch (action.type) {
    case 'click': {
      const { button, count, at, modifiers } = action
      const name = Object.keys(clicks).find((one) => clicks[one]?.button === button && clicks[one]?.count === count)
      if (name === undefined) throw noWord(format, `${count} clicks of the ${button} button`)
      if (name !== 'click') return holding(modifiers, [newOnly(name, { ...place(at) })])
      return holding(modifiers, [{ name: isNew ? 'click' : 'click_at', args: { ...place(at) } }])
    }
    case 'move':
      return [{ name: isNew ? 'move' : 'hover_at', args: { ...place(action.at) } }]
    case 'mouse-down':
    case 'mouse-up':
      if (action.button !== 'left') throw noWord(format, `holding the ${action.button} button`)
      return [newOnly(action.type === 'mouse-down' ? 'mouse_down' : 'mouse_up', { ...place(action.at) })]
    case 'drag': {
      const { from, to } = endsOf(action, pointer, format)
      const end = writtenPoint(to, screen)
      const args = { ...writtenPoint(from, screen), destination_x: end.x, destination_y: end.y }
      return holding(action.modifiers, [{ name: 'drag_and_drop', args }])
    }
    case 'scroll': {
      const { dx, dy } = scrollPixels(action)
      const grid = fromSource({ x: dx, y: dy }, screen.space, screen.source)
      const anywhere = action.at === undefined && pointer === undefined ? undefined : place(action.at)
      const calls = alongAxes(grid.x, grid.y).map(({ direction, amount }): Call => {
        const args = { direction, magnitude: Math.round(amount) }
        if (anywhere === undefined && !isNew) return { name: 'scroll_document', args: { direction } }
        return { name: isNew ? 'scroll' : 'scroll_at', args: { ...anywhere, ...args } }
      })
      return holding(action.modifiers, calls)
    }
    case 'type':
      return writeTyped(action, pointer, format, screen)
    case 'key':
      if (action.holdMs !== undefined) throw noWord(format, 'keys that are held for a time')
      return Array.from({ length: action.repeat ?? 1 }, () => pressed(action.keys, isNew))
    case 'key-down':
      return action.keys.map((key) => newOnly('key_down', { key: toGeminiKey(key) }))
    case 'key-up':
      return action.keys.map((key) => newOnly('key_up', { key: toGeminiKey(key) }))
    case 'wait':
      return isNew ? [{ name: 'wait', args: { seconds: action.ms / 1000 } }] : [{ name: 'wait_5_seconds', args: {} }]
    case 'screenshot':
      return [newOnly('take_screenshot', {})]
    case 'navigate':
      return [{ name: 'navigate', args: { url: action.url } }]
    case 'back':
      return [{ name: 'go_back', args: {} }]
    case 'forward':
      return [{ name: 'go_forward', args: {} }]
    case 'search':
    case 'open-browser':
      if (isNew) throw noWord(format, action.type)
      return [{ name: action.type === 'search' ? 'search' : 'open_web_browser', args: {} }]
    default:
      throw noWord(format, action.type)
  }
}

function writeTyped(
  action: Extract<ComputerAction, { type: 'type' }>,
  pointer: Point | undefined,
  format: GeminiName,
  screen: Screen,
): Call[] {
  const { text, at, clear = false, submit = false } = action
  if (format === 'gemini-3.5') {
    if (at === undefined && !clear) return [{ name: 'type', args: { text, press_enter: submit } }]
    const before = typingSteps({ type: 'type', text: '', at, clear }, screen.environment)
    return [...before.flatMap((one) => write(one, pointer, format, screen)), { name: 'type', args: { text, press_enter: submit } }]
  }
  const point = at ?? pointer
  if (point === undefined) throw noWord(format, 'typing where the focus is, and nobody knows where the pointer is')
  return [{ name: 'type_text_at', args: { ...writtenPoint(point, screen), text, press_enter: submit, clear_before_typing: clear } }]
}

function pressed(keys: readonly string[], isNew: boolean): Call {
  const names = keys.map(toGeminiKey)
  if (!isNew) return { name: 'key_combination', args: { keys: names.join('+') } }
  const [only] = names
  return only !== undefined && names.length === 1 && !keys.every(isModifier)
    ? { name: 'press_key', args: { key: only } }
    : { name: 'hotkey', args: { keys: names } }
}
