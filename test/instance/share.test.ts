import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compiled } from '../support/compiled.ts'
import { type AnyClient, connectClient, type Sdk } from '../support/mcp-clients.ts'
import { command } from '../support/product/command.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { descendantsOf, stillAlive } from '../support/product/processes.ts'
import { stdioTarget } from '../support/product/program.ts'
import { published } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'

/** Programs as the clients of a user start them, on one data folder. */

const whoami = { name: 'call_tool', arguments: { name: 'sample_whoami' } }
const slow = { timeout: 120_000 }
const sample = {
  command: process.execPath,
  args: [join(import.meta.dirname, '../support/servers/sample-stdio.ts')],
  env: compiled,
  read_only: ['whoami', 'wait'],
}
let home: Home
let clients: AnyClient[]
let programs: Program[]

beforeEach(() => {
  home = createHome(() => ({ tools: { sample } }))
  clients = []
  programs = []
})

/** Whatever a test did: its instances end with their last client, and nothing of them is left. */
afterEach(async () => {
  const everybody = records().flatMap(({ pid }) => [pid, ...descendantsOf(pid)])
  await Promise.all([...clients.map((client) => client.close().catch(() => undefined)), ...programs.map((program) => program.end())])
  await until(() => stillAlive(everybody).length === 0, 'no process of an instance lives', 60_000)
  home.remove()
}, 60_000)

interface Record {
  pid: number
  since: string
  clients: { pid: number }[]
}

function records(): Record[] {
  try {
    const folder = join(home.data, 'run')
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
    return files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record)
  } catch {
    return []
  }
}

async function connect(sdk: Sdk, options: Parameters<typeof connectClient>[2] = {}): Promise<AnyClient> {
  const client = await connectClient(sdk, stdioTarget(home), options)
  clients.push(client)
  return client
}

const call = (client: AnyClient, name: string, args: { [name: string]: unknown } = {}) => client.callTool({ name, arguments: args })
const hostedPid = (client: AnyClient) =>
  until(
    async () => {
      const { content, isError } = await call(client, 'call_tool', { name: 'sample_whoami' })
      return isError !== true && (JSON.parse(content[0]?.text ?? '{}') as { pid: number }).pid
    },
    'the sample server is there',
    60_000,
  )

interface Answer {
  result?: { structuredContent?: unknown }
  error?: { code: number; message: string }
}

interface Program {
  readonly child: ChildProcessWithoutNullStreams
  errors(): string
  /** Sends a request and gives its answer. */
  ask(method: string, params: object): Promise<Answer>
  end(): Promise<number | null>
}

/** The program, spoken to line by line and initialized. */
async function start({
  cwd = home.root,
  env = {},
  args = ['--config', home.config, 'serve'] as string[],
  ping = true,
} = {}): Promise<Program> {
  const child = spawn(process.execPath, [command, ...args], { cwd, env: { ...home.env, ...env }, stdio: 'pipe' })
  const closed = once(child, 'close')
  let [out, errors, lastId] = ['', '', 0]
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  child.stdin.on('error', () => undefined)
  const answerTo = (id: number) =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Answer & { id?: number })
      .find((message) => message.id === id)
  const program: Program = {
    child,
    errors: () => errors,
    async ask(method, params) {
      lastId += 1
      const id = lastId
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
      return until(() => answerTo(id), `${method} is answered`, 60_000)
    },
    async end() {
      child.stdin.end()
      await closed
      return child.exitCode
    },
  }
  programs.push(program)
  await program.ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } })
  // The handshake is answered before there is an instance; this is answered by one.
  if (ping) await program.ask('ping', {})
  return program
}

async function statusOf(program: Program) {
  const { result } = await program.ask('tools/call', { name: 'status', arguments: {} })
  return result?.structuredContent as {
    instance: { pid: number; since: string; shared: boolean; why?: string; clients: { client?: string; apart?: string }[] }
    other_instances: { pid: number }[]
    runs: number
  }
}

test('four clients of both eras that start at the same moment share one instance and one set of hosted servers', slow, async () => {
  const four = await Promise.all((['v1', 'v2 legacy', 'v2 modern', 'v2 modern'] as const).map((sdk) => connect(sdk)))

  const pids = await Promise.all(four.map(hostedPid))
  const { structuredContent } = await call(four[3] as AnyClient, 'status')
  const [instance, ...more] = records()

  expect(new Set(pids).size).toBe(1)
  expect(more).toEqual([])
  expect(structuredContent).toMatchObject({
    instance: { pid: instance?.pid, since: instance?.since, shared: true, clients: Array(4).fill({ client: 'test-client' }) },
  })
  expect(descendantsOf(instance?.pid ?? 0)).toContain(pids[0])

  // One that goes takes nothing from the others.
  await four[0]?.close()
  expect(await hostedPid(four[1] as AnyClient)).toBe(pids[0])
})

test.skipIf(process.platform === 'win32')(
  'a client that only looks whether there is a server leaves an instance for whoever comes next',
  slow,
  async () => {
    const looking = await start({ ping: false })
    looking.child.kill('SIGTERM')
    const next = await start()

    expect(await looking.end()).toBe(0)
    expect((await statusOf(next)).other_instances).toEqual([])
    expect(records()).toHaveLength(1)
  },
)

