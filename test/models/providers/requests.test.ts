import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Message, ToolDefinition } from '../../../models/message.ts'
import type { ModelRequest } from '../../../models/provider.ts'
import { createProvider, type ProviderOptions } from '../../../models/providers/index.ts'
import { collect, finishOf, user } from '../../contract/provider.ts'
import { type ScriptedProvider, startScriptedProvider } from '../../support/scripted-provider/index.ts'

let cloud: ScriptedProvider
beforeAll(async () => {
  cloud = await startScriptedProvider()
})
afterEach(() => cloud.reset())
afterAll(() => cloud.close())

const tool = (name: string): ToolDefinition => ({ name, description: name, inputSchema: { type: 'object', properties: {} } })
const strict = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'], additionalProperties: false }
const loose = { type: 'object', properties: { n: { type: 'number' } } }
const toolTurn: Message[] = [
  { role: 'assistant', content: [{ type: 'tool-call', id: 'call_1', name: 'look', input: {} }] },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'and now?' },
      {
        type: 'tool-result',
        id: 'call_1',
        name: 'look',
        content: [
          { type: 'text', text: 'seen' },
          { type: 'image', mediaType: 'image/png', data: 'AAAA' },
        ],
        isError: false,
      },
    ],
  },
]

/** The body that goes out for a request. */
async function bodyOf(options: Omit<ProviderOptions, 'name'>, request: Partial<ModelRequest>) {
  cloud.script([{ text: 'Hi' }])
  await collect(createProvider({ name: 'cloud', ...options }).send({ model: 'm', messages: [user('Hi')], ...request }))
  return cloud.requests.at(-1)?.body ?? {}
}

/** OpenAI's own address, with the requests led to the stand-in. */
const official: typeof fetch = (url, init) => fetch(String(url).replace('https://api.openai.com', cloud.url), init)

describe('createProvider()', () => {
  test.each([
    ['openai', 'https://api.openai.com/v1', undefined, 'openai-responses'],
    ['openai', 'https://api.openai.com/v1', 'openai-chat', 'openai-chat'],
    ['openai', 'http://127.0.0.1:8000/v1', undefined, 'openai-chat'],
    ['openai', 'http://127.0.0.1:8000/v1', 'openai-responses', 'openai-responses'],
    ['openai', 'https://api.openai.com.evil.example/v1', undefined, 'openai-chat'],
    ['anthropic', 'https://api.anthropic.com', undefined, 'anthropic-messages'],
  ] as const)('%s at %s (%s) speaks %s', (kind, baseUrl, format, expected) => {
    expect(createProvider({ name: 'p', kind, baseUrl, format }).format).toBe(expected)
  })

  test.each([{ kind: 'openai', format: 'openai-responses' }, { kind: 'openai', format: 'openai-chat' }, { kind: 'anthropic' }] as const)(
    'sends the headers of a request with those of $kind $format',
    async (format) => {
      const headers = { 'x-team': 'blue', 'anthropic-beta': 'one' }
      await bodyOf({ ...format, baseUrl: `${cloud.url}/v1`, apiKey: 'key-of-ours' }, { headers })

      const sent = cloud.requests.at(-1)?.headers
      expect(sent).toMatchObject({ ...headers, 'content-type': 'application/json', accept: 'text/event-stream' })
      expect(sent?.['authorization'] ?? sent?.['x-api-key']).toContain('key-of-ours')
    },
  )

  test('sends no credential when there is none', async () => {
    await bodyOf({ kind: 'openai', baseUrl: `${cloud.url}/v1/` }, {})
    await bodyOf({ kind: 'anthropic', baseUrl: `${cloud.url}/` }, {})

    for (const { headers } of cloud.requests)
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining([expect.stringMatching(/authorization|x-api-key/)]))
  })

  test('refuses a redirect, which would carry the key elsewhere', async () => {
    const server = createServer((_, response) => response.writeHead(307, { location: `${cloud.url}/v1/messages` }).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

    const answer = collect(
      createProvider({ name: 'cloud', kind: 'anthropic', baseUrl, apiKey: 'key' }).send({ model: 'm', messages: [user('Hi')] }),
    )

    await expect(answer).rejects.toMatchObject({ kind: 'unavailable' })
    expect(cloud.requests).toHaveLength(0)
    server.closeAllConnections()
    server.close()
  })
})

