import { once } from 'node:events'
import { connect } from 'node:net'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import {
  callerKey,
  type FormatName,
  formats,
  pairs,
  paths,
  poolOf,
  readStream,
  simpleBody,
  useGateway,
  wrongInFailure,
} from '../support/gateway.ts'
import { htmlPage, type Reply } from '../support/scripted-provider/index.ts'

/*
 * What is slow: a provider that does not begin or does not go on, and a client that trickles its request.
 */

const door = useGateway(
  {},
  {
    clocks: { firstContentMs: 400, stallMs: 400 },
    arrival: { headersTimeout: 300, requestTimeout: 500, connectionsCheckingInterval: 50 },
  },
)

/** All at once: each of them waits. */
const atEach = <T>(ask: (pair: { client: FormatName; provider: FormatName }) => Promise<T>) => Promise.all(pairs.map(ask))
let conversations = 0
const stream = async (client: FormatName, provider: FormatName) => {
  conversations += 1
  const body = simpleBody(client, `signalbox/${poolOf[provider]}`, `Conversation ${conversations}`, true)
  const response = await door.post(paths[client], body)
  return { status: response.status, model: response.headers.get('x-signalbox-model'), body: await response.text() }
}

/** What is loaded with the first request of a kind would count as slow. */
beforeAll(async () => {
  door.cloud.answer(() => ({ text: 'Hi' }))
  for (const { client, provider } of pairs) await stream(client, provider)
})

describe('a provider', () => {
  test('that stops in the middle of its answer: what was said, and an error', async () => {
    door.cloud.answer(() => ({ text: 'One two three', interrupt: { after: 'first-content', how: 'stall' } }))

    const answers = await atEach(async ({ client, provider }) => ({ client, ...(await stream(client, provider)) }))

    for (const { client, body } of answers) expect(readStream(client, body)).toMatchObject({ end: 'error', text: 'One' })
    expect(door.cloud.requests.map(({ model }) => model)).toEqual(pairs.map(() => 'alpha'))
    await vi.waitFor(() => expect(door.cloud.requests.every(({ outcome }) => outcome === 'left')).toBe(true))
  })

  test('that sends no headers, or no content, in time: another answers', async () => {
    const late: Reply[] = [
      { interrupt: { after: 'request', how: 'stall' } },
      { text: 'Late', interrupt: { after: 'headers', how: 'stall' } },
    ]
    door.cloud.answer(({ model }) =>
      model === 'alpha' ? (late[door.cloud.requests.length % 2] ?? htmlPage) : { text: 'From another one' },
    )

    const answers = await atEach(async ({ client, provider }) => ({ client, provider, ...(await stream(client, provider)) }))

    for (const { client, provider, status, model, body } of answers) {
      expect([status, model]).toEqual([200, `${poolOf[provider]}-b/beta`])
      expect(readStream(client, body)).toMatchObject({ end: 'complete', text: 'From another one' })
    }
  })

  test('that never answers, nor does any other: 504 in the format of the client', async () => {
    door.cloud.answer(() => ({ interrupt: { after: 'request', how: 'stall' } }))

    const answers = await Promise.all(formats.map(async (client) => ({ client, ...(await stream(client, client)) })))

    for (const { client, status, body } of answers) {
      expect([status, wrongInFailure(client, JSON.parse(body))]).toEqual([504, undefined])
    }
  })
})

test('a client that trickles its headers, or its body, is let go, and costs nobody anything', async () => {
  const head = `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: ${callerKey}\r\ncontent-type: application/json\r\n`
  door.cloud.answer(() => ({ text: 'Hi' }))

  const trickled = [trickle(head, 'x-more: 1\r\n'), trickle(`${head}content-length: 1000\r\n\r\n{"model":"signalbox/blocks",`, ' ')]
  const meanwhile = await stream('anthropic-messages', 'anthropic-messages')

  for (const answer of await Promise.all(trickled)) expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  expect(meanwhile.status).toBe(200)
  expect(door.cloud.requests).toHaveLength(1)
  expect(door.logged.join('\n')).not.toContain('Cannot answer')
})

/** What a client is told that begins so and then sends a little more now and then, until it is let go. */
async function trickle(begun: string, more: string): Promise<string> {
  const socket = connect({ port: Number(new URL(door.url).port), host: '127.0.0.1' })
  let answer = ''
  socket.on('data', (piece) => {
    answer += piece.toString()
  })
  socket.on('error', () => undefined)
  socket.write(begun)
  const trickling = setInterval(() => socket.write(more), 40)
  await once(socket, 'close')
  clearInterval(trickling)
  return answer
}
