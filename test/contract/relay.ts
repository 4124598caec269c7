import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ProviderError } from '../../models/errors.ts'
import type { ModelEvent, Provider, RelayChunk, RelayRequest } from '../../models/provider.ts'
import {
  type Answer,
  emptyStream,
  garbageStream,
  htmlPage,
  type ScriptedProvider,
  startScriptedProvider,
} from '../support/scripted-provider/index.ts'
import { collect, finishOf, user } from './provider.ts'

export interface RelayUnderTest {
  format: Provider['format']
  /** The model that each request asks for. */
  model: string
  /** Below `/v1`. */
  path: string
  create(options: { url: string; apiKey: string; name: string; fetch?: typeof fetch }): Provider
}

const secret = 'sk-contract-0123456789abcdef'

const everything: Answer = {
  reasoning: 'Because it is.',
  text: 'One two thrée 🙂',
  toolCalls: [
    { name: 'add', input: { a: 1, b: 'zwölf' }, id: 'call_1' },
    { name: 'add', input: {}, id: 'call_2' },
  ],
  usage: { inputTokens: 11, cacheReadTokens: 7, outputTokens: 5 },
}

/** What `relay` promises, whatever the format: the bytes as they arrived, and what they say. */
export function relayContract({ format, model, path, create }: RelayUnderTest): void {
  describe(`${format}, the relay contract`, () => {
    let cloud: ScriptedProvider
    let provider: Provider
    beforeAll(async () => {
      cloud = await startScriptedProvider()
      provider = create({ url: cloud.url, apiKey: secret, name: 'cloud' })
    })
    beforeEach(() => cloud.reset())
    afterAll(() => cloud.close())

    const requestOf = (stream: boolean): RelayRequest => ({
      path,
      model,
      stream,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(
        `{"model" : "${model}",\n "stream": ${stream}, "stream_options": {"include_usage": true}, "messages": [], "input": [], "strange": "\\u00e9"}`,
      ),
    })
    const relay = (stream = true, options: { from?: Provider; signal?: AbortSignal } = {}): AsyncIterable<RelayChunk> => {
      const { from = provider, signal } = options
      if (from.relay === undefined) throw new Error(`${format} has no relay`)
      return from.relay(requestOf(stream), { signal })
    }
    /** The bytes that the stand-in sends for an answer. */
    const bytesOf = async (answer: Answer, stream = true) => {
      cloud.script([answer])
      const { headers, body } = requestOf(stream)
      const response = await fetch(`${cloud.openaiUrl}${path}`, { method: 'POST', headers, body: Buffer.from(body) })
      return Buffer.from(await response.arrayBuffer())
    }

    test('passes a stream on byte for byte, with the events that send() makes of it', async () => {
      const bytes = await bytesOf(everything)
      cloud.script([everything, everything])

      const chunks = await chunksOf(relay())
      const sent = await collect(provider.send({ model, messages: [user('Hi')] }))

      expect(joined(chunks)).toEqual(bytes)
      expect(said(eventsOf(chunks))).toEqual(said(sent))
      expect(finishOf(eventsOf(chunks))).toMatchObject({ finishReason: 'tool-calls', usage: { inputTokens: 11, cacheReadTokens: 7 } })
    })

    test('passes an answer that is not streamed on byte for byte, with what it says', async () => {
      const bytes = await bytesOf(everything, false)
      cloud.script([everything, everything])

      const chunks = await chunksOf(relay(false))
      const streamed = finishOf(await collect(provider.send({ model, messages: [user('Hi')] })))

      expect(joined(chunks)).toEqual(bytes)
      expect(chunks).toHaveLength(2)
      const { rawFinishReason: _, ...finish } = finishOf(eventsOf(chunks))
      expect(finish).toEqual({ ...streamed, rawFinishReason: undefined, ...finish })
      expect(finish.message).toEqual(streamed.message)
      expect(eventsOf(chunks).filter((event) => event.type === 'tool-call')).toHaveLength(2)
      expect(textOf(eventsOf(chunks))).toBe(everything.text)
    })

    test('begins with the headers, before there is any content', async () => {
      cloud.script([{ text: 'Late', delays: { content: 60_000 } }])
      const controller = new AbortController()
      const chunks = relay(true, { signal: controller.signal })[Symbol.asyncIterator]()

      const { value: first } = await chunks.next()

      expect(first?.bytes).toHaveLength(0)
      expect(first?.events).toMatchObject([{ type: 'start' }])
      const [start] = first?.events ?? []
      expect(start?.type === 'start' && start.headers?.get('content-type')).toContain('event-stream')
      expect(start?.type === 'start' && start.headers?.has('transfer-encoding')).toBe(false)
      controller.abort(new Error('enough'))
      await expect(
        (async () => {
          while ((await chunks.next()).done !== true);
        })(),
      ).rejects.toThrow('enough')
    })

    test('sends the bytes as they are, uncompressed, with its own credential and the caller’s other headers', async () => {
      cloud.script([{ text: 'Hi' }])
      const request = requestOf(true)
      const headers = {
        ...{ Authorization: 'Bearer callers-own', 'X-Api-Key': 'callers-own', Cookie: 'a=callers-own', Host: 'evil.example' },
        ...{ 'accept-encoding': 'gzip, br', 'x-signalbox-debug': 'true', 'Content-Type': 'application/json' },
        ...{ 'anthropic-beta': 'a,b', 'openai-beta': 'c', 'user-agent': 'agent/1' },
      }

      await chunksOf(provider.relay?.({ ...request, headers }) ?? fail())

      expect(Buffer.from(cloud.requests[0]?.bytes ?? [])).toEqual(request.body)
      expect(JSON.stringify(cloud.requests[0]?.headers)).not.toMatch(/callers-own|evil|signalbox/)
      expect(JSON.stringify(cloud.requests[0]?.headers)).toContain(secret)
      expect(cloud.requests[0]?.headers).toMatchObject({
        'accept-encoding': 'identity',
        'anthropic-beta': 'a,b',
        'openai-beta': 'c',
        'user-agent': 'agent/1',
      })
    })

    describe('however the bytes arrive', () => {
      let bytes: Buffer
      let whole: ModelEvent[]
      const relayPieces = (pieces: readonly Uint8Array[]) => chunksOf(relay(true, { from: create({ ...options(pieces) }) }))
      const options = (pieces: readonly Uint8Array[]) => ({ url: cloud.url, apiKey: secret, name: 'cloud', fetch: answering(pieces) })
      beforeAll(async () => {
        bytes = await bytesOf(everything)
        whole = said(eventsOf(await relayPieces([bytes])))
      })

      test.each(['\n', '\r\n', '\r'])(
        'lines ended by %j and cut at every byte, or wherever they end, read the same and come out the same',
        async (end) => {
          const text = bytes.toString('utf8').replaceAll('\n', end)
          const all = Buffer.from(text)
          const wholeText = JSON.stringify(whole)
          for (let cut = 0; cut <= all.length; cut += 1) {
            // Inside of a line its end tells nothing.
            if (end !== '\n' && cut % 9 !== 0 && !/[\r\n]/.test(all.toString('latin1', Math.max(0, cut - 2), cut + 2))) continue
            const chunks = await relayPieces([all.subarray(0, cut), all.subarray(cut)])
            if (!joined(chunks).equals(all)) expect.fail(`other bytes when cut at ${cut}`)
            // Thousands of comparisons: the slow one tells of the difference.
            const events = said(eventsOf(chunks))
            if (JSON.stringify(events) !== wholeText) expect(events, `when cut at ${cut}`).toEqual(whole)
          }
        },
      )

      test('many cuts: each chunk ends where an event ends', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 40 }), async (cuts) => {
            const places = [0, ...cuts.toSorted((left, right) => left - right), bytes.length]
            const chunks = await relayPieces(places.slice(1).map((place, index) => bytes.subarray(places[index], place)))

            expect(joined(chunks)).toEqual(bytes)
            expect(said(eventsOf(chunks))).toEqual(whole)
            for (const { bytes: some } of chunks) if (some.length > 0) expect(Buffer.from(some).toString().slice(-2)).toBe('\n\n')
          }),
          { numRuns: 60 },
        )
      })

      test('events that arrive together are one chunk', async () => {
        const chunks = await relayPieces([bytes])

        expect(chunks.filter((chunk) => chunk.bytes.length > 0)).toHaveLength(1)
      })

      test('cut anywhere and ended there, only what is whole is passed on, and never a finish', async () => {
        for (let cut = 0; cut < bytes.length - 40; cut += bytes[cut] === 0x0a || bytes[cut + 1] === 0x0a ? 1 : 5) {
          const { chunks, error } = await outcomeOf(relay(true, { from: create(options([bytes.subarray(0, cut)])) }))
          const events = eventsOf(chunks)
          if (events.some((event) => event.type === 'finish')) continue
          expect(error).toMatchObject({ name: 'ProviderError', kind: 'unavailable' })
          const passed = joined(chunks)
          expect(bytes.subarray(0, passed.length).equals(passed)).toBe(true)
          if (passed.length > 0) expect(passed.toString().slice(-2)).toBe('\n\n')
        }
      })

      test('bytes that were changed on the way are passed on up to the failure, or all: nothing else happens', async () => {
        const change = fc.record({
          at: fc.nat(bytes.length - 1),
          how: fc.constantFrom('drop', 'put', 'add'),
          byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('\n\r":{}[],\\0n').values())),
        })
        await fc.assert(
          fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(bytes.length), async (changes, cut) => {
            const changed = [...bytes]
            for (const { at, how, byte } of changes) changed.splice(at, how === 'add' ? 0 : 1, ...(how === 'drop' ? [] : [byte]))
            const all = Buffer.from(changed)

            const { chunks, error } = await outcomeOf(relay(true, { from: create(options([all.subarray(0, cut), all.subarray(cut)])) }))

            const passed = joined(chunks)
            const finishes = eventsOf(chunks).filter((event) => event.type === 'finish').length
            expect(finishes).toBe(error === undefined ? 1 : 0)
            // An end that was left out is put behind what is whole.
            const due = error === undefined ? Buffer.concat([all, passed.subarray(all.length)]) : all.subarray(0, passed.length)
            expect(due.equals(passed)).toBe(true)
            expect(passed.subarray(all.length).toString().trim()).toBeOneOf(['', 'data: [DONE]'])
            if (error !== undefined) expect(error.message).not.toContain(secret)
          }),
          { numRuns: 300 },
        )
      })

      test('an answer that is whole does not wait for a connection that stays open', async () => {
        const open = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes) })
        const fetch = async () => new Response(open, { headers: { 'content-type': 'text/event-stream' } })

        const chunks = await withoutWaiting(
          chunksOf(relay(true, { from: create({ url: cloud.url, apiKey: secret, name: 'cloud', fetch }) })),
        )

        expect(joined(chunks)).toEqual(bytes)
        expect(finishOf(eventsOf(chunks))).toBeDefined()
      })

      test('what follows the last event is passed on, before finish', async () => {
        const tail = Buffer.from(': bye\n\ndata: whatever\n\nhalf')
        const chunks = await relayPieces([bytes, tail])

        expect(joined(chunks)).toEqual(Buffer.concat([bytes, tail]))
        expect(said(eventsOf(chunks))).toEqual(whole)
        const together = Buffer.concat([bytes, Buffer.from(': bye\r\r')])
        expect(joined(await relayPieces([together]))).toEqual(together)
      })
    })

    describe('failures', () => {
      test.each([
        ['429 with Retry-After', { status: 429, retryAfter: 2 }, { kind: 'rate_limit', status: 429, retryAfterMs: 2000 }],
        ['401', { status: 401 }, { kind: 'auth', status: 401, vendor: undefined }],
        ['404', { status: 404 }, { kind: 'not_found', status: 404 }],
        ['500', { status: 500 }, { kind: 'unavailable', status: 500 }],
        ['overloaded', { fail: 'overloaded' }, { kind: 'unavailable' }],
        ['400 input too long', { fail: 'input-too-long' }, { kind: 'input_too_long', status: 400 }],
        ['400 reasoning refused', { fail: 'signature' }, { kind: 'bad_request', providerCode: 'reasoning_refused' }],
        ['200 with an error body', { fail: 'rate-limit', delivery: 'body' }, { kind: 'rate_limit' }],
        ['an HTML page', htmlPage, { kind: 'bad_response' }],
        ['an HTML page with a status', { ...htmlPage, status: 502 }, { kind: 'unavailable', status: 502 }],
        ['a connection dropped before the headers', { text: 'Hi', interrupt: { after: 'request', how: 'reset' } }, { kind: 'unavailable' }],
      ] as const)('%s, streamed or not', async (_, reply, expected) => {
        for (const stream of [true, false]) {
          cloud.script([reply])

          const { chunks, error } = await outcomeOf(relay(stream))

          expect(error).toMatchObject({ name: 'ProviderError', deployment: `cloud/${model}`, ...expected })
          expect(joined(chunks)).toHaveLength(0)
        }
      })

      test.each([
        ['an error as the first event', { fail: 'overloaded', delivery: 'event' }, { kind: 'unavailable' }],
        ['garbage events', garbageStream, { kind: 'bad_response' }],
        ['events of another shape', { raw: 'data: [1, 2]\n\n', contentType: 'text/event-stream' }, { kind: 'bad_response' }],
        ['a stream without an event', emptyStream, { kind: 'unavailable' }],
      ] as const)('%s', async (_, reply, expected) => {
        cloud.script([reply])

        const { chunks, error } = await outcomeOf(relay())

        expect(error).toMatchObject({ name: 'ProviderError', ...expected })
        expect(joined(chunks)).toHaveLength(0)
      })

      test.each(['{"a"', '[1]', '{"strange": 1}', ''])('JSON of another shape: %j', async (raw) => {
        cloud.script([{ raw, contentType: 'application/json' }])

        expect((await outcomeOf(relay(false))).error).toMatchObject({ kind: 'bad_response' })
      })

      test('the vendor’s own words come with a refusal, without keys', async () => {
        cloud.script([{ fail: 'bad-request', message: `Not\n  so: ${secret}` }])

        const { error } = await outcomeOf(relay())

        expect(error?.vendor?.message).toBe('Not\n  so: [key]')
        expect(error?.message).not.toContain(secret)
      })

      test.each([
        ['the connection drops', { after: 'first-content', how: 'reset' }, 'unavailable'],
        ['the connection closes without the last event', { after: 'first-content', how: 'end' }, 'unavailable'],
        ['an error event', { after: 'first-content', how: 'error' }, 'unavailable'],
        ['garbage', { after: 'first-content', how: 'garbage' }, 'bad_response'],
      ] as const)('%s in the middle: what was said is passed on, then the failure', async (_, interrupt, kind) => {
        const bytes = await bytesOf({ text: 'One two three four' })
        cloud.script([{ text: 'One two three four', interrupt }])

        const { chunks, error } = await outcomeOf(relay())

        expect(textOf(eventsOf(chunks))).toMatch(/^One/)
        expect(bytes.subarray(0, joined(chunks).length)).toEqual(joined(chunks))
        expect(eventsOf(chunks).some((event) => event.type === 'finish')).toBe(false)
        expect(error).toMatchObject({ kind })
      })
    })

    test.each(['request', 'headers', 'first-content'] as const)(
      'an abort while the provider stalls after %s: the reason is thrown and the connection closed',
      async (after) => {
        cloud.script([{ text: 'One two', interrupt: { after, how: 'stall' } }])
        const controller = new AbortController()
        const reason = new Error('The caller left')

        const answer = chunksOf(relay(true, { signal: controller.signal }))
        await expect.poll(() => cloud.requests.length).toBe(1)
        setTimeout(() => controller.abort(reason), 20)

        await expect(answer).rejects.toBe(reason)
        await expect.poll(() => cloud.requests[0]?.outcome).toBe('left')
      },
    )

    test('a consumer that stops reading closes the connection', async () => {
      cloud.script([{ text: 'One two', interrupt: { after: 'first-content', how: 'stall' } }])

      for await (const { events } of relay()) if (textOf(events) !== '') break

      await expect.poll(() => cloud.requests[0]?.outcome).toBe('left')
    })
  })
}

