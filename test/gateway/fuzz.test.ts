import { once } from 'node:events'
import { request } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formats, pairs, paths, poolOf, readStream, simpleBody, useGateway, wrongInFailure } from '../support/gateway.ts'

/*
 * Whatever a client sends is answered, and whatever a provider's stream breaks off at is no whole answer.
 */

/** A model that is named alone is asked again when it broke off before any content. */
const door = useGateway({}, { clocks: { firstWaitMs: 1, longestWaitMs: 1 } })

const odd = fc.oneof(
  fc.constantFrom(null, true, -1, 0, 1e308, Number.MAX_SAFE_INTEGER, '', 'user', 'tool', '\ud800', '__proto__', [], {}, [[]], [null]),
  fc.jsonValue({ maxDepth: 3 }),
)
const names = fc.constantFrom(
  'type',
  'role',
  'content',
  'text',
  'id',
  'call_id',
  'name',
  'input',
  'model',
  'tools',
  '__proto__',
  'constructor',
)

interface Mutation {
  place: number
  how: 'drop' | 'replace' | 'add' | 'twice' | 'wrap'
  name: string
  value: unknown
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(),
  how: fc.constantFrom('drop' as const, 'replace' as const, 'add' as const, 'twice' as const, 'wrap' as const),
  name: names,
  value: odd,
})

/** Changes one place of a body. */
function mutated(body: unknown, { place, how, name, value }: Mutation): unknown {
  const copy = structuredClone(body)
  const places: [Record<string, unknown>, string][] = []
  const walk = (at: unknown) => {
    if (typeof at !== 'object' || at === null) return
    for (const key of Object.keys(at)) {
      places.push([at as Record<string, unknown>, key])
      walk((at as Record<string, unknown>)[key])
    }
  }
  walk(copy)
  const [holder, key] = places[place % Math.max(1, places.length)] ?? []
  if (holder === undefined || key === undefined) return copy
  const set = (at: object, under: string, given: unknown) =>
    Object.defineProperty(at, under, { value: given, enumerable: true, configurable: true, writable: true })
  if (how === 'drop') delete holder[key]
  else if (how === 'replace') set(holder, key, value)
  else if (how === 'wrap') set(holder, key, [holder[key]])
  else if (Array.isArray(holder)) holder.push(how === 'twice' ? holder[Number(key)] : value)
  else set(holder, name, value)
  return copy
}

const call = { name: 'add', input: '{"a":1}' }
const seeds = {
  'openai-chat': {
    ...simpleBody('openai-chat', 'signalbox/chat', '', false),
    messages: [
      { role: 'system', content: 'Be short' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'add', arguments: call.input } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '3' },
    ],
    tools: [{ type: 'function', function: { name: 'add', parameters: { type: 'object' } } }],
    max_tokens: 100,
    stop: ['x'],
    temperature: 0.5,
  },
  'openai-responses': {
    model: 'signalbox/blocks',
    instructions: 'Be short',
    input: [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sbx1_abc' },
      { type: 'function_call', call_id: 'call_1', name: 'add', arguments: call.input },
      { type: 'function_call_output', call_id: 'call_1', output: '3' },
    ],
    tools: [{ type: 'function', name: 'add', parameters: { type: 'object' }, strict: false }],
    reasoning: { effort: 'low' },
    store: false,
  },
  'anthropic-messages': {
    model: 'signalbox/items',
    max_tokens: 100,
    system: [{ type: 'text', text: 'Be short', cache_control: { type: 'ephemeral' } }],
    messages: [
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm', signature: 'abc' },
          { type: 'tool_use', id: 'toolu_1', name: 'add', input: { a: 1 } },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: '3' }] },
    ],
    tools: [{ name: 'add', input_schema: { type: 'object' } }],
    thinking: { type: 'enabled', budget_tokens: 1024 },
  },
}

