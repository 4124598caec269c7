import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ProviderError } from '../../models/errors.ts'
import type { Message, ToolDefinition } from '../../models/message.ts'
import type { ModelEvent, ModelFinish, ModelRequest, Provider } from '../../models/provider.ts'
import { freePort } from '../support/free-port.ts'
import {
  type Answer,
  emptyStream,
  garbageStream,
  htmlPage,
  type ScriptedProvider,
  startScriptedProvider,
} from '../support/scripted-provider/index.ts'

export interface ProviderUnderTest {
  format: Provider['format']
  /** The model that each request asks for. */
  model: string
  create(options: { url: string; apiKey: string; name: string }): Provider
  /** Whether the format tells tokens that were written to a cache for an hour apart. */
  countsOneHourWrites?: boolean
}

const secret = 'sk-contract-0123456789abcdef'
const add: ToolDefinition = {
  name: 'add',
  description: 'Adds two numbers',
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
}
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** What every wire format promises of one call, row by row of the failure matrix as far as one call shows it. */
export function providerContract({ format, model, create, countsOneHourWrites = false }: ProviderUnderTest): void {
  describe(`${format}, the provider contract`, () => {
    let cloud: ScriptedProvider
    let provider: Provider
    beforeAll(async () => {
      cloud = await startScriptedProvider()
      provider = create({ url: cloud.url, apiKey: secret, name: 'cloud' })
    })
    beforeEach(() => cloud.reset())
    afterAll(() => cloud.close())

    const ask = (request: Partial<ModelRequest> = {}, signal?: AbortSignal) =>
      provider.send({ model, messages: [user('Hi')], ...request }, { signal })

    describe('answers', () => {
      test('text arrives in pieces, after start and before finish', async () => {
        cloud.script([{ text: 'One two three' }])

        const events = await collect(ask())

        expect(events[0]).toEqual({ type: 'start' })
        expect(textOf(events)).toBe('One two three')
        expect(events.filter((event) => event.type === 'text-delta').length).toBeGreaterThan(1)
        expect(events.filter((event) => event.type === 'finish')).toHaveLength(1)
        expect(finishOf(events)).toMatchObject({
          finishReason: 'stop',
          message: { role: 'assistant', content: [{ type: 'text', text: 'One two three' }] },
        })
      })

      test('start comes with the headers, before there is any content', async () => {
        cloud.script([{ text: 'Late', delays: { content: 60_000 } }])
        const controller = new AbortController()
        const events = ask({}, controller.signal)[Symbol.asyncIterator]()

        expect((await events.next()).value).toEqual({ type: 'start' })

        controller.abort(new Error('enough'))
        await expect(drain(events)).rejects.toThrow('enough')
      })

      test('a tool call is whole when it is presented, and its arguments arrive in pieces before', async () => {
        cloud.script([{ text: 'I add.', toolCalls: [{ name: 'add', input: { a: 1, b: 2 }, id: 'call_1' }] }])

        const events = await collect(ask({ tools: [add] }))

        const call = { type: 'tool-call', id: 'call_1', name: 'add', input: { a: 1, b: 2 } }
        expect(events.filter((event) => event.type === 'tool-call')).toEqual([{ type: 'tool-call', call }])
        const pieces = events.flatMap((event) => (event.type === 'tool-call-delta' ? [event.inputText] : []))
        expect(pieces.join('')).toBe('{"a":1,"b":2}')
        expect(finishOf(events)).toMatchObject({ finishReason: 'tool-calls', message: { content: [{ type: 'text' }, call] } })
      })

      test('parallel calls keep their order and their own arguments', async () => {
        cloud.script([
          {
            toolCalls: [
              { name: 'add', input: { a: 1, b: 2 }, id: 'call_1' },
              { name: 'add', input: { a: 3, b: 4 }, id: 'call_2' },
              { name: 'add', input: {}, id: 'call_3' },
            ],
          },
        ])

        const events = await collect(ask({ tools: [add] }))

        const calls = events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []))
        expect(calls.map(({ id, input }) => [id, input])).toEqual([
          ['call_1', { a: 1, b: 2 }],
          ['call_2', { a: 3, b: 4 }],
          ['call_3', {}],
        ])
      })

      test('usage falls into four buckets whose sum is the total', async () => {
        const usage = { inputTokens: 100, cacheReadTokens: 40, cacheWriteTokens: 20, outputTokens: 30, reasoningTokens: 12 }
        cloud.script([{ text: 'Yes', usage }])

        expect(finishOf(await collect(ask())).usage).toEqual(usage)
      })

      test.runIf(countsOneHourWrites)('cache writes for an hour are told apart', async () => {
        const usage = { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 20, cacheWrite1hTokens: 15, outputTokens: 3 }
        cloud.script([{ text: 'Yes', usage }])

        expect(finishOf(await collect(ask())).usage).toEqual(usage)
      })

      test.each([
        ['length', 'length'],
        ['refusal', 'refusal'],
        ['stop', 'stop'],
      ] as const)('finish reason %s', async (scripted, expected) => {
        cloud.script([{ text: 'I', finish: scripted }])

        expect(finishOf(await collect(ask()))).toMatchObject({ finishReason: expected, rawFinishReason: expect.any(String) })
      })

      test('a call that the token limit cut is left out of the answer', async () => {
        cloud.script([{ text: 'I add.', toolCalls: [{ name: 'add', input: '{"a": 1, "b"' }], finish: 'length' }])

        const events = await collect(ask({ tools: [add] }))

        expect(events.some((event) => event.type === 'tool-call')).toBe(false)
        expect(finishOf(events)).toMatchObject({ finishReason: 'length', message: { content: [{ type: 'text', text: 'I add.' }] } })
      })

      test('an empty answer ends as one, for the router to judge', async () => {
        cloud.script([{ text: '' }])

        expect(finishOf(await collect(ask()))).toMatchObject({ finishReason: 'stop', message: { content: [] } })
      })

      test('the model that served is named', async () => {
        cloud.script([{ text: 'Hi', servedModel: 'another-model' }])

        expect(finishOf(await collect(ask())).servedModel).toBe('another-model')
      })

      test('reasoning is streamed, and goes back only to the model that made it, byte for byte', async () => {
        cloud.script([{ reasoning: 'Because.', toolCalls: [{ name: 'add', input: { a: 1, b: 2 }, id: 'call_1' }] }])
        const { message } = finishOf(await collect(ask({ tools: [add] })))
        const result: Message = {
          role: 'user',
          content: [{ type: 'tool-result', id: 'call_1', name: 'add', content: [{ type: 'text', text: '3' }], isError: false }],
        }
        const messages = [user('Add 1 and 2'), message, result]
        cloud.answer(() => ({ text: 'Three' }))

        await collect(ask({ messages, tools: [add] }))
        await collect(ask({ messages, tools: [add], model: 'other-model' }))

        const [, same, other] = cloud.requests.map((request) => JSON.stringify(request.body))
        expect(message.content[0]).toMatchObject({ type: 'reasoning', text: 'Because.', mintedBy: `cloud/${model}` })
        expect(same).toContain('Because.')
        expect(other).not.toContain('Because.')
        expect(other).not.toContain('c2NyaXB0ZWQ=')
      })
    })

    describe('requests', () => {
      test('leave out reasoning that nothing follows, since vendors refuse a turn that ends with it', async () => {
        cloud.script([{ reasoning: 'Because.', finish: 'length' }])
        const { message } = finishOf(await collect(ask()))
        cloud.script([{ text: 'Hi' }])

        await collect(ask({ messages: [user('Hi'), message, user('Go on')] }))

        expect(message.content).toHaveLength(1)
        expect(JSON.stringify(cloud.requests.at(-1)?.body)).not.toContain('Because.')
      })

      test('carry system text, tools and results, with ids that fit the call', async () => {
        cloud.script([{ text: 'Three' }])
        const call: Message = {
          role: 'assistant',
          content: [{ type: 'tool-call', id: 'functions.add:0', name: 'add', input: { a: 1, b: 2 } }],
        }
        const result: Message = {
          role: 'user',
          content: [{ type: 'tool-result', id: 'functions.add:0', name: 'add', content: [{ type: 'text', text: '3' }], isError: false }],
        }

        await collect(ask({ system: 'Be short', messages: [user('Add 1 and 2'), call, result], tools: [add] }))

        const [request] = cloud.requests
        expect(request).toMatchObject({ system: 'Be short', prompt: 'Add 1 and 2', tools: ['add'], model })
        expect(request?.toolResults.map(({ text }) => text)).toEqual(['3'])
        const id = request?.toolResults[0]?.id ?? ''
        expect(id).toMatch(/^[a-zA-Z0-9_-]+$/)
        expect(JSON.stringify(request?.body).split(`"${id}"`)).toHaveLength(3)
      })

      test('carry images, those that a tool returned as well', async () => {
        cloud.script([{ text: 'A dot' }])
        const image = { type: 'image' as const, mediaType: 'image/png' as const, data: pixel }
        const messages: Message[] = [
          {
            role: 'user',
            content: [{ type: 'text', text: 'What is this?' }, image, { type: 'image-url', url: 'https://example.com/a.png' }],
          },
          { role: 'assistant', content: [{ type: 'tool-call', id: 'call_1', name: 'look', input: {} }] },
          {
            role: 'user',
            content: [
              { type: 'tool-result', id: 'call_1', name: 'look', content: [{ type: 'text', text: 'seen' }, image], isError: false },
            ],
          },
        ]

        await collect(ask({ messages }))

        expect(cloud.requests[0]).toMatchObject({ images: 3, toolResults: [{ text: 'seen' }] })
      })

      test('say that a tool failed', async () => {
        cloud.script([{ text: 'Sorry' }])
        const messages: Message[] = [
          user('Go'),
          { role: 'assistant', content: [{ type: 'tool-call', id: 'call_1', name: 'go', input: {} }] },
          {
            role: 'user',
            content: [{ type: 'tool-result', id: 'call_1', name: 'go', content: [{ type: 'text', text: 'no road' }], isError: true }],
          },
        ]

        await collect(ask({ messages }))

        expect(JSON.stringify(cloud.requests[0]?.body)).toMatch(/is_error":true|The tool failed/)
      })

      test('the same request is the same bytes, so that a prompt cache can find it', async () => {
        cloud.answer(() => ({ text: 'Hi' }))
        const messages: Message[] = [
          user('Go'),
          { role: 'assistant', content: [{ type: 'tool-call', id: 'a:b', name: 'go', input: { b: 1, a: 2 } }] },
        ]

        await collect(ask({ messages, tools: [add], cacheKey: 'thread' }))
        await collect(ask({ messages, tools: [add], cacheKey: 'thread' }))

        expect(cloud.requests[0]?.bytes).toEqual(cloud.requests[1]?.bytes)
      })

      test('ask for a stream, with the credential of the provider', async () => {
        cloud.script([{ text: 'Hi' }])

        await collect(ask())

        const { headers, stream } = cloud.requests[0] ?? {}
        expect(stream).toBe(true)
        expect(headers?.['authorization'] ?? headers?.['x-api-key']).toContain(secret)
      })
    })

    describe('failures before content', () => {
      test.each([
        ['429 with Retry-After', { status: 429, retryAfter: 2 }, { kind: 'rate_limit', status: 429, retryAfterMs: 2000 }],
        ['429 with milliseconds', { status: 429, retryAfterMs: 150, retryAfter: 9 }, { kind: 'rate_limit', retryAfterMs: 150 }],
        ['429 without', { status: 429 }, { kind: 'rate_limit', retryAfterMs: undefined }],
        ['401', { status: 401 }, { kind: 'auth', status: 401 }],
        ['403', { status: 403 }, { kind: 'auth', status: 403 }],
        ['no credit', { fail: 'quota' }, { kind: 'auth' }],
        ['404', { status: 404 }, { kind: 'not_found', status: 404 }],
        ['408', { fail: 'server-error', status: 408 }, { kind: 'unavailable', status: 408 }],
        ['500', { status: 500 }, { kind: 'unavailable', status: 500 }],
        ['overloaded', { fail: 'overloaded' }, { kind: 'unavailable' }],
        ['400 input too long', { fail: 'input-too-long' }, { kind: 'input_too_long', status: 400 }],
        ['400 content filter', { fail: 'content-filter' }, { kind: 'content_filter', status: 400 }],
        ['400 reasoning refused', { fail: 'signature' }, { kind: 'bad_request', status: 400, providerCode: 'reasoning_refused' }],
        ['400 other', { fail: 'bad-request' }, { kind: 'bad_request', status: 400 }],
        ['422', { fail: 'bad-request', status: 422 }, { kind: 'bad_request', status: 422 }],
        ['200 with an error body', { fail: 'rate-limit', delivery: 'body' }, { kind: 'rate_limit' }],
        ['200 with an error body, too long', { fail: 'input-too-long', delivery: 'body' }, { kind: 'input_too_long' }],
        ['an error as the first event', { fail: 'overloaded', delivery: 'event' }, { kind: 'unavailable' }],
        ['a refused key as the first event', { fail: 'auth', delivery: 'event' }, { kind: 'auth' }],
        ['an HTML page', htmlPage, { kind: 'bad_response' }],
        ['an HTML page with a status', { ...htmlPage, status: 502 }, { kind: 'unavailable', status: 502 }],
        ['garbage events', garbageStream, { kind: 'bad_response' }],
        ['events of another shape', { raw: 'data: [1, 2]\n\n', contentType: 'text/event-stream' }, { kind: 'bad_response' }],
        ['a stream without an event', emptyStream, { kind: 'unavailable' }],
        ['a connection dropped before the headers', { text: 'Hi', interrupt: { after: 'request', how: 'reset' } }, { kind: 'unavailable' }],
      ] as const)('%s', async (_, reply, expected) => {
        cloud.script([reply])

        const error = await failureOf(ask())

        expect(error).toMatchObject({ name: 'ProviderError', deployment: `cloud/${model}`, ...expected })
        expect(error.message).toContain(`cloud/${model}`)
        expect(cloud.requests, 'a provider makes one call').toHaveLength(1)
      })

      test('a key that cannot be a header is refused before anything is sent, and not repeated', async () => {
        const wrong = create({ url: cloud.url, apiKey: 'sk-€-with\nbreak', name: 'cloud' })

        const error = await failureOf(wrong.send({ model, messages: [user('Hi')] }))

        expect(error).toMatchObject({ kind: 'auth', cause: undefined })
        expect(error.message).not.toContain('sk-')
        expect(cloud.requests).toHaveLength(0)
      })

      test('nobody listening', async () => {
        const away = create({ url: `http://127.0.0.1:${await freePort()}`, apiKey: secret, name: 'cloud' })

        expect(await failureOf(away.send({ model, messages: [user('Hi')] }))).toMatchObject({
          kind: 'unavailable',
          providerCode: 'ECONNREFUSED',
        })
      })

      test('a key never stands in a message, even where the provider repeats it', async () => {
        for (const fail of ['auth', 'bad-request', 'forbidden'] as const) {
          cloud.script([{ fail, message: `Incorrect API key provided: ${secret}. See sk-other-12345678.` }])

          const error = await failureOf(ask())

          expect(error.message).not.toContain(secret)
          expect(error.message).not.toContain('sk-other')
        }
      })
    })

    describe('failures in the middle', () => {
      const long: Answer = { text: 'One two three four' }

      test.each([
        ['the connection drops', { after: 'first-content', how: 'reset' }],
        ['the connection closes in good order without the last event', { after: 'first-content', how: 'end' }],
        ['the connection closes after all content', { after: 'content', how: 'end' }],
        ['an error event', { after: 'first-content', how: 'error' }],
      ] as const)('%s: a failure after what was said, never a finish', async (_, interrupt) => {
        cloud.script([{ ...long, interrupt }])

        const { events, error } = await outcomeOf(ask())

        expect(textOf(events)).toMatch(/^One/)
        expect(events.some((event) => event.type === 'finish')).toBe(false)
        expect(error).toMatchObject({ kind: 'unavailable' })
      })

      test('a stream cut at any event is a failure, and an open call is never presented', async () => {
        const answer: Answer = { text: 'I add.', toolCalls: [{ name: 'add', input: { a: 1, b: 2 }, id: 'call_1' }] }
        cloud.script([answer])
        const whole = (await collect(ask({ tools: [add] }))).length

        let cuts = 0
        for (let after = 0; after < whole + 12; after += 1) {
          cloud.script([{ ...answer, interrupt: { after, how: 'end' } }])
          const { events, error } = await outcomeOf(ask({ tools: [add] }))
          for (const event of events) if (event.type === 'tool-call') expect(event.call.input).toEqual({ a: 1, b: 2 })
          if (error === undefined) expect(finishOf(events).finishReason).toBe('tool-calls')
          else cuts += 1
        }
        expect(cuts).toBeGreaterThan(4)
      })

      test('a call with arguments that are no JSON is a failure', async () => {
        cloud.script([{ toolCalls: [{ name: 'add', input: '{"a": 1, "b"' }] }])

        const { events, error } = await outcomeOf(ask({ tools: [add] }))

        expect(events.some((event) => event.type === 'tool-call')).toBe(false)
        expect(error).toMatchObject({ kind: 'bad_response', providerCode: 'broken_tool_call' })
      })
    })

    describe('abort', () => {
      test('before the call: nothing is sent and the reason is thrown', async () => {
        const reason = new Error('The caller left')

        await expect(collect(ask({}, AbortSignal.abort(reason)))).rejects.toBe(reason)
        expect(cloud.requests).toHaveLength(0)
      })

      test.each(['request', 'headers', 'first-content'] as const)(
        'while the provider stalls after %s: the reason is thrown and the connection closed',
        async (after) => {
          cloud.script([{ text: 'One two', interrupt: { after, how: 'stall' } }])
          const controller = new AbortController()
          const reason = new Error('The caller left')

          const answer = collect(ask({}, controller.signal))
          await expect.poll(() => cloud.requests.length).toBe(1)
          setTimeout(() => controller.abort(reason), 20)

          await expect(answer).rejects.toBe(reason)
          await expect.poll(() => cloud.requests[0]?.outcome).toBe('left')
        },
      )

      test('a consumer that stops reading closes the connection', async () => {
        cloud.script([{ text: 'One two', interrupt: { after: 'first-content', how: 'stall' } }])

        for await (const event of ask()) if (event.type === 'text-delta' && event.text !== '') break

        await expect.poll(() => cloud.requests[0]?.outcome).toBe('left')
      })
    })

    describe('forward()', () => {
      const path = { 'openai-responses': '/responses', 'openai-chat': '/chat/completions', 'anthropic-messages': '/messages' }[format] ?? ''
      const body = Buffer.from('{"model" : "m",\n "stream": true, "messages": [], "strange": "\\u00e9"}')

      test('passes the bytes on as they are, with the credential of the provider in the place of the caller’s', async () => {
        cloud.script([{ text: 'Hi' }])
        const headers = {
          ...{ Authorization: 'Bearer callers-own', 'X-Api-Key': 'callers-own', Cookie: 'a=callers-own', Host: 'evil.example' },
          ...{
            'OpenAI-Organization': 'callers-own',
            'x-signalbox-debug': 'true',
            'Content-Type': 'application/json',
            'anthropic-beta': 'x',
          },
        }

        const response = await provider.forward({ path, headers, body })

        expect(Buffer.from(cloud.requests[0]?.bytes ?? [])).toEqual(body)
        expect(JSON.stringify(cloud.requests[0]?.headers)).not.toMatch(/callers-own|evil|signalbox/)
        expect(JSON.stringify(cloud.requests[0]?.headers)).toContain(secret)
        expect(cloud.requests[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'anthropic-beta': 'x' })
        expect(response.status).toBe(200)
        expect(response.headers.get('content-type')).toContain('event-stream')
        expect(await new Response(response.body).text()).toContain('Hi')
      })

      test('passes refusals on with their status, headers and body', async () => {
        cloud.script([{ status: 429, retryAfter: 7 }])

        const response = await provider.forward({ path, headers: {}, body })

        expect(response.status).toBe(429)
        expect(response.headers.get('retry-after')).toBe('7')
        expect(await new Response(response.body).json()).toHaveProperty('error')
      })

      test('rethrows the reason of an abort', async () => {
        cloud.script([{ text: 'Hi', interrupt: { after: 'request', how: 'stall' } }])
        const controller = new AbortController()
        const reason = new Error('The caller left')

        const answer = provider.forward({ path, headers: {}, body }, { signal: controller.signal })
        setTimeout(() => controller.abort(reason), 20)

        await expect(answer).rejects.toBe(reason)
      })
    })
  })
}

export function user(text: string): Message {
  return { role: 'user', content: [{ type: 'text', text }] }
}

export async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

export function finishOf(events: readonly ModelEvent[]): ModelFinish {
  const last = events.at(-1)
  if (last?.type !== 'finish') throw new Error(`The last event is ${last?.type}, not finish`)
  return last
}

async function drain(events: AsyncIterator<ModelEvent>): Promise<void> {
  while ((await events.next()).done !== true);
}

function textOf(events: readonly ModelEvent[]): string {
  return events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')
}

async function outcomeOf(answer: AsyncIterable<ModelEvent>): Promise<{ events: ModelEvent[]; error: ProviderError | undefined }> {
  const events: ModelEvent[] = []
  try {
    for await (const event of answer) events.push(event)
  } catch (error) {
    if (error instanceof ProviderError) return { events, error }
    throw error
  }
  return { events, error: undefined }
}

async function failureOf(answer: AsyncIterable<ModelEvent>): Promise<ProviderError> {
  const { error } = await outcomeOf(answer)
  if (error === undefined) throw new Error('The call did not fail')
  return error
}
