import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { CallOptions, InputRequest } from '../../tools/tool.ts'
import { httpServer, publishedServer, scriptServer, type TestHost, testHost } from '../support/servers/host.ts'
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

/** Closed with all that is kept there: after the test unless told. */
async function hosting(host: TestHost, keep = open): Promise<TestHost> {
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

/** One host for all tests of a server: a process each costs more than they do. */
function useHost(make: (keep: Closable[]) => Promise<TestHost>): () => TestHost {
  const kept: Closable[] = []
  let host: TestHost
  beforeAll(async () => {
    host = await hosting(await make(kept), kept)
  })
  afterAll(() => closeAll(kept))
  return () => host
}

const capable = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }

/** A caller that answers, and remembers what it was asked. */
function answering(answer: Record<string, unknown>, clientCapabilities: Record<string, unknown> = capable) {
  const asked: InputRequest[] = []
  const options: CallOptions = {
    principal: 'local',
    clientCapabilities,
    async onInput(requests) {
      asked.push(...Object.values(requests))
      return Object.fromEntries(Object.keys(requests).map((key) => [key, answer]))
    },
  }
  return { asked, options }
}

const eras = [
  { name: 'of 2026 over stdio', make: async () => testHost([scriptServer('s', 'sample-stdio.ts', ['--modern'])]) },
  { name: 'of 2026 over HTTP', make: (keep: Closable[]) => overHttp(serveSample, keep) },
  { name: 'of 2025 over stdio', make: async () => testHost([scriptServer('s', 'legacy-stdio.ts')]) },
  { name: 'of 2025 over HTTP', make: (keep: Closable[]) => overHttp(serveLegacySample, keep) },
]

describe.each(eras)('a server $name', ({ make, name }) => {
  const sharedHost = useHost(make)

  test('call() asks the caller what the tool asks, and brings the end of the same call', async () => {
    const host = sharedHost()
    const { asked, options } = answering({ action: 'accept', content: { name: 'Ada' } })

    const result = await host.call('s_ask', {}, options)

    expect(asked).toMatchObject([{ method: 'elicitation/create', params: { message: 'Your name?' } }])
    expect(textOf(result)).toBe(name.includes('2026') ? 'accept Ada opaque state' : 'accept Ada')
  })

  test('call() tells the tool that nobody answers when the caller fails', async () => {
    const host = sharedHost()
    const { options } = answering({})
    options.onInput = async () => {
      throw new Error('internal detail')
    }

    const outcome = await host.call('s_ask', {}, options).catch((error: unknown) => error)

    const said = outcome instanceof Error ? outcome.message : JSON.stringify(outcome)
    expect(said).toMatch(/cancel|gave no answer/)
    expect(said).not.toContain('internal detail')
  })

  test('call() does not count the time of the caller as the time of the tool', async () => {
    const host = sharedHost()
    const { options } = answering({})
    options.timeoutMs = 400
    options.onInput = async (requests) => {
      await new Promise((resolve) => setTimeout(resolve, 700))
      return Object.fromEntries(Object.keys(requests).map((key) => [key, { action: 'decline' }]))
    }

    expect(textOf(await host.call('s_ask', {}, options))).toContain('decline')
  })
})

test('call() tells its trace in each request, also in the one that brings the answer', async () => {
  const sample = await serveSample()
  open.push(sample)
  const host = await hosting(testHost([httpServer('s', sample.url)]))
  const { options } = answering({ action: 'accept', content: { name: 'Ada' } })
  const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
  const before = sample.requests.length

  await host.call('s_ask', {}, { ...options, meta: { traceparent } })

  expect(sample.requests.slice(before).map((headers) => headers['traceparent'])).toEqual([traceparent, traceparent])
})

test('call() of a tool of 2026 that needs an answer says so when this caller declared that it gives none', async () => {
  const host = await hosting(testHost([scriptServer('s', 'sample-stdio.ts', ['--modern'])]))

  // The server's SDK refuses to ask a client that did not declare it.
  await expect(host.call('s_ask', {}, { principal: 'local' })).rejects.toMatchObject({ code: 'tool_error', stage: 'run' })
})

