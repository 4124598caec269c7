import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  callerKey,
  type FormatName,
  formats,
  openGateway,
  pairs,
  paths,
  poolOf,
  providerSecret,
  readStream,
  simpleBody,
  useGateway,
} from '../support/gateway.ts'

/*
 * Where client and provider speak the same format, what passes through stays what it is: byte for byte.
 */

const door = useGateway({ route: { routed: 'signalbox/auto', 'chat-name': 'chat-a/alpha' } })

/** What a parser would change: white space, order, escapes, numbers, fields that nobody knows. */
const odd = String.raw`"zzz" :  {"b":1.0,"a":[1e2, 12345678901234567890, -0.0 ],"\u0041":"\u00e9 é \/ \ud83d\ude00 😀"},
	"x_unknown":null`
const messages = (more = '') => String.raw`[ {"content" : [{"type":"text" ,"text":"caf\u00e9 \/ é\n"${more}}], "role":"user"}]`
const oddBody = (format: FormatName, model: string, stream: boolean): string => {
  const ends = ` , "stream" : ${stream}, ${odd}\r\n}\n`
  switch (format) {
    case 'openai-chat':
      return `{ "model"  : ${model},\n "messages":${messages()}${ends}`
    case 'openai-responses':
      return `{ "input":${messages().replace('"text" ,', '"input_text" ,')},  "model"  : ${model},"store":false${ends}`
    case 'anthropic-messages':
      return `{"max_tokens" :  100 , "messages":${messages(',"cache_control": {"type":"ephemeral","ttl":"1h"}')}, "model"  : ${model}${ends}`
  }
}

const sentBody = () => Buffer.from(door.cloud.requests[0]?.bytes ?? []).toString('utf8')
const oddAnswer = { text: 'One two', toolCalls: [{ name: 'add', input: { model: 'café', a: 1 } }], reasoning: 'Hm' }

/** In streams of Chat usage is asked for, since it is counted: that alone is added, behind all else. */
const withUsage = (format: FormatName, body: string, stream: boolean) =>
  format === 'openai-chat' && stream ? body.replace(/\}\s*$/, ',"stream_options":{"include_usage":true}}\n') : body

/** The provider's own bytes for the same request. */
async function straight(format: FormatName, body: string): Promise<string> {
  const response = await fetch(door.cloud.url + paths[format], { method: 'POST', body })
  return response.text()
}

describe.each(formats)('%s', (format) => {
  const id = `${poolOf[format]}-a/alpha`
  const own = `${poolOf[format]}-model`

  test.each([true, false])('with the own name of the model nothing is changed, streamed: %s', async (stream) => {
    door.cloud.answer(() => oddAnswer)
    const body = oddBody(format, JSON.stringify(own), stream)

    const response = await door.post(paths[format], body)
    const answer = await response.text()

    expect(response.status, answer).toBe(200)
    expect(sentBody()).toBe(withUsage(format, body, stream))
    expect(answer).toBe(await straight(format, body))
  })

  test.each([true, false])('with a name of Signalbox the name alone is another, both ways, streamed: %s', async (stream) => {
    door.cloud.answer(() => oddAnswer)

    const response = await door.post(paths[format], oddBody(format, `"${id}"`, stream))
    const answer = await response.text()

    expect(response.status, answer).toBe(200)
    const plain = oddBody(format, '"alpha"', stream)
    expect(sentBody()).toBe(withUsage(format, plain, stream))
    const bare = (text: string) => text.replaceAll(`"model":"${id}"`, '"model":"alpha"')
    expect(bare(answer)).toBe(await straight(format, plain))
    expect(answer).toContain(`"model":"${id}"`)
  })

  test('headers of the format and its tries arrive, those of the caller do not', async () => {
    door.cloud.answer(() => ({ text: 'Hi' }))
    const headers = {
      'anthropic-beta': 'context-1m-2025-08-07,interleaved-thinking-2025-05-14',
      'anthropic-version': '2023-06-01',
      'openai-beta': 'responses=v1',
      'x-stainless-lang': 'js',
      'user-agent': 'agent/1',
      'x-api-key': callerKey,
      cookie: 'session=of-the-caller',
      'proxy-authorization': 'Basic of-the-caller',
      'x-signalbox-debug': 'true',
      'x-signalbox-anything': 'of-the-caller',
      'x-forwarded-for': '10.1.2.3',
    }

    const response = await door.post(paths[format], simpleBody(format, id, 'Hello', false), { headers })
    await response.text()

    const [sent] = door.cloud.requests
    expect(sent?.headers).toMatchObject({
      'anthropic-beta': headers['anthropic-beta'],
      'openai-beta': headers['openai-beta'],
      'user-agent': headers['user-agent'],
    })
    const all = JSON.stringify(sent?.headers)
    expect(all).toContain(`${providerSecret}-${poolOf[format]}-a`)
    expect(all).not.toContain(callerKey)
    expect(all).not.toContain('of-the-caller')
    expect(all).not.toContain('x-signalbox')
  })
})

