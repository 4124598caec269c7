import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { testEveryClient } from '../support/mcp-matrix.ts'

const root = join(import.meta.dirname, '../..')
const program = join(root, 'test/support/mcp-stdio-program.ts')

testEveryClient('stdio', () => ({ command: process.execPath, args: [program] }))

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function start(...modes: string[]) {
  const child = spawn(process.execPath, [program, ...modes], { stdio: 'pipe' })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  children.push(child)
  return {
    child,
    send: (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    next: async () => JSON.parse((await lines.next()).value as string) as Record<string, unknown>,
    exited: async () => {
      await once(child, 'close')
      return errors
    },
  }
}

const initialize = {
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
}
const envelope = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} }

test('serveStdio() answers the handshake while the box is still opening, and calls when it is open', async () => {
  const { send, next } = start('late')

  send(initialize)
  send({ method: 'notifications/initialized' })
  send({ id: 2, method: 'tools/call', params: { name: 'quick', arguments: { text: 'now' } } })

  expect(await next()).toMatchObject({ id: 1, result: { serverInfo: { name: 'signalbox' }, protocolVersion: '2025-11-25' } })
  expect(await next()).toMatchObject({ id: 2, result: { structuredContent: { said: 'now' } } })
})

test('serveStdio() answers server/discover and then initialize on one pipe', async () => {
  const { send, next } = start()

  send({ id: 1, method: 'server/discover', params: { _meta: envelope } })
  expect(await next()).toMatchObject({ id: 1, result: { supportedVersions: expect.arrayContaining(['2026-07-28']) } })

  send({ ...initialize, id: 2 })
  expect(await next()).toMatchObject({ id: 2, result: { serverInfo: { name: 'signalbox' } } })
})

test('serveStdio() keeps everything but the protocol off standard output', async () => {
  const { send, next, child, exited } = start('noisy')

  send(initialize)

  expect(await next()).toMatchObject({ jsonrpc: '2.0', id: 1 })
  child.stdin.end()
  expect(await exited()).toMatch(/careless\nmore of it/)
})

test('serveStdio() aborts what has no handle when its client goes, and ends', async () => {
  const { send, next, child, exited } = start()
  send(initialize)
  await next()
  send({ id: 2, method: 'tools/call', params: { name: 'wait', arguments: { steps: 1000 }, _meta: { progressToken: 'p' } } })
  await next()

  child.stdin.end()

  expect(await exited()).toContain('closed aborted=1')
  expect(child.exitCode).toBe(0)
})

test('serveStdio() ends when its client stops reading', async () => {
  const { send, child, exited } = start()
  send(initialize)
  child.stdout.destroy()

  for (let id = 2; id < 50; id++) send({ id, method: 'tools/list', params: {} })

  expect(await exited()).toContain('closed')
})

test('serveStdio() survives a line that is not JSON', async () => {
  const { send, next, child } = start()
  child.stdin.write('{ nonsense\n')

  send(initialize)

  expect(await next()).toMatchObject({ id: 1 })
})

test('the stdio door loads nothing that its handshake does not need', async () => {
  const hook = "import{registerHooks}from'node:module';registerHooks({resolve(s,c,n){const r=n(s,c);console.log(r.url);return r}})"
  const door = pathToFileURL(join(root, 'src/mcp/stdio.ts')).href

  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, '--input-type=module', '-e', `await import('${door}')`],
    { cwd: root },
  )

  const packages = new Set([...stdout.matchAll(/node_modules\/((?:@[^/\s]+\/)?[^/\s]+)/g)].map((match) => match[1]))
  expect(stdout).toContain('src/mcp/server.ts')
  expect([...packages].toSorted()).toEqual(['@modelcontextprotocol/core', '@modelcontextprotocol/server', 'zod'])
})
