import fc from 'fast-check'
import OpenAI, { APIError } from 'openai'
import type { ChatCompletionCreateParams, ChatCompletionTool } from 'openai/resources/chat/completions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Part } from '../../../models/message.ts'
import { ClientRequestError } from '../../../models/wire/client-format.ts'
import { openaiChat } from '../../../models/wire/openai-chat.ts'
import { eventsOf, type FormatServer, finishOf, frameOf, startFormatServer } from './openai-client.ts'

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const read = (body: object) => openaiChat.readRequest({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...body })
const messagesOf = (...messages: object[]) => read({ messages }).messages

describe('openaiChat.readRequest()', () => {
  test('joins system and developer messages, and turns of one side', () => {
    const request = read({
      messages: [
        { role: 'system', content: 'One' },
        { role: 'developer', content: [{ type: 'text', text: 'Two', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
        { role: 'user', content: 'Hi' },
        { role: 'user', content: [{ type: 'text', text: 'there', cache_control: { type: 'ephemeral' } }] },
        { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
        { role: 'assistant', content: null, refusal: 'No' },
      ],
    })

    expect(request).toMatchObject({ system: 'One\n\nTwo', systemCacheBreakpoint: '1h', untranslated: [] })
    expect(request.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: 'there', cacheBreakpoint: '5m' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Hello' },
          { type: 'text', text: 'No' },
        ],
      },
    ])
  })

  test('takes images and files for what they are', () => {
    const [message] = messagesOf({
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${pixel}`, detail: 'high' } },
        { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
      ],
    })

    expect(message?.content).toEqual([
      { type: 'image', mediaType: 'image/png', data: pixel },
      { type: 'image-url', url: 'https://example.com/a.png' },
      { type: 'file', mediaType: 'application/pdf', name: 'a.pdf', data: 'AAAA' },
    ])
  })

  test('gives results the name of their call, several of them to one turn, and keeps arguments that are no JSON', () => {
    const call = (id: string, name: string, text: string) => ({ id, type: 'function', function: { name, arguments: text } })

    expect(
      messagesOf(
        { role: 'user', content: 'Look' },
        { role: 'assistant', content: '', tool_calls: [call('a', 'look', '{"at":1}'), call('b', 'list', '{"at":')] },
        { role: 'tool', tool_call_id: 'a', content: 'seen' },
        { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'listed', cache_control: { type: 'ephemeral' } }] },
        { role: 'user', content: 'So?' },
      ),
    ).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Look' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', id: 'a', name: 'look', input: { at: 1 } },
          { type: 'tool-call', id: 'b', name: 'list', input: { unparsed_arguments: '{"at":' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool-result', id: 'a', name: 'look', content: [{ type: 'text', text: 'seen' }], isError: false },
          {
            type: 'tool-result',
            id: 'b',
            name: 'list',
            content: [{ type: 'text', text: 'listed' }],
            isError: false,
            cacheBreakpoint: '5m',
          },
          { type: 'text', text: 'So?' },
        ],
      },
    ])
  })

  test('takes calls from before there were tools', () => {
    const { messages, tools, toolChoice } = read({
      functions: [{ name: 'look', parameters: { type: 'object' } }],
      function_call: { name: 'look' },
      messages: [
        { role: 'user', content: 'Look' },
        { role: 'assistant', content: null, function_call: { name: 'look', arguments: '{}' } },
        { role: 'function', name: 'look', content: 'seen' },
      ],
    })

    expect(tools).toEqual([{ name: 'look', description: '', inputSchema: { type: 'object' } }])
    expect(toolChoice).toEqual({ name: 'look' })
    const [call] = messages[1]?.content ?? []
    expect(messages[2]?.content).toMatchObject([{ type: 'tool-result', id: call?.type === 'tool-call' && call.id, name: 'look' }])
  })

  test('keeps reasoning that came back as it was sent, minted by nobody', () => {
    const [, turn] = messagesOf(
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: 'Hello',
        reasoning_content: 'Hm',
        reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }],
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{}' }, extra_content: { google: 1 } }],
      },
    )

    expect(turn?.content).toEqual([
      { type: 'reasoning', text: 'Hm', mintedBy: '', raw: { field: 'reasoning_content', text: 'Hm' } },
      {
        type: 'reasoning',
        text: '',
        mintedBy: '',
        raw: { field: 'reasoning_details', value: [{ type: 'reasoning.encrypted', data: 'x' }] },
      },
      { type: 'reasoning', text: '', mintedBy: '', raw: { callId: 'a', extra: { google: 1 } } },
      { type: 'text', text: 'Hello' },
      { type: 'tool-call', id: 'a', name: 'look', input: {} },
    ])
  })

  const tools = [
    {
      type: 'function',
      function: { name: 'look', description: 'Looks', parameters: { type: 'object' } },
      cache_control: { type: 'ephemeral' },
    },
    { type: 'custom', custom: { name: 'patch', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } } } },
    { type: 'web_search' },
  ]

  test('takes functions, tools of a text with the grammar in words, and names the others', () => {
    const request = read({ tools })

    expect(request.tools).toEqual([
      { name: 'look', description: 'Looks', inputSchema: { type: 'object' }, cacheBreakpoint: '5m' },
      {
        name: 'patch',
        description: '',
        inputSchema: {
          type: 'object',
          properties: { input: { type: 'string', description: 'Follows this grammar (lark):\nstart: "x"' } },
          required: ['input'],
          additionalProperties: false,
        },
      },
    ])
    expect([...request.textTools]).toEqual(['patch'])
    expect(request.untranslated).toEqual(['tools.web_search'])
  })

  test.each([
    ['auto', 'auto', 2],
    ['any', 'required', 2],
    [{ type: 'function', function: { name: 'look' } }, { name: 'look' }, 2],
    [{ type: 'custom', custom: { name: 'patch' } }, { name: 'patch' }, 2],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'look' } }] } },
      'required',
      1,
    ],
  ])('reads the choice %j', (choice, expected, left) => {
    const request = read({ tools, tool_choice: choice })

    expect(request.toolChoice).toEqual(expected)
    expect(request.tools).toHaveLength(left)
  })

  test('reads what is asked of the answer', () => {
    expect(
      read({
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 5,
        max_completion_tokens: 9,
        temperature: 0.5,
        top_p: 0.9,
        stop: 'END',
        parallel_tool_calls: false,
        reasoning_effort: 'high',
        prompt_cache_key: 'key',
        user: 'u',
        response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } },
      }),
    ).toMatchObject({
      stream: true,
      wantsUsage: true,
      maxOutputTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      stopSequences: ['END'],
      parallelToolCalls: false,
      reasoning: { effort: 'high' },
      cacheKey: 'key',
      user: 'u',
      responseSchema: { type: 'object' },
      untranslated: [],
    })
  })

  test('reads who speaks, and keeps people apart who speak one after the other', () => {
    const { messages, untranslated } = read({
      messages: [
        { role: 'user', content: 'Hi', name: 'ann_lee' },
        { role: 'user', content: 'Hi too', name: 'ann_lee' },
        { role: 'user', content: 'Hello', name: 'tom' },
        { role: 'user', content: 'And me', name: '123' },
      ],
    })

    expect(messages.map(({ speaker, content }) => [speaker, content.length])).toEqual([
      ['Ann Lee', 2],
      ['Tom', 1],
      [undefined, 1],
    ])
    expect(untranslated).toEqual([])
  })

  test('names what it has no word for, once, and not what asks for nothing', () => {
    expect(
      read({
        n: 2,
        seed: 7,
        logprobs: false,
        presence_penalty: 0,
        store: true,
        metadata: {},
        messages: [
          { role: 'assistant', content: 'Hi', name: 'x' },
          { role: 'assistant', content: 'Hi', name: 'y' },
          { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] },
        ],
      }).untranslated,
    ).toEqual(['n', 'seed', 'store', 'messages[].name', 'messages[].content.input_audio'])
  })

  test.each([
    [{ model: 5 }, 'model', 'must be a string that is not empty, received 5'],
    [{ messages: [] }, 'messages', 'must be a list that is not empty, received a list'],
    [{ messages: [{ role: 'wizard', content: '' }] }, 'messages[0].role', 'received "wizard"'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text', 'must be a string, received nothing'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id', 'received nothing'],
    [{ max_tokens: 0 }, 'max_tokens', 'must be an integer of at least 1, received 0'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function', 'must be an object, received nothing'],
    [{ tool_choice: { type: 'function', function: { name: 'gone' } } }, 'tool_choice', 'received "gone"'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }] },
      'messages[0].content[0].image_url.url',
      'must be a PNG, JPEG, WebP or GIF',
    ],
  ])('refuses %j and says where', (body, field, rule) => {
    const refused = () => read(body)

    expect(refused).toThrow(ClientRequestError)
    expect(refused).toThrow(rule)
    expect(refused).toThrow(expect.objectContaining({ field }))
  })

  test('throws nothing but ClientRequestError, whatever the body', () => {
    const key = fc.constantFrom(
      'role',
      'content',
      'type',
      'text',
      'tool_calls',
      'function',
      'name',
      'arguments',
      'id',
      'tool_call_id',
      'url',
      'image_url',
    )
    const word = fc.constantFrom(
      'user',
      'assistant',
      'tool',
      'function',
      'system',
      'text',
      'image_url',
      'file',
      'custom',
      'data:image/png;base64,AA',
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        word,
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 5 }),
      ),
    }))
    const field = fc.constantFrom(
      'messages',
      'tools',
      'tool_choice',
      'functions',
      'function_call',
      'response_format',
      'stop',
      'reasoning',
      'thinking',
    )
    const body = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(field, value).map((fields) => ({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...fields })),
      fc.array(value).map((messages) => ({ model: 'm', messages })),
    )
    fc.assert(
      fc.property(body, (any) => {
        try {
          openaiChat.readRequest(any)
        } catch (error) {
          expect(error).toBeInstanceOf(ClientRequestError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

const think: Part = { type: 'reasoning', text: 'Let me think', mintedBy: 'p/m', raw: { x: 1 } }
const hello: Part = { type: 'text', text: 'Hello "there" 👋\nand more' }
const look: Part = { type: 'tool-call', id: 'call_1', name: 'look', input: { at: 'ü\n"', deep: { n: [1, 2] } } }
const list: Part = { type: 'tool-call', id: 'call_2', name: 'list', input: {} }
const patch: Part = { type: 'tool-call', id: 'call_3', name: 'patch', input: { input: '*** Begin "Patch"\n\té👋\\' } }

const offered: ChatCompletionTool[] = [
  { type: 'function', function: { name: 'look', parameters: { type: 'object' } } },
  { type: 'function', function: { name: 'list', parameters: { type: 'object' } } },
  { type: 'custom', custom: { name: 'patch' } },
]

describe('the openai package reads openaiChat', () => {
  let server: FormatServer
  beforeAll(async () => {
    server = await startFormatServer(openaiChat)
  })
  afterAll(() => server.close())

  const params = { model: 'signalbox/auto', messages: [{ role: 'user' as const, content: 'Hi' }], tools: offered }
  const usageOnWire = {
    prompt_tokens: 150,
    completion_tokens: 30,
    total_tokens: 180,
    prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
    completion_tokens_details: { reasoning_tokens: 12 },
  }

  test.each<[string, Part[], object]>([
    ['text', [hello], { content: 'Hello "there" 👋\nand more', refusal: null }],
    ['text after reasoning', [think, hello], { content: 'Hello "there" 👋\nand more' }],
    ['a call', [look], { tool_calls: [{ id: 'call_1', function: { name: 'look', arguments: JSON.stringify(look.input) } }] }],
    [
      'parallel calls after text, one without arguments',
      [hello, look, list],
      {
        content: 'Hello "there" 👋\nand more',
        tool_calls: [{ id: 'call_1' }, { id: 'call_2', function: { name: 'list', arguments: '{}' } }],
      },
    ],
    [
      'the call of a tool of a text',
      [patch],
      { tool_calls: [{ id: 'call_3', type: 'custom', custom: { name: 'patch', input: patch.input['input'] } }] },
    ],
    ['nothing', [], {}],
  ])('%s, streamed and whole', async (_, content, expected) => {
    server.answer({ content })
    const finishReason = content.some((part) => part.type === 'tool-call') ? 'tool_calls' : 'stop'

    const streamed = await server.client.chat.completions
      .stream({ ...params, stream_options: { include_usage: true } })
      .finalChatCompletion()
    const whole = await server.client.chat.completions.create(params)

    for (const answer of [streamed, whole]) {
      expect(answer).toMatchObject({
        id: 'chatcmpl-0123456789abcdef',
        model: 'signalbox/auto',
        created: 1_750_000_000,
        usage: usageOnWire,
        choices: [{ index: 0, finish_reason: finishReason, message: { role: 'assistant', ...expected } }],
      })
    }
    expect(streamed.choices[0]?.message.content ?? '').toBe(whole.choices[0]?.message.content ?? '')
    expect(streamed.choices[0]?.message.tool_calls ?? []).toMatchObject(whole.choices[0]?.message.tool_calls ?? [])
  })

  test('reasoning comes as reasoning_content', async () => {
    server.answer({ content: [think, hello] })

    const chunks = await Array.fromAsync(await server.client.chat.completions.create({ ...params, stream: true }))
    const whole = await server.client.chat.completions.create(params)

    const streamed = chunks
      .map((chunk) => (chunk.choices[0]?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? '')
      .join('')
    expect(streamed).toBe('Let me think')
    expect(whole.choices[0]?.message).toHaveProperty('reasoning_content', 'Let me think')
  })

  test('usage comes only where it was asked for', async () => {
    server.answer({ content: [hello] })

    const unasked = await Array.fromAsync(await server.client.chat.completions.create({ ...params, stream: true }))
    const asked = await Array.fromAsync(
      await server.client.chat.completions.create({ ...params, stream: true, stream_options: { include_usage: true } }),
    )

    expect(unasked.every((chunk) => chunk.choices.length === 1 && !('usage' in chunk))).toBe(true)
    expect(asked.at(-1)).toMatchObject({ choices: [], usage: usageOnWire })
    expect(unasked.at(-1)?.choices[0]?.finish_reason).toBe('stop')
  })

  test('a refusal is told apart where the provider tells it, and else is a filter’s doing', async () => {
    server.answer({ content: [hello], finishReason: 'refusal', refusal: true })
    const told = await server.client.chat.completions.stream(params).finalChatCompletion()
    const whole = await server.client.chat.completions.create(params)
    server.answer({ content: [hello], finishReason: 'refusal' })
    const untold = await server.client.chat.completions.stream(params).finalChatCompletion()

    for (const answer of [told, whole]) {
      expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { refusal: hello.text } })
      expect(answer.choices[0]?.message.content ?? '').toBe('')
    }
    expect(untold.choices[0]).toMatchObject({ finish_reason: 'content_filter', message: { content: hello.text } })
  })

  test('an answer that ran out of tokens within a call says so', async () => {
    server.answer({ content: [hello], finishReason: 'length' })

    const answer = await server.client.chat.completions.stream(params).finalChatCompletion()

    expect(answer.choices[0]?.finish_reason).toBe('length')
  })

  test.each([
    [400, 'invalid_request_error', OpenAI.BadRequestError],
    [401, 'authentication_error', OpenAI.AuthenticationError],
    [429, 'rate_limit_error', OpenAI.RateLimitError],
    [503, 'server_error', OpenAI.InternalServerError],
  ])('an error before anything was said (%i)', async (status, type, kind) => {
    server.answer({ content: [], fails: { status, message: 'Not now', field: 'model' } })

    const answer = server.client.chat.completions.create({ ...params, stream: true })

    await expect(answer).rejects.toBeInstanceOf(kind)
    await expect(answer).rejects.toMatchObject({ status, type, param: 'model', error: { message: 'Not now' } })
  })

  test('an error in the middle ends the stream as an error, after what was said', async () => {
    server.answer({ content: [hello], fails: { status: 502, message: 'It broke', after: 4 } })
    const stream = server.client.chat.completions.stream(params)
    const said: string[] = []
    stream.on('content', (delta) => said.push(delta))

    await expect(stream.finalChatCompletion()).rejects.toThrow(APIError)
    await expect(stream.finalChatCompletion()).rejects.toThrow('It broke')

    expect(said.join('')).toBe('Hello "th')
  })
})

const chatParams: ChatCompletionCreateParams = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], tools: offered, stream: true }

/** Joined as a client joins them. */
function joinedInput(stream: string): string {
  const chunks = stream.split('\n\n').filter((line) => line.startsWith('data: {'))
  return chunks
    .flatMap((line) => JSON.parse(line.slice('data: '.length)).choices[0]?.delta.tool_calls ?? [])
    .map((call) => call.custom?.input ?? call.function?.arguments ?? '')
    .join('')
}

describe('openaiChat.createStreamWriter()', () => {
  test('streams arguments and texts the same wherever they are cut', () => {
    const call = fc.oneof(
      fc.string({ unit: 'binary' }).map((input) => ({ type: 'tool-call' as const, id: 'c', name: 'patch', input: { input } })),
      fc
        .dictionary(fc.string(), fc.jsonValue())
        .map((input) => ({ type: 'tool-call' as const, id: 'c', name: 'look', input: input as Record<string, unknown> })),
    )
    fc.assert(
      fc.property(call, fc.integer({ min: 1, max: 7 }), (part, piece) => {
        const writer = openaiChat.createStreamWriter(frameOf(openaiChat.readRequest(chatParams)))

        const stream = eventsOf({ content: [part], piece })
          .map((event) => writer.write(event))
          .join('')

        const expected = part.name === 'patch' ? part.input['input'] : JSON.stringify(part.input)
        expect(joinedInput(stream)).toBe(expected)
        expect(stream.endsWith('data: [DONE]\n\n')).toBe(true)
      }),
    )
  })

  test('says what only finish told, for answers that came whole', () => {
    const writer = openaiChat.createStreamWriter(frameOf(openaiChat.readRequest(chatParams)))

    const stream = writer.write({ type: 'start' }) + writer.write(finishOf([think, hello, look]))

    expect(stream).toContain('"reasoning_content":"Let me think"')
    expect(stream).toContain(`"content":${JSON.stringify(hello.text)}`)
    expect(joinedInput(stream)).toBe(JSON.stringify(look.input))
  })

  test('writes a call when its name is known', () => {
    const writer = openaiChat.createStreamWriter(frameOf(openaiChat.readRequest(chatParams)))

    const first = writer.write({ type: 'tool-call-delta', id: 'c', name: '', inputText: '{"a"' })
    const second = writer.write({ type: 'tool-call-delta', id: 'c', name: 'look', inputText: ':1}' })

    expect(first).toBe('')
    expect(joinedInput(second)).toBe('{"a":1}')
  })
})

describe('openaiChat.rewriteBody()', () => {
  const body = (assistant: object, id: string): Record<string, unknown> => ({
    model: 'm',
    messages: [
      { role: 'user', content: 'Look' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: '{}' } }],
        ...assistant,
      },
      { role: 'tool', tool_call_id: id, content: 'seen' },
    ],
  })
  const keep = { deployment: 'p/gpt-5', model: 'gpt-5', reasoning: () => 'keep' as const }

  test('gives back the same body where nothing is to be changed', () => {
    const given = body({ reasoning_content: 'Hm' }, 'call_1')

    expect(openaiChat.rewriteBody(given, keep)).toBe(given)
  })

  test('drops reasoning, or puts the original in its place, and shares the rest', () => {
    const given = body({ reasoning_content: 'Hm' }, 'call_1')
    const original = { field: 'reasoning', text: 'Hm, indeed' }

    const dropped = openaiChat.rewriteBody(given, { ...keep, reasoning: () => 'drop' })
    const replaced = openaiChat.rewriteBody(given, { ...keep, reasoning: () => ({ original }) })

    const messages = given['messages'] as object[]
    expect(dropped['messages']).toEqual(body({}, 'call_1')['messages'])
    expect((replaced['messages'] as object[])[1]).toEqual({ ...messages[1], reasoning_content: undefined, reasoning: 'Hm, indeed' })
    expect((dropped['messages'] as object[])[0]).toBe(messages[0])
    expect((dropped['messages'] as object[])[2]).toBe(messages[2])
  })

  test('leaves out a turn that was nothing but dropped reasoning', () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '', reasoning_content: 'Hm' },
    ]

    expect(openaiChat.rewriteBody({ messages }, { ...keep, reasoning: () => 'drop' })['messages']).toEqual([messages[0]])
  })

  test('gives Mistral ids of nine characters, and Kimi its own back', () => {
    const given = body({}, 'functions.look:0')

    const mistral = openaiChat.rewriteBody(given, { ...keep, model: 'mistral-large' })

    expect(JSON.stringify(mistral)).toMatch(/"id":"[a-zA-Z0-9]{9}"/)
    expect(openaiChat.rewriteBody(given, { ...keep, model: 'kimi-k2' })).toBe(given)
  })

  test('leaves no call without its result, changes nothing twice, and touches nothing it was given', () => {
    const id = fc.oneof(fc.constantFrom('call_1', 'toolu_1', 'functions.x:0', 'abcdefghi'), fc.string())
    const turn = fc.record({ ids: fc.uniqueArray(id, { maxLength: 3 }), reasoning: fc.option(fc.string()), extra: fc.boolean() })
    const model = fc.constantFrom('mistral-small', 'gpt-5', 'kimi-k2', 'qwen3')
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 5 }), model, fc.constantFrom('keep', 'drop'), (turns, name, fate) => {
        const messages = turns.flatMap(({ ids, reasoning, extra }) => [
          {
            role: 'assistant',
            content: 'x',
            ...(reasoning !== null && { reasoning_content: reasoning }),
            tool_calls: ids.map((one) => ({
              id: one,
              type: 'function',
              function: { name: 'f', arguments: '{}' },
              ...(extra && { extra_content: 1 }),
            })),
          },
          ...ids.map((one) => ({ role: 'tool', tool_call_id: one, content: 'y' })),
        ])
        const given = { model: 'm', messages }
        const before = structuredClone(given)
        const target = { deployment: `p/${name}`, model: name, reasoning: () => fate as 'keep' | 'drop' }

        const once = openaiChat.rewriteBody(given, target)

        expect(given).toEqual(before)
        expect(openaiChat.rewriteBody(once, target)).toBe(once)
        const rewritten = once['messages'] as { role: string; tool_calls?: { id: string }[]; tool_call_id?: string }[]
        const pairs = (list: typeof rewritten) => {
          const called = list.flatMap((message) => message.tool_calls?.map((one) => one.id) ?? [])
          const answered = list.flatMap((message) => message.tool_call_id ?? [])
          return answered.map((one) => called.indexOf(one))
        }
        expect(pairs(rewritten)).toEqual(pairs(messages as typeof rewritten))
      }),
    )
  })
})
