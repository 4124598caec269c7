import { describe, expect, test } from 'vitest'
import { formatFor } from '../../../models/computer/format-for.ts'
import { recognise } from '../../../models/computer/recognise.ts'

describe('recognise()', () => {
  test.each([
    ['anthropic-20251124', { type: 'tool_use', id: 't', name: 'computer', input: { action: 'left_click', coordinate: [1, 2] } }],
    ['anthropic-toolset-20260801', { type: 'tool_use', id: 't', name: 'left_click', toolset_name: 'computer', input: {} }],
    ['openai-preview', { type: 'computer_call', action: { type: 'click', x: 1, y: 2 } }],
    ['openai', { type: 'computer_call', actions: [{ type: 'click', x: 1, y: 2 }] }],
    ['openai', { type: 'click', x: 1, y: 2, button: 'left' }],
    ['gemini-2.5', { functionCall: { name: 'click_at', args: { x: 1, y: 2 } } }],
    ['gemini-2.5', { name: 'navigate', args: { url: 'https://a.example' } }],
    ['gemini-3.5', { name: 'navigate', args: { url: 'https://a.example', intent: 'Go there' } }],
    ['gemini-3.5', { name: 'press_key', args: { key: 'enter' } }],
    ['ui-tars', "Thought: So.\nAction: click(start_box='(1,2)')"],
    ['qwen-3', { name: 'computer_use', arguments: { action: 'wait', time: 1 } }],
    ['qwen-3', '<tool_call>{"name": "computer_use", "arguments": {}}</tool_call>'],
  ])('names %s by the shape of %j', (format, payload) => {
    expect(recognise(payload)).toEqual({ kind: 'vendor', format })
  })

  test('reads our own form, with what goes without saying and keys by any of their names', () => {
    expect(recognise({ type: 'click', at: { x: 1, y: 2 }, modifiers: ['ctrl'] })).toEqual({
      kind: 'action',
      action: { type: 'click', at: { x: 1, y: 2 }, button: 'left', count: 1, modifiers: ['Control'] },
    })
    expect(recognise({ type: 'key', keys: ['Return'] })).toEqual({ kind: 'action', action: { type: 'key', keys: ['Enter'] } })
  })

  test.each([undefined, null, 5, [], {}, 'Hello', { name: 'browser_click', arguments: {} }, { type: 'key', keys: ['Nowhere'] }])(
    'claims nothing of %j',
    (payload) => {
      expect(recognise(payload)).toBeUndefined()
    },
  )
})

describe('formatFor()', () => {
  test.each([
    ['anthropic/claude-3-5-sonnet-20241022', 'anthropic-20241022'],
    ['claude-3-7-sonnet-latest', 'anthropic-20250124'],
    ['claude-haiku-4-5', 'anthropic-20250124'],
    ['claude-sonnet-4-20250514', 'anthropic-20250124'],
    ['claude-opus-4-6', 'anthropic-20251124'],
    ['claude-sonnet-4-6', 'anthropic-20251124'],
    ['claude-opus-5', 'anthropic-toolset-20260801'],
    ['claude-haiku-5-5', 'anthropic-toolset-20260801'],
    ['eu.anthropic.claude-sonnet-5-5-v1:0', 'anthropic-20251124'],
    ['openai/computer-use-preview', 'openai-preview'],
    ['gpt-5.4', 'openai'],
    ['gpt-5', undefined],
    ['gemini-2.5-computer-use-preview-10-2025', 'gemini-2.5'],
    ['gemini-3-flash-preview', 'gemini-2.5'],
    ['gemini-3.5-flash', 'gemini-3.5'],
    ['UI-TARS-1.5-7B', 'ui-tars'],
    ['Qwen/Qwen2.5-VL-7B-Instruct', 'qwen-2.5'],
    ['Qwen/Qwen3-VL-8B', 'qwen-3'],
    ['llama-4', undefined],
  ])('gives %s the form %s', (model, format) => {
    expect(formatFor(model)?.format).toBe(format)
  })

  test('steps down once where the newest was refused by name, and then to nothing', () => {
    const refused = new Set(['anthropic-toolset-20260801'] as const)

    expect(formatFor('claude-opus-5', refused)).toEqual({ format: 'anthropic-20251124' })
    expect(formatFor('claude-opus-5', new Set([...refused, 'anthropic-20251124']))).toBeUndefined()
  })
})
