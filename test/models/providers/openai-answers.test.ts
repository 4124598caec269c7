import { describe, expect, test } from 'vitest'
import type { ModelEvent, ModelRequest, RelayChunk } from '../../../models/provider.ts'
import { createProvider } from '../../../models/providers/index.ts'
import { effortOf } from '../../../models/providers/openai-models.ts'
import { collect, finishOf, user } from '../../contract/provider.ts'

type Format = 'openai-chat' | 'openai-responses'

function answering(events: readonly object[]): typeof fetch {
  return async () =>
    new Response(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''), { headers: { 'content-type': 'text/event-stream' } })
}

async function eventsOf(format: Format, events: readonly object[]): Promise<ModelEvent[]> {
  const provider = createProvider({ name: 'p', kind: 'openai', format, baseUrl: 'http://127.0.0.1:1/v1', fetch: answering(events) })
  const request = { path: '/', model: 'm', stream: true, headers: {}, body: Buffer.from('{}') }
  const chunks: RelayChunk[] = await Array.fromAsync(provider.relay?.(request) ?? [])
  return chunks.flatMap((chunk) => chunk.events).slice(1)
}

/** What goes out for a request. */
async function bodyOf(format: Format, request: Partial<ModelRequest>): Promise<Record<string, unknown>> {
  let sent = ''
  const keeping: typeof fetch = async (_, init) => {
    sent = String(init?.body)
    return new Response('data: {"error":{"message":"enough"}}\n\n')
  }
  const provider = createProvider({ name: 'p', kind: 'openai', format, baseUrl: 'https://api.openai.com/v1', fetch: keeping })
  await collect(provider.send({ model: 'gpt-4.1', messages: [user('Hi')], ...request })).catch(() => undefined)
  return JSON.parse(sent)
}

const chunk = (delta: object, reason: string | null = null) => ({ choices: [{ index: 0, delta, finish_reason: reason }] })