/** A server's answer that arrives in these pieces. */
function answering(pieces: readonly Uint8Array[]): typeof fetch {
  return async () =>
    new Response(ReadableStream.from(pieces.filter((piece) => piece.length > 0)) as ReadableStream<Uint8Array>, {
      headers: { 'content-type': 'text/event-stream' },
    })
}

/** What is said, without what stands for silence and with the start that both have. */
function said(events: readonly ModelEvent[]): ModelEvent[] {
  return events.filter((event) => event.type !== 'start' && !(event.type === 'reasoning-delta' && event.text === ''))
}

function textOf(events: readonly ModelEvent[]): string {
  return events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('')
}

function eventsOf(chunks: readonly RelayChunk[]): ModelEvent[] {
  return chunks.flatMap((chunk) => chunk.events)
}

function joined(chunks: readonly RelayChunk[]): Buffer {
  return Buffer.concat(chunks.map((chunk) => chunk.bytes))
}

async function chunksOf(chunks: AsyncIterable<RelayChunk>): Promise<RelayChunk[]> {
  const all: RelayChunk[] = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}

async function outcomeOf(answer: AsyncIterable<RelayChunk>): Promise<{ chunks: RelayChunk[]; error: ProviderError | undefined }> {
  const chunks: RelayChunk[] = []
  try {
    for await (const chunk of answer) chunks.push(chunk)
  } catch (error) {
    if (error instanceof ProviderError) return { chunks, error }
    throw error
  }
  return { chunks, error: undefined }
}

/** Each timer is due as soon as nothing else happens. */
async function withoutWaiting<T>(work: Promise<T>): Promise<T> {
  let isDone = false
  const ended = work.finally(() => {
    isDone = true
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    while (!isDone) await vi.advanceTimersByTimeAsync(1_000)
  } finally {
    vi.useRealTimers()
  }
  return ended
}

function fail(): never {
  throw new Error('There is no relay')
}