test(
  'a client in another folder, with another value of a variable or another configuration gets an instance of its own, and is told why',
  slow,
  async () => {
    home.configure({ tools: { sample: { ...sample, env: { ...compiled, GIVEN: `\${GIVEN}` } } } })
    const other = join(home.root, 'other.yaml')
    writeFileSync(other, JSON.stringify({ budget: { usd_per_day: 1 } }))
    mkdirSync(join(home.root, 'elsewhere'))
    const env = { GIVEN: 'secret-one' }

    const first = await start({ env })
    const { pid } = records()[0] as Record
    const same = await start({ env })
    const elsewhere = await start({ env, cwd: join(home.root, 'elsewhere') })
    const variable = await start({ env: { GIVEN: 'secret-two' } })
    const configured = await start({ env, args: ['--config', other, 'serve'] })

    expect(same.errors()).not.toContain('is served by instance')
    expect(elsewhere.errors()).toContain(`instance ${pid} has another working folder (${home.root})`)
    expect(variable.errors()).toContain('has another value of a variable (GIVEN)')
    expect(configured.errors()).toContain('has another configuration')
    expect([elsewhere, variable, configured].map((program) => program.errors()).join()).not.toContain('secret-')
    expect(records()).toHaveLength(4)
    const told = await statusOf(variable)
    expect(told.instance.clients).toMatchObject([{ client: 'raw', apart: expect.stringContaining('(GIVEN)') }])
    expect(told.other_instances).toHaveLength(3)
    expect((await statusOf(first)).instance).toMatchObject({ pid, clients: [{ client: 'raw' }, { client: 'raw' }] })
  },
)

test.skipIf(process.platform === 'win32')(
  'where nothing can be shared, the client has a process of its own, which says why',
  slow,
  async () => {
    mkdirSync(join(home.data, 'run'), { recursive: true, mode: 0o700 })
    chmodSync(join(home.data, 'run'), 0o755)

    const open = await start()
    const asked = await start({ args: ['--config', home.config, 'serve', '--no-share'] })
    const off = await start({ env: { SIGNALBOX_SHARE: 'off' } })

    expect(records()).toEqual([])
    expect(open.errors()).toContain('must be closed to others, and has mode 0755')
    expect((await statusOf(open)).instance).toMatchObject({ shared: false, pid: open.child.pid, why: expect.stringContaining('0755') })
    expect((await statusOf(asked)).instance).toMatchObject({ shared: false, pid: asked.child.pid, why: 'this start said --no-share' })
    expect((await statusOf(off)).instance).toMatchObject({ shared: false, pid: off.child.pid, why: 'SIGNALBOX_SHARE is off' })
  },
)

test.skipIf(process.platform === 'win32')(
  'kill -9 of the instance ends each client with an error for what it waited for, and leaves no hosted server',
  slow,
  async () => {
    const [waiting, idle] = [await start(), await start()]
    await until(async () => (await statusOf(waiting)).instance.clients.length === 2, 'both are there')
    const { pid } = records()[0] as Record
    await until(async () => JSON.stringify(await waiting.ask('tools/call', whoami)).includes('pid'), 'the sample server is there', 60_000)
    const hosted = descendantsOf(pid)
    const answer = waiting.ask('tools/call', { name: 'call_tool', arguments: { name: 'sample_wait' } })
    await until(async () => (await statusOf(idle)).runs === 1, 'the call is under way')

    process.kill(pid, 'SIGKILL')

    expect(await answer).toMatchObject({ error: { code: -32_000, message: expect.stringContaining('has ended unexpectedly') } })
    expect([await waiting.end(), await idle.end()]).toEqual([1, 1])
    expect(idle.errors()).toContain(`the instance of Signalbox (process ${pid}) has ended unexpectedly`)
    await until(() => stillAlive(hosted).length === 0, 'no hosted server lives')
    // Whoever comes next finds no trace of it.
    expect((await statusOf(await start())).other_instances).toEqual([])
  },
)

test('a question goes to the client whose call it is about, and to no other', slow, async () => {
  home.configure({ tools: { files: published('filesystem', home.files) } })
  const asked: string[] = []
  const asking = (name: string) => ({
    answer: (message: string) => {
      asked.push(`${name} ${/\w+\.txt/.exec(message)?.[0]}`)
      return { action: 'accept' as const, content: { confirm: true } }
    },
  })
  const [one, two, three] = [
    await connect('v1', asking('one')),
    await connect('v2 legacy', asking('two')),
    await connect('v2 modern', asking('three')),
  ]
  const hosted = async () => ((await call(one, 'status')).structuredContent as { tools: { hosted: number } }).tools.hosted > 0
  await until(hosted, 'the file server is there', 60_000)
  const write = (client: AnyClient, name: string) =>
    call(client, 'call_tool_write', { name: 'files_write_file', arguments: { path: join(home.files, name), content: name } })

  await Promise.all([write(one, 'a.txt'), write(two, 'b.txt'), write(three, 'c.txt')])
  await write(two, 'd.txt')

  expect(asked.toSorted()).toEqual(['one a.txt', 'three c.txt', 'two b.txt', 'two d.txt'])
  expect(readdirSync(home.files).toSorted()).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt'])
  expect(records()).toHaveLength(1)
})
