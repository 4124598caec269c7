import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type CallOptions, ToolError } from '../../tools/tool.ts'
import { httpServer, scriptServer, type TestHost, testHost } from '../support/servers/host.ts'
import { serveLegacySample, serveSample } from '../support/servers/sample-http.ts'

/** On a busy machine too. */
const soon = { timeout: 10_000 }
interface Closable {
  close(): Promise<void>
}
const open: Closable[] = []
afterEach(() => closeAll(open))

async function closeAll(things: Closable[]): Promise<void> {
  for (const thing of things.splice(0).toReversed()) await thing.close()
}

const local: CallOptions = { principal: 'local' }

type Make = (keep: Closable[]) => Promise<TestHost> | TestHost

/** Closed with all that is kept there: after the test unless told. */
async function hosting(make: Make, keep = open): Promise<TestHost> {
  const host = await make(keep)
  keep.push(host)
  host.start()
  await host.settled()
  return host
}

async function overHttp(serve: typeof serveSample | typeof serveLegacySample, keep: Closable[]): Promise<TestHost> {
  const sample = await serve()
  keep.push(sample)
  return testHost([httpServer('s', sample.url)])
}

/** One host for all tests of a server: what they do to it is told by the difference. */
function useHost(make: Make): () => TestHost {
  const kept: Closable[] = []
  let host: TestHost
  beforeAll(async () => {
    host = await hosting(make, kept)
  })
  afterAll(() => closeAll(kept))
  return () => host
}

const modern = [
  { name: 'of 2026 over stdio', make: () => testHost([scriptServer('s', 'sample-stdio.ts', ['--modern'])]) },
  { name: 'of 2026 over HTTP', make: (keep: Closable[]) => overHttp(serveSample, keep) },
]
const legacy = [
  { name: 'of 2025 over stdio', make: () => testHost([scriptServer('s', 'legacy-stdio.ts')]) },
  { name: 'of 2025 over HTTP', make: (keep: Closable[]) => overHttp(serveLegacySample, keep) },
]

describe.each([...modern, ...legacy])('a server $name', ({ make }) => {
  const sharedHost = useHost(make)

  test('is starting until its tools can be found, and never ready without them', async () => {
    const host = await make(open)
    open.push(host)
    host.start()
    const seen = new Set<string>()
    await expect
      .poll(() => host.servers().map(({ phase, tools }) => seen.add(`${phase} with ${tools > 0 ? 'tools' : 'none'}`) && phase), {
        ...soon,
        interval: 1,
      })
      .toEqual(['ready'])

    expect([...seen].at(-1)).toBe('ready with tools')
  })

  test('catalogue() has all pages of its tools, its prompts, resources and templates', async () => {
    const host = sharedHost()

    const { tools, prompts, resources, templates } = host.catalogue()

    expect(tools.length).toBeGreaterThan(12)
    expect(tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name).toSorted())
    expect(prompts.map(({ name, prompt }) => [name, prompt])).toEqual([['s_greet', 'greet']])
    expect(resources).toHaveLength(1)
    expect(templates).toHaveLength(1)
    expect(host.servers()).toMatchObject([{ name: 's', phase: 'ready', tools: tools.length, fromSnapshot: false, error: undefined }])
  })

  test('call() brings what the tool answered', async () => {
    const host = sharedHost()

    const result = await host.call('s_echo', { text: 'hello' }, local)

    expect(result['content']).toEqual([{ type: 'text', text: 'hello' }])
    expect(JSON.stringify(result)).not.toContain('serverInfo')
  })

  test('call() passes progress on, to the last step', async () => {
    const host = sharedHost()
    const steps: number[] = []

    await host.call('s_steps', {}, { ...local, onProgress: ({ progress }) => steps.push(progress) })

    expect(steps).toEqual([1, 2, 3])
  })

  test('call() passes log lines on to the caller who wants them', async () => {
    const host = sharedHost()
    const lines: unknown[] = []

    await host.call('s_chat', {}, { ...local, logLevel: 'info', onLog: (entry) => lines.push(entry) })

    await expect.poll(() => lines, soon).toMatchObject([{ level: 'info', data: 'a line of its log' }])
  })

  test('call() cancels the tool, and rejects with the reason of the caller', async () => {
    const host = sharedHost()
    const controller = new AbortController()
    const reason = new Error('The caller left')
    const cancelled = async () => Number(textOf(await host.call('s_cancelled', {}, local)))
    const before = await cancelled()

    const waiting = host.call('s_wait', {}, { ...local, signal: controller.signal })
    setTimeout(() => controller.abort(reason), 200)

    await expect(waiting).rejects.toBe(reason)
    await expect.poll(cancelled, soon).toBe(before + 1)
  })

  test('getPrompt(), readResource() and complete() reach the server that has them', async () => {
    const host = sharedHost()
    const uri = host.catalogue().resources[0]?.uri as string
    const page = uri.replace('note', 'pages/7')

    const prompt = await host.getPrompt('s_greet', { who: 'Ada' }, local)
    const completion = await host.complete({ type: 'ref/prompt', name: 's_greet' }, { name: 'who', value: 'A' }, undefined, local)

    expect(JSON.stringify(prompt['messages'])).toContain('Greet Ada')
    expect(await host.readResource(uri, local)).toMatchObject({ contents: [{ uri, text: `content of ${uri}` }] })
    expect(await host.readResource(page, local)).toMatchObject({ contents: [{ uri: page }] })
    expect(completion).toMatchObject({ completion: { values: ['A!'] } })
  })

  test('subscribe() tells of changes until it is stopped', async () => {
    const host = sharedHost()
    const uri = host.catalogue().resources[0]?.uri as string
    let changes = 0

    const stop = await host.subscribe(uri, () => (changes += 1), local)
    await host.call('s_touch', {}, local)
    await expect.poll(() => changes, soon).toBe(1)
    await stop()
    await host.call('s_touch', {}, local)

    expect(changes).toBe(1)
  })

  test('onChange() tells of a tool that was added while the server runs', async () => {
    const host = sharedHost()
    const hashes = new Set([host.catalogue().hash])
    const grown = () => host.catalogue().tools.filter(({ tool }) => tool.startsWith('grown_')).length
    const before = grown()
    host.onChange(({ hash }) => hashes.add(hash))

    await host.call('s_grow', {}, local)

    await expect.poll(grown, soon).toBe(before + 1)
    expect(hashes.size).toBe(2)
  })
})

