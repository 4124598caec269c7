import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { CallOptions, ServerOptions } from '../../tools/tool.ts'
import { httpServer, scriptServer, serverOptions, type TestHost, testHost } from '../support/servers/host.ts'
import { serveLegacySample, serveSample } from '../support/servers/sample-http.ts'

/** On a busy machine too. */
const soon = { timeout: 10_000 }
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close()
})

const local: CallOptions = { principal: 'local' }
const unruly = (...modes: string[]) => scriptServer('bad', 'unruly.ts', modes)
const good = scriptServer('good', 'unruly.ts')

async function hosting(servers: readonly ServerOptions[], options: Parameters<typeof testHost>[1] = {}): Promise<TestHost> {
  const host = testHost(servers, options)
  open.push(host)
  host.start()
  await host.settled()
  return host
}

const stateOf = (host: TestHost, name = 'bad') => host.servers().find((server) => server.name === name)

describe('a server that does not start', () => {
  test.each([
    ['exits', unruly('crash-at-start'), /exited with code 3; it said: the moon is in the wrong phase.*Run its command in a terminal/s],
    [
      'is not there',
      serverOptions('bad', { kind: 'stdio', command: 'no-such-program', args: [], env: {} }),
      /Install "no-such-program", or correct tools\.bad\.command/,
    ],
    ['hangs', unruly('hang-at-start'), /No answer within 1\.5 s.*See whether it starts by itself/s],
    ['does not listen', httpServer('bad', 'http://127.0.0.1:9/mcp'), /Start it, or correct tools\.bad\.url/],
  ])('costs only itself when it %s, and its state names the mend', async (reason, server, said) => {
    // A busy machine may need a while to start what ends at once.
    const limits = reason === 'hangs' ? { startMs: 1500, probeMs: 1000 } : {}
    const host = await hosting([server, good], { limits })

    expect(stateOf(host)).toMatchObject({ phase: 'failed', tools: 0, error: expect.stringMatching(said) })
    expect(textOf(await host.call('good_echo', { a: 1 }, local))).toContain('echo')
  })

  test('is answered for at once, with its last error, until it is to be tried again', async () => {
    let now = Date.now()
    const host = await hosting([unruly('crash-at-start')], { clock: () => now })
    await expect.poll(() => stateOf(host)?.retryAt, soon).toBeGreaterThan(now)
    // It never listed a tool, but a resource can be asked for without.
    const failing = () => host.readResource('signalbox://hosted/bad/x:y', local)

    await expect(failing()).rejects.toMatchObject({
      stage: 'run',
      kind: 'unavailable',
      message: expect.stringContaining('exited with code 3'),
    })
    const restarts = stateOf(host)?.restarts
    await expect(failing()).rejects.toMatchObject({ message: expect.stringContaining('tried again in') })
    expect(stateOf(host)?.restarts).toBe(restarts)
    now += 120_000
    await expect(failing()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(stateOf(host)?.restarts).toBeGreaterThan(restarts as number)
  })

  test('gets a second life without the probe when the probe ends it, and a silent one is taken for one of 2025', async () => {
    const host = await hosting([
      scriptServer('exits', 'unruly.ts', ['exits-on-probe']),
      scriptServer('silent', 'unruly.ts', ['silent-probe']),
    ])

    expect(host.servers()).toMatchObject([
      { name: 'exits', phase: 'ready', protocol: '2025-11-25' },
      { name: 'silent', phase: 'ready', protocol: '2025-11-25' },
    ])
  })

  test('is not probed again in the next run', async () => {
    const servers = [unruly('exits-on-probe')]
    const first = await hosting(servers)
    await first.close()

    const second = await hosting(servers, { keeper: first.keeper })

    expect(stateOf(second)).toMatchObject({ phase: 'ready', restarts: 0 })
    expect(second.log.lines.filter(({ message }) => message.includes('is connected'))).toHaveLength(1)
  })
})

describe('a server that fails in the middle', () => {
  test('by a crash: its call says so, the others go on, and it is started again', async () => {
    const host = await hosting([unruly(), good])
    await host.call('bad_echo', {}, local)

    const crash = host.call('bad_crash', {}, local)

    await expect(crash).rejects.toMatchObject({ stage: 'run', kind: 'transport', message: expect.stringContaining('exited with code 7') })
    expect(textOf(await host.call('good_count', {}, local))).toBe('1')
    expect(textOf(await host.call('bad_count', {}, local))).toBe('1')
    expect(stateOf(host)).toMatchObject({ phase: 'ready', error: undefined })
  })

  test('by silence: its call ends at the limit, and the server is told', async () => {
    const host = await hosting([unruly()])

    await expect(host.call('bad_hang', {}, { ...local, timeoutMs: 300 })).rejects.toMatchObject({ stage: 'run', kind: 'timeout' })
    expect(textOf(await host.call('bad_count', {}, local))).toBe('2')
  })

  test('not while it tells its progress, but at the limit in all', async () => {
    const host = await hosting([scriptServer('s', 'sample-stdio.ts')], { limits: { maxCallMs: 1500 } })
    const steps = { ...local, timeoutMs: 300 }

    expect(textOf(await host.call('s_steps', { steps: 6, everyMs: 100 }, steps))).toBe('done')
    await expect(host.call('s_steps', { steps: 60, everyMs: 100 }, steps)).rejects.toMatchObject({ kind: 'timeout' })
  })

  test('by an answer that is too large: that call says so, and the connection lives on', async () => {
    const host = await hosting([unruly()], { limits: { maxMessageBytes: 1_000_000 } })
    await host.call('bad_echo', {}, local)
    const pid = stateOf(host)?.pid

    await expect(host.call('bad_huge', {}, local)).rejects.toMatchObject({
      stage: 'run',
      message: expect.stringContaining('the limit is 1000000'),
    })

    expect(textOf(await host.call('bad_count', {}, local))).toBe('3')
    expect(stateOf(host)?.pid).toBe(pid)
  })

  test('by an answer that is too large over HTTP: that call says so, and the next works', async () => {
    const sample = await serveSample()
    open.push(sample)
    const host = await hosting([httpServer('s', sample.url)], { limits: { maxMessageBytes: 200_000 } })

    await expect(host.call('s_big', { bytes: 300_000 }, local)).rejects.toMatchObject({
      stage: 'run',
      message: expect.stringContaining('the limit'),
    })
    expect(textOf(await host.call('s_big', { bytes: 10 }, local))).toBe('xxxxxxxxxx')
  })
})

describe('a server that says odd things', () => {
  test('such as garbage between its messages: it is skipped', async () => {
    const host = await hosting([unruly('garbage')])

    expect(textOf(await host.call('bad_echo', { a: 1 }, local))).toBe('echo {"a":1}')
    expect(stateOf(host)).toMatchObject({ phase: 'ready', tools: 8 })
  })

  test('such as tools that are not valid: they are left out and named in the log, the others stay', async () => {
    const host = await hosting([unruly('bad-items')])

    expect(host.find('bad_echo')).toBeDefined()
    expect(host.find('bad_no_schema')).toBeUndefined()
    expect(host.find('bad_odd_title')).toBeUndefined()
    const warnings = host.log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)
    expect(warnings).toEqual(expect.arrayContaining([expect.stringContaining('"no_schema"'), expect.stringContaining('"odd_title"')]))
  })

  test('such as schemas that do not compile: their tools go unchecked, draft-07 is checked', async () => {
    const host = await hosting([unruly('bad-schema')])

    expect(textOf(await host.call('bad_uncompilable', { a: 1 }, local))).toContain('uncompilable')
    expect(textOf(await host.call('bad_remote', {}, local))).toContain('remote')
    await expect(host.call('bad_old_dialect', { n: 'x' }, local)).rejects.toMatchObject({ stage: 'input' })
  })

  test('such as an answer against its own output schema: the result is not lost, and the fault is told', async () => {
    const host = await hosting([unruly('lies')])
    const faults: string[] = []

    const result = await host.call('bad_measure', {}, { ...local, onDrift: (fault) => faults.push(fault) })

    expect(result).toHaveProperty('structuredContent')
    expect(faults).toEqual([expect.stringMatching(/celsius must be number/)])
  })

  test.each([
    ['a result that is a text', { result: 'done' }],
    ['a result that is a number', { result: 5 }],
    ['a result that is null', { result: null }],
    ['an error that is a text', { error: 'kaput' }],
    ['neither of both', {}],
  ])('such as %s: that call fails at once, and the next one goes on', async (_what, message) => {
    const host = await hosting([unruly('raw')])

    await expect(host.call('bad_raw', { message }, local)).rejects.toThrow(/failed: the answer is neither a result nor an error/)
    expect(textOf(await host.call('bad_echo', {}, local))).toBe('echo {}')
    expect(stateOf(host)).toMatchObject({ phase: 'ready', restarts: 0 })
  })

  test('such as a field of its own beside the result: the result counts', async () => {
    const host = await hosting([unruly('raw')])

    expect(textOf(await host.call('bad_raw', { message: { result: { content: [{ type: 'text', text: 'Hi' }] }, took: 5 } }, local))).toBe(
      'Hi',
    )
  })

  test.each([
    ['a text', 'Hello', ['Hello']],
    ['one block', { type: 'text', text: 'Hello' }, ['Hello']],
    ['a list of texts', ['Hello', null], ['Hello', 'null']],
    ['a block without its text beside a good one', [{ type: 'text' }, { type: 'text', text: 'Hello' }], ['{"type":"text"}', 'Hello']],
    ['a block of no known type', [{ type: 'table', rows: 2 }], ['{"type":"table","rows":2}']],
  ])('such as %s where its content should be: it comes as text that can be read, and the fault is told', async (_what, content, texts) => {
    const host = await hosting([unruly('raw')])
    const faults: string[] = []

    const args = { message: { result: { content } } }
    const result = await host.call('bad_raw', args, { ...local, onDrift: (fault) => faults.push(fault) })

    expect(result['content']).toEqual(texts.map((text) => ({ type: 'text', text })))
    expect(faults).toEqual([expect.stringMatching(/^content/)])
  })

  test('such as names that are hard to tell apart, or too long: each gets a name of its own and reaches its own tool', async () => {
    const host = await hosting([unruly('twins', 'long')])
    const tools = host.catalogue().tools.filter(({ tool }) => /^(twin|very)/.test(tool))

    expect(tools).toHaveLength(4)
    for (const { name, tool } of tools) {
      expect(name).toMatch(/^[a-z0-9_-]{1,40}$/)
      expect(textOf(await host.call(name, {}, local))).toBe(`${tool} {}`)
    }
    expect(host.log.lines.some(({ level, message }) => level === 'warn' && message.includes('twin.a'))).toBe(true)
  })

  test('such as 500 tools, or pages without end: all are there, and the end comes', async () => {
    const host = await hosting([unruly('many'), scriptServer('endless', 'unruly.ts', ['endless-pages'])])

    expect(stateOf(host)?.tools).toBe(508)
    expect(stateOf(host, 'endless')).toMatchObject({ phase: 'ready', tools: 8 })
  })

  test('such as nothing when asked for its lists: settled() ends, and the tools of the last run can be called', async () => {
    const servers = [unruly('slow-lists')]
    const first = await hosting(servers)
    await first.close()

    const second = testHost(servers, { keeper: first.keeper, limits: { startMs: 2500, probeMs: 2000 } })
    open.push(second)
    second.start()
    await second.settled()

    expect(stateOf(second)).toMatchObject({ fromSnapshot: true, tools: 8, error: expect.stringContaining('tools/list') })
    expect(textOf(await second.call('bad_echo', {}, local))).toContain('echo')
  })
})

