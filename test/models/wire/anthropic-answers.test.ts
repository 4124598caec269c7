import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Part, ReasoningPart, ToolCallPart } from '../../../models/message.ts'
import type { ModelEvent, ModelFinish } from '../../../models/provider.ts'
import { createReader, readAnswer } from '../../../models/providers/anthropic-reader.ts'
import { createSseParser } from '../../../models/providers/sse.ts'
import { anthropicMessages } from '../../../models/wire/anthropic-messages.ts'
import type { AnswerFrame, ClientFailure } from '../../../models/wire/client-format.ts'

const params = { model: 'asked-name', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] }
const frame: AnswerFrame = {
  request: anthropicMessages.readRequest(params),
  id: 'abc123',
  createdAt: 1_790_000_000_000,
  inputTokens: 321,
  seal: (part) => `sealed:${part.text.length}`,
}

const text = (words: string): ModelEvent => ({ type: 'text-delta', text: words })
const think = (words: string): ModelEvent => ({ type: 'reasoning-delta', text: words })
const piece = (id: string, inputText: string, name = 'add'): ModelEvent => ({ type: 'tool-call-delta', id, name, inputText })
const call = (id: string, input: Record<string, unknown>): ToolCallPart => ({ type: 'tool-call', id, name: 'add', input })
const called = (one: ToolCallPart): ModelEvent => ({ type: 'tool-call', call: one })
const thought = (words: string, raw?: unknown): ReasoningPart => ({ type: 'reasoning', text: words, mintedBy: 'cloud/m', raw })
const finish = (content: Part[], fields: Partial<ModelFinish> = {}): ModelFinish => ({
  type: 'finish',
  finishReason: 'stop',
  usage: { inputTokens: 300, cacheReadTokens: 20, cacheWriteTokens: 7, cacheWrite1hTokens: 3, outputTokens: 9, reasoningTokens: 4 },
  message: { role: 'assistant', content },
  ...fields,
})

/** What the next request is answered with. */
let reply: { status: number; type: string; body: string }
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body))
})
let client: Anthropic
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = new Anthropic({ apiKey: 'none', baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, maxRetries: 0 })
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const streamOf = (events: readonly ModelEvent[]) => {
  const writer = anthropicMessages.createStreamWriter(frame)
  return events.map((event) => writer.write(event)).join('')
}
const streamed = (body: string) => {
  reply = { status: 200, type: 'text/event-stream', body }
  return client.messages.stream(params)
}
const namesIn = (stream: string) => [...stream.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)

const hm = thought('Hm, so.', { type: 'thinking', thinking: 'Hm, so.', signature: 'c2ln' })
const secret = thought('', { type: 'redacted_thinking', data: 'cmVk' })
const unseen = thought('', { type: 'thinking', thinking: '', signature: 'c2ln' })
const one = call('t_1', { a: 1, b: 'zwölf 🙂' })
const two = call('t_2', {})
const says = (words: string): Part => ({ type: 'text', text: words })

const answers: readonly (readonly [string, readonly ModelEvent[], ModelFinish])[] = [
  ['text', [text('One '), text(''), text('two\n"three"')], finish([says('One two\n"three"')])],
  ['nothing', [], finish([])],
  ['thinking', [think('Hm, '), think('so.'), { type: 'reasoning', part: hm }, text('Yes')], finish([hm, says('Yes')])],
  ['thinking that is not shown', [{ type: 'reasoning', part: unseen }, text('Yes')], finish([unseen, says('Yes')])],
  ['redacted thinking', [{ type: 'reasoning', part: secret }, text('Yes')], finish([secret, says('Yes')])],
  [
    'a call in pieces',
    [text('I add.'), piece('t_1', '{"a":1,'), piece('t_1', '"b":"zwölf 🙂"}'), called(one)],
    finish([says('I add.'), one], { finishReason: 'tool-calls' }),
  ],
  [
    'a call at once, and one without arguments',
    [called(one), piece('t_2', ''), called(two)],
    finish([one, two], { finishReason: 'tool-calls' }),
  ],
  [
    'parallel calls whose pieces are mixed',
    [piece('t_1', '{"a":1'), piece('t_2', '{'), piece('t_1', ',"b":"zwölf 🙂"}'), piece('t_2', '}'), called(two), called(one)],
    finish([one, two], { finishReason: 'tool-calls' }),
  ],
  [
    'a text between the pieces of a call',
    [piece('t_1', '{"a":1'), text('And '), piece('t_1', ',"b":"zwölf 🙂"}'), text('so'), called(one)],
    finish([one, says('And so')], { finishReason: 'tool-calls' }),
  ],
  ['what only the end tells', [], finish([secret, says('Yes'), one], { finishReason: 'tool-calls' })],
  ['a refusal', [text('No.')], finish([says('No.')], { finishReason: 'refusal' })],
]

