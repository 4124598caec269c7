import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AnyClient, connectClient, type Sdk, sdks, type Target } from '../support/mcp-clients.ts'
import { answerOf, modernRequest } from '../support/mcp-http.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { stdioTarget } from '../support/product/program.ts'
import { openRawStdio } from '../support/product/raw-stdio.ts'
import { published, scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** Work that outlasts its caller's patience: handles, cancellation down to provider and server, progress, closed streams. */

let cloud: ScriptedProvider
let home: Home
let http: HttpHere
const clients: AnyClient[] = []

/** `wait` waits until it is cancelled, `cancelled` says how often it was. */
const sample = { command: process.execPath, args: [fileURLToPath(new URL('../support/servers/sample-stdio.ts', import.meta.url))] }

beforeAll(async () => {
  cloud = await startScriptedProvider()
  home = createHome(() => ({
    tools: { sample: { ...sample, read_only: true }, everything: { ...published('everything'), read_only: true } },
    providers: scriptedProvider(cloud),
    pools: { cloud: { models: ['scripted/large'] } },
    clients: { hurried: { handle_after_s: 1 } },
  }))
  http = await serveHere(home)
  const client = await connect('v2 modern')
  await until(async () => {
    const found = await client.callTool({ name: 'find_tools', arguments: { names: ['sample_wait', 'everything_echo'] } })
    return (found.structuredContent as { tools: unknown[] }).tools.length === 2
  }, 'both servers are there')
}, 60_000)

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  cloud.reset()
})