describe.each(modern)('a server $name', ({ make }) => {
  const sharedHost = useHost(make)

  test('call() passes content of each kind and _meta on as it came', async () => {
    const host = sharedHost()

    const picture = await host.call('s_picture', {}, local)
    const echo = await host.call('s_echo', { text: 'x' }, local)

    expect(picture['content']).toEqual([
      { type: 'image', data: 'aW1hZ2U=', mimeType: 'image/png', annotations: { audience: ['user'] } },
      { type: 'audio', data: 'c291bmQ=', mimeType: 'audio/wav' },
      { type: 'resource', resource: { uri: 'sample://note', mimeType: 'text/plain', text: 'a note' } },
      { type: 'resource_link', uri: 'sample://note', name: 'note' },
    ])
    expect(echo['_meta']).toEqual({ 'sample/kept': true })
  })

  test('call() tells a failed tool, which is a result, from a refused call, which is an error', async () => {
    const host = sharedHost()

    expect(await host.call('s_fail', {}, local)).toMatchObject({ isError: true, content: [{ text: 'it went wrong' }] })
    await expect(host.call('s_refuse', {}, local)).rejects.toMatchObject({ code: 'tool_error', stage: 'run', kind: 'internal' })
  })

  test('call() tells the server what this caller declared, less tasks and what it does not answer', async () => {
    const host = sharedHost()
    const clientCapabilities = {
      elicitation: {},
      roots: { listChanged: true },
      tasks: {},
      extensions: { 'io.modelcontextprotocol/tasks': {}, 'io.modelcontextprotocol/ui': {} },
    }

    const told = async (options: CallOptions) => {
      const { envelope } = JSON.parse(textOf(await host.call('s_whoami', {}, options)))
      return envelope['io.modelcontextprotocol/clientCapabilities']
    }

    expect(await told({ ...local, clientCapabilities, onInput: async () => ({}) })).toEqual({
      elicitation: {},
      roots: {},
      extensions: { 'io.modelcontextprotocol/ui': {} },
    })
    expect(await told({ ...local, clientCapabilities })).toEqual({ extensions: { 'io.modelcontextprotocol/ui': {} } })
    expect(await told(local)).toEqual({})
  })
})

test('call() puts the arguments that a server wants in headers there, and a tool with a misplaced one is left out', async () => {
  const sample = await serveSample({ misplaced: true })
  open.push(sample)
  const host = await hosting(() => testHost([httpServer('s', sample.url)]))

  await host.call('s_regional', { region: 'Ålesund' }, local)

  expect(sample.requests.at(-1)).toMatchObject({ 'mcp-name': 'regional', 'mcp-param-region': `=?base64?${btoa('\u00c3\u0085lesund')}?=` })
  expect(host.find('s_misplaced')).toBeUndefined()
})

test('catalogue() leaves out a tool of 2025 that runs as a task only', async () => {
  const host = await hosting(() => testHost([scriptServer('s', 'unruly.ts', ['task'])]))

  expect(host.find('s_task_only')).toBeUndefined()
  expect(host.find('s_echo')).toBeDefined()
})

test('subscribe() goes on after the server was restarted, and tells of what it may have missed', async () => {
  const host = await hosting(() => testHost([scriptServer('s', 'sample-stdio.ts')]))
  let changes = 0
  await host.subscribe('sample://note', () => (changes += 1), local)
  const { pid } = JSON.parse(textOf(await host.call('s_whoami', {}, local)))

  process.kill(pid, 'SIGKILL')
  await expect.poll(() => changes, soon).toBe(1)
  await host.call('s_touch', {}, local)

  await expect.poll(() => changes, soon).toBe(2)
})

test('call() reads arguments that came nested or as text, and refuses wrong ones before the server sees them', async () => {
  const host = await hosting((keep) => overHttp(serveSample, keep))

  const mended = await host.call('s_echo', JSON.stringify({ arguments: { text: 'hello' } }), local)
  const refused = await host.call('s_echo', { txt: 'hello' }, local).catch((error: unknown) => error)

  expect(textOf(mended)).toBe('hello')
  expect(refused).toBeInstanceOf(ToolError)
  expect(refused).toMatchObject({ stage: 'input', kind: 'schema' })
  expect((refused as ToolError).message).toContain('arguments must have "text"')
})

test('call() of an unknown name names the nearest', async () => {
  const host = await hosting((keep) => overHttp(serveSample, keep))

  await expect(host.call('s_ehco', {}, local)).rejects.toMatchObject({ stage: 'lookup', nearest: expect.arrayContaining(['s_echo']) })
})

function textOf(result: Record<string, unknown>): string {
  return (result['content'] as { text: string }[])[0]?.text ?? ''
}