describe('secrets of a server', () => {
  const secret = 'sk-very-secret-value'
  afterEach(() => void vi.unstubAllEnvs())

  test('reach it with the basic variables only, and stay out of the log', async () => {
    vi.stubEnv('SIGNALBOX_TEST_LEAK', 'x')
    const host = await hosting([scriptServer('bad', 'unruly.ts', [], { env: { SECRET: secret } })])

    const variables = textOf(await host.call('bad_noise', {}, local)).split(' ')

    expect(variables).toContain('SECRET')
    expect(variables).toContain('PATH')
    expect(variables).not.toContain('SIGNALBOX_TEST_LEAK')
    await expect.poll(() => host.log.lines.some(({ message }) => message.includes('the secret is [redacted]')), soon).toBe(true)
    expect(JSON.stringify(host.log.lines)).not.toContain(secret)
  })

  test('go with each request over HTTP, and wrong ones are named as the fault', async () => {
    const sample = await serveSample({ token: secret })
    open.push(sample)
    const host = await hosting([
      httpServer('right', sample.url, { headers: { authorization: `Bearer ${secret}` } }),
      httpServer('wrong', sample.url, { headers: { authorization: 'Bearer other-secret-value' } }),
    ])

    expect(textOf(await host.call('right_echo', { text: 'x' }, local))).toBe('x')
    expect(stateOf(host, 'wrong')).toMatchObject({ phase: 'failed', error: expect.stringContaining('Correct tools.wrong.headers') })
    expect(JSON.stringify([host.servers(), host.log.lines])).not.toContain('other-secret-value')
  })
})

