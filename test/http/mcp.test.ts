import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fakeSignalbox } from '../support/fake-signalbox.ts'
import { connectClient } from '../support/mcp-clients.ts'
import { fakeHost } from '../support/mcp-host.ts'
import { answerOf, type HttpFixture, modernRequest, startHttp } from '../support/mcp-http.ts'
import { testEveryClient } from '../support/mcp-matrix.ts'

describe('serveHttp()', () => {
  let door: HttpFixture
  beforeAll(async () => {
    door = await startHttp()
  })
  afterAll(() => door.close())
  testEveryClient('HTTP', () => ({ url: `${door.url}/mcp` }))
})

const doors: HttpFixture[] = []
const start = async (...args: Parameters<typeof startHttp>) => {
  const door = await startHttp(...args)
  doors.push(door)
  return door
}
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close()))
})

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

const elicitation = { elicitation: { form: {} } }

test('tools/call of 2026-07-28 aborts the operation when its stream is closed', async () => {
  const { url, box } = await start()
  const controller = new AbortController()
  const params = { name: 'wait', arguments: { steps: 1000 }, _meta: { progressToken: 1 } }
  const response = await modernRequest(`${url}/mcp`, 'tools/call', params, { signal: controller.signal })
  await response.body?.getReader().read()

  controller.abort()

  await until(() => box.aborted.length > 0)
})

test.each(['v1', 'v2 legacy', 'v2 modern'] as const)(
  'tools/call of client %s aborts the operation when the client cancels',
  async (sdk) => {
    const { url, box } = await start()
    const client = await connectClient(sdk, { url: `${url}/mcp` })
    const controller = new AbortController()

    const call = client.callTool(
      { name: 'wait', arguments: { steps: 1000 } },
      { signal: controller.signal, onprogress: () => controller.abort() },
    )

    await expect(call).rejects.toThrow()
    await until(() => box.aborted.length > 0)
    await client.close()
  },
)

test('tools/call of 2025-11-25 ends the work of a client that is gone, for nobody can fetch its answer', async () => {
  const { url, box } = await start()
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const post = (body: object, more: object = {}) =>
    fetch(`${url}/mcp`, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify({ jsonrpc: '2.0', ...body }) })
  const opened = await post({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  })
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' }
  await opened.text()
  const call = await post(
    { id: 2, method: 'tools/call', params: { name: 'wait', arguments: { steps: 1000 }, _meta: { progressToken: 1 } } },
    session,
  )
  const reader = call.body?.getReader()
  await reader?.read()

  await reader?.cancel()

  await until(() => box.aborted.length > 0)
})

test('tools/call resumes a parked run with its answer and dispatches nothing twice', async () => {
  const { url, box } = await start()
  const ask = { name: 'ask_name', arguments: {} }
  const { result: question } = await answerOf(await modernRequest(`${url}/mcp`, 'tools/call', ask, { capabilities: elicitation }))
  const retry = { ...ask, requestState: question.requestState, inputResponses: { name: { action: 'accept', content: { name: 'Ada' } } } }

  const { result } = await answerOf(await modernRequest(`${url}/mcp`, 'tools/call', retry, { capabilities: elicitation }))

  expect(question).toMatchObject({ resultType: 'input_required', inputRequests: { name: { method: 'elicitation/create' } } })
  expect(result.content).toEqual([{ type: 'text', text: 'Hello Ada' }])
  expect(box.ran).toEqual(['ask_name'])
})

test('tools/call asks again when the answer is missing', async () => {
  const { url, box } = await start()
  const ask = { name: 'ask_name', arguments: {} }
  const { result: question } = await answerOf(await modernRequest(`${url}/mcp`, 'tools/call', ask, { capabilities: elicitation }))

  const retry = { ...ask, requestState: question.requestState, inputResponses: {} }
  const { result } = await answerOf(await modernRequest(`${url}/mcp`, 'tools/call', retry, { capabilities: elicitation }))

  expect(result).toMatchObject({ resultType: 'input_required', inputRequests: { name: {} } })
  expect(box.ran).toEqual(['ask_name'])
})

test.each([
  ['changed', (state: string) => `${state.slice(0, -2)}AA`, 'ask_name', 'key-one'],
  ['for another tool', (state: string) => state, 'quick', 'key-one'],
  ['of another principal', (state: string) => state, 'ask_name', 'key-two'],
])('tools/call refuses a request state that is %s', async (_what, change, name, key) => {
  const { url, box } = await start()
  const headers = { 'x-api-key': 'key-one' }
  const ask = { name: 'ask_name', arguments: {} }
  const { result: question } = await answerOf(await modernRequest(`${url}/mcp`, 'tools/call', ask, { capabilities: elicitation, headers }))

  const retry = { name, arguments: { text: 'x' }, requestState: change(question.requestState), inputResponses: {} }
  const { error } = await answerOf(
    await modernRequest(`${url}/mcp`, 'tools/call', retry, { capabilities: elicitation, headers: { 'x-api-key': key } }),
  )

  expect(error).toMatchObject({ code: -32602, data: { reason: 'invalid_request_state' } })
  expect(box.ran).toEqual(['ask_name'])
})

test('two keys are two principals, which the key cannot be read from', async () => {
  const { url, box, logged } = await start()
  const call = (headers: Record<string, string>) =>
    modernRequest(`${url}/mcp`, 'tools/call', { name: 'whoami', arguments: {} }, { headers }).then(answerOf)

  const none = await call({})
  const bearer = await call({ authorization: 'Bearer secret-one' })
  const key = await call({ 'x-api-key': 'secret-one' })
  const other = await call({ 'x-api-key': 'secret-two' })

  expect(none.result.structuredContent).toEqual({ principal: 'local' })
  expect(bearer.result.structuredContent.principal).toMatch(/^key:[0-9a-f]{32}$/)
  expect(key.result.structuredContent).toEqual(bearer.result.structuredContent)
  expect(other.result.structuredContent).not.toEqual(bearer.result.structuredContent)
  expect(JSON.stringify([box.callers, logged])).not.toContain('secret-')
})

