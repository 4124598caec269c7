import { describe, expect, test } from 'vitest'
import { toResponsesItems } from '../../../models/providers/openai-responses-body.ts'
import { readAnthropicRequest } from '../../../models/wire/anthropic-request.ts'
import { readResponsesRequest } from '../../../models/wire/openai-responses-request.ts'

const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').toString('base64')
const image_url = `data:image/png;base64,${png}`
const check = { id: 'cu_sc_1', code: 'malicious_instructions', message: 'Look' }
const click = { type: 'click', button: 'left', x: 5, y: 6 }
const call = { type: 'computer_call', call_id: 'call_1', action: click, pending_safety_checks: [check], status: 'completed' }
const output = { type: 'computer_call_output', call_id: 'call_1', output: { type: 'computer_screenshot', image_url } }
const preview = { type: 'computer_use_preview', display_width: 1024, display_height: 768, environment: 'browser' }
const read = (...input: object[]) => readResponsesRequest({ model: 'm', tools: [preview], input })

describe('readResponsesRequest() and toResponsesItems()', () => {
  test('bring a check and its acknowledgement from the older computer to the newer', () => {
    const { messages } = read(call, { ...output, acknowledged_safety_checks: [check] })

    expect(toResponsesItems(messages, 'openai/gpt-5.4', 'gpt-5.4')).toMatchObject([
      { type: 'computer_call', call_id: 'call_1', actions: [click], pending_safety_checks: [check] },
      { type: 'computer_call_output', call_id: 'call_1', acknowledged_safety_checks: [check] },
    ])
  })

  test('acknowledge nothing that the client did not', () => {
    const { messages } = read(call, output)

    expect(toResponsesItems(messages, 'openai/gpt-5.4', 'gpt-5.4')[1]).not.toHaveProperty('acknowledged_safety_checks')
  })

  test('keep a call that was answered without a screenshot as one of a function', () => {
    const { messages } = read(call)

    expect(toResponsesItems(messages, 'openai/gpt-5.4', 'gpt-5.4')).toMatchObject([{ type: 'function_call', name: 'computer' }])
  })
})

describe('readAnthropicRequest()', () => {
  const member = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, toolset_name: 'computer', input })
  const result = (id: string, more: object) => ({ type: 'tool_result', tool_use_id: id, toolset_name: 'computer', ...more })
  const source = { type: 'base64', media_type: 'image/png', data: png }
  const skipped = 'Not executed: an earlier computer action in this turn failed.'
  const body = {
    model: 'm',
    max_tokens: 5,
    tools: [{ type: 'computer_toolset_20260801' }],
    messages: [
      { role: 'user', content: 'Go' },
      {
        role: 'assistant',
        content: [
          member('a', 'left_click', { coordinate: [5, 6] }),
          member('b', 'type', { text: 'x' }),
          member('c', 'screenshot', {}),
          member('d', 'fly', {}),
        ],
      },
      {
        role: 'user',
        content: [
          result('a', { content: 'Nothing there', is_error: true }),
          result('b', { content: skipped, is_error: true }),
          result('c', { content: [{ type: 'image', source }] }),
          result('d', { content: skipped, is_error: true }),
        ],
      },
    ],
  }

  test('reads members of the toolset as actions, nothing of which is dropped', () => {
    const { messages, tools, untranslated } = readAnthropicRequest(body)

    expect(tools).toMatchObject([{ name: 'computer', computer: { format: 'anthropic-toolset-20260801' } }])
    expect(messages[1]?.content[0]).toMatchObject({ name: 'computer', input: { actions: [{ type: 'click', at: { x: 5, y: 6 } }] } })
    expect(messages[2]?.content[0]).toMatchObject({ name: 'computer', isError: true, computer: { acknowledged: [] } })
    expect(untranslated).toEqual([])
  })

  test('and those of a turn become one call of OpenAI, whose failure is told once', () => {
    const { messages } = readAnthropicRequest(body)

    expect(toResponsesItems(messages, 'openai/gpt-5.4', 'gpt-5.4')).toMatchObject([
      { role: 'user' },
      { type: 'computer_call', call_id: 'a', actions: [click, { type: 'type', text: 'x' }, { type: 'screenshot' }] },
      { type: 'function_call', call_id: 'd', name: 'fly' },
      { type: 'computer_call_output', call_id: 'a' },
      { role: 'user', content: 'A computer action failed: Nothing there' },
      { type: 'function_call_output', call_id: 'd' },
    ])
  })
})
