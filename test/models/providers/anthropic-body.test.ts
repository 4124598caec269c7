import { describe, expect, test } from 'vitest'
import type { Message, ToolDefinition } from '../../../models/message.ts'
import type { ModelRequest } from '../../../models/provider.ts'
import { toBody } from '../../../models/providers/anthropic-body.ts'
import { user } from '../../contract/provider.ts'

const tool: ToolDefinition = { name: 'go', description: '', inputSchema: { type: 'object', properties: {} } }
const bodyOf = (request: Partial<ModelRequest>) => {
  const full = { model: 'claude-sonnet-4-5', messages: [user('Hi')], ...request }
  return toBody(full, `cloud/${full.model}`) as unknown as Record<string, unknown>
}
const marksIn = (body: object) => [...JSON.stringify(body).matchAll(/"cache_control":(\{.*?\})/g)].map(([, mark]) => mark)

describe('toBody() for Anthropic, thinking', () => {
  test.each([
    ['claude-3-5-haiku-latest', { effort: 'high' }, undefined, undefined],
    ['claude-sonnet-4-5', { effort: 'high' }, { type: 'enabled', budget_tokens: 16_384 }, undefined],
    ['claude-sonnet-4-5', { budgetTokens: 500 }, { type: 'enabled', budget_tokens: 1024 }, undefined],
    ['claude-sonnet-4-5', {}, { type: 'enabled', budget_tokens: 8192 }, undefined],
    ['claude-sonnet-4-5', { effort: 'none' }, undefined, undefined],
    ['kimi-k2-thinking', { effort: 'low' }, { type: 'enabled', budget_tokens: 2048 }, undefined],
    ['claude-opus-4-6', { effort: 'xhigh' }, { type: 'adaptive' }, 'high'],
    ['claude-opus-4-7', { effort: 'xhigh' }, { type: 'adaptive' }, 'xhigh'],
    ['claude-opus-4-7', { effort: 'none' }, undefined, undefined],
    ['claude-opus-4-7', { budgetTokens: 6000 }, { type: 'adaptive' }, 'medium'],
    ['claude-sonnet-5', { effort: 'none' }, { type: 'disabled' }, undefined],
    ['claude-sonnet-5', { effort: 'minimal' }, { type: 'adaptive' }, 'low'],
    ['claude-fable-5', { effort: 'none' }, undefined, undefined],
    ['claude-fable-5', {}, { type: 'adaptive' }, undefined],
  ] as const)('%s, asked for %j', (model, reasoning, thinking, effort) => {
    const body = bodyOf({ model, reasoning })

    expect(body['thinking']).toEqual(thinking)
    expect(body['output_config']).toEqual(effort === undefined ? undefined : { effort })
  })

  test.each([
    [{ effort: 'high' }, undefined, 16_384 + 4096, 16_384],
    [{ effort: 'high' }, 4000, 4000, 2000],
    [{ budgetTokens: 9000 }, 4000, 4000, 3999],
    [{ budgetTokens: 9000 }, 1024, 1024, undefined],
    [{ effort: 'low' }, 1500, 1500, 1024],
  ] as const)('of %j, a budget stays below a limit of %s', (reasoning, maxOutputTokens, max_tokens, budget) => {
    const body = bodyOf({ reasoning, maxOutputTokens })

    expect(body).toMatchObject({ max_tokens })
    expect((body['thinking'] as { budget_tokens: number } | undefined)?.budget_tokens).toBe(budget)
  })

  test('goes without sampling, which the vendor refuses beside it', () => {
    expect(bodyOf({ reasoning: {}, temperature: 0.5, topP: 0.5 })).not.toHaveProperty(['temperature'])
    expect(bodyOf({ reasoning: {}, temperature: 0.5, topP: 0.5 })).not.toHaveProperty(['top_p'])
  })

  test('gives way to a forced call where it is manual, and stays where it is adaptive', () => {
    const forced = { tools: [tool], toolChoice: 'required' as const, reasoning: {} }

    expect(bodyOf(forced)).not.toHaveProperty('thinking')
    expect(bodyOf(forced)).toMatchObject({ tool_choice: { type: 'any' } })
    expect(bodyOf({ ...forced, model: 'claude-opus-4-7' })).toMatchObject({ tool_choice: { type: 'any' }, thinking: { type: 'adaptive' } })
  })

  test('does not begin in the middle of a tool loop', () => {
    const call: Message = { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'go', input: {} }] }
    const result: Message = { role: 'user', content: [{ type: 'tool-result', id: 'a', name: 'go', content: [], isError: false }] }
    const raw = { type: 'thinking', thinking: 'Hm', signature: 'c2ln' }
    const own: Message = {
      role: 'assistant',
      content: [{ type: 'reasoning', text: 'Hm', mintedBy: 'cloud/claude-sonnet-4-5', raw }, ...call.content],
    }

    expect(bodyOf({ reasoning: {}, messages: [user('Hi'), call, result] })).not.toHaveProperty('thinking')
    expect(bodyOf({ reasoning: {}, messages: [user('Hi'), own, result] })).toHaveProperty('thinking')
    expect(bodyOf({ reasoning: {}, messages: [user('Hi'), own, result, call, result] })).toHaveProperty('thinking')
    expect(bodyOf({ reasoning: {}, messages: [user('Hi'), call, result, user('Next')] })).toHaveProperty('thinking')
  })
})