describe('openai-responses requests', () => {
  const options = { kind: 'openai', baseUrl: 'https://api.openai.com/v1', fetch: official } as const

  test('keep no state at OpenAI, ask for encrypted reasoning and name the cache key', async () => {
    expect(await bodyOf(options, { cacheKey: 'th_1', maxOutputTokens: 99 })).toMatchObject({
      store: false,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'th_1',
      max_output_tokens: 99,
    })
  })

  test.each(['gpt-4o', 'gpt-4.1-mini', 'ft:gpt-4o-2024-08-06:corp::x', 'gpt-5-chat-latest', 'chatgpt-4o-latest'])(
    'ask no encrypted reasoning of %s, which refuses it',
    async (model) => {
      expect(await bodyOf(options, { model })).not.toHaveProperty('include')
    },
  )

  test('hold an answer to a schema, strictly where the schema allows it', async () => {
    const format = { type: 'json_schema', name: 'answer' }

    expect(await bodyOf(options, { responseSchema: strict })).toMatchObject({
      text: { format: { ...format, schema: strict, strict: true } },
    })
    expect(await bodyOf(options, { responseSchema: loose })).toMatchObject({
      text: { format: { ...format, schema: loose, strict: false } },
    })
  })

  test('leave a temperature out for reasoning models, which refuse it', async () => {
    expect(await bodyOf(options, { model: 'gpt-5-mini', temperature: 0.2 })).not.toHaveProperty('temperature')
    expect(await bodyOf(options, { model: 'gpt-4.1', temperature: 0.2 })).toMatchObject({ temperature: 0.2 })
  })

  test('carry files, and the choice of a tool', async () => {
    const file: Message = { role: 'user', content: [{ type: 'file', mediaType: 'application/pdf', name: 'a.pdf', data: 'AAAA' }] }

    expect(await bodyOf(options, { messages: [file], tools: [tool('go')], toolChoice: { name: 'go' } })).toMatchObject({
      input: [{ role: 'user', content: [{ type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' }] }],
      tool_choice: { type: 'function', name: 'go' },
    })
  })

  test('leave the choice of a tool out where there is none', async () => {
    expect(await bodyOf(options, { toolChoice: 'auto' })).not.toHaveProperty('tool_choice')
  })
})

describe('openai-chat requests', () => {
  const options = { kind: 'openai', baseUrl: '' } as const
  const local = () => ({ ...options, baseUrl: cloud.openaiUrl })

  test('keep to what every server knows', async () => {
    const body = await bodyOf(local(), { maxOutputTokens: 50, cacheKey: 'th_1' })

    expect(body).toMatchObject({ max_tokens: 50, stream_options: { include_usage: true } })
    expect(body).not.toHaveProperty('prompt_cache_key')
  })

  test('use OpenAI’s own words for OpenAI', async () => {
    const body = await bodyOf(
      { kind: 'openai', baseUrl: 'https://api.openai.com/v1', format: 'openai-chat', fetch: official },
      { maxOutputTokens: 50, cacheKey: 'th_1' },
    )

    expect(body).toMatchObject({ max_completion_tokens: 50, prompt_cache_key: 'th_1' })
  })

  test('answer each call first, then show the images of the tools and what the user says', async () => {
    expect(await bodyOf(local(), { messages: [user('Go'), ...toolTurn] })).toMatchObject({
      messages: [
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', function: { name: 'look', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'call_1', content: 'seen' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Image that the tool look returned:' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            { type: 'text', text: 'and now?' },
          ],
        },
      ],
    })
  })

  test('give Mistral ids of nine letters and digits', async () => {
    const body = await bodyOf(local(), { model: 'mistral-small', messages: [user('Go'), ...toolTurn] })

    expect(JSON.stringify(body['messages'])).toMatch(/"tool_call_id":"[a-zA-Z0-9]{9}"/)
  })

  test('hand a text file over as text', async () => {
    const data = Buffer.from('a: 1').toString('base64')
    const file: Message = { role: 'user', content: [{ type: 'file', mediaType: 'text/plain', name: 'a.txt', data }] }

    expect(await bodyOf(local(), { messages: [file] })).toMatchObject({ messages: [{ content: 'File "a.txt":\n\na: 1' }] })
  })

  test('give a call’s extra content back to the model that sent it', async () => {
    const extra = { google: { thought_signature: 'c2ln' } }
    const chunk = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'gemini-3', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'go', arguments: '{}' }, extra_content: extra }
    cloud.script([{ raw: `${chunk({ tool_calls: [call] })}${chunk({}, 'tool_calls')}data: [DONE]\n\n`, contentType: 'text/event-stream' }])
    const provider = createProvider({ name: 'cloud', ...local() })
    const { message } = finishOf(await collect(provider.send({ model: 'gemini-3', messages: [user('Go')] })))

    const again = await bodyOf(local(), { model: 'gemini-3', messages: [user('Go'), message] })
    const other = await bodyOf(local(), { model: 'qwen3', messages: [user('Go'), message] })

    expect(again).toMatchObject({ messages: [{}, { tool_calls: [{ id: 'call_1', extra_content: extra }] }] })
    expect(JSON.stringify(other)).not.toContain('c2ln')
  })
})

