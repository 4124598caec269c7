import { describe, expect, test } from 'vitest'
import type { Screen } from '../../../models/computer/format.ts'
import { uiTars } from '../../../models/computer/formats/ui-tars.ts'

const screen: Screen = { source: { width: 1000, height: 500 }, space: { kind: 'pixels', width: 1000, height: 500 }, environment: 'linux' }
const read = (text: string) => uiTars.parse(text, screen).blocks.map(({ action }) => action)

describe('uiTars.parse()', () => {
  test.each([
    "click(start_box='<|box_start|>(100,200)<|box_end|>')",
    "click(point='<point>100 200</point>')",
    "click(start_point='(100, 200)')",
    "click(start_box='[90,190,110,210]')",
    'click(start_box=(100,200))',
    'click( start_box = "100, 200" )',
  ])('reads the place in %s', (call) => {
    expect(read(`Thought: There it is.\nAction: ${call}`)).toMatchObject([{ type: 'click', at: { x: 100, y: 200 } }])
  })

  test.each([
    ["type(content='it\\'s')", { text: "it's" }],
    ["type(content='it's here')", { text: "it's here" }],
    [`type(content='say "hi", please')`, { text: 'say "hi", please' }],
    ["type(content='f(a='b') and more')", { text: "f(a='b') and more" }],
    ["type(content='C:\\\\new')", { text: 'C:\\new' }],
    ["type(content='mug\\n')", { text: 'mug', submit: true }],
    ["type(content='a\\nb')", { text: 'a\nb' }],
    ['type(content=\'__import__("os").system("x")\')', { text: '__import__("os").system("x")' }],
  ])('reads the text in %s', (call, typed) => {
    expect(read(`Action: ${call}`)).toEqual([{ type: 'type', ...typed }])
  })

  test('reads several calls, and the thought as what is claimed of each', () => {
    const text =
      "Thought: First the field,\nthen the text.\nAction: click(start_box='(1,2)')\n\ntype(content='a')\n\nhotkey(key='ctrl c')\nwait()\nscroll(start_box='(1,2)', direction='up')\n\nfinished(content='done')"

    const { blocks } = uiTars.parse(text, screen)

    expect(blocks.map(({ action }) => action.type)).toEqual(['click', 'type', 'key', 'wait', 'scroll', 'finish'])
    expect(new Set(blocks.map(({ claim }) => claim))).toEqual(new Set(['First the field,\nthen the text.']))
  })

  test.each([
    "Action: click(start_box='somewhere 1 2')",
    "Action: type(content='open",
    'Action: ',
    'Action: click',
    "Action: wait() and then click(start_box='(1,2)')",
    "Action: scroll(start_box='(1,2)', direction='sideways')",
  ])('refuses %s', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'computer_action_refused' }))
  })
})
