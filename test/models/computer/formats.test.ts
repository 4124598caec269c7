import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ComputerAction, Point } from '../../../models/computer/action.ts'
import type { ComputerFormatName, Screen } from '../../../models/computer/format.ts'
import { computerFormats } from '../../../models/computer/formats/index.ts'
import { namedKeys } from '../../../models/computer/keys.ts'
import { sizeOf } from '../../../models/computer/space.ts'
import { ComputerActionError } from '../../../models/errors.ts'
import { screenOf } from './screens.ts'

const names = Object.keys(computerFormats) as ComputerFormatName[]
const twice: Screen = { source: { width: 2000, height: 1000 }, space: { kind: 'pixels', width: 1000, height: 500 }, environment: 'linux' }
const grid: Screen = { ...twice, space: { kind: 'grid', size: 1000 } }

function actionsOf(format: ComputerFormatName, call: unknown, screen: Screen): ComputerAction[] {
  return computerFormats[format].parse(call, screen).blocks.map(({ action }) => action)
}

function written(format: ComputerFormatName, actions: readonly ComputerAction[], screen: Screen): unknown[] {
  return computerFormats[format].format(
    actions.map((action) => ({ action, raw: undefined })),
    screen,
  )
}

const left = { type: 'click', button: 'left', count: 1, modifiers: [] } as const
const toolUse = (action: string, input: object) => ({ type: 'tool_use', id: 'toolu_1', name: 'computer', input: { action, ...input } })
const member = (name: string, input: object) => ({ type: 'tool_use', id: 'toolu_1', name, toolset_name: 'computer', input })
const openAi = (...actions: object[]) => ({
  type: 'computer_call',
  id: 'cu_1',
  call_id: 'call_1',
  actions,
  pending_safety_checks: [],
  status: 'completed',
})
const gemini = (name: string, args: object) => ({ functionCall: { name, args } })
const qwen = (args: object) => ({ name: 'computer_use', arguments: args })