describe.each(formats)('bodies of %s', (format) => {
  const check = async (body: string, headers?: Record<string, string>) => {
    const response = await door.post(paths[format], body, { signal: AbortSignal.timeout(5_000), ...(headers && { headers }) })
    const text = await response.text()
    // 500 would be a mistake of ours.
    expect([200, 400, 403, 404, 413, 422], text).toContain(response.status)
    if (response.status !== 200) expect(wrongInFailure(format, JSON.parse(text))).toBeUndefined()
    return response.status
  }

  test('mutated in any place, they are answered or refused', { timeout: 60_000 }, async () => {
    door.cloud.answer(() => ({ text: 'Hi' }))
    expect(await check(JSON.stringify(seeds[format]))).toBe(200)
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('chat', 'items', 'blocks'),
        async (all, pool) => {
          const seed: unknown = { ...seeds[format], model: `signalbox/${pool}` }
          await check(JSON.stringify(all.reduce(mutated, seed)))
        },
      ),
      { numRuns: 100 },
    )
    expect(await check(JSON.stringify(seeds[format]))).toBe(200)
  })

  test('cut or garbled, they are refused', async () => {
    const whole = JSON.stringify(seeds[format])
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.constantFrom('', '\u0000', '}', '"', ',', '\ufffd'), async (at, more) => {
        // The last brace cut off and put on again is the whole body.
        fc.pre(whole.slice(0, at) + more !== whole)
        expect(await check(whole.slice(0, at) + more)).toBe(400)
      }),
      { numRuns: 30 },
    )
  })

  test('what nests too deeply, is no object, or no JSON by its name, is refused', async () => {
    const nested = (depth: number) => `{"model":"signalbox/chat","x":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect(await check(nested(250))).toBe(400)
    expect(await check(nested(100_000))).toBe(400)
    for (const body of ['', 'null', '[]', '1', '"{}"', 'NaN']) expect(await check(body)).toBe(400)
    expect(await check('{}', { 'content-type': 'text/plain' })).toBe(400)
    const got = await fetch(door.url + paths[format], { headers: { 'x-api-key': 'any' } })
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    expect(wrongInFailure(format, await got.json())).toBeUndefined()
  })

  test('over 32 MiB they are refused with 413, announced or not', async () => {
    const size = 32 * 1024 * 1024 + 1
    for (const headers of [{ 'content-length': size }, { 'transfer-encoding': 'chunked' }]) {
      const sent = request(door.url + paths[format], { method: 'POST', headers: { 'content-type': 'application/json', ...headers } })
      sent.on('error', () => undefined)
      const answered = once(sent, 'response')
      sent.write(headers['content-length'] === undefined ? Buffer.alloc(size, ' ') : ' ')
      const [response] = (await answered) as [{ statusCode: number }]
      expect(response.statusCode).toBe(413)
      sent.destroy()
    }
  })
})

describe.each(pairs)('streams for $client of $provider', ({ client, provider }) => {
  test('cut after each event and at any byte, they end as an error, or whole', { timeout: 60_000 }, async () => {
    const model = `${poolOf[provider]}-a/alpha`
    door.cloud.answer(() => ({ text: 'Té 😀', toolCalls: [{ name: 'add', input: { a: 1 } }] }))
    const straight = await fetch(door.cloud.url + paths[provider], {
      method: 'POST',
      body: JSON.stringify({ ...simpleBody(provider, 'alpha', 'Hi', true), stream_options: { include_usage: true } }),
    })
    const bytes = Buffer.from(await straight.arrayBuffer())
    const cuts = fc.sample(fc.nat(bytes.length - 1), { numRuns: 5, seed: 7 })
    const ends = [...bytes.toString('latin1').matchAll(/\n\n/g)].map(({ index }) => index + 2)
    for (const cut of new Set([...cuts, ...ends, bytes.length - 1, bytes.length - 2])) {
      door.advance(3_600_000)
      const raw = bytes.subarray(0, cut).toString('utf8')
      door.cloud.answer(() => ({ raw, contentType: 'text/event-stream' }))

      const response = await door.post(paths[client], simpleBody(client, model, `Cut ${cut}`, true), {
        signal: AbortSignal.timeout(15_000),
      })
      const text = await response.text()

      if (response.status !== 200) {
        expect(response.status).toBe(503)
        continue
      }
      const { end, text: said } = readStream(client, text)
      expect(end, `cut at ${cut} of ${bytes.length}: ${text}`).not.toBe('cut')
      if (end === 'complete') expect([said.includes('😀'), text.includes('add')]).toEqual([true, true])
      if (cut === bytes.length) expect(end).toBe('complete')
    }
  })
})