describe('openai-chat answers of other servers', () => {
  const stream = (...chunks: object[]) =>
    ({
      raw: `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`,
      contentType: 'text/event-stream',
    }) as const
  const ask = () =>
    collect(createProvider({ name: 'cloud', kind: 'openai', baseUrl: cloud.openaiUrl }).send({ model: 'm', messages: [user('Go')] }))
  const choice = (delta: object, finish_reason: string | null = null) => ({ model: 'm', choices: [{ index: 0, delta, finish_reason }] })
  const call = (id: string, name: string, args: string) => ({ index: 0, id, type: 'function', function: { name, arguments: args } })

  test('several calls with the same index are several calls', async () => {
    cloud.script([stream(choice({ tool_calls: [call('a', 'go', '{"n":1}'), call('b', 'go', '{"n":2}')] }), choice({}, 'stop'))])

    const events = await ask()

    expect(events.flatMap((event) => (event.type === 'tool-call' ? [event.call.input] : []))).toEqual([{ n: 1 }, { n: 2 }])
    expect(finishOf(events)).toMatchObject({ finishReason: 'tool-calls', rawFinishReason: 'stop' })
  })

  test('a call without an id is given one', async () => {
    cloud.script([stream(choice({ tool_calls: [{ index: 0, function: { name: 'go', arguments: '' } }] }), choice({}, 'tool_calls'))])

    const events = await ask()

    expect(events.find((event) => event.type === 'tool-call')).toMatchObject({
      call: { id: expect.stringMatching(/^call_[0-9a-f]{32}$/), input: {} },
    })
  })

  test('comments are signs of life and no content', async () => {
    cloud.script([{ raw: `: PROCESSING\n\n${stream(choice({ content: 'Hi' }, 'stop')).raw}`, contentType: 'text/event-stream' }])

    expect((await ask()).slice(0, 3)).toEqual([
      { type: 'start' },
      { type: 'reasoning-delta', text: '' },
      { type: 'text-delta', text: 'Hi' },
    ])
  })
})

describe('anthropic-messages requests', () => {
  const options = () => ({ kind: 'anthropic', baseUrl: cloud.url }) as const
  const marks = (body: object) => JSON.stringify(body).split('"cache_control"').length - 1

  test('name the version, and a limit where the request has none', async () => {
    const body = await bodyOf(options(), {})

    expect(cloud.requests[0]?.headers['anthropic-version']).toBe('2023-06-01')
    expect(body).toMatchObject({ max_tokens: 4096 })
  })

  test('mark the cache after the tools, the system text and the last two turns of the user, if there is a cache key', async () => {
    const request = { system: 'Be short', tools: [tool('a'), tool('look')], messages: [user('One'), ...toolTurn, ...toolTurn] }
    const mark = { cache_control: { type: 'ephemeral' } }

    const body = await bodyOf(options(), { ...request, cacheKey: 'th_1' })

    expect(marks(body)).toBe(4)
    expect(body).toMatchObject({ tools: [expect.not.objectContaining(mark), mark], system: [mark] })
    expect(marks(await bodyOf(options(), request))).toBe(0)
  })

  test('put results first, with their images, and leave empty texts out', async () => {
    const empty: Message = { role: 'user', content: [{ type: 'text', text: '' }] }

    expect(await bodyOf(options(), { messages: [user('Go'), empty, ...toolTurn] })).toMatchObject({
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Go' }] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'look', input: {} }] },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'call_1',
              content: [
                { type: 'text', text: 'seen' },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
              ],
            },
            { type: 'text', text: 'and now?' },
          ],
        },
      ],
    })
  })

  test.each([
    ['claude-haiku-4-5', 0.5],
    ['claude-opus-4-6', 0.5],
    ['claude-3-5-haiku-latest', 0.5],
    ['claude-opus-4-7', undefined],
    ['claude-sonnet-5', undefined],
    ['claude-fable-5', undefined],
  ])('%s gets temperature %s', async (model, temperature) => {
    expect((await bodyOf(options(), { model, temperature: 0.5 }))['temperature']).toBe(temperature)
  })

  test('ask in words for a tool where the model refuses to be forced', async () => {
    const request = { tools: [tool('go')], toolChoice: { name: 'go' } }

    expect(await bodyOf(options(), { model: 'claude-opus-5', ...request })).toMatchObject({ tool_choice: { type: 'tool', name: 'go' } })
    expect(await bodyOf(options(), { model: 'claude-opus-5-5', ...request })).toMatchObject({
      tool_choice: { type: 'auto' },
      system: [{ text: 'Call the tool go before you answer.' }],
    })
  })

  test('hold an answer to a schema, in words where model or schema allow no more', async () => {
    expect(await bodyOf(options(), { model: 'claude-sonnet-5', responseSchema: strict })).toMatchObject({
      output_config: { format: { type: 'json_schema', schema: strict } },
    })
    for (const [model, responseSchema] of [
      ['claude-sonnet-5', loose],
      ['claude-3-haiku-20240307', strict],
    ] as const) {
      const body = await bodyOf(options(), { model, responseSchema })
      expect(body).not.toHaveProperty('output_config')
      expect(JSON.stringify(body['system'])).toContain('follows this JSON Schema')
    }
  })

  test('carry PDF and text files, and refuse others before anything is sent', async () => {
    const file = (mediaType: string): Message => ({ role: 'user', content: [{ type: 'file', mediaType, name: 'a', data: 'AAAA' }] })

    expect(await bodyOf(options(), { messages: [file('application/pdf')] })).toMatchObject({
      messages: [{ content: [{ type: 'document', source: { type: 'base64' } }] }],
    })
    expect(await bodyOf(options(), { messages: [file('application/json')] })).toMatchObject({
      messages: [{ content: [{ source: { type: 'text' } }] }],
    })
    await expect(bodyOf(options(), { messages: [file('application/zip')] })).rejects.toMatchObject({ kind: 'bad_request' })
    expect(cloud.requests).toHaveLength(2)
  })

  test('keep the caller’s version when they are forwarded', async () => {
    cloud.script([{ text: 'Hi' }])

    await createProvider({ name: 'cloud', ...options() }).forward({
      path: '/messages',
      headers: { 'Anthropic-Version': '2024-01-01' },
      body: Buffer.from('{}'),
    })

    expect(cloud.requests[0]?.headers['anthropic-version']).toBe('2024-01-01')
  })
})