describe('parse() reads what each vendor sends', () => {
  const cases: readonly [ComputerFormatName, unknown, Screen, ComputerAction[]][] = [
    ['anthropic-20241022', toolUse('left_click', {}), twice, [left]],
    [
      'anthropic-20241022',
      toolUse('left_click_drag', { coordinate: [5, 6] }),
      twice,
      [{ type: 'drag', path: [{ x: 10, y: 12 }], modifiers: [] }],
    ],
    [
      'anthropic-20250124',
      toolUse('left_click', { coordinate: [100.5, 50], text: 'ctrl+shift' }),
      twice,
      [{ ...left, at: { x: 201, y: 100 }, modifiers: ['Control', 'Shift'] }],
    ],
    [
      'anthropic-20250124',
      toolUse('scroll', { coordinate: [1, 2], scroll_direction: 'up', scroll_amount: 3 }),
      twice,
      [{ type: 'scroll', at: { x: 2, y: 4 }, dx: 0, dy: -3, unit: 'step', modifiers: [] }],
    ],
    ['anthropic-20250124', toolUse('key', { text: 'ctrl+shift+T' }), twice, [{ type: 'key', keys: ['Control', 'Shift', 't'] }]],
    [
      'anthropic-20250124',
      toolUse('key', { text: 'Down Return' }),
      twice,
      [
        { type: 'key', keys: ['ArrowDown'] },
        { type: 'key', keys: ['Enter'] },
      ],
    ],
    ['anthropic-20250124', toolUse('hold_key', { text: 'space', duration: 1.5 }), twice, [{ type: 'key', keys: ['Space'], holdMs: 1500 }]],
    [
      'anthropic-20251124',
      toolUse('zoom', { region: [0, 0, 100, 50] }),
      twice,
      [{ type: 'zoom', region: { left: 0, top: 0, right: 200, bottom: 100 } }],
    ],
    [
      'anthropic-toolset-20260801',
      member('triple_click', { coordinate: [1000, 500] }),
      twice,
      [{ ...left, count: 3, at: { x: 2000, y: 1000 } }],
    ],
    [
      'anthropic-toolset-20260801',
      member('key', { text: 'Page_Down', repeat: 4 }),
      twice,
      [{ type: 'key', keys: ['PageDown'], repeat: 4 }],
    ],
    [
      'anthropic-toolset-20260801',
      member('left_click_drag', { start_coordinate: [1, 1], coordinate: [2, 2] }),
      twice,
      [
        {
          type: 'drag',
          path: [
            { x: 2, y: 2 },
            { x: 4, y: 4 },
          ],
          modifiers: [],
        },
      ],
    ],
    [
      'openai-preview',
      { type: 'computer_call', action: { type: 'click', x: 5, y: 6, button: 'wheel' }, pending_safety_checks: [] },
      twice,
      [{ ...left, button: 'middle', at: { x: 10, y: 12 } }],
    ],
    [
      'openai',
      openAi({ type: 'double_click', x: 5, y: 6, keys: ['CTRL'] }, { type: 'type', text: 'a' }),
      twice,
      [
        { ...left, count: 2, at: { x: 10, y: 12 }, modifiers: ['Control'] },
        { type: 'type', text: 'a' },
      ],
    ],
    [
      'openai',
      openAi({ type: 'scroll', x: 5, y: 6, scroll_x: 0, scroll_y: 300 }),
      twice,
      [{ type: 'scroll', at: { x: 10, y: 12 }, dx: 0, dy: 600, unit: 'pixel', modifiers: [] }],
    ],
    [
      'openai',
      openAi({ type: 'keypress', keys: ['CTRL', 'ENTER'] }, { type: 'wait' }, { type: 'screenshot' }),
      twice,
      [{ type: 'key', keys: ['Control', 'Enter'] }, { type: 'wait', ms: 1000 }, { type: 'screenshot' }],
    ],
    ['openai', { type: 'move', x: 1, y: 1 }, twice, [{ type: 'move', at: { x: 2, y: 2 } }]],
    ['gemini-2.5', gemini('click_at', { x: 500, y: 500 }), grid, [{ ...left, at: { x: 1000, y: 500 } }]],
    [
      'gemini-2.5',
      gemini('type_text_at', { x: 0, y: 1000, text: 'a', press_enter: true }),
      grid,
      [{ type: 'type', at: { x: 0, y: 1000 }, text: 'a', clear: true, submit: true }],
    ],
    ['gemini-2.5', gemini('key_combination', { keys: 'control+a' }), grid, [{ type: 'key', keys: ['Control', 'a'] }]],
    [
      'gemini-2.5',
      gemini('scroll_at', { x: 500, y: 500, direction: 'down', magnitude: 300 }),
      grid,
      [{ type: 'scroll', at: { x: 1000, y: 500 }, dx: 0, dy: 300, unit: 'pixel', modifiers: [] }],
    ],
    [
      'gemini-2.5',
      gemini('scroll_at', { x: 500, y: 500, direction: 'right' }),
      grid,
      [{ type: 'scroll', at: { x: 1000, y: 500 }, dx: 1600, dy: 0, unit: 'pixel', modifiers: [] }],
    ],
    ['gemini-2.5', { name: 'wait_5_seconds', args: {} }, grid, [{ type: 'wait', ms: 5000 }]],
    [
      'gemini-3.5',
      { type: 'function_call', name: 'hotkey', arguments: { keys: ['control', 'v'] } },
      grid,
      [{ type: 'key', keys: ['Control', 'v'] }],
    ],
    [
      'gemini-3.5',
      gemini('drag_and_drop', { x: 0, y: 0, destination_x: 10, destination_y: 10 }),
      grid,
      [
        {
          type: 'drag',
          path: [
            { x: 0, y: 0 },
            { x: 20, y: 10 },
          ],
          modifiers: [],
        },
      ],
    ],
    ['gemini-3.5', gemini('navigate', { url: 'https://a.example' }), grid, [{ type: 'navigate', url: 'https://a.example' }]],
    ['qwen-2.5', qwen({ action: 'scroll', pixels: 200 }), twice, [{ type: 'scroll', dx: 0, dy: -200, unit: 'pixel', modifiers: [] }]],
    [
      'qwen-3',
      qwen({ action: 'left_click_drag', coordinate: [10, 10] }),
      grid,
      [{ type: 'drag', path: [{ x: 20, y: 10 }], modifiers: [] }],
    ],
    [
      'qwen-3',
      { id: 'c', type: 'function', function: { name: 'computer_use', arguments: '{"action":"key","keys":["ctrl","c"]}' } },
      grid,
      [{ type: 'key', keys: ['Control', 'c'] }],
    ],
    [
      'qwen-3',
      '<tool_call>\n{"name": "computer_use", "arguments": {"action": "terminate", "status": "failure"}}\n</tool_call>',
      grid,
      [{ type: 'finish', status: 'failure' }],
    ],
  ]
  test.each(cases)('%s %j', (format, call, screen, actions) => {
    expect(actionsOf(format, call, screen)).toEqual(actions)
  })

  test('with the intent of Gemini as the claim, and the payload unchanged', () => {
    const call = gemini('click', { x: 1, y: 1, intent: 'Open the cart' })

    expect(computerFormats['gemini-3.5'].parse(call, grid).blocks).toMatchObject([{ claim: 'Open the cart', raw: call }])
  })
})

