import { describe, expect, test } from 'vitest'
import { toBody } from '../../../models/providers/anthropic-body.ts'
import { anthropicMessages } from '../../../models/wire/anthropic-messages.ts'

const hour = { cache_control: { type: 'ephemeral', ttl: '1h' } }
const minutes = { cache_control: { type: 'ephemeral' } }
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }

/** Through our vocabulary and back, for the same model. */
function roundTrip(body: Record<string, unknown>) {
  const { system, systemCacheBreakpoint, model, messages, ...asked } = anthropicMessages.readRequest({
    model: 'claude-sonnet-4-5',
    max_tokens: 9000,
    ...body,
  })
  return toBody({ model, system, systemCacheBreakpoint, messages, ...asked }, 'cloud/claude-sonnet-4-5')
}

describe('a request of Anthropic’s format, through our vocabulary and back,', () => {
  const conversation: object[] = [
    {
      role: 'user',
      content: [{ type: 'text', text: 'Look' }, image, { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: [1, 2] } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'seen' }, image], is_error: true },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'BBBB' }, title: 'a.pdf' },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Zwölf' }, title: 'b' },
      ],
    },
  ]
  const tools = [{ name: 'look', description: 'Looks', input_schema: { type: 'object', properties: {} } }]

  test('keeps texts, images, documents, calls, results and tools', () => {
    const body = { system: [{ type: 'text', text: 'Be short' }], tools, messages: conversation, stop_sequences: ['END'], temperature: 0.3 }

    expect(roundTrip(body)).toEqual({ model: 'claude-sonnet-4-5', max_tokens: 9000, stream: true, ...body })
  })

  test('keeps its marks where they stand, and sets none beside them', () => {
    const messages = conversation.with(2, {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'seen' }], ...minutes }],
    })
    const body = { system: [{ type: 'text', text: 'Be short', ...hour }], tools: [{ ...tools[0], ...hour }], messages }

    expect(roundTrip(body)).toMatchObject(body)
    expect(JSON.stringify(roundTrip(body)).match(/cache_control/g)).toHaveLength(3)
  })

  test.each([
    [{ type: 'auto', disable_parallel_tool_use: true }],
    [{ type: 'any', disable_parallel_tool_use: true }],
    [{ type: 'tool', name: 'look' }],
    [{ type: 'none' }],
  ])('keeps the choice of a tool: %j', (tool_choice) => {
    expect(roundTrip({ tools, messages: conversation, tool_choice })).toMatchObject({ tool_choice })
  })

  test('keeps the budget of thinking, or the effort where the model has one', () => {
    const messages = [{ role: 'user', content: 'Hi' }]
    const adaptive = { thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } }

    expect(roundTrip({ messages, thinking: { type: 'enabled', budget_tokens: 4096 } })).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 4096 },
    })
    expect(roundTrip({ messages, model: 'claude-opus-4-7', ...adaptive })).toMatchObject(adaptive)
  })

  test('keeps the schema of the answer', () => {
    const format = { type: 'json_schema', schema: { type: 'object', properties: {}, required: [], additionalProperties: false } }

    expect(roundTrip({ messages: conversation, output_config: { format } })).toMatchObject({ output_config: { format } })
  })
})