describe('a server over HTTP', () => {
  test('that forgot our session is asked once more in a new one', async () => {
    const sample = await serveLegacySample()
    open.push(sample)
    const host = await hosting([httpServer('s', sample.url)])
    await host.call('s_count', {}, local)

    sample.forget()

    expect(textOf(await host.call('s_count', {}, local))).toBe('1')
  })

  test('that has gone is named with the mend, and found again when it is back', async () => {
    let now = Date.now()
    const sample = await serveSample()
    const host = await hosting([httpServer('s', sample.url)], { clock: () => now })
    await host.call('s_echo', { text: 'x' }, local)
    await sample.close()

    // The first may find its kept-alive connection cut, which does not say whether the tool ran.
    const cut = await host.call('s_echo', { text: 'x' }, local).catch((error: unknown) => error)
    const gone = await host.call('s_echo', { text: 'x' }, local).catch((error: unknown) => error)
    const back = await serveSample({ port: Number(new URL(sample.url).port) })
    open.push(back)
    now += 120_000

    expect(cut).toMatchObject({ code: 'tool_error', stage: 'run' })
    expect(gone).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('tools.s.url') })
    expect(textOf(await host.call('s_echo', { text: 'x' }, local))).toBe('x')
  })

  test('whose stream ends before the answer fails that call at once', async () => {
    const sample = await serveSample()
    open.push(sample)
    let cutting = false
    const proxy = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      if (cutting) {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n')
        response.end()
        return
      }
      const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers
      const answer = await fetch(sample.url, { method: 'POST', headers: headers as Record<string, string>, body: Buffer.concat(chunks) })
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      try {
        for await (const chunk of answer.body ?? []) response.write(chunk)
      } catch {
        // The sample was closed first.
      }
      response.end()
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    open.push({
      close: async () => {
        proxy.closeAllConnections()
        proxy.close()
      },
    })
    const host = await hosting([httpServer('s', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp`)])

    cutting = true

    await expect(host.call('s_echo', { text: 'x' }, local)).rejects.toMatchObject({
      kind: 'transport',
      message: expect.stringContaining('ended before'),
    })
  })
})

function textOf(result: Record<string, unknown>): string {
  return (result['content'] as { text: string }[])[0]?.text ?? ''
}
