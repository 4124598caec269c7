import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import type { CallOptions, ServerOptions } from '../../tools/tool.ts'
import { scriptServer, type TestHost, testHost } from '../support/servers/host.ts'

/** On a busy machine too. */
const soon = { timeout: 10_000 }
const open: TestHost[] = []
afterEach(async () => {
  for (const host of open.splice(0)) await host.close()
})

const local: CallOptions = { principal: 'local' }
const stubborn = scriptServer('bad', 'unruly.ts', ['stubborn'])
// On Windows a process tree is ended by other means, and signals are not what they are here.
const onPosix = describe.skipIf(process.platform === 'win32')

async function hosting(servers: readonly ServerOptions[], options: Parameters<typeof testHost>[1] = {}): Promise<TestHost> {
  const host = testHost(servers, options)
  open.push(host)
  host.start()
  await host.settled()
  return host
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const left = (pids: readonly number[]) => pids.filter(isAlive)

async function pidsOf(host: TestHost, server = 'bad'): Promise<number[]> {
  return JSON.parse(textOf(await host.call(`${server}_pids`, {}, local)))
}

onPosix('processes of servers', () => {
  test('close() leaves none, however stubborn, nor what they started', async () => {
    const host = await hosting([stubborn])
    const pids = await pidsOf(host)
    expect(left(pids)).toHaveLength(2)

    await host.close()

    await expect.poll(() => left(pids), soon).toEqual([])
    expect(host.servers()).toMatchObject([{ phase: 'stopped' }])
  })

  test('configure() starts nothing any more once the host is closed', async () => {
    const host = await hosting([])

    const configured = host.configure([stubborn])
    await host.close()
    await configured

    expect(host.servers()).toEqual([])
  })

  test('what a server started is ended when the server crashes', async () => {
    const host = await hosting([stubborn])
    const [pid, child] = (await pidsOf(host)) as [number, number]

    await host.call('bad_crash', {}, local).catch(() => undefined)

    expect(isAlive(pid)).toBe(false)
    await expect.poll(() => isAlive(child), soon).toBe(false)
  })

  test.each([
    ['is killed with SIGKILL', [], (program: ChildProcess) => void program.kill('SIGKILL')],
    ['exits without closing anything', ['--leave'], () => undefined],
  ])('none outlives a process that hosts them and %s', async (_, args, end) => {
    const file = fileURLToPath(new URL('../support/servers/hosting-program.ts', import.meta.url))
    const program = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(program, 'exit')
    const [line] = (await once(program.stdout, 'data')) as [Buffer]
    const pids = JSON.parse(line.toString()) as number[]
    expect(pids).toHaveLength(4)

    end(program)
    await exited

    await expect.poll(() => left(pids), soon).toEqual([])
  })
})

describe('a server', () => {
  test('is stopped when nobody uses it, and started again on demand', async () => {
    const host = await hosting([scriptServer('bad', 'unruly.ts', [], { idleMs: 200 })])
    await host.call('bad_echo', {}, local)

    await expect.poll(() => host.servers()[0]?.phase, soon).toBe('idle')

    expect(host.catalogue().tools).toHaveLength(8)
    expect(textOf(await host.call('bad_count', {}, local))).toBe('1')
    expect(host.servers()).toMatchObject([{ phase: 'ready', restarts: 0 }])
  })

  test('has no more calls at once than its concurrency, and one that waits can be given up', async () => {
    const host = await hosting([scriptServer('bad', 'unruly.ts', [], { concurrency: 1 })])
    const holding = new AbortController()
    const giving = new AbortController()
    const reason = new Error('enough')
    const hang = host.call('bad_hang', {}, { ...local, signal: holding.signal })
    const second = host.call('bad_hang', {}, { ...local, signal: giving.signal })
    const third = host.call('bad_count', {}, local)

    giving.abort(reason)
    await expect(second).rejects.toBe(reason)
    holding.abort(reason)
    await expect(hang).rejects.toBe(reason)

    // The one that was given up never reached the server.
    expect(Number(textOf(await third))).toBeLessThanOrEqual(2)
  })

  test('that was known in the last run is in the catalogue before it is asked', async () => {
    const servers = [scriptServer('bad', 'unruly.ts', ['slow-lists'])]
    const first = await hosting(servers)
    await first.close()

    const second = testHost(servers, { keeper: first.keeper })
    open.push(second)
    second.start()
    await second.loaded()

    expect(second.catalogue()).toEqual(first.catalogue())
    expect(second.servers()).toMatchObject([{ fromSnapshot: true, tools: 8 }])
    expect(textOf(await second.call('bad_echo', {}, local))).toContain('echo')
    await second.settled()
    expect(second.servers()).toMatchObject([{ fromSnapshot: false, tools: 8 }])
  })

  test('is learnt anew under another command', async () => {
    const first = await hosting([scriptServer('bad', 'unruly.ts')])
    await first.close()

    const second = testHost([scriptServer('bad', 'unruly.ts', ['many'])], { keeper: first.keeper })
    open.push(second)
    await second.loaded()

    expect(second.catalogue().tools).toEqual([])
  })

  test('is not started before it is needed when nobody called start()', async () => {
    const host = testHost([scriptServer('bad', 'unruly.ts')])
    open.push(host)
    await host.loaded()

    expect(host.servers()).toMatchObject([{ phase: 'idle' }])
  })
})

describe('configure()', () => {
  test('leaves alone what did not change, and takes up options that need no restart', async () => {
    const kept = scriptServer('kept', 'unruly.ts')
    const host = await hosting([kept, scriptServer('gone', 'unruly.ts')])
    await host.call('kept_echo', {}, local)

    await host.configure([{ ...kept, block: ['crash'], readOnly: true }, scriptServer('new', 'unruly.ts')])
    await host.settled()

    expect(textOf(await host.call('kept_count', {}, local))).toBe('2')
    expect(host.find('kept_echo')?.readOnly).toBe(true)
    expect(host.find('kept_crash')).toBeUndefined()
    expect(host.find('gone_echo')).toBeUndefined()
    expect(host.servers().map(({ name }) => name)).toEqual(['kept', 'new'])
    expect(textOf(await host.call('new_count', {}, local))).toBe('1')
  })

  test('drops no call that is under way on a server that changes', async () => {
    const host = await hosting([scriptServer('s', 'sample-stdio.ts')])
    let begun = () => undefined as undefined
    const first = new Promise<void>((resolve) => {
      begun = () => void resolve() as undefined
    })
    const steps = host.call('s_steps', { steps: 5, everyMs: 100 }, { ...local, onProgress: begun })
    await first

    await host.configure([scriptServer('s', 'unruly.ts')])

    expect(textOf(await steps)).toBe('done')
    await host.settled()
    expect(textOf(await host.call('s_count', {}, local))).toBe('1')
  })
})

function textOf(result: Record<string, unknown>): string {
  return (result['content'] as { text: string }[])[0]?.text ?? ''
}