describe('the answers of anthropicMessages, read by the SDK', () => {
  test.each(answers)('%s', async (_, events, last) => {
    const stream = streamOf([{ type: 'start' }, ...events, last])
    const whole = anthropicMessages.writeAnswer(last, frame)

    const message = await streamed(stream).finalMessage()
    reply = { status: 200, type: 'application/json', body: JSON.stringify(whole) }
    const created = await client.messages.create(params)

    expect(message.content).toEqual(whole['content'])
    // The streaming helper adds a field of its own.
    expect({ ...message, usage: undefined }).toEqual({ ...created, parsed_output: null, usage: undefined })
    expect(message).toMatchObject({ id: 'msg_abc123', model: 'asked-name', role: 'assistant' })
    const counts = { input_tokens: 300, cache_read_input_tokens: 20, cache_creation_input_tokens: 7, output_tokens: 9 }
    expect(message.usage).toMatchObject({ ...counts, output_tokens_details: { thinking_tokens: 4 } })
    expect(created.usage).toMatchObject({
      ...counts,
      cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 3 },
    })
  })

  test('the SDK hears each delta as it comes', async () => {
    const heard: string[] = []

    await streamed(streamOf([think('Hm'), { type: 'reasoning', part: hm }, text('a'), text('b'), finish([])]))
      .on('text', (delta) => heard.push(delta))
      .on('thinking', (delta) => heard.push(`(${delta})`))
      .on('signature', (signature) => heard.push(`[${signature}]`))
      .finalMessage()

    expect(heard).toEqual(['(Hm)', '[sealed:7]', 'a', 'b'])
  })

  test('a call that the token limit cut is closed as the API does it', async () => {
    const events = [piece('t_1', '{"a": 1, "b'), finish([], { finishReason: 'length', rawFinishReason: 'length' })]

    const message = await streamed(streamOf(events)).finalMessage()

    expect(message).toMatchObject({ stop_reason: 'max_tokens', content: [{ type: 'tool_use', id: 't_1', input: { a: 1 } }] })
  })

  test.each([
    ['stop', undefined, 'end_turn'],
    ['stop', 'stop', 'end_turn'],
    ['stop', 'stop_sequence', 'stop_sequence'],
    ['length', 'length', 'max_tokens'],
    ['length', 'model_context_window_exceeded', 'model_context_window_exceeded'],
    ['tool-calls', 'tool_calls', 'tool_use'],
    ['content-filter', 'content_filter', 'refusal'],
    ['refusal', undefined, 'refusal'],
    ['pause', 'pause_turn', 'pause_turn'],
    ['other', 'eos', 'end_turn'],
  ] as const)('%s, of the provider %s, is %s', (finishReason, rawFinishReason, expected) => {
    expect(anthropicMessages.writeAnswer(finish([], { finishReason, rawFinishReason }), frame)).toMatchObject({ stop_reason: expected })
  })
})

