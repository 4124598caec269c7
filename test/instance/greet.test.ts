import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { greet } from '../../src/instance/greet.ts'
import { createRequestWatch } from '../../src/instance/request-watch.ts'
import { answerHandshake } from '../../src/mcp/handshake.ts'
import { serveStdio } from '../../src/mcp/stdio.ts'
import { silent } from '../support/silent-log.ts'

const client = { name: 'raw', version: '1' }
const capabilities = {
  roots: { listChanged: true },
  sampling: {},
  elicitation: { form: {}, url: {} },
  extensions: { 'a/b': { types: ['x'] } },
}
const envelope = (more: object = {}) => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': client,
  'io.modelcontextprotocol/clientCapabilities': capabilities,
  ...more,
})
const initialize = (params: object = {}) => ({
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-11-25', capabilities, clientInfo: client, ...params },
})
const discover = (params: object = { _meta: envelope() }) => ({ jsonrpc: '2.0', id: 'first', method: 'server/discover', params })

/** What the server itself answers to one line, while its box never opens. */
async function served(message: object, answered?: string | number) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  const door = serveStdio(new Promise(() => undefined), { log: silent, stdin, stdout, answered })
  const said: string[] = []
  stdout.on('data', (text: Buffer) => said.push(...text.toString().split('\n').filter(Boolean)))
  stdin.write(`${JSON.stringify(message)}\n${JSON.stringify({ jsonrpc: '2.0', id: 'last', method: 'no/such' })}\n`)
  await expect.poll(() => said.join()).toContain('"last"')
  await new Promise((resolve) => setImmediate(resolve))
  await door.close()
  return said.filter((line) => !line.includes('"last"')).map((line) => JSON.parse(line) as object)
}

test.each([
  ['initialize', initialize()],
  ['initialize of an older version', initialize({ protocolVersion: '2024-11-05' })],
  ['server/discover', discover()],
])('answerHandshake() answers %s as the server does', async (_, message) => {
  const greeted = answerHandshake(JSON.stringify(message))

  expect(greeted?.id).toBe(message.id)
  expect([JSON.parse(greeted?.answer ?? '')]).toEqual(await served(message))
  expect(await served(message, message.id)).toEqual([])
})

test.each([
  ['a version that nobody knows', initialize({ protocolVersion: '2031-01-01' })],
  ['no capabilities', initialize({ capabilities: undefined })],
  ['a capability that is none', initialize({ capabilities: { roots: true } })],
  ['half a client', initialize({ clientInfo: { name: 'raw' } })],
  ['metadata', initialize({ _meta: envelope() })],
  ['a trace', discover({ _meta: envelope({ traceparent: '00-1-1-01' }) })],
  ['another method', { ...initialize(), method: 'ping' }],
  ['a notification', { ...initialize(), id: undefined }],
  ['no object', [initialize()]],
])('answerHandshake() leaves %s to the server', (_, message) => {
  expect(answerHandshake(JSON.stringify(message))).toBeUndefined()
})

test('greet() answers the handshake, and whoever comes next reads all that the client sent', async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  const greeting = greet(stdin, stdout)
  const sent = `${JSON.stringify(initialize())}\n{"jsonrpc":"2.0","id":2,"method":"ping"}\n`

  stdin.write(sent.slice(0, 30))
  stdin.end(sent.slice(30))
  await expect.poll(() => stdout.readableLength).toBeGreaterThan(0)

  expect(greeting.end()).toBe(1)
  expect(JSON.parse(String(stdout.read()))).toMatchObject({ id: 1, result: { protocolVersion: '2025-11-25' } })
  expect((await stdin.toArray()).join('')).toBe(sent)
})

test('greet() gives back what is no handshake, and what came too late', async () => {
  for (const early of [true, false]) {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()]
    const greeting = greet(stdin, stdout)
    stdin.write(early ? '{"jsonrpc":"2.0","id":2,"method":"ping"}\n' : '{"jsonrpc"')
    await new Promise((resolve) => setImmediate(resolve))

    expect(greeting.end()).toBeUndefined()
    stdin.end(`${JSON.stringify(initialize())}\n`)

    expect((await stdin.toArray()).join('')).toMatch(/^\{"jsonrpc".*"initialize".*\n$/s)
    expect(stdout.readableLength).toBe(0)
  }
})

test('createRequestWatch() knows what is open, wherever the bytes are cut', () => {
  const watch = createRequestWatch()
  const lines = [
    { id: 1, method: 'a' },
    { id: 'two', method: 'b' },
    { method: 'notifications/progress' },
    { id: 3, result: {} },
    { id: 4, method: 'c' },
    { method: 'notifications/cancelled', params: { requestId: 4 } },
    { id: 5, method: 'd', params: 'x'.repeat(300_000) },
    { id: 6, method: 'é' },
  ]
  const bytes = Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\n')}\nnot JSON\n`)

  for (let at = 0; at < bytes.length; at += 7) watch.sent(bytes.subarray(at, at + 7))
  watch.answered('1')

  expect([...watch.open()]).toEqual(['"two"', '6'])
})