describe('toBody() for Anthropic, sampling and limits', () => {
  test.each([
    ['claude-3-5-haiku-latest', { temperature: 0.5, top_p: 0.9 }],
    ['claude-sonnet-4-5', { temperature: 0.5 }],
    ['claude-opus-4-7', {}],
    ['kimi-k2', { temperature: 0.5, top_p: 0.9 }],
  ])('%s gets %j', (model, expected) => {
    const { temperature, top_p } = bodyOf({ model, temperature: 0.5, topP: 0.9 })

    expect(JSON.parse(JSON.stringify({ temperature, top_p }))).toEqual(expected)
  })

  test('top_p goes alone where there is no temperature', () => {
    expect(bodyOf({ topP: 0.9 })).toMatchObject({ top_p: 0.9 })
  })

  test('stop sequences of white space, which the vendor refuses, are left out', () => {
    expect(bodyOf({ stopSequences: ['END', '\n'] })).toMatchObject({ stop_sequences: ['END'] })
    expect(bodyOf({ stopSequences: ['\n'] })).not.toHaveProperty('stop_sequences')
  })

  test.each([
    [undefined, { type: 'auto', disable_parallel_tool_use: true }],
    ['auto', { type: 'auto', disable_parallel_tool_use: true }],
    ['required', { type: 'any', disable_parallel_tool_use: true }],
    [{ name: 'go' }, { type: 'tool', name: 'go', disable_parallel_tool_use: true }],
    ['none', { type: 'none' }],
  ] as const)('one call at most, with the choice %j', (toolChoice, expected) => {
    expect(bodyOf({ tools: [tool], toolChoice, parallelToolCalls: false })['tool_choice']).toEqual(expected)
    expect(bodyOf({ toolChoice, parallelToolCalls: false })).not.toHaveProperty('tool_choice')
  })
})

describe('toBody() for Anthropic, marks of the cache', () => {
  const marked = (...lifetimes: readonly ('5m' | '1h')[]): Message => ({
    role: 'user',
    content: lifetimes.map((cacheBreakpoint, index) => ({ type: 'text', text: `${index}`, cacheBreakpoint })),
  })

  test('those of the request stand in the place of the usual ones', () => {
    const body = bodyOf({ system: 'Be short', tools: [tool], cacheKey: 'th_1', messages: [marked('5m'), user('Hi')] })

    expect(marksIn(body)).toEqual(['{"type":"ephemeral"}'])
  })

  test('an hour is said, five minutes are not', () => {
    expect(marksIn(bodyOf({ system: 'Be short', systemCacheBreakpoint: '1h', messages: [marked('5m')] }))).toEqual([
      '{"type":"ephemeral","ttl":"1h"}',
      '{"type":"ephemeral"}',
    ])
  })

  test('none for an hour stands behind one for five minutes', () => {
    expect(marksIn(bodyOf({ messages: [marked('1h', '5m', '1h')] }))).toEqual([
      '{"type":"ephemeral","ttl":"1h"}',
      '{"type":"ephemeral"}',
      '{"type":"ephemeral"}',
    ])
  })

  test('there are four at most, the last ones', () => {
    const body = bodyOf({ tools: [{ ...tool, cacheBreakpoint: '1h' }], messages: [marked('5m', '5m', '5m', '5m', '5m')] })

    expect(marksIn(body)).toHaveLength(4)
    expect(body['tools']).toEqual([expect.not.objectContaining({ cache_control: expect.anything() })])
  })
})
