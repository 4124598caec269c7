import fc from 'fast-check'
import OpenAI from 'openai'
import type { Tool } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Part } from '../../../models/message.ts'
import { ClientRequestError } from '../../../models/wire/client-format.ts'
import { openaiResponses } from '../../../models/wire/openai-responses.ts'
import { eventsOf, type FormatServer, finishOf, frameOf, startFormatServer } from './openai-client.ts'

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const read = (body: object) => openaiResponses.readRequest({ model: 'm', input: 'Hi', ...body })
const messagesOf = (...input: object[]) => read({ input }).messages
const message = (role: string, ...content: object[]) => ({ type: 'message', role, content })

describe('openaiResponses.readRequest()', () => {
  test('joins instructions with system and developer messages, and items of one side', () => {
    const request = read({
      instructions: 'Zero',
      input: [
        message('developer', { type: 'input_text', text: 'One' }),
        { role: 'system', content: 'Two' },
        message('user', { type: 'input_text', text: 'Hi' }),
        { role: 'user', content: 'there' },
        { ...message('assistant', { type: 'output_text', text: 'Hello', annotations: [] }), id: 'msg_1', status: 'completed' },
        { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look', arguments: '{"at":1}' },
        { type: 'custom_tool_call', call_id: 'call_2', name: 'patch', input: '*** Begin' },
        { type: 'function_call', call_id: 'call_3', name: 'list', arguments: '{"at":' },
        { type: 'function_call_output', call_id: 'call_1', output: 'seen' },
        {
          type: 'custom_tool_call_output',
          call_id: 'call_2',
          output: [
            { type: 'input_text', text: 'patched' },
            { type: 'input_image', image_url: `data:image/webp;base64,${pixel}` },
          ],
        },
        { type: 'function_call_output', call_id: 'call_3', output: { ok: true } },
        message('user', { type: 'input_text', text: 'So?' }),
      ],
    })

    expect(request).toMatchObject({ system: 'Zero\n\nOne\n\nTwo', untranslated: [] })
    expect(request.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: 'there' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Hello' },
          { type: 'tool-call', id: 'call_1', name: 'look', input: { at: 1 } },
          { type: 'tool-call', id: 'call_2', name: 'patch', input: { input: '*** Begin' } },
          { type: 'tool-call', id: 'call_3', name: 'list', input: { unparsed_arguments: '{"at":' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool-result', id: 'call_1', name: 'look', content: [{ type: 'text', text: 'seen' }], isError: false },
          {
            type: 'tool-result',
            id: 'call_2',
            name: 'patch',
            content: [
              { type: 'text', text: 'patched' },
              { type: 'image', mediaType: 'image/png', data: pixel },
            ],
            isError: false,
          },
          { type: 'tool-result', id: 'call_3', name: 'list', content: [{ type: 'text', text: '{"ok":true}' }], isError: false },
          { type: 'text', text: 'So?' },
        ],
      },
    ])
  })

  test('keeps reasoning items as they were sent, minted by nobody', () => {
    const item = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'x' }

    expect(messagesOf({ role: 'user', content: 'Hi' }, item)[1]).toEqual({
      role: 'assistant',
      content: [{ type: 'reasoning', text: 'Hm', mintedBy: '', raw: item }],
    })
  })

  test('takes images and files for what they are', () => {
    const [first] = messagesOf(
      message(
        'user',
        { type: 'input_image', image_url: `data:image/jpeg;base64,${pixel}`, detail: 'auto' },
        { type: 'input_image', image_url: 'https://example.com/a.png' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' },
      ),
    )

    expect(first?.content).toEqual([
      { type: 'image', mediaType: 'image/png', data: pixel },
      { type: 'image-url', url: 'https://example.com/a.png' },
      { type: 'file', mediaType: 'application/pdf', name: 'a.pdf', data: 'AAAA' },
    ])
  })

  test('takes what the vendor’s own shell and patch tools did for calls', () => {
    const messages = messagesOf(
      { type: 'local_shell_call', id: 'ls_1', call_id: 'call_1', status: 'completed', action: { type: 'exec', command: ['ls'] } },
      { type: 'local_shell_call_output', id: 'call_1', output: '{"stdout":"a"}' },
      { type: 'shell_call', call_id: 'call_2', action: { commands: ['ls'] } },
      { type: 'shell_call_output', call_id: 'call_2', output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exit_code: 0 } }] },
      { type: 'apply_patch_call', call_id: 'call_3', operation: { type: 'delete_file', path: 'a' } },
      { type: 'apply_patch_call_output', call_id: 'call_3', status: 'completed', output: 'done' },
    )

    expect(messages.flatMap(({ content }) => content)).toMatchObject([
      { type: 'tool-call', id: 'call_1', name: 'local_shell', input: { command: ['ls'] } },
      { type: 'tool-result', id: 'call_1', name: 'local_shell', content: [{ text: '{"stdout":"a"}' }] },
      { type: 'tool-call', id: 'call_2', name: 'shell', input: { commands: ['ls'] } },
      { type: 'tool-result', id: 'call_2', name: 'shell', content: [{ text: expect.stringContaining('"stdout":"a"') }] },
      { type: 'tool-call', id: 'call_3', name: 'apply_patch', input: { path: 'a' } },
      { type: 'tool-result', id: 'call_3', name: 'apply_patch', content: [{ text: 'done' }] },
    ])
  })

  const tools = [
    { type: 'function', name: 'look', description: 'Looks', parameters: { type: 'object' }, strict: false },
    { type: 'custom', name: 'patch', description: 'Patches', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
    {
      type: 'namespace',
      name: 'mcp__docs__',
      description: 'Docs',
      tools: [{ type: 'function', name: 'find', parameters: { type: 'object' } }],
    },
    { type: 'web_search' },
    { type: 'local_shell' },
  ]

  test('takes functions, tools of a text, and those of a namespace under one name', () => {
    const request = read({ tools })

    expect(request.tools).toMatchObject([
      { name: 'look', description: 'Looks' },
      { name: 'patch', inputSchema: { properties: { input: { description: 'Follows this grammar (lark):\nstart: "x"' } } } },
      { name: 'mcp__docs__find' },
    ])
    expect([...request.textTools]).toEqual(['patch'])
    expect(request.namespacedTools).toEqual(new Map([['mcp__docs__find', { namespace: 'mcp__docs__', name: 'find' }]]))
    expect(request.untranslated).toEqual(['tools.web_search', 'tools.local_shell'])
    expect(
      messagesOf({ type: 'function_call', call_id: 'c', namespace: 'mcp__docs__', name: 'find', arguments: '{}' })[0]?.content,
    ).toMatchObject([{ name: 'mcp__docs__find' }])
  })

  test.each([
    ['required', 'required', 3],
    [{ type: 'function', name: 'look' }, { name: 'look' }, 3],
    [{ type: 'custom', name: 'patch' }, { name: 'patch' }, 3],
    [{ type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'look' }] }, 'auto', 1],
    [{ type: 'web_search' }, undefined, 3],
  ])('reads the choice %j', (choice, expected, left) => {
    const request = read({ tools, tool_choice: choice })

    expect(request.toolChoice).toEqual(expected)
    expect(request.tools).toHaveLength(left)
  })

  test('reads what is asked of the answer', () => {
    expect(
      read({
        stream: true,
        max_output_tokens: 99,
        temperature: 0.5,
        top_p: 0.9,
        parallel_tool_calls: false,
        reasoning: { effort: 'xhigh', summary: 'auto' },
        prompt_cache_key: 'key',
        safety_identifier: 'u',
        previous_response_id: 'resp_1',
        store: false,
        include: ['reasoning.encrypted_content'],
        text: { format: { type: 'json_schema', name: 'a', schema: { type: 'object' } } },
      }),
    ).toMatchObject({
      stream: true,
      maxOutputTokens: 99,
      temperature: 0.5,
      topP: 0.9,
      parallelToolCalls: false,
      reasoning: { effort: 'xhigh' },
      cacheKey: 'key',
      user: 'u',
      previousResponse: 'resp_1',
      stores: false,
      wantsUsage: true,
      responseSchema: { type: 'object' },
      untranslated: [],
    })
    expect(read({}).stores).toBe(true)
  })

  test('names what it has no word for, once, and not what asks for nothing', () => {
    expect(
      read({
        background: false,
        truncation: 'auto',
        service_tier: 'flex',
        metadata: { a: 'b' },
        include: ['web_search_call.action.sources'],
        text: { verbosity: 'low' },
        input: [
          { type: 'item_reference', id: 'msg_1' },
          { type: 'web_search_call', id: 'ws_1' },
          message('user', { type: 'input_file', file_id: 'file_1' }, { type: 'input_image', file_id: 'file_1' }),
        ],
      }).untranslated,
    ).toEqual([
      'truncation',
      'service_tier',
      'metadata',
      'include.web_search_call.action.sources',
      'input[].item_reference',
      'input[].web_search_call',
      'input[].content.input_file',
      'input[].content.input_image',
      'text.verbosity',
    ])
  })

  test.each([
    [{ model: '' }, 'model', 'must be a string that is not empty, received ""'],
    [{ input: 5 }, 'input', 'must be a list, received 5'],
    [{ input: undefined }, 'input', 'received nothing'],
    [{ input: [{ role: 'wizard', content: '' }] }, 'input[0].role', 'received "wizard"'],
    [{ input: [{ type: 'function_call', name: 'x', arguments: '' }] }, 'input[0].call_id', 'received nothing'],
    [{ max_output_tokens: 1.5 }, 'max_output_tokens', 'received 1.5'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].name', 'received nothing'],
  ])('refuses %j and says where', (body, field, rule) => {
    const refused = () => read(body)

    expect(refused).toThrow(ClientRequestError)
    expect(refused).toThrow(rule)
    expect(refused).toThrow(expect.objectContaining({ field }))
  })

  test('throws nothing but ClientRequestError, whatever the body', () => {
    const key = fc.constantFrom(
      ...[
        'role',
        'content',
        'type',
        'text',
        'name',
        'arguments',
        'id',
        'call_id',
        'image_url',
        'output',
        'input',
        'summary',
        'action',
        'tools',
        'namespace',
      ],
    )
    const word = fc.constantFrom(
      ...[
        'user',
        'assistant',
        'message',
        'function_call',
        'function_call_output',
        'custom_tool_call',
        'reasoning',
        'shell_call',
        'input_text',
      ],
      ...['input_image', 'namespace', 'custom', 'function', 'data:image/png;base64,AA', 'allowed_tools'],
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
    const field = fc.constantFrom('input', 'tools', 'tool_choice', 'text', 'reasoning', 'include', 'store', 'instructions')
    const body = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(field, value).map((fields) => ({ model: 'm', input: 'Hi', ...fields })),
      fc.array(value).map((input) => ({ model: 'm', input })),
      fc.array(value).map((tools) => ({ model: 'm', input: 'Hi', tools })),
    )
    fc.assert(
      fc.property(body, (any) => {
        try {
          openaiResponses.readRequest(any)
        } catch (error) {
          expect(error).toBeInstanceOf(ClientRequestError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

const think: Part = { type: 'reasoning', text: 'Let me think', mintedBy: 'p/m', raw: { x: 1 } }
const redacted: Part = { type: 'reasoning', text: '', mintedBy: 'p/m', raw: { x: 2 } }
const hello: Part = { type: 'text', text: 'Hello "there" 👋\nand more' }
const look: Part = { type: 'tool-call', id: 'call_1', name: 'look', input: { at: 'ü\n"', deep: { n: [1, 2] } } }
const list: Part = { type: 'tool-call', id: 'call_2', name: 'list', input: {} }
const patch: Part = { type: 'tool-call', id: 'call_3', name: 'patch', input: { input: '*** Begin "Patch"\n\té👋\\' } }
const find: Part = { type: 'tool-call', id: 'call_4', name: 'mcp__docs__find', input: { q: 'x' } }

const offered: Tool[] = [
  { type: 'function', name: 'look', parameters: { type: 'object' }, strict: false },
  { type: 'function', name: 'list', parameters: { type: 'object' }, strict: false },
  { type: 'custom', name: 'patch' },
  { type: 'namespace', name: 'mcp__docs__', description: '', tools: [{ type: 'function', name: 'find', parameters: { type: 'object' } }] },
]

const messageItem = { type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: hello.text }] }
const thinkItem = {
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: 'Let me think' }],
  encrypted_content: 'sealed:Let me think:{"x":1}',
}

describe('the openai package reads openaiResponses', () => {
  let server: FormatServer
  beforeAll(async () => {
    server = await startFormatServer(openaiResponses)
  })
  afterAll(() => server.close())

  const params = { model: 'signalbox/auto', input: 'Hi', tools: offered }

  test.each<[string, Part[], object[]]>([
    ['text', [hello], [messageItem]],
    ['text after reasoning', [think, hello], [thinkItem, messageItem]],
    [
      'reasoning that nobody may read',
      [redacted, hello],
      [{ type: 'reasoning', summary: [], encrypted_content: 'sealed::{"x":2}' }, messageItem],
    ],
    [
      'a call',
      [look],
      [{ type: 'function_call', call_id: 'call_1', name: 'look', arguments: JSON.stringify(look.input), status: 'completed' }],
    ],
    [
      'parallel calls after reasoning and text, one without arguments',
      [think, hello, look, list],
      [thinkItem, messageItem, { type: 'function_call', call_id: 'call_1' }, { type: 'function_call', call_id: 'call_2', arguments: '{}' }],
    ],
    [
      'the call of a tool of a text',
      [patch],
      [{ type: 'custom_tool_call', call_id: 'call_3', name: 'patch', input: patch.input['input'] }],
    ],
    ['the call of a tool in a namespace', [find], [{ type: 'function_call', call_id: 'call_4', namespace: 'mcp__docs__', name: 'find' }]],
    ['text, reasoning and text again', [hello, think, hello], [messageItem, thinkItem, messageItem]],
    ['nothing', [], []],
  ])('%s, streamed and whole', async (_, content, expected) => {
    server.answer({ content })

    const streamed = await server.client.responses.stream(params).finalResponse()
    const whole = await server.client.responses.create(params)

    for (const answer of [streamed, whole]) {
      expect(answer).toMatchObject({
        id: 'resp_0123456789abcdef',
        object: 'response',
        model: 'signalbox/auto',
        created_at: 1_750_000_000,
        status: 'completed',
        error: null,
        output_text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
        usage: {
          input_tokens: 150,
          input_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
          output_tokens: 30,
          output_tokens_details: { reasoning_tokens: 12 },
          total_tokens: 180,
        },
      })
      expect(answer.output).toMatchObject(expected)
      expect(answer.output).toHaveLength(expected.length)
    }
    expect(streamed.output).toMatchObject(whole.output)
  })

  test('events are numbered, each item opens and closes, and deltas add up', async () => {
    server.answer({ content: [think, hello, look, patch] })

    const events = await Array.fromAsync(await server.client.responses.create({ ...params, stream: true }))

    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
    const kinds = events.map(({ type }) => type.replace('response.', '')).filter((type, index, all) => type !== all[index - 1])
    expect(kinds).toEqual([
      ...['created', 'in_progress'],
      ...['output_item.added', 'reasoning_summary_part.added', 'reasoning_summary_text.delta', 'reasoning_summary_text.done'],
      ...['reasoning_summary_part.done', 'output_item.done'],
      ...['output_item.added', 'content_part.added', 'output_text.delta', 'output_text.done', 'content_part.done', 'output_item.done'],
      ...['output_item.added', 'function_call_arguments.delta', 'function_call_arguments.done', 'output_item.done'],
      ...['output_item.added', 'custom_tool_call_input.delta', 'custom_tool_call_input.done', 'output_item.done'],
      'completed',
    ])
    const joined = (type: string) => events.map((event) => (event.type === type && 'delta' in event ? event.delta : '')).join('')
    expect(joined('response.output_text.delta')).toBe(hello.text)
    expect(joined('response.reasoning_summary_text.delta')).toBe(think.text)
    expect(joined('response.function_call_arguments.delta')).toBe(JSON.stringify(look.input))
    expect(joined('response.custom_tool_call_input.delta')).toBe(patch.input['input'])
  })

  test('a refusal is told apart', async () => {
    server.answer({ content: [hello], finishReason: 'refusal', refusal: true })

    const streamed = await server.client.responses.stream(params).finalResponse()
    const whole = await server.client.responses.create(params)

    for (const answer of [streamed, whole]) {
      expect(answer.output).toMatchObject([{ type: 'message', content: [{ type: 'refusal', refusal: hello.text }] }])
      expect(answer).toMatchObject({ status: 'completed', output_text: '' })
    }
  })

  test.each([
    ['length', 'max_output_tokens'],
    ['content-filter', 'content_filter'],
  ] as const)('an answer that ended by %s is incomplete', async (finishReason, reason) => {
    server.answer({ content: [hello], finishReason })

    const events = await Array.fromAsync(await server.client.responses.create({ ...params, stream: true }))
    const streamed = await server.client.responses.stream(params).finalResponse()

    expect(events.at(-1)).toMatchObject({ type: 'response.incomplete' })
    expect(streamed).toMatchObject({ status: 'incomplete', incomplete_details: { reason }, output: [{ content: [{ text: hello.text }] }] })
  })

  test.each([
    [400, 'invalid_request_error', OpenAI.BadRequestError],
    [401, 'authentication_error', OpenAI.AuthenticationError],
    [429, 'rate_limit_error', OpenAI.RateLimitError],
    [503, 'server_error', OpenAI.InternalServerError],
  ])('an error before anything was said (%i)', async (status, type, kind) => {
    server.answer({ content: [], fails: { status, message: 'Not now', field: 'model' } })

    const answer = server.client.responses.create({ ...params, stream: true })

    await expect(answer).rejects.toBeInstanceOf(kind)
    await expect(answer).rejects.toMatchObject({ status, type, param: 'model', error: { message: 'Not now' } })
  })

  test('an error in the middle ends the stream as failed, after what was said, and never as completed', async () => {
    server.answer({ content: [hello], fails: { status: 429, message: 'It broke', after: 4 } })

    const events = await Array.fromAsync(await server.client.responses.create({ ...params, stream: true }))

    expect(events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('')).toBe('Hello "th')
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'It broke' } },
    })
    expect(events.some(({ type }) => type === 'response.completed' || type === 'response.incomplete')).toBe(false)
  })

  test('an error before anything was said, when the stream is open, is a failed response', async () => {
    server.answer({ content: [hello], fails: { status: 502, message: 'It broke', code: 'context_length_exceeded', after: 0 } })

    const events = await Array.fromAsync(await server.client.responses.create({ ...params, stream: true }))

    expect(events.map(({ type }) => type)).toEqual(['response.created', 'response.in_progress', 'response.failed'])
    expect(events.at(-1)).toMatchObject({ response: { error: { code: 'context_length_exceeded' } } })
  })
})

