import { describe, expect, test } from 'vitest'
import {
  callerKey,
  type FormatName,
  pairs,
  paths,
  poolOf,
  providerSecret,
  readStream,
  simpleBody,
  useGateway,
  wholeText,
  wrongInFailure,
} from '../support/gateway.ts'
import { emptyStream, type FailureName, garbageStream, htmlPage, type Reply } from '../support/scripted-provider/index.ts'

/*
 * The failure matrix as clients of each format see it, at providers of each format. What the line makes of a failure is tested in
 * test/dispatch; here it is what reaches the client.
 */

const door = useGateway()

let conversations = 0
const ask = (client: FormatName, model: string, stream: boolean, signal?: AbortSignal) => {
  conversations += 1
  const body = simpleBody(client, model, `Conversation ${conversations}`, stream)
  return door.post(paths[client], body, { ...(signal !== undefined && { signal }) })
}
const asked = () => door.cloud.requests.map(({ model }) => model)

const inBody = (fail: FailureName): Reply => ({ fail, delivery: 'body' })
const asEvent = (fail: FailureName): Reply => ({ fail, delivery: 'event' })

/** Failures after which another is asked, and what the client is told when all of them fail so. */
const passing: { failure: string; reply: Reply; status: number; streamOnly?: boolean }[] = [
  ...[408, 500, 502, 503, 504].map((status) => ({ failure: `${status}`, reply: { fail: 'server-error', status } as Reply, status: 503 })),
  { failure: '529', reply: { fail: 'overloaded' }, status: 503 },
  { failure: 'reset before the headers', reply: { interrupt: { after: 'request', how: 'reset' } }, status: 503 },
  {
    failure: 'reset after the headers',
    reply: { text: 'Hi', interrupt: { after: 'headers', how: 'reset' } },
    status: 503,
    streamOnly: true,
  },
  { failure: 'cut before content', reply: { text: 'Hi', interrupt: { after: 1, how: 'end' } }, status: 503, streamOnly: true },
  { failure: 'an empty stream', reply: emptyStream, status: 503 },
  { failure: '429 with Retry-After', reply: { status: 429, retryAfter: 7 }, status: 429 },
  { failure: '429 without', reply: { status: 429 }, status: 429 },
  { failure: '401', reply: { status: 401 }, status: 502 },
  { failure: '403', reply: { status: 403 }, status: 502 },
  { failure: '404', reply: { status: 404 }, status: 502 },
  { failure: 'garbage', reply: garbageStream, status: 503 },
  { failure: 'an HTML page', reply: htmlPage, status: 503 },
  { failure: 'half a body', reply: { raw: '{"id": "chat' }, status: 503 },
  { failure: '200 with a 429 in its body', reply: inBody('rate-limit'), status: 429 },
  { failure: '200 with a 500 in its body', reply: inBody('server-error'), status: 503 },
  { failure: 'overload as the first event', reply: asEvent('overloaded'), status: 503, streamOnly: true },
]

/** One of each that a client is told of in its own way. */
const exhausting = passing.filter(({ failure }) => /^(500|429|401|404|garbage|cut|200 with a 429)/.test(failure))

/** Failures that are the answer. */
const final: { failure: string; reply: Reply; status: number }[] = [
  { failure: '400', reply: { fail: 'bad-request' }, status: 400 },
  { failure: '422', reply: { fail: 'bad-request', status: 422 }, status: 422 },
  { failure: 'content filter', reply: { fail: 'content-filter' }, status: 400 },
  { failure: 'content filter in a 200', reply: inBody('content-filter'), status: 400 },
]

/** Breaks after content: each is an error event. */
const breaks: { failure: string; how: 'reset' | 'end' | 'garbage' | 'error'; after: 'first-content' | 'content' }[] = (
  ['reset', 'end', 'garbage', 'error'] as const
).flatMap((how) => (['first-content', 'content'] as const).map((after) => ({ failure: `${how} after ${after}`, how, after })))