describe('parse() refuses by name', () => {
  const cases: readonly [ComputerFormatName, unknown, Screen, string][] = [
    ['anthropic-20250124', toolUse('left_click', { coordinate: [1001, 5] }), twice, 'outside'],
    ['anthropic-20250124', toolUse('left_click', { coordinate: [-1, 5] }), twice, 'outside'],
    ['anthropic-20250124', toolUse('left_click', { coordinate: ['1', 5] }), twice, 'shape'],
    ['anthropic-20250124', toolUse('left_click', { coordinate: [Number.NaN, 5] }), twice, 'shape'],
    ['anthropic-20251124', toolUse('zoom', { region: [9, 9, 3, 12] }), twice, 'shape'],
    ['anthropic-20251124', toolUse('fly', {}), twice, 'shape'],
    ['anthropic-20251124', toolUse('key', { text: 'Hyperspace' }), twice, 'unknown-key'],
    ['anthropic-20251124', toolUse('constructor', {}), twice, 'shape'],
    ['anthropic-toolset-20260801', member('wait', { duration: 301 }), twice, 'shape'],
    ['anthropic-toolset-20260801', { ...member('wait', { duration: 1 }), toolset_name: 'browser' }, twice, 'shape'],
    ['openai', openAi({ type: 'drag', path: [{ x: 1, y: 1 }] }), twice, 'shape'],
    ['openai', openAi({ type: 'click', x: 1, y: 501 }), twice, 'outside'],
    ['gemini-3.5', gemini('click', { x: 1001, y: 5 }), grid, 'outside'],
    ['gemini-3.5', gemini('click', { x: 1, y: 5, safety_decision: { decision: 'block' } }), grid, 'safety'],
    ['qwen-3', qwen({ action: 'mouse_move' }), grid, 'shape'],
    ['qwen-3', 'no call at all', grid, 'shape'],
    ['ui-tars', "Action: click(start_box='(1001,2)')", twice, 'outside'],
  ]
  test.each(cases)('%s %j', (format, call, screen, rule) => {
    expect(() => actionsOf(format, call, screen)).toThrow(expect.objectContaining({ name: 'ComputerActionError', rule }))
  })

  test.each(names)('%s: nothing but a ComputerActionError, whatever comes', (format) => {
    const values = fc.oneof(
      fc.jsonValue(),
      fc.string(),
      fc.record({
        type: fc.constantFrom('tool_use', 'computer_call'),
        name: fc.constant('computer'),
        input: fc.dictionary(fc.string(), fc.jsonValue()),
      }),
    )
    fc.assert(
      fc.property(values, (value) => {
        try {
          computerFormats[format].parse(value, twice)
        } catch (error) {
          expect(error).toBeInstanceOf(ComputerActionError)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('format() writes what each vendor would have sent', () => {
  const at = { x: 200, y: 100 }
  const field = { type: 'type', text: 'mug', at, clear: true, submit: true } as const
  const cases: readonly [ComputerFormatName, ComputerAction[], Screen, unknown[]][] = [
    [
      'anthropic-20241022',
      [{ ...left, at }],
      twice,
      [
        { type: 'tool_use', name: 'computer', input: { action: 'mouse_move', coordinate: [100, 50] } },
        { type: 'tool_use', name: 'computer', input: { action: 'left_click' } },
      ],
    ],
    [
      'anthropic-toolset-20260801',
      [{ type: 'key', keys: ['Control', '+'], repeat: 3 }],
      twice,
      [{ type: 'tool_use', name: 'key', toolset_name: 'computer', input: { text: 'ctrl+plus', repeat: 3 } }],
    ],
    [
      'openai',
      [field],
      twice,
      [
        {
          type: 'computer_call',
          pending_safety_checks: [],
          actions: [
            { type: 'click', button: 'left', x: 100, y: 50 },
            { type: 'keypress', keys: ['CTRL', 'a'] },
            { type: 'keypress', keys: ['DELETE'] },
            { type: 'type', text: 'mug' },
            { type: 'keypress', keys: ['ENTER'] },
          ],
        },
      ],
    ],
    [
      'openai',
      [
        { type: 'move', at },
        { type: 'drag', path: [{ x: 400, y: 200 }], modifiers: [] },
      ],
      twice,
      [
        {
          type: 'computer_call',
          pending_safety_checks: [],
          actions: [
            { type: 'move', x: 100, y: 50 },
            {
              type: 'drag',
              path: [
                { x: 100, y: 50 },
                { x: 200, y: 100 },
              ],
            },
          ],
        },
      ],
    ],
    ['openai-preview', [{ type: 'wait', ms: 1 }], twice, [{ type: 'computer_call', action: { type: 'wait' }, pending_safety_checks: [] }]],
    [
      'gemini-2.5',
      [field],
      grid,
      [{ functionCall: { name: 'type_text_at', args: { x: 100, y: 100, text: 'mug', press_enter: true, clear_before_typing: true } } }],
    ],
    [
      'gemini-3.5',
      [{ ...left, at, modifiers: ['Shift'] }],
      grid,
      ['key_down', 'click', 'key_up'].map((name) => ({
        functionCall: { name, args: name === 'click' ? { x: 100, y: 100 } : { key: 'shift' } },
      })),
    ],
    [
      'qwen-3',
      [{ type: 'scroll', at, dx: 0, dy: 3, unit: 'step', modifiers: [] }],
      grid,
      [qwen({ action: 'mouse_move', coordinate: [100, 100] }), qwen({ action: 'scroll', pixels: -300 })],
    ],
    [
      'ui-tars',
      [
        { ...left, at },
        { type: 'type', text: "it's", submit: true },
      ],
      twice,
      ["Action: click(start_box='<|box_start|>(100,50)<|box_end|>')\n\ntype(content='it\\'s\\n')"],
    ],
  ]
  test.each(cases)('%s %j', (format, actions, screen, calls) => {
    expect(written(format, actions, screen)).toEqual(calls)
  })

  test.each([
    ['anthropic-20251124', { type: 'navigate', url: 'https://a.example' }],
    ['anthropic-20241022', { type: 'wait', ms: 10 }],
    ['openai', { ...left, count: 3, at }],
    ['openai', left],
    ['openai-preview', { ...left, at, modifiers: ['Shift'] }],
    ['gemini-2.5', { ...left, count: 2, at }],
    ['qwen-2.5', { ...left, count: 3, at }],
    ['ui-tars', { type: 'zoom', region: { left: 0, top: 0, right: 9, bottom: 9 } }],
  ] as const)('and refuses by name what %s has no word for: %j', (format, action) => {
    expect(() => written(format, [action], twice)).toThrow(expect.objectContaining({ rule: 'no-word' }))
  })

  test.each(names)('%s refuses a place that is not on the screen', (format) => {
    expect(() => written(format, [{ ...left, at: { x: 2001, y: 5 } }], twice)).toThrow(expect.objectContaining({ rule: 'outside' }))
  })
})

describe('format() and parse(), there and back', () => {
  const sides = fc.integer({ min: 64, max: 4000 })
  const share = fc.double({ min: 0, max: 1, noNaN: true })

  /** At most half a unit of the vendor's own numbers, beside what a float loses. */
  function expectNear(got: Point | undefined, wanted: Point, { source, space }: Screen): void {
    const size = sizeOf(space)
    expect(got).toBeDefined()
    expect(Math.abs(((got?.x ?? 0) - wanted.x) / source.width) * size.width).toBeLessThanOrEqual(0.5 + 1e-6)
    expect(Math.abs(((got?.y ?? 0) - wanted.y) / source.height) * size.height).toBeLessThanOrEqual(0.5 + 1e-6)
  }

  test.each(names)('%s keeps a place within half a unit of its own', (format) => {
    fc.assert(
      fc.property(sides, sides, share, share, (width, height, across, down) => {
        const screen = screenOf(format, width, height)
        const at = { x: across * width, y: down * height }

        const back = written(format, [{ ...left, at }], screen).flatMap((call) => actionsOf(format, call, screen))

        const [pointed] = back
        expectNear(pointed?.type === 'click' || pointed?.type === 'move' ? pointed.at : undefined, at, screen)
        expect(back.at(-1)).toMatchObject({ type: 'click', button: 'left', count: 1 })
      }),
      { numRuns: 60 },
    )
  })

  test.each(names)('%s keeps keys that are pressed together', (format) => {
    const key = fc.oneof(fc.constantFrom(...namedKeys), fc.constantFrom(...'abcxyz0189+-*/=,.;:\'"`\\|[]{}()<>_?!@#$%^&~'))
    fc.assert(
      fc.property(fc.subarray(['Control', 'Shift', 'Alt', 'Meta']), key, (modifiers, last) => {
        const keys = [...new Set([...modifiers, last])]

        const back = written(format, [{ type: 'key', keys }], twice).flatMap((call) => actionsOf(format, call, twice))

        expect(back).toEqual([{ type: 'key', keys }])
      }),
      { numRuns: 60 },
    )
  })

  test.each(names.filter((name) => name !== 'gemini-2.5'))('%s keeps a typed text', (format) => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        fc.pre(format !== 'ui-tars' || !text.endsWith('\n'))

        const back = written(format, [{ type: 'type', text }], twice).flatMap((call) => actionsOf(format, call, twice))

        expect(back).toEqual([{ type: 'type', text }])
      }),
      { numRuns: 40 },
    )
  })
})