const streamed = openaiResponses.readRequest({ model: 'm', input: 'Hi', tools: offered, stream: true })

interface WrittenEvent {
  type: string
  delta?: string
  item?: Record<string, unknown>
  response?: { output: Record<string, unknown>[] }
}

function parsed(stream: string): WrittenEvent[] {
  return stream
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => JSON.parse(block.slice(block.indexOf('data: ') + 'data: '.length)))
}

describe('openaiResponses.createStreamWriter()', () => {
  test('streams arguments and texts the same wherever they are cut', () => {
    const call = fc.oneof(
      fc.string({ unit: 'binary' }).map((input) => ({ type: 'tool-call' as const, id: 'c', name: 'patch', input: { input } })),
      fc
        .dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
        .map((input) => ({ type: 'tool-call' as const, id: 'c', name: 'look', input: input as Record<string, unknown> })),
    )
    fc.assert(
      fc.property(call, fc.integer({ min: 1, max: 7 }), (part, piece) => {
        const writer = openaiResponses.createStreamWriter(frameOf(streamed))

        const events = parsed(
          eventsOf({ content: [part], piece })
            .map((event) => writer.write(event))
            .join(''),
        )

        const expected = part.name === 'patch' ? part.input['input'] : JSON.stringify(part.input)
        const [item] = events.at(-1)?.response?.output ?? []
        expect(events.map(({ delta }) => delta ?? '').join('')).toBe(expected)
        expect(item?.['input'] ?? item?.['arguments']).toBe(expected)
      }),
    )
  })

  test('says what only finish told, for answers that came whole', () => {
    const writer = openaiResponses.createStreamWriter(frameOf(streamed))
    const finish = finishOf([think, hello, look])

    const events = parsed(writer.write({ type: 'start' }) + writer.write(finish))

    expect(events.at(-1)).toMatchObject({ type: 'response.completed' })
    expect(events.at(-1)?.response?.output).toEqual(
      (openaiResponses.writeAnswer(finish, frameOf(streamed)) as { output: unknown })['output'],
    )
  })

  test('closes a call that was cut off as incomplete', () => {
    const writer = openaiResponses.createStreamWriter(frameOf(streamed))

    writer.write({ type: 'tool-call-delta', id: 'c', name: 'look', inputText: '{"a"' })
    const events = parsed(writer.write(finishOf([], 'length')))

    expect(events).toMatchObject([
      { type: 'response.output_item.done', item: { type: 'function_call', arguments: '{"a"', status: 'incomplete' } },
      { type: 'response.incomplete' },
    ])
  })

  test('keeps reasoning open until it is whole, though text came in between', () => {
    const writer = openaiResponses.createStreamWriter(frameOf(streamed))

    writer.write({ type: 'reasoning-delta', text: 'Let me think' })
    writer.write({ type: 'text-delta', text: 'Hi' })
    writer.write({ type: 'reasoning', part: think })
    const events = parsed(writer.write(finishOf([think, { type: 'text', text: 'Hi' }])))

    expect(events.at(-1)?.response?.output).toMatchObject([thinkItem, { content: [{ text: 'Hi' }] }])
  })
})