describe('anthropic-messages answers', () => {
  const ask = () =>
    collect(
      createProvider({ name: 'cloud', kind: 'anthropic', baseUrl: cloud.url }).send({ model: 'claude-sonnet-5', messages: [user('Go')] }),
    )

  test('thinking is told as whole, with its signature, when its block ends', async () => {
    cloud.script([{ reasoning: 'Hm, so.', text: 'Hi' }])

    const events = await ask()

    const raw = { type: 'thinking', thinking: 'Hm, so.', signature: 'c2NyaXB0ZWQ=' }
    const whole = events.findIndex(({ type }) => type === 'reasoning')
    expect(events[whole]).toEqual({
      type: 'reasoning',
      part: { type: 'reasoning', text: 'Hm, so.', mintedBy: 'cloud/claude-sonnet-5', raw },
    })
    expect(events.findIndex(({ type }) => type === 'text-delta')).toBeGreaterThan(whole)
  })

  test('a pause is told as one', async () => {
    cloud.script([{ text: 'Wait', finish: 'pause' }])

    expect(finishOf(await ask())).toMatchObject({ finishReason: 'pause', rawFinishReason: 'pause_turn' })
  })

  /** A stream in which each block is said when it begins. */
  const streamOf = (...blocks: object[]) => {
    const events = [
      { type: 'message_start', message: { model: 'claude-sonnet-5', usage: { input_tokens: 1, output_tokens: 1 } } },
      ...blocks.flatMap((content_block, index) => [
        { type: 'content_block_start', index, content_block },
        { type: 'content_block_stop', index },
      ]),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } },
      { type: 'message_stop' },
    ]
    const raw = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
    return { raw, contentType: 'text/event-stream' } as const
  }

  test('what a server says when a block begins is said', async () => {
    const input = { a: 1 }
    cloud.script([
      streamOf({ type: 'text', text: 'Hi' }, { type: 'thinking', thinking: 'Hm' }, { type: 'tool_use', id: 't', name: 'go', input }),
    ])

    const events = await ask()

    expect(events).toContainEqual({ type: 'text-delta', text: 'Hi' })
    expect(events).toContainEqual({ type: 'reasoning-delta', text: 'Hm' })
    expect(events).toContainEqual({ type: 'tool-call', call: { type: 'tool-call', id: 't', name: 'go', input } })
  })

  test('redacted thinking is kept for the same model', async () => {
    const block = { type: 'redacted_thinking', data: 'c2VjcmV0' }
    cloud.script([streamOf(block)])

    const events = await ask()

    const part = { type: 'reasoning', text: '', mintedBy: 'cloud/claude-sonnet-5', raw: block }
    expect(events).toContainEqual({ type: 'reasoning', part })
    expect(finishOf(events).message.content).toEqual([part])
  })
})