test('usage that a client of Chat did not ask for in its stream is left out, and that which it did is not', async () => {
  door.cloud.answer(() => ({ text: 'Hi', usage: { inputTokens: 30 } }))
  const body = simpleBody('openai-chat', 'chat-a/alpha', 'Hello', true)

  const bare = await (await door.post(paths['openai-chat'], body)).text()
  const asked = await (await door.post(paths['openai-chat'], { ...body, stream_options: { include_usage: true } })).text()

  expect(readStream('openai-chat', bare).end).toBe('complete')
  expect(bare).not.toContain('prompt_tokens')
  expect(asked).toContain('"prompt_tokens":30')
})

describe.each(pairs)('secrets, $client at $provider', ({ client, provider }) => {
  const key = `${providerSecret}-${poolOf[provider]}-a`
  const message = `Incorrect API key provided: ${key}. You sent ${callerKey}`
  test.each([
    ['400', { fail: 'bad-request', message }],
    ['401', { fail: 'auth', message }],
    ['429', { fail: 'rate-limit', message, retryAfter: 1 }],
    ['500', { fail: 'server-error', message }],
    ['400 in a 200', { fail: 'bad-request', message, delivery: 'body' }],
    ['400 as the first event', { fail: 'bad-request', message, delivery: 'event' }],
    ['too long', { fail: 'input-too-long', message }],
    ['a page', { raw: `<html>${message}</html>`, status: 502, contentType: 'text/html' }],
    ['nonsense', { raw: message }],
  ] as const)('the key that a vendor repeats in its error reaches nobody: %s', async (_, reply) => {
    for (const stream of client === provider ? [true, false] : [true]) {
      door.advance(3_600_000)
      door.cloud.answer(() => reply)
      const model = `signalbox/${poolOf[provider]}`

      const response = await door.post(
        paths[client],
        simpleBody(client, model, `Hello ${stream} ${JSON.stringify(reply)}`.replaceAll(key, ''), stream),
      )

      const seen = `${await response.text()} ${JSON.stringify([...response.headers])}`
      expect(seen).not.toContain(providerSecret)
      expect(response.status).toBeGreaterThanOrEqual(400)
    }
    expect(door.logged.join('\n')).not.toContain(providerSecret)
    expect(door.logged.join('\n')).not.toContain(callerKey)
  })
})

test('the key that a vendor repeats in an error about embeddings reaches nobody', async () => {
  const statuses = [400, 401]
  const vendor = createServer(({ headers }, response) => {
    response.writeHead(statuses.shift() ?? 500, { 'content-type': 'application/json', 'x-request-id': String(headers.authorization) })
    response.end(JSON.stringify({ error: { message: `Not a key: ${headers.authorization}` } }))
  })
  await once(vendor.listen(0, '127.0.0.1'), 'listening')
  const base_url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}/v1`
  const provider = { kind: 'openai', format: 'openai-chat', base_url, api_key: `${providerSecret}-repeated` }
  const other = await openGateway({ providers: { repeats: provider }, pools: { repeats: { models: ['repeats/model'] } } })

  const ask = async () => {
    const response = await other.post('/v1/embeddings', { model: 'repeats/embed', input: 'Hello' })
    return `${response.status} ${await response.text()} ${JSON.stringify([...response.headers])}`
  }
  const [refused, withoutKey] = [await ask(), await ask()]
  await other.close()
  vendor.close()

  expect(refused).toMatch(/^400 .*Not a key/)
  // The caller's own key is a good one.
  expect(withoutKey).toMatch(/^502 .*provider_credentials_refused/)
  expect(refused + withoutKey).not.toContain(providerSecret)
})