describe('openaiResponses.rewriteBody()', () => {
  const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' }
  const body = (id = 'call_1'): Record<string, unknown> => ({
    model: 'm',
    input: [
      { role: 'user', content: 'Look' },
      reasoning,
      { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Yes' }] },
      { type: 'function_call', id: 'fc_1', call_id: id, name: 'look', arguments: '{}' },
      { type: 'function_call_output', call_id: id, output: 'seen' },
      { type: 'function_call', id: 'fc_2', call_id: 'call_2', name: 'look', arguments: '{}' },
    ],
  })
  const keep = { deployment: 'p/gpt-5', model: 'gpt-5', reasoning: () => 'keep' as const }
  const inputOf = (given: Record<string, unknown>) => given['input'] as Record<string, unknown>[]

  test('gives back the same body where nothing is to be changed', () => {
    const given = body()

    expect(openaiResponses.rewriteBody(given, keep)).toBe(given)
    expect(openaiResponses.rewriteBody({ input: 'Hi' }, keep)).toEqual({ input: 'Hi' })
  })

  test('drops reasoning with the ids of what followed it, and shares the rest', () => {
    const given = body()

    const dropped = inputOf(openaiResponses.rewriteBody(given, { ...keep, reasoning: () => 'drop' }))

    expect(dropped.map(({ id }) => id)).toEqual([undefined, undefined, undefined, undefined, 'fc_2'])
    expect(dropped.map(({ type }) => type)).toEqual([undefined, 'message', 'function_call', 'function_call_output', 'function_call'])
    expect(dropped[0]).toBe(inputOf(given)[0])
    expect(dropped[4]).toBe(inputOf(given)[5])
  })

  test('puts the original in the place of what stood for it', () => {
    const original = { ...reasoning, encrypted_content: 'the real one' }

    const replaced = inputOf(openaiResponses.rewriteBody(body(), { ...keep, reasoning: () => ({ original }) }))

    expect(replaced[1]).toBe(original)
    expect(replaced[2]).toMatchObject({ id: 'msg_1' })
  })

  test('maps ids that the model does not take, but not those of a stored response', () => {
    const mapped = inputOf(openaiResponses.rewriteBody(body('functions.look:0'), keep))
    const stored = { ...body('functions.look:0'), previous_response_id: 'resp_1' }

    expect(mapped[3]?.['call_id']).toMatch(/^call_[0-9a-f]{24}$/)
    expect(mapped[4]?.['call_id']).toBe(mapped[3]?.['call_id'])
    expect(openaiResponses.rewriteBody(stored, keep)).toBe(stored)
  })

  test('leaves no call without its result, changes nothing twice, and touches nothing it was given', () => {
    const id = fc.oneof(fc.constantFrom('call_1', 'toolu_1', 'functions.x:0', 'abcdefghi'), fc.string())
    const turn = fc.record({ ids: fc.uniqueArray(id, { maxLength: 3 }), thinks: fc.boolean() })
    const model = fc.constantFrom('mistral-small', 'gpt-5', 'kimi-k2', 'qwen3')
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 5 }), model, fc.constantFrom('keep', 'drop'), (turns, name, fate) => {
        const input = turns.flatMap(({ ids, thinks }) => [
          ...(thinks ? [reasoning] : []),
          ...ids.map((one) => ({ type: 'function_call', id: 'fc', call_id: one, name: 'f', arguments: '{}' })),
          ...ids.map((one) => ({ type: 'function_call_output', call_id: one, output: 'y' })),
        ])
        const given = { model: 'm', input }
        const before = structuredClone(given)
        const target = { deployment: `p/${name}`, model: name, reasoning: () => fate as 'keep' | 'drop' }

        const once = openaiResponses.rewriteBody(given, target)

        expect(given).toEqual(before)
        expect(openaiResponses.rewriteBody(once, target)).toBe(once)
        const pairs = (items: Record<string, unknown>[]) => {
          const called = items.filter(({ type }) => type === 'function_call').map((item) => item['call_id'])
          return items.filter(({ type }) => type === 'function_call_output').map((item) => called.indexOf(item['call_id']))
        }
        expect(pairs(inputOf(once))).toEqual(pairs(input))
      }),
    )
  })
})
