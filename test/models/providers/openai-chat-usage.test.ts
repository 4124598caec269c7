import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RelayChunk } from '../../../models/provider.ts'
import { createProvider } from '../../../models/providers/index.ts'
import { finishOf } from '../../contract/provider.ts'
import { type Answer, type ScriptedProvider, startScriptedProvider } from '../../support/scripted-provider/index.ts'

let cloud: ScriptedProvider
beforeAll(async () => {
  cloud = await startScriptedProvider()
})
afterEach(() => cloud.reset())
afterAll(() => cloud.close())

const answer: Answer = { text: 'One two', toolCalls: [{ name: 'add', input: { a: 1 } }], usage: { inputTokens: 11, outputTokens: 5 } }

async function relayed(body: string, options: { baseUrl?: string; fetch?: typeof fetch; hidesUsage?: boolean; stream?: boolean } = {}) {
  const { baseUrl = cloud.openaiUrl, hidesUsage = true, stream = true, fetch: fetchOption = fetch } = options
  const provider = createProvider({ name: 'cloud', kind: 'openai', format: 'openai-chat', baseUrl, fetch: fetchOption })
  const request = { path: '/chat/completions', model: 'm', stream, headers: {}, body: Buffer.from(body), hidesUsage }
  const chunks: RelayChunk[] = await Array.fromAsync(provider.relay?.(request) ?? [])
  return {
    text: Buffer.concat(chunks.map(({ bytes }) => bytes)).toString('utf8'),
    finish: finishOf(chunks.flatMap(({ events }) => events)),
  }
}

describe('openai-chat relay of a stream whose client did not ask for usage', () => {
  const unasked = '{"model":"m" , "stream":true}'

  test('counts it, and the client’s bytes are those of a stream without it', async () => {
    cloud.script([answer, answer])

    const { text, finish } = await relayed(unasked)
    const plain = await relayed(unasked, { hidesUsage: false })

    expect(Buffer.from(cloud.requests[0]?.bytes ?? []).toString()).toBe(
      '{"model":"m" , "stream":true,"stream_options":{"include_usage":true}}',
    )
    expect(text).toBe(plain.text)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(finish.usage).toMatchObject({ inputTokens: 11, outputTokens: 5 })
    expect(plain.finish.usage).toMatchObject({ inputTokens: 0 })
  })

  test('keeps other options of the stream', async () => {
    cloud.script([answer])

    await relayed('{"model":"m","stream":true,"stream_options":{"include_usage":false,"include_obfuscation":false}}')

    expect(cloud.requests[0]?.body['stream_options']).toEqual({ include_usage: true, include_obfuscation: false })
  })

  test('leaves the body of a request that is not streamed as it is', async () => {
    cloud.script([answer])

    const { finish } = await relayed('{"model":"m"}', { stream: false })

    expect(Buffer.from(cloud.requests[0]?.bytes ?? []).toString()).toBe('{"model":"m"}')
    expect(finish.usage).toMatchObject({ inputTokens: 11 })
  })

  test('asks nothing of a server that is not known to take the wish', async () => {
    cloud.script([answer])
    const elsewhere: typeof fetch = (url, init) => fetch(String(url).replace('https://api.mistral.ai', cloud.url), init)

    const { text } = await relayed(unasked, { baseUrl: 'https://api.mistral.ai/v1', fetch: elsewhere })

    expect(Buffer.from(cloud.requests[0]?.bytes ?? []).toString()).toBe(unasked)
    expect(text).toContain('[DONE]')
  })

  test('hides nothing else, however the bytes are cut', async () => {
    const said =
      'data: {"choices":[{"index":0,"delta":{"content":"\\"choices\\":[],\\"usage\\":{}"},"finish_reason":null}],"usage":null}\n\n'
    const filter = ': ping\n\ndata: {"choices":[],"prompt_filter_results":[]}\n\n'
    const ended = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    const usage = 'data: {"choices": [ ],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n'
    const bytes = Buffer.from(`${filter}${said}${ended}${usage}data: [DONE]\n\n`)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((left, right) => left - right), bytes.length]
        const pieces = places.slice(1).map((place, index) => bytes.subarray(places[index], place))
        const server: typeof fetch = async () =>
          new Response(ReadableStream.from(pieces.filter((piece) => piece.length > 0)) as ReadableStream<Uint8Array>)

        const { text, finish } = await relayed(unasked, { fetch: server })

        expect(text).toBe(`${filter}${said}${ended}data: [DONE]\n\n`)
        expect(finish.usage).toMatchObject({ inputTokens: 3, outputTokens: 4 })
      }),
      { numRuns: 50 },
    )
  })
})