describe.each(pairs)('a client of $client at providers of $provider', ({ client, provider }) => {
  const pool = `signalbox/${poolOf[provider]}`

  test.each(passing)('$failure: another answers, and the client sees nothing of it', async ({ reply, streamOnly }) => {
    for (const stream of streamOnly || client !== provider ? [true] : [true, false]) {
      door.advance(3_600_000)
      door.cloud.reset()
      door.cloud.script([reply], 'alpha')
      door.cloud.answer(() => ({ text: 'From another one' }))

      const response = await ask(client, pool, stream)
      const body = await response.text()

      expect([response.status, asked()]).toEqual([200, ['alpha', 'beta']])
      if (stream) expect(readStream(client, body)).toMatchObject({ end: 'complete', text: 'From another one' })
      else expect(wholeText(client, JSON.parse(body))).toBe('From another one')
      expect(response.headers.get('x-signalbox-model')).toBe(`${poolOf[provider]}-b/beta`)
    }
  })

  test.each(exhausting)('$failure everywhere: status $status in the format of the client', async ({ reply, status, streamOnly }) => {
    for (const stream of streamOnly === true || client === provider ? [true] : [false]) {
      door.advance(3_600_000)
      door.cloud.reset()
      door.cloud.answer(() => reply)

      const response = await ask(client, pool, stream)
      const body = await response.text()

      expect([response.status, asked()]).toEqual([status, ['alpha', 'beta']])
      expect(wrongInFailure(client, JSON.parse(body))).toBeUndefined()
      // It is not the caller's key, and no overload that time would mend.
      if (status === 502) {
        const kind = { type: 'server_error', code: expect.stringMatching(/^provider_(credentials_refused|model_not_found)$/) }
        expect(JSON.parse(body).error).toMatchObject(client === 'anthropic-messages' ? { type: 'api_error' } : kind)
      } else expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(body).not.toContain(providerSecret)
      expect(body).not.toContain(callerKey)
    }
  })

  test.each(final)('$failure: it is the answer, with status $status', async ({ reply, status }) => {
    for (const stream of [true, false]) {
      door.cloud.reset()
      door.cloud.answer(() => reply)

      const response = await ask(client, pool, stream)

      expect([response.status, asked()]).toEqual([status, ['alpha']])
      expect(wrongInFailure(client, await response.json())).toBeUndefined()
    }
  })

  test('an input that is too long says so in the words of the vendor', async () => {
    door.cloud.answer(() => ({ fail: 'input-too-long' }))

    const response = await ask(client, pool, true)
    const body = await response.text()

    expect(response.status).toBe(400)
    expect(wrongInFailure(client, JSON.parse(body))).toBeUndefined()
    expect(body).toMatch(/prompt is too long|context|maximum/i)
  })

  test.each(breaks)('$failure: what was said, and an error', async ({ how, after }) => {
    door.cloud.answer(() => ({ text: 'One two three', interrupt: { after, how } }))

    const response = await ask(client, pool, true)
    const stream = readStream(client, await response.text())

    expect(response.status).toBe(200)
    expect(stream.events.filter(({ event }) => event === 'response.created' || event === 'message_start').length).toBeLessThan(2)
    expect(stream).toMatchObject({ end: 'error', text: after === 'content' ? 'One two three' : 'One' })
    expect(asked()).toEqual(['alpha'])
    const { outcome } = await door.decisionOf(response)
    expect(outcome).toMatchObject({ attempts: [{ error: {} }] })
  })

  test.each(breaks)('$failure, not streamed to the client: an error and no half of an answer', async ({ how, after }) => {
    // Only a provider of another format is asked for a stream then.
    door.cloud.answer(() => ({ text: 'One two three', interrupt: { after, how } }))

    const response = await ask(client, pool, false)

    const body = (await response.json()) as Record<string, unknown>
    if (response.status === 200) expect(wholeText(client, body)).toBe('One two three')
    else expect(wrongInFailure(client, body)).toBeUndefined()
  })

  test('an open tool call that is cut never comes as a whole one', async () => {
    door.cloud.answer(() => ({
      text: 'I call',
      toolCalls: [{ name: 'add', input: { a: 1, b: 2 } }],
      interrupt: { after: 'content', how: 'end' },
    }))

    const stream = readStream(client, await (await ask(client, pool, true)).text())

    expect(stream.end).toBe('error')
    expect(JSON.stringify(stream.events)).not.toMatch(/"stop_reason":"|"finish_reason":"|"response.completed"/)
  })

  test.each(['before content', 'after content'])('a client that leaves %s ends the call of the provider', async (when) => {
    door.cloud.answer(() => ({
      text: 'One two three',
      interrupt: { after: when === 'before content' ? 'headers' : 'first-content', how: 'stall' },
    }))
    const leaving = new AbortController()

    const asking = ask(client, pool, true, leaving.signal)
    if (when === 'before content') await waitFor(() => door.cloud.requests.length === 1)
    else {
      const reader = (await asking).body?.getReader()
      await reader?.read()
    }
    leaving.abort()
    await asking.catch(() => undefined)

    await waitFor(() => door.cloud.requests[0]?.outcome === 'left')
    expect(asked()).toEqual(['alpha'])
  })

  test('usage and cost are written down, and found by the decision right after the answer', async () => {
    door.cloud.answer(() => ({ text: 'Hi', usage: { inputTokens: 1000, outputTokens: 500 } }))

    const response = await ask(client, pool, true)
    await response.text()
    const decision = response.headers.get('x-signalbox-decision')
    const rated = await door.post('/v1/outcomes', { decision, outcome: 'good' })

    expect([rated.status, await rated.text()]).toEqual([200, expect.any(String)])
    expect((await door.decisionOf(response))['outcome']).toMatchObject({ usage: { inputTokens: 1000, outputTokens: 500 }, costUsd: 0.003 })
  })
})

async function waitFor(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !isSo(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(isSo()).toBe(true)
}