test('resources/read answers another principal as if there were no such thing', async () => {
  const { url } = await start()
  const read = (uri: string, headers: Record<string, string>) =>
    modernRequest(`${url}/mcp`, 'resources/read', { uri }, { headers }).then(answerOf)

  const own = await read('signalbox://decision/local', {})
  const others = await read('signalbox://decision/local', { 'x-api-key': 'k' })
  const unknown = await read('signalbox://decision/none', { 'x-api-key': 'k' })

  expect(own.result).toMatchObject({ contents: [{ text: '{"of":"local"}' }], cacheScope: 'private' })
  expect(others.error).toMatchObject({ code: -32602, data: { uri: 'signalbox://decision/local' } })
  expect(unknown.error.code).toBe(others.error.code)
})

test('a session belongs to the principal that opened it', async () => {
  const { url } = await start()
  const client = await connectClient('v2 legacy', { url: `${url}/mcp`, headers: { 'x-api-key': 'one' } })
  const session = (client.raw.transport as { sessionId?: string }).sessionId ?? ''
  const list = (key: string, id: string) =>
    fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-session-id': id,
        'x-api-key': key,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'tools/list' }),
    })

  const own = await list('one', session)
  const stolen = await list('two', session)
  const invented = await list('two', 'no-such-session')

  expect(own.status).toBe(200)
  await own.text()
  expect(stolen.status).toBe(404)
  expect(await stolen.json()).toEqual(await invented.json())
  await client.close()
})

test('a profile has its own path and its own fixed list', async () => {
  const { url } = await start()

  const { result } = await answerOf(await modernRequest(`${url}/mcp/narrow`, 'tools/list'))
  const unknown = await modernRequest(`${url}/mcp/other`, 'tools/list')

  expect(result.tools.map((tool: { name: string }) => tool.name)).toEqual(['quick'])
  expect(unknown.status).toBe(404)
})

test('lists carry the hints that a client may cache by, for this principal alone', async () => {
  const { url } = await start()

  const { result } = await answerOf(await modernRequest(`${url}/mcp`, 'tools/list'))

  expect(result).toMatchObject({ ttlMs: expect.any(Number), cacheScope: 'private' })
})

const direct = () =>
  fakeHost({
    tools: [
      {
        definition: { name: 'direct_tool', description: 'Hosted' },
        call: async (args) => ({ content: [{ type: 'text', text: JSON.stringify(args) }] }),
      },
    ],
    resources: [{ definition: { uri: 'test://one', name: 'one' }, read: () => ({ contents: [{ uri: 'test://one', text: 'first' }] }) }],
  })

test.each(['v2 legacy', 'v2 modern'] as const)('client %s hears of a changed list and of a changed resource', async (sdk) => {
  const host = direct()
  const { url } = await start({ box: fakeSignalbox({ host }) })
  const client = await connectClient(sdk, { url: `${url}/mcp` })
  const raw = client.raw as import('@modelcontextprotocol/client').Client
  const heard: string[] = []
  raw.setNotificationHandler('notifications/tools/list_changed', () => void heard.push('tools'))
  raw.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri))
  if (sdk === 'v2 legacy') await raw.subscribeResource({ uri: 'test://one' })
  else await raw.listen({ toolsListChanged: true, resourceSubscriptions: ['test://one'] })
  await until(() => host.subscribed.has('test://one'))

  host.touch('test://one')
  host.change({ ...direct(), tools: [] })

  await until(() => heard.length === 2)
  expect(heard.toSorted()).toEqual(['test://one', 'tools'])
  await client.close()
  await until(() => !host.subscribed.has('test://one'))
})

test('a directly listed tool is called by its own name and its result comes as it is', async () => {
  const { url } = await start({ box: fakeSignalbox({ host: direct() }) })

  const { result } = await answerOf(await modernRequest(`${url}/mcp`, 'tools/call', { name: 'direct_tool', arguments: { a: 1 } }))

  expect(result.content).toEqual([{ type: 'text', text: '{"a":1}' }])
})

test.each([
  ['a text', undefined, undefined],
  ['an error, for it promised structured content', { type: 'object' as const }, true],
])('a directly listed tool that takes long answers with %s and a handle', async (_what, outputSchema, isError) => {
  let finish = (_result: Record<string, unknown>) => {}
  const call = () => new Promise<Record<string, unknown>>((resolve) => (finish = resolve))
  const definition = { name: 'slow', description: 'Takes long', ...(outputSchema && { outputSchema }) }
  const { url } = await start({ box: fakeSignalbox({ host: fakeHost({ tools: [{ definition, call }] }), handleAfterMs: 20 }) })
  const send = async (name: string, args: object) =>
    (await answerOf(await modernRequest(`${url}/mcp`, 'tools/call', { name, arguments: args }))).result

  const early = await send('slow', {})
  const handle = /ha_[0-9a-f]{32}/.exec(early.content[0]?.text ?? '')?.[0]
  finish({ content: [{ type: 'text', text: 'at last' }] })
  const late = await send('get_answer', { handle, wait_s: 5 })

  expect(early).toMatchObject({ content: [{ text: expect.stringMatching(/^working: .*get_answer/) }] })
  expect((early as { isError?: boolean }).isError).toBe(isError)
  expect(late.content).toEqual([{ type: 'text', text: 'at last' }])
})
