import { describe, expect, test } from 'vitest'
import { type FormatName, goingOn, paths, readStream, simpleBody, useGateway } from '../support/gateway.ts'

/*
 * What a request asks for that its provider has in another way, or not at all; and reasoning of servers that have more than a text of it.
 */

const door = useGateway({ pools: { thinker: { models: ['blocks-a/claude-sonnet-4-0'] } } })
const post = async (client: FormatName, body: Record<string, unknown>) => {
  const response = await door.post(paths[client], body)
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return { response, text, sent: door.cloud.requests.at(-1)?.body ?? {} }
}
const chat = (model: string, more: Record<string, unknown> = {}) => ({ ...simpleBody('openai-chat', model, 'Hello', false), ...more })
const messages = (model: string, more: Record<string, unknown> = {}) => ({
  ...simpleBody('anthropic-messages', model, 'Hello', false),
  ...more,
})
const responses = (model: string, more: Record<string, unknown> = {}) => ({
  ...simpleBody('openai-responses', model, 'Hello', false),
  ...more,
})

describe("OpenRouter's reasoning_details", () => {
  const chunk = (delta: object, reason: string | null = null) =>
    `data: ${JSON.stringify({ id: 'gen-1', object: 'chat.completion.chunk', model: 'alpha', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
  const detail = (more: { text: string | null; signature?: string }) => ({
    type: 'reasoning.text',
    format: 'anthropic-claude-v1',
    index: 0,
    ...more,
  })
  const pieces = [detail({ text: 'I think' }), detail({ text: ' of alpha' }), detail({ text: null, signature: 'c2lnbmVk' })]
  const sealed = { type: 'reasoning.encrypted', data: 'ZW5jcnlwdGVk', format: 'google-gemini-v1', index: 1, id: 'tool_1' }
  const whole = [{ ...detail({ text: 'I think of alpha' }), signature: 'c2lnbmVk' }, sealed]
  const call = { index: 0, id: 'call_a1b2c3d4e5', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }
  const raw = [
    ...pieces.map((one) => chunk({ reasoning: one.text ?? '', reasoning_details: [one] })),
    chunk({ tool_calls: [call] }),
    chunk({ reasoning_details: [sealed] }),
    chunk({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ].join('')
  const begun = async (client: FormatName, body: Record<string, unknown>) => {
    door.cloud.script([{ raw, contentType: 'text/event-stream' }], 'alpha')
    door.cloud.answer(() => ({ text: 'Done' }))
    return post(client, body)
  }
  const assistant = (sent: Record<string, unknown>) =>
    (sent['messages'] as Record<string, unknown>[]).find(({ role }) => role === 'assistant')

  test.each(['anthropic-messages', 'openai-responses'] as const)(
    'go back to their model from a client of %s, and to no other',
    async (client) => {
      const first = simpleBody(client, 'chat-a/alpha', `Hello ${client}`, false)
      const { text } = await begun(client, first)
      const next = goingOn(client, first, JSON.parse(text), '3')

      const own = await post(client, next)
      const other = await post(client, { ...next, model: 'chat-b/beta' })

      expect(text).toContain('I think of alpha')
      expect(assistant(own.sent)).toMatchObject({ reasoning_details: whole, tool_calls: [{ id: call.id }] })
      expect(JSON.stringify(other.sent)).toContain(call.id)
      expect(JSON.stringify(other.sent)).not.toMatch(/I think|reasoning|c2lnbmVk|ZW5jcnlwdGVk/)
    },
  )

  test.each([
    ['joined', { reasoning: 'I think of alpha', reasoning_details: whole }],
    ['in the pieces that they came in', { reasoning_details: [...pieces, sealed] }],
    ['as their text alone', { reasoning: 'I think of alpha' }],
  ])('go back to their model as a client of Chat Completions has them, %s, and to no other', async (how, kept) => {
    const first = { ...chat('chat-a/alpha'), stream: true, messages: [{ role: 'user', content: `Hello ${how}` }] }
    const { text } = await begun('openai-chat', first)
    const said = { role: 'assistant', content: null, tool_calls: [call], ...kept }
    const next = { ...first, messages: [...first.messages, said, { role: 'tool', tool_call_id: call.id, content: '3' }] }

    const own = await post('openai-chat', next)
    const other = await post('openai-chat', { ...next, model: 'chat-b/beta' })

    expect(text.replaceAll('"model":"chat-a/alpha"', '"model":"alpha"')).toBe(raw)
    expect(assistant(own.sent)).toEqual(said)
    expect(JSON.stringify(other.sent)).not.toMatch(/I think|"reasoning|c2lnbmVk|ZW5jcnlwdGVk/)
  })
})

describe('thinking that a client wants to see of a model of Responses', () => {
  const thinking = { type: 'enabled', budget_tokens: 2048 }

  test.each([
    ['asks for it', 'anthropic-messages', messages('items-a/alpha', { thinking, max_tokens: 4000 }), { effort: 'low', summary: 'auto' }],
    [
      'asks for it in OpenRouter’s words',
      'openai-chat',
      chat('items-a/alpha', { reasoning: { effort: 'high' } }),
      { effort: 'high', summary: 'auto' },
    ],
    [
      'does not want it',
      'anthropic-messages',
      messages('items-a/alpha', { thinking: { ...thinking, display: 'omitted' } }),
      { effort: 'low' },
    ],
    ['wants none shown', 'openai-chat', chat('items-a/alpha', { reasoning: { effort: 'high', exclude: true } }), { effort: 'high' }],
    ['names an effort alone', 'openai-chat', chat('items-a/alpha', { reasoning_effort: 'high' }), { effort: 'high' }],
  ] as const)('of one that %s', async (_, client, body, reasoning) => {
    door.cloud.answer(() => ({ reasoning: 'I think', text: 'Hi' }))

    const { sent, text } = await post(client, body)

    // The model's name is not known to take an effort.
    const { effort: __, ...without } = reasoning as { effort: string; summary?: string }
    expect(sent['reasoning'] ?? {}).toEqual(without)
    expect(text).toContain('I think')
  })

  test('is asked for once more without, where the vendor shows its summaries to others alone', async () => {
    const message = 'Your organization must be verified to generate reasoning summaries.'
    door.cloud.script([{ fail: 'bad-request', message }, { text: 'Hi' }])

    const { text } = await post('anthropic-messages', messages('items-a/alpha', { thinking, max_tokens: 4000 }))

    expect(text).toContain('Hi')
    expect(door.cloud.requests.map(({ body }) => JSON.stringify(body['reasoning'] ?? null))).toEqual(['{"summary":"auto"}', 'null'])
  })
})

describe('a budget of thinking', () => {
  test.each([
    ['a model that nobody knows', 'openai-chat', chat('blocks-a/alpha', { reasoning_effort: 'high' })],
    ['one whose client has a budget of its own', 'openai-chat', chat('blocks-a/alpha', { reasoning: { max_tokens: 30_000 } })],
    ['one with a short limit', 'openai-chat', chat('blocks-a/alpha', { reasoning_effort: 'high', max_tokens: 1500 })],
    [
      'a limit that the model cannot have',
      'anthropic-messages',
      messages('claude-sonnet-4-0', { thinking: { type: 'enabled', budget_tokens: 90_000 }, max_tokens: 100_000 }),
    ],
  ] as const)('stays below the limit of %s', async (_, client, body) => {
    door.cloud.answer(() => ({ text: 'Hi' }))

    const { sent } = await post(client, body)

    const { thinking, max_tokens: limit } = sent as { thinking?: { budget_tokens: number }; max_tokens: number }
    expect(limit).toBeLessThanOrEqual(client === 'openai-chat' ? 4096 : 64_000)
    expect(thinking?.budget_tokens).toBeGreaterThanOrEqual(1024)
    expect(thinking?.budget_tokens).toBeLessThan(limit)
  })
})

describe('what another format has no word for', () => {
  const tool = { name: 'add', input_schema: { type: 'object' } }
  const placeholder = {
    name: 'DeferredToolPlaceholder',
    description: 'Never call this tool',
    input_schema: { type: 'object' },
    defer_loading: true,
  }
  const body = (model: string) => messages(model, { tools: [tool, placeholder] })

  test('the placeholder of Claude Code is a tool for its own vendor alone', async () => {
    door.cloud.answer(() => ({ text: 'Hi' }))

    const own = await post('anthropic-messages', body('blocks-a/alpha'))
    const others = [await post('anthropic-messages', body('chat-a/alpha')), await post('anthropic-messages', body('items-a/alpha'))]

    expect(own.sent['tools']).toEqual([tool, placeholder])
    for (const { sent, response } of others) {
      expect(sent['tools']).toHaveLength(1)
      expect(JSON.stringify(sent)).not.toContain('Placeholder')
      expect(response.headers.get('x-signalbox-dropped')).toContain('DeferredToolPlaceholder')
    }
  })

  test.each([
    [
      'openai-chat',
      chat('blocks-a/alpha', { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } }),
      /modalities.*audio|audio.*modalities/,
    ],
    [
      'openai-responses',
      responses('chat-a/alpha', { tools: [{ type: 'web_search' }, { type: 'code_interpreter', container: { type: 'auto' } }] }),
      /web_search.*code_interpreter/,
    ],
    [
      'anthropic-messages',
      messages('items-a/alpha', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }),
      /web_search_20250305/,
    ],
  ] as const)('of %s, audio and the tools of the vendor are named', async (client, request, named) => {
    door.cloud.answer(() => ({ text: 'Hi' }))

    const { response, text } = await post(client, request)

    expect(response.headers.get('x-signalbox-dropped')).toMatch(named)
    expect(text).toContain('Hi')
  })
})

test('the words of a provider about when to come back reach a client, and hold', async () => {
  for (const [status, seconds] of [
    [429, 7],
    [503, 9],
  ] as const) {
    door.advance(3_600_000)
    door.cloud.reset()
    door.cloud.answer(() => ({ status, retryAfter: seconds }))
    const ask = () => door.post(paths['openai-chat'], { ...chat('signalbox/chat'), stream: true })

    const [first, second] = [await ask(), await ask()]

    for (const response of [first, second]) {
      expect([response.status, Number(response.headers.get('retry-after'))]).toEqual([status, expect.closeTo(seconds, 0)])
    }
    // Nobody is asked before.
    expect(door.cloud.requests).toHaveLength(2)
    door.advance(seconds * 1000)
    door.cloud.answer(() => ({ text: 'Back' }))
    expect(readStream('openai-chat', await (await ask()).text()).text).toBe('Back')
  }
})
