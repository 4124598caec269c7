import { afterEach, expect, test } from 'vitest'
import { createSessions, type Sessions } from '../../src/http/sessions.ts'
import { createMcpServerFactory } from '../../src/mcp/server.ts'
import { fakeSignalbox } from '../support/fake-signalbox.ts'
import { silent } from '../support/silent-log.ts'

let sessions: Sessions
afterEach(() => sessions.close())

function start(limits: { maxSessions?: number; idleMs?: number }) {
  const makeServer = createMcpServerFactory({ signalbox: fakeSignalbox(), log: silent, door: 'http' })
  sessions = createSessions({ open: () => makeServer({ era: 'legacy' }), ...limits })
}

function handle(body: object | undefined, session?: string): Promise<Response> {
  const headers = {
    accept: 'application/json, text/event-stream',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(session !== undefined && { 'mcp-session-id': session }),
  }
  const message = body && { jsonrpc: '2.0', ...body }
  const request = new Request('http://127.0.0.1/mcp', {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    body: message ? JSON.stringify(message) : null,
  })
  return sessions.handle(request, { path: '/mcp', authInfo: { token: '', clientId: 'local', scopes: [] }, body: message })
}

async function open(): Promise<string> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } }
  const response = await handle({ id: 1, method: 'initialize', params })
  await response.text()
  return response.headers.get('mcp-session-id') ?? ''
}

const statusOf = async (session: string) => {
  const response = await handle({ id: 2, method: 'ping' }, session)
  await response.text()
  return response.status
}

test('createSessions() gives the place of the session that was idle longest to a new one', async () => {
  start({ maxSessions: 2 })
  const first = await open()
  await new Promise((resolve) => setTimeout(resolve, 2))
  const second = await open()
  await new Promise((resolve) => setTimeout(resolve, 2))
  expect(await statusOf(first)).toBe(200)

  const third = await open()

  expect(await statusOf(first)).toBe(200)
  expect(await statusOf(second)).toBe(404)
  expect(await statusOf(third)).toBe(200)
})

test('createSessions() takes no new one while all are in use', async () => {
  start({ maxSessions: 1 })
  const busy = await open()
  const stream = await handle(undefined, busy)

  const refused = await handle({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'r', version: '1' } },
  })

  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).not.toBeNull()
  expect(await statusOf(busy)).toBe(200)
  await stream.body?.cancel()
})

test('createSessions() gives away the place of a session whose client has dropped its stream while it was waiting for more', async () => {
  start({ maxSessions: 1 })
  const left = await open()
  const stream = (await handle(undefined, left)).body?.getReader()
  const waiting = stream?.read()
  await stream?.cancel()
  await waiting

  const next = await open()

  expect(await statusOf(left)).toBe(404)
  expect(await statusOf(next)).toBe(200)
})

test('createSessions() ends a session that nobody uses', async () => {
  start({ idleMs: 20 })
  await open()

  while (sessions.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))

  expect(sessions.servers()).toEqual([])
})

test('createSessions() opens nothing for a request that is not initialize', async () => {
  start({})

  const response = await handle({ id: 1, method: 'tools/list' })

  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: -32000 } })
  expect(sessions.size).toBe(0)
})