describe('openai-chat answers', () => {
  test('reasoning is whole when something else begins, and what a call carries for its model is reasoning too', async () => {
    const call = { index: 0, id: 'c', function: { name: 'f', arguments: '{}' }, extra_content: { google: { thought_signature: 's' } } }

    const events = await eventsOf('openai-chat', [
      chunk({ reasoning: 'Let ' }),
      chunk({ reasoning: 'me' }),
      chunk({ content: 'Hi' }),
      chunk({ tool_calls: [call] }),
      chunk({}, 'tool_calls'),
    ])

    const thought = { type: 'reasoning', text: 'Let me', mintedBy: 'p/m', raw: { field: 'reasoning', text: 'Let me' } }
    const signed = { type: 'reasoning', text: '', mintedBy: 'p/m', raw: { callId: 'c', extra: call.extra_content } }
    expect(events.map(({ type }) => type)).toEqual([
      ...['reasoning-delta', 'reasoning-delta', 'reasoning', 'text-delta', 'tool-call-delta', 'reasoning', 'tool-call', 'finish'],
    ])
    expect(events.filter((event) => event.type === 'reasoning').map(({ part }) => part)).toEqual([thought, signed])
    expect(finishOf(events).message.content).toMatchObject([thought, signed, { type: 'text' }, { type: 'tool-call' }])
  })

  test('calls of one id are told apart, and a name may come late', async () => {
    const part = (index: number, told: object, id?: string) =>
      chunk({ tool_calls: [{ index, ...(id !== undefined && { id }), function: told }] })

    const events = await eventsOf('openai-chat', [
      part(0, { arguments: '' }, 'call_0'),
      part(0, { name: 'look', arguments: '{"a"' }),
      part(0, { arguments: ':1}' }, 'call_0'),
      part(1, { name: 'look', arguments: '{}' }, 'call_0'),
      chunk({}, 'tool_calls'),
    ])

    const calls = finishOf(events).message.content.filter((one) => one.type === 'tool-call')
    expect(calls).toMatchObject([
      { id: 'call_0', name: 'look', input: { a: 1 } },
      { id: expect.stringMatching(/^call_[0-9a-f]{32}$/), name: 'look', input: {} },
    ])
  })

  test('the text of a tool call is told as its argument', async () => {
    const text = 'a "b"\n👋'
    const part = (custom: object, id?: string) =>
      chunk({ tool_calls: [{ index: 0, type: 'custom', ...(id !== undefined && { id }), custom }] })

    const events = await eventsOf('openai-chat', [
      part({ name: 'patch', input: '' }, 'c'),
      part({ input: text.slice(0, 7) }),
      part({ input: text.slice(7) }),
      chunk({}, 'tool_calls'),
    ])

    const pieces = events.map((event) => (event.type === 'tool-call-delta' ? event.inputText : '')).join('')
    expect(JSON.parse(pieces)).toEqual({ input: text })
    expect(finishOf(events).message.content).toEqual([{ type: 'tool-call', id: 'c', name: 'patch', input: { input: text } }])
  })

  test('content in parts is read for its texts', async () => {
    const parts = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
      { type: 'text', text: 'Hi' },
    ]
    const events = await eventsOf('openai-chat', [chunk({ content: parts }), chunk({ content: ' there' }), chunk({}, 'stop')])

    expect(finishOf(events).message.content).toEqual([{ type: 'text', text: 'Hi there' }])
  })

  test('a refusal is told while it arrives', async () => {
    const events = await eventsOf('openai-chat', [chunk({ refusal: 'No' }), chunk({}, 'stop')])

    expect(events[0]).toEqual({ type: 'text-delta', text: 'No', refusal: true })
    expect(finishOf(events).finishReason).toBe('refusal')
  })

  test.each([
    ['data: {"choices":[],"us', /broke off its stream in the middle of an event/],
    ['data: {"choices":[]}\ndata: [DONE]\n', /broke off its stream in the middle of an event/],
    ['data: [DONE]', undefined],
    ['', undefined],
  ])('behind its last word a stream that stops with %j is cut, or whole', async (rest, failure) => {
    const said = [chunk({ content: 'Hi' }), chunk({}, 'stop')].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
    const cut: typeof fetch = async () => new Response(said + rest, { headers: { 'content-type': 'text/event-stream' } })
    const provider = createProvider({ name: 'p', kind: 'openai', format: 'openai-chat', baseUrl: 'http://127.0.0.1:1/v1', fetch: cut })
    const relayed = async () =>
      Array.fromAsync(provider.relay?.({ path: '/', model: 'm', stream: true, headers: {}, body: Buffer.from('{}') }) ?? [])
    const sent = async () => collect(provider.send({ model: 'm', messages: [user('Hi')] }))

    for (const answer of [relayed, sent]) {
      if (failure === undefined) expect((await answer()).length).toBeGreaterThan(0)
      else await expect(answer()).rejects.toThrow(failure)
    }
  })
})

describe('openai-responses answers', () => {
  const item = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'c', name: 'patch', input: '' }
  const completed = { type: 'response.completed', response: { status: 'completed', output: [], model: 'm' } }

  test('the text of a tool call is told as its argument', async () => {
    const text = 'a "b"\n👋'
    const events = await eventsOf('openai-responses', [
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.custom_tool_call_input.delta', item_id: 'ctc_1', delta: text.slice(0, 7) },
      { type: 'response.custom_tool_call_input.delta', item_id: 'ctc_1', delta: text.slice(7) },
      { type: 'response.output_item.done', output_index: 0, item: { ...item, input: text } },
      completed,
    ])

    const pieces = events.map((event) => (event.type === 'tool-call-delta' ? event.inputText : '')).join('')
    expect(JSON.parse(pieces)).toEqual({ input: text })
    expect(finishOf(events)).toMatchObject({
      finishReason: 'tool-calls',
      message: { content: [{ type: 'tool-call', id: 'c', name: 'patch', input: { input: text } }] },
    })
  })

  test('parts of a summary are paragraphs, and reasoning is told with its item', async () => {
    const reasoning = { id: 'rs_1', type: 'reasoning', summary: [{ text: 'One' }, { text: 'Two' }], encrypted_content: 'x' }
    const part = { type: 'response.reasoning_summary_part.added', item_id: 'rs_1' }
    const delta = { type: 'response.reasoning_summary_text.delta', item_id: 'rs_1' }

    const events = await eventsOf('openai-responses', [
      { ...part, summary_index: 0 },
      { ...delta, delta: 'One' },
      { ...part, summary_index: 1 },
      { ...delta, delta: 'Two' },
      { type: 'response.output_item.done', output_index: 0, item: reasoning },
      completed,
    ])

    const shown = events.map((event) => (event.type === 'reasoning-delta' ? event.text : '')).join('')
    const told = events.find((event) => event.type === 'reasoning')
    expect(shown).toBe('One\n\nTwo')
    expect(told?.part).toEqual({ type: 'reasoning', text: 'One\n\nTwo', mintedBy: 'p/m', raw: reasoning })
  })

  test('a response in the background is passed on as it is, with nothing said', async () => {
    const body = { id: 'resp_1', status: 'queued', output: [], error: null }
    const fetchOption: typeof fetch = async () => Response.json(body)
    const provider = createProvider({
      name: 'p',
      kind: 'openai',
      format: 'openai-responses',
      baseUrl: 'http://127.0.0.1:1/v1',
      fetch: fetchOption,
    })

    const request = { path: '/responses', model: 'm', stream: false, headers: {}, body: Buffer.from('{}') }
    const chunks: RelayChunk[] = await Array.fromAsync(provider.relay?.(request) ?? [])

    expect(finishOf(chunks.flatMap(({ events }) => events))).toMatchObject({ finishReason: 'other', rawFinishReason: 'queued' })
  })
})