describe('the streams of anthropicMessages', () => {
  test('come in the order of the API, and begin with an estimate of the input', () => {
    const stream = streamOf([{ type: 'start' }, text('a'), text('b'), called(two), finish([says('ab'), two])])

    expect(namesIn(stream)).toEqual([
      ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop'],
      ...['content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop'],
    ])
    expect(stream).toContain('"input_tokens":321')
    expect(stream.match(/"index":\d/g)).toEqual(['0', '0', '0', '0', '1', '1', '1'].map((index) => `"index":${index}`))
  })

  test('say something only when there is something to say', () => {
    const writer = anthropicMessages.createStreamWriter(frame)

    expect(namesIn(writer.write({ type: 'start' }))).toEqual(['message_start'])
    expect(writer.write({ type: 'start' })).toBe('')
    expect(writer.write(think(''))).toBe('')
    expect(namesIn(writer.write(text('a')))).toEqual(['content_block_start', 'content_block_delta'])
  })

  test('reasoning whose text is closed when it is whole gets a block of its own', () => {
    const stream = streamOf([think('Hm'), text('Yes'), { type: 'reasoning', part: thought('Hm') }, finish([])])

    expect(stream).toContain('"content_block":{"type":"redacted_thinking","data":"sealed:2"}')
    expect(stream).not.toContain('signature_delta')
  })

  test('are read by the provider file as what was written, whatever is said', () => {
    const part = fc.oneof(
      fc.string({ minLength: 1, unit: 'binary' }).map((words): Part => ({ type: 'text', text: words })),
      fc.string({ unit: 'grapheme' }).map((words): Part => thought(words, { type: 'thinking' })),
      fc
        .record({ id: fc.uuid(), input: fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<unknown>) })
        .map(({ id, input }): Part => call(id, input)),
    )
    const cut = (words: string) => [words.slice(0, words.length / 2), words.slice(words.length / 2)]
    const eventsOf = (content: readonly Part[]) =>
      content.flatMap((one): ModelEvent[] => {
        if (one.type === 'text') return cut(one.text).map(text)
        if (one.type === 'reasoning') return [...cut(one.text).map(think), { type: 'reasoning', part: one }]
        if (one.type !== 'tool-call') return []
        return [...cut(JSON.stringify(one.input)).map((some) => piece(one.id, some)), called(one)]
      })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (content) => {
        const joined = content.filter((one, index) => one.type !== 'text' || content[index - 1]?.type !== 'text')
        const last = finish(joined)

        const parser = createSseParser()
        const reader = createReader('cloud/m')
        const { messages } = parser.push(Buffer.from(streamOf([...eventsOf(joined), last])))
        const read = messages.flatMap(({ data }) => reader.read(JSON.parse(data ?? '') as Record<string, unknown>))
        const whole = readAnswer(
          JSON.parse(JSON.stringify(anthropicMessages.writeAnswer(last, frame))) as Record<string, unknown>,
          'cloud/m',
        )

        for (const events of [read, whole]) {
          const end = events.at(-1)
          if (end?.type !== 'finish') return expect.fail('no finish')
          const plain = (parts: readonly Part[]) => parts.map((one) => (one.type === 'reasoning' ? { ...one, raw: undefined } : one))
          const asJson: unknown = JSON.parse(JSON.stringify(plain(joined)))
          expect(JSON.parse(JSON.stringify(plain(end.message.content)))).toEqual(asJson)
          expect(end.usage).toMatchObject({ inputTokens: 300, cacheReadTokens: 20, cacheWriteTokens: 7, outputTokens: 9 })
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('whatever a provider says, in whatever order,', () => {
  const id = fc.constantFrom('t_1', 't_2', 't_3')
  const words = fc.constantFrom('', 'a', 'b\n')
  const event: fc.Arbitrary<ModelEvent> = fc.oneof(
    fc.constant<ModelEvent>({ type: 'start' }),
    words.map(text),
    words.map(think),
    words.map((some): ModelEvent => ({ type: 'reasoning', part: thought(some, { type: 'thinking' }) })),
    fc.constant<ModelEvent>({ type: 'reasoning', part: secret }),
    fc.tuple(id, fc.constantFrom('', ' ')).map(([of, some]) => piece(of, some)),
    id.map((of) => called(call(of, { a: 1 }))),
  )

  test('a stream has one open block at a time, numbered from 0, and its end once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 14 }), async (events) => {
        const body = streamOf([...events, finish([])])
        const said = [...body.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as { type: string; index?: number })

        let open: number | undefined
        let next = 0
        for (const { type, index } of said.slice(1, -2)) {
          if (type === 'content_block_start') {
            expect([open, index]).toEqual([undefined, next])
            open = index
            next += 1
          } else expect(index).toBe(open)
          if (type === 'content_block_stop') open = undefined
        }
        expect(open).toBeUndefined()
        expect([said[0]?.type, ...said.slice(-2).map(({ type }) => type)]).toEqual(['message_start', 'message_delta', 'message_stop'])

        const { content } = await streamed(body).finalMessage()
        const texts = (events: readonly ModelEvent[]) => events.flatMap((one) => (one.type === 'text-delta' ? [one.text] : [])).join('')
        expect(content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('')).toBe(texts(events))
        const whole = events.filter((one) => one.type === 'tool-call').length
        expect(content.filter(({ type }) => type === 'tool_use').length).toBeGreaterThanOrEqual(whole > 0 ? 1 : 0)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the failures of anthropicMessages', () => {
  test.each([
    [400, 'invalid_request_error', Anthropic.BadRequestError],
    [401, 'authentication_error', Anthropic.AuthenticationError],
    [402, 'billing_error', Anthropic.APIError],
    [403, 'permission_error', Anthropic.PermissionDeniedError],
    [404, 'not_found_error', Anthropic.NotFoundError],
    [413, 'request_too_large', Anthropic.APIError],
    [418, 'invalid_request_error', Anthropic.APIError],
    [429, 'rate_limit_error', Anthropic.RateLimitError],
    [500, 'api_error', Anthropic.InternalServerError],
    [503, 'overloaded_error', Anthropic.InternalServerError],
    [504, 'timeout_error', Anthropic.InternalServerError],
    [529, 'overloaded_error', Anthropic.InternalServerError],
  ] as const)('status %i is %s', async (status, type, kind) => {
    const body = JSON.stringify(anthropicMessages.writeFailure({ status, message: 'Not now' }))
    reply = { status, type: 'application/json', body }

    const error = await client.messages.create(params).catch((cause: unknown) => cause)
    const inStream = await client.messages
      .stream(params)
      .finalMessage()
      .catch((cause: unknown) => cause)

    for (const one of [error, inStream]) {
      expect(one).toBeInstanceOf(kind)
      expect(one).toMatchObject({ status, type, error: { type: 'error', error: { type, message: 'Not now' } } })
    }
  })

  test('the vendor’s own word for the kind is kept', () => {
    const failure: ClientFailure = { status: 400, message: 'No', type: 'billing_error' }

    expect(anthropicMessages.writeFailure(failure)).toEqual({ type: 'error', error: { type: 'billing_error', message: 'No' } })
  })

  test.each([
    ['before anything was said', []],
    ['in the middle', [text('One ')]],
    ['in the middle of a call', [piece('t_1', '{"a"')]],
  ] as const)('a stream that breaks off %s ends with an error, and never with its end', async (_, events) => {
    const writer = anthropicMessages.createStreamWriter(frame)
    const said = events.map((event) => writer.write(event)).join('')
    const body = said + writer.fail({ status: 529, message: 'Overloaded' })

    const error = await streamed(body)
      .finalMessage()
      .catch((cause: unknown) => cause)

    expect(error).toBeInstanceOf(Anthropic.APIError)
    expect(error).toMatchObject({ type: 'overloaded_error' })
    expect(body).not.toContain('message_stop')
  })
})
