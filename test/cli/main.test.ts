import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from '../support/command-line.ts'
import { compiled } from '../support/compiled.ts'
import { type ConfigFolders, createConfigFolders } from '../support/config-folders.ts'
import { command } from '../support/product/command.ts'

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}

let folders: ConfigFolders
const children: ChildProcess[] = []

beforeEach(() => {
  folders = createConfigFolders({ platform: process.platform })
})

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  folders[Symbol.dispose]()
})

/** The program in the project folder of a home of its own. */
function start(args: readonly string[]) {
  const { PATH = '', SYSTEMROOT = '' } = process.env
  const home = {
    HOME: folders.home,
    USERPROFILE: folders.home,
    APPDATA: join(folders.home, 'AppData'),
    LOCALAPPDATA: join(folders.home, 'Local'),
  }
  const child = spawn(process.execPath, [command, ...args], {
    cwd: folders.project,
    env: { PATH, SYSTEMROOT, ...compiled, ...home, SIGNALBOX_HOME: folders.data, SIGNALBOX_LINGER_S: '0' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  children.push(child)
  const err: string[] = []
  child.stderr.on('data', (chunk) => err.push(String(chunk)))
  const lines: string[] = []
  const waiting: (() => void)[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => {
    lines.push(line)
    waiting.shift()?.()
  })
  return {
    child,
    lines,
    err: () => err.join(''),
    /** The next line on stdout that nobody has read yet. */
    async line(): Promise<string> {
      if (lines.length === 0) await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), once(child, 'close')])
      return lines.shift() ?? ''
    },
    async ended(): Promise<number | null> {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
      return child.exitCode
    },
  }
}

/** The same without a process: what `main` does besides loading the program is tested above. */
function runHere(args: readonly string[], env: Record<string, string> = {}) {
  const { home, project, data } = folders
  return runCommandLine(args, { env: { SIGNALBOX_HOME: data, ...env }, cwd: project, home })
}

async function run(args: readonly string[]) {
  const program = start(args)
  program.child.stdin.end()
  const code = await program.ended()
  return { code, out: program.lines.join('\n'), err: program.err() }
}

test('main ends with 0, 1 or 2', async () => {
  expect(await run(['config', 'check'])).toMatchObject({ code: 0, out: 'The embedded defaults: valid (0 pools, 0 tool servers)' })
  expect(await run(['approvals', 'accept', 'ap_x'])).toMatchObject({ code: 1, out: '' })
  expect(await run(['frobnicate'])).toMatchObject({ code: 2, out: '' })
})

test('main without a command on a pipe is the stdio server: JSON-RPC alone on stdout, and its end is that of stdin', async () => {
  const program = start([])
  program.child.stdin.write(`${JSON.stringify(initialize)}\n`)
  expect(JSON.parse(await program.line())).toMatchObject({ id: 1, result: { serverInfo: { name: 'signalbox' } } })
  program.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`)
  program.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' })}\n`)
  expect(JSON.parse(await program.line())).toHaveProperty('result.tools')

  program.child.stdin.end()

  expect(await program.ended()).toBe(0)
  expect(program.lines).toEqual([])
})

test('main answers a wrong configuration with its issues on stderr and 2, and nothing on stdout', async () => {
  const path = folders.write('a.yaml', 'pols: {}')

  expect(await run(['serve', '--stdio', '--config', path])).toEqual({
    code: 2,
    out: '',
    err: `signalbox: Cannot use ${path}: pols must be a known key, received "pols" (did you mean "pools"?)\n`,
  })
})

test.skipIf(process.platform === 'win32')('main serves over HTTP until it is asked to end', async () => {
  const program = start(['serve', '--http', '127.0.0.1:0'])
  const url = await program.line()
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/)
  expect((await fetch(new URL('/healthz', url))).status).toBe(200)

  program.child.kill('SIGTERM')

  expect(await program.ended()).toBe(0)
})

test('an untrusted ./signalbox.yaml with a command, a URL, a variable and another provider does nothing; trusted, it runs', async () => {
  const touched = join(folders.root, 'touched')
  folders.write('touch.cjs', `require('node:fs').writeFileSync(${JSON.stringify(touched)}, '')`)
  folders.write(
    'project/signalbox.yaml',
    `
providers: { openai: { base_url: "http://127.0.0.1:9/v1" } }
pools: { quick: { models: [openai/gpt-5-mini] } }
tools:
  run: { command: ${JSON.stringify(process.execPath)}, args: [${JSON.stringify(join(folders.root, 'touch.cjs'))}] }
  out: { url: "http://127.0.0.1:9/\${WANTED}" }
`,
  )
  const status = async (env = {}) => JSON.parse((await runHere(['status', '--json'], env)).out)

  const before = await status()
  expect(before).toMatchObject({
    configuration: { from: 'embedded', ignored: { reason: expect.stringContaining('nobody has trusted it') } },
    tools: { servers: [] },
  })
  expect(before.pools.map((pool: { pool: string }) => pool.pool)).toEqual(['extractive'])
  expect(existsSync(touched)).toBe(false)

  expect((await runHere(['trust', '--yes'], { WANTED: 'mcp' })).code).toBe(0)
  const trusted = await status({ WANTED: 'mcp' })
  expect(trusted).toMatchObject({ configuration: { from: 'folder' } })
  expect(trusted.tools.servers.map((one: { server: string }) => one.server)).toEqual(['run', 'out'])
  expect(existsSync(touched)).toBe(true)

  folders.write('project/signalbox.yaml', 'budget: { usd_per_day: 1 }')
  expect(await status()).toMatchObject({ configuration: { from: 'embedded', ignored: { reason: expect.stringContaining('has changed') } } })
})

test('serve takes up a valid change of its configuration, and says what is wrong with an invalid one', async () => {
  const path = folders.write('a.yaml', 'policy: balanced')
  const program = start(['serve', '--stdio', '--config', path])
  // The handshake is answered before the configuration is read; the tools are listed once it is followed.
  program.child.stdin.write(`${JSON.stringify(initialize)}\n${JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' })}\n`)
  await program.line()
  await program.line()
  const said = async (words: string) => {
    while (!program.err().includes(words)) await once(program.child.stderr, 'data')
  }

  writeFileSync(path, 'pols: {}')
  await said('The changed configuration is not valid')
  writeFileSync(path, 'budget: { usd_per_day: 1 }')
  await said('Took up the changed configuration')

  program.child.stdin.end()
  expect(await program.ended()).toBe(0)
})

test('ask answers from a given file without any model, remembers the thread, and another process finds it', async () => {
  folders.write('project/notes.txt', 'The signal box at Reading has ninety-six levers. Trains pass it at all hours.')

  const asked = await runHere(['ask', '--thread', 'levers', '--file', 'notes.txt', 'How many levers does the signal box have?'])
  const threads = await run(['threads', 'list', '--json'])

  expect(asked.code).toBe(0)
  expect(asked.out).toContain('ninety-six levers')
  expect(JSON.parse(threads.out)).toMatchObject({ threads: [{ name: 'levers' }] })
})