afterAll(async () => {
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

async function connect(sdk: Sdk, target: Target = { url: http.mcp }): Promise<AnyClient> {
  const client = await connectClient(sdk, target)
  clients.push(client)
  return client
}

const stalls = { text: 'One two three', interrupt: { after: 'first-content' as const, how: 'stall' as const } }

async function timesCancelled(client: AnyClient): Promise<number> {
  const result = await client.callTool({ name: 'call_tool', arguments: { name: 'sample_cancelled', arguments: {} } })
  return Number(result.content[0]?.text)
}

async function waitsBegun(client: AnyClient): Promise<number> {
  const result = await client.callTool({ name: 'call_tool', arguments: { name: 'sample_cancelled', arguments: { begun: true } } })
  return Number(result.content[0]?.text)
}

const providerLeft = () => until(() => cloud.requests[0]?.outcome === 'left', 'the provider sees its caller leave')
const providerAsked = () => until(() => cloud.requests.length === 1, 'the provider is asked')

describe.each(sdks)('client %s', (sdk) => {
  test('gets a handle first, and the answer by it', async () => {
    const client = await connect(sdk)
    cloud.script([{ text: 'At last.', delays: { headers: 700 } }])

    const started = await client.callTool({ name: 'ask', arguments: { prompt: 'Slowly', wait_s: 0.2 } })
    const { handle } = started.structuredContent as { handle: string }
    const early = await client.callTool({ name: 'get_answer', arguments: { handle, wait_s: 0 } })
    const answer = await client.callTool({ name: 'get_answer', arguments: { handle, wait_s: 20 } })
    const again = await client.callTool({ name: 'get_answer', arguments: { handle } })

    expect(started.structuredContent).toMatchObject({
      status: 'working',
      handle: expect.stringMatching(/^ha_/),
      poll_after_s: expect.any(Number),
    })
    expect(started.content[0]?.text).toContain(handle)
    expect(early.structuredContent).toMatchObject({ status: 'working' })
    expect(answer.structuredContent).toMatchObject({ status: 'done', text: 'At last.' })
    expect(again).toEqual(answer)
    expect(cloud.requests).toHaveLength(1)
  })

  test('gets a handle of a tool call in words, since its result has a shape of its own', async () => {
    const client = await connect(sdk)
    const call = { name: 'sample_steps', arguments: { steps: 3, everyMs: 200 } }

    const started = await client.callTool({ name: 'call_tool', arguments: { ...call, wait_s: 0 } })
    const handle = /ha_[0-9a-f]{32}/.exec(started.content[0]?.text ?? '')?.[0]
    const answer = await client.callTool({ name: 'get_answer', arguments: { handle, wait_s: 20 } })

    expect(started.content[0]?.text).toMatch(/^working/)
    expect(started.isError ?? false).toBe(false)
    expect(answer.content).toEqual([{ type: 'text', text: 'done' }])
  })

  test('cancels, and the provider and the hosted server know it', async () => {
    const client = await connect(sdk)
    const before = await timesCancelled(client)
    cloud.script([stalls])
    const controller = new AbortController()
    const asking = client.callTool({ name: 'ask', arguments: { prompt: 'For ever' } }, { signal: controller.signal })
    const calling = client.callTool({ name: 'call_tool', arguments: { name: 'sample_wait', arguments: {} } }, { signal: controller.signal })
    const failed = Promise.allSettled([asking, calling])
    await providerAsked()

    controller.abort()

    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await providerLeft()
    await until(async () => (await timesCancelled(client)) > before, 'the hosted tool is cancelled')
  })

  test('hears of progress on the way', async () => {
    const client = await connect(sdk)
    const heard: number[] = []
    const onprogress = ({ progress }: { progress: number }) => void heard.push(progress)

    await client.callTool({ name: 'call_tool', arguments: { name: 'sample_steps', arguments: { steps: 4, everyMs: 50 } } }, { onprogress })

    // The v1 client drops a notification that it reads together with the result.
    expect(heard.slice(0, 3)).toEqual([1, 2, 3])
  })
})

test('a cancelled tool loop ends in the tool that it waits for, and asks the model no more', async () => {
  const client = await connect('v2 modern')
  const [before, begun] = [await timesCancelled(client), await waitsBegun(client)]
  cloud.script([{ toolCalls: [{ name: 'sample_wait', input: {} }] }, { text: 'never' }])
  const started = await client.callTool({ name: 'ask', arguments: { prompt: 'Wait for it', use_tools: true, wait_s: 0 } })
  const { handle } = started.structuredContent as { handle: string }
  await providerAsked()
  await until(async () => (await waitsBegun(client)) > begun, 'the tool waits')

  const cancelled = await client.callTool({ name: 'get_answer', arguments: { handle, cancel: true } })

  await until(async () => (await timesCancelled(client)) > before, 'the hosted tool is cancelled')
  expect(cancelled.structuredContent).toMatchObject({ status: 'cancelled', handle })
  expect(cloud.requests).toHaveLength(1)
})

test('get_answer {cancel} ends what runs behind a handle, at the provider and at the hosted server', async () => {
  const client = await connect('v2 modern')
  const [before, begun] = [await timesCancelled(client), await waitsBegun(client)]
  cloud.script([stalls])
  const asked = await client.callTool({ name: 'ask', arguments: { prompt: 'For ever', wait_s: 0 } })
  const called = await client.callTool({ name: 'call_tool', arguments: { name: 'sample_wait', arguments: {}, wait_s: 0 } })
  await providerAsked()
  await until(async () => (await waitsBegun(client)) > begun, 'the tool waits')

  const handle = (asked.structuredContent as { handle: string }).handle
  const cancelled = await client.callTool({ name: 'get_answer', arguments: { handle, cancel: true } })
  const other = await client.callTool({
    name: 'get_answer',
    arguments: { handle: /ha_[0-9a-f]{32}/.exec(called.content[0]?.text ?? '')?.[0], cancel: true },
  })

  await providerLeft()
  await until(async () => (await timesCancelled(client)) > before, 'the hosted tool is cancelled')
  expect(cancelled.structuredContent).toMatchObject({ status: 'cancelled' })
  expect(other.content[0]?.text).toMatch(/^cancelled/)
  const after = await client.callTool({ name: 'get_answer', arguments: { handle, wait_s: 0 } })
  expect(after.structuredContent).toMatchObject({ status: 'cancelled', handle })
})

test('a task is the same run: tasks/cancel reaches the provider, and get_answer says that it was cancelled', async () => {
  const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
  const send = async (method: string, params: Record<string, unknown>) =>
    (await answerOf(await modernRequest(http.mcp, method, params, { capabilities }))).result
  cloud.script([stalls])

  const task = await send('tools/call', { name: 'ask', arguments: { prompt: 'For ever' } })
  const working = await send('tasks/get', { taskId: task.taskId })
  await send('tasks/cancel', { taskId: task.taskId })

  await providerLeft()
  expect([task.resultType, working.status]).toEqual(['task', 'working'])
  expect((await send('tasks/get', { taskId: task.taskId })).status).toBe('cancelled')
  const client = await connect('v2 modern')
  const answer = await client.callTool({ name: 'get_answer', arguments: { handle: task.taskId, wait_s: 0 } })
  expect(answer.structuredContent).toMatchObject({ status: 'cancelled' })
})

test('a stream that is closed before a handle was given ends the work', async () => {
  cloud.script([stalls])
  const controller = new AbortController()
  const asking = modernRequest(http.mcp, 'tools/call', { name: 'ask', arguments: { prompt: 'For ever' } }, { signal: controller.signal })
  asking.catch(() => undefined)
  await providerAsked()

  controller.abort()

  await providerLeft()
})

test('a stream that is closed after its handle was given ends nothing, whoever waits or leaves', async () => {
  const client = await connect('v2 legacy')
  cloud.script([{ text: 'Still here.', delays: { headers: 1200 } }])
  const started = await client.callTool({ name: 'ask', arguments: { prompt: 'Slowly', wait_s: 0 } })
  const { handle } = started.structuredContent as { handle: string }
  const controller = new AbortController()
  const params = { name: 'get_answer', arguments: { handle, wait_s: 20 } }
  const waiting = modernRequest(http.mcp, 'tools/call', params, { signal: controller.signal })
  waiting.catch(() => undefined)
  await providerAsked()

  controller.abort()
  await client.close()
  clients.splice(0)
  const other = await connect('v2 modern')
  const answer = await other.callTool({ name: 'get_answer', arguments: { handle, wait_s: 20 } })

  expect(answer.structuredContent).toMatchObject({ status: 'done', text: 'Still here.' })
  expect(cloud.requests.map(({ outcome }) => outcome)).toEqual(['answered'])
})

test('over stdio a client that goes takes the work along that it has no handle for', { timeout: 30_000 }, async () => {
  const raw = await openRawStdio(home)
  cloud.script([stalls])
  raw.call('ask', { prompt: 'For ever' }).catch(() => undefined)
  await providerAsked()

  raw.program.child.stdin.end()

  await providerLeft()
  expect(await raw.program.ended()).toBe(0)
})

test('a client gets its handle after the time that the configuration gives it', async () => {
  const params = {
    name: 'ask',
    arguments: { prompt: 'Slowly' },
    _meta: { 'io.modelcontextprotocol/clientInfo': { name: 'Hurried', version: '1' } },
  }
  cloud.script([{ text: 'never', interrupt: { after: 'headers', how: 'stall' } }])

  const { result } = await answerOf(await modernRequest(http.mcp, 'tools/call', params))

  expect(result.structuredContent).toMatchObject({ status: 'working', handle: expect.stringMatching(/^ha_/) })
  const client = await connect('v2 modern')
  const { handle } = result.structuredContent as unknown as { handle: string }
  await client.callTool({ name: 'get_answer', arguments: { handle, cancel: true } })
  await providerLeft()
})

test('stdio and HTTP are one memory: a handle that one gave is fetched at the other', { timeout: 30_000 }, async () => {
  const overStdio = await connect('v2 modern', stdioTarget(home))
  const overHttp = await connect('v2 legacy')
  cloud.script([{ text: 'Fetched elsewhere.', delays: { headers: 300 } }])

  const started = await overStdio.callTool({ name: 'ask', arguments: { prompt: 'Slowly', wait_s: 0 } })
  const { handle } = started.structuredContent as { handle: string }
  const answer = await overHttp.callTool({ name: 'get_answer', arguments: { handle, wait_s: 20 } })

  expect(answer.structuredContent).toMatchObject({ status: 'done', text: 'Fetched elsewhere.' })
})