describe('a server of 2025', () => {
  const sharedHost = useHost(async () => testHost([scriptServer('s', 'legacy-stdio.ts')]))

  test('call() passes on what it asks of the model and the folders of the client', async () => {
    const host = sharedHost()
    const model = answering({ role: 'assistant', content: { type: 'text', text: 'Hi' }, model: 'm' })
    const folders = answering({ roots: [{ uri: 'file:///home/ada' }] })

    expect(textOf(await host.call('s_sample', {}, model.options))).toContain('"Hi"')
    expect(textOf(await host.call('s_roots', {}, folders.options))).toBe('file:///home/ada')
  })

  test('call() is declined with the reason when the caller declared nothing, and the server was told so', async () => {
    const host = sharedHost()

    await expect(host.call('s_sample', {}, { principal: 'local' })).rejects.toMatchObject({ stage: 'run' })
    const { capabilities } = JSON.parse(textOf(await host.call('s_whoami', {}, { principal: 'local' })))

    expect(capabilities).toEqual({})
  })

  test('call() shows the page that a person has to finish, and says to call again', async () => {
    const host = sharedHost()
    const { asked, options } = answering({ action: 'accept' })

    await expect(host.call('s_page', {}, options)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('call it again'),
    })
    expect(asked).toMatchObject([{ params: { mode: 'url', url: 'https://example.com/consent' } }])
  })

  test('catalogue() has the tools that are hidden from clients that cannot answer, whoever called last', async () => {
    const keeper = testHost([]).keeper
    const servers = [scriptServer('s', 'legacy-stdio.ts')]
    const first = await hosting(testHost(servers, { keeper }))
    await first.call('s_echo', { text: 'x' }, { principal: 'local' })
    await first.close()

    const second = await hosting(testHost(servers, { keeper }))
    const hash = second.catalogue().hash

    expect(second.find('s_ask')).toBeDefined()
    expect(second.servers()).toMatchObject([{ fromSnapshot: false }])
    expect(hash).toBe(first.catalogue().hash)
    // It was started as its last caller needs it: that caller finds it warm.
    const { pid } = JSON.parse(textOf(await second.call('s_whoami', {}, { principal: 'local' })))
    expect(second.servers()).toMatchObject([{ pid }])
  })

  test('call() never shares a connection between principals', async () => {
    const host = await hosting(testHost([scriptServer('s', 'legacy-stdio.ts')]))

    const counts = []
    for (const principal of ['ada', 'ada', 'bob', 'ada']) counts.push(textOf(await host.call('s_count', {}, { principal })))

    expect(counts).toEqual(['1', '2', '1', '3'])
  })

  test('call() refuses a principal for whom there is no connection left, and closes an idle one for the next', async () => {
    const host = await hosting(testHost([scriptServer('s', 'legacy-stdio.ts')], { limits: { maxConnections: 2 } }))
    const controllers = ['ada', 'bob'].map((principal) => {
      const controller = new AbortController()
      const waiting = host.call('s_wait', {}, { principal, signal: controller.signal })
      waiting.catch(() => undefined)
      return { controller, waiting }
    })
    await expect.poll(() => host.servers()[0]?.phase, soon).toBe('ready')
    await new Promise((resolve) => setTimeout(resolve, 1000))

    await expect(host.call('s_count', {}, { principal: 'cid' })).rejects.toMatchObject({ kind: 'quota' })
    for (const { controller } of controllers) controller.abort(new Error('enough'))
    await Promise.allSettled(controllers.map(({ waiting }) => waiting))

    expect(textOf(await host.call('s_count', {}, { principal: 'cid' }))).toBe('1')
  })

  test('call() gets a connection that was being opened for callers who gave up', async () => {
    const host = await hosting(testHost([scriptServer('s', 'legacy-stdio.ts')], { limits: { maxConnections: 1 } }))
    const controller = new AbortController()
    const waiting = host.call('s_wait', {}, { principal: 'ada', signal: controller.signal })
    waiting.catch(() => undefined)
    await expect.poll(() => host.servers()[0]?.phase, { interval: 1 }).toBe('starting')
    controller.abort(new Error('enough'))
    await Promise.allSettled([waiting])

    expect(textOf(await host.call('s_count', {}, { principal: 'cid' }))).toBe('1')
  })

  test('call() of the published everything server passes its questions on', async () => {
    const host = await hosting(testHost([publishedServer('all', 'everything')]))
    const { asked, options } = answering({ action: 'accept', content: { name: 'Ada' } })

    const result = await host.call('all_trigger-elicitation-request', {}, options)

    // It may ask for the folders of the client as well.
    expect(asked.filter(({ method }) => method === 'elicitation/create')).toHaveLength(1)
    expect(JSON.stringify(result)).toContain('Ada')
  })
})

function textOf(result: Record<string, unknown>): string {
  return (result['content'] as { text: string }[])[0]?.text ?? ''
}