describe('what is asked of the answer', () => {
  const tools = [{ name: 'go', description: '', inputSchema: { type: 'object' } }]

  test('reaches models that take it', async () => {
    const asked = { topP: 0.9, stopSequences: ['END'], parallelToolCalls: false, tools }

    expect(await bodyOf('openai-chat', asked)).toMatchObject({ top_p: 0.9, stop: ['END'], parallel_tool_calls: false })
    expect(await bodyOf('openai-responses', asked)).toMatchObject({ top_p: 0.9, parallel_tool_calls: false })
    expect(await bodyOf('openai-chat', { model: 'gpt-5', reasoning: { effort: 'high' } })).toMatchObject({ reasoning_effort: 'high' })
    expect(await bodyOf('openai-responses', { model: 'gpt-5', reasoning: { effort: 'high' } })).toMatchObject({
      reasoning: { effort: 'high' },
    })
  })

  test.each(['openai-chat', 'openai-responses'] as const)('is left out of %s for models that refuse it', async (format) => {
    const asked = { topP: 0.9, stopSequences: ['END'], parallelToolCalls: false, tools, reasoning: { effort: 'high' as const } }

    const reasons = await bodyOf(format, { ...asked, model: 'o3-mini' })
    const plain = await bodyOf(format, { ...asked, model: 'gpt-4.1' })

    for (const field of ['top_p', 'stop', 'parallel_tool_calls']) expect(reasons).not.toHaveProperty(field)
    for (const field of ['reasoning', 'reasoning_effort']) expect(plain).not.toHaveProperty(field)
  })

  test('no breakpoint of another format goes out', async () => {
    const message = { role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi', cacheBreakpoint: '5m' as const }] }

    for (const format of ['openai-chat', 'openai-responses'] as const) {
      const body = await bodyOf(format, { messages: [message], system: 'S', systemCacheBreakpoint: '1h', tools })
      expect(JSON.stringify(body)).not.toMatch(/cache_?(?:control|breakpoint)/i)
    }
  })

  test.each([
    ['gpt-5', 'none', 'minimal'],
    ['gpt-5', 'xhigh', 'high'],
    ['gpt-5.1', 'minimal', 'none'],
    ['gpt-5.2', 'xhigh', 'xhigh'],
    ['gpt-5-codex', 'minimal', 'low'],
    ['gpt-5-pro', 'low', 'high'],
    ['gpt-5.2-pro', 'none', 'medium'],
    ['o3', 'none', 'low'],
    ['openai/gpt-oss-120b', 'xhigh', 'high'],
    ['gpt-5-chat-latest', 'high', undefined],
    ['qwen3-32b', 'high', undefined],
  ] as const)('%s thinks for %s with %s', (model, effort, expected) => {
    expect(effortOf(model, { effort })).toBe(expected)
  })

  test.each([
    [1024, 'low'],
    [10_000, 'medium'],
    [31_999, 'high'],
  ])('a budget of %i tokens is the effort %s', (budgetTokens, expected) => {
    expect(effortOf('gpt-5', { budgetTokens })).toBe(expected)
  })
})
