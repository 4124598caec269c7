import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runLine } from '../support/cli-terminal.ts'
import { connectClient, type Sdk } from '../support/mcp-clients.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { runCommand } from '../support/product/program.ts'
import { published, scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** Delegation: a key minted from a key holds less, its spend is capped, and it ends when it is revoked. */

const owner = 'the-owner-has-this-key'
const reader = 'the-reader-has-this-key'
let cloud: ScriptedProvider
let home: Home
let http: HttpHere

beforeAll(async () => {
  cloud = await startScriptedProvider()
  cloud.answer(() => ({ text: 'Ten cents.', usage: { inputTokens: 10, outputTokens: 100 } }))
  home = createHome((one) => ({
    tools: { files: published('filesystem', one.files), thinking: published('sequential-thinking') },
    providers: scriptedProvider(cloud, { input: 0.001, output: 1000 }),
    pools: { cloud: { models: ['scripted/large'], expose: true } },
    roles: { reader: { tools: ['files_*'] } },
    http: { port: 0, token: owner, tokens: [{ name: 'reader', token: reader, roles: ['reader'] }] },
  }))
  home.write('note.txt', 'The harbour opens at six.')
  http = await serveHere(home)
  await until(async () => (await names(owner)).some((name) => name.startsWith('files_write')), 'the file server is there')
}, 60_000)

afterAll(async () => {
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

/** One command line, in this process: the instance runs in another. */
async function run(args: readonly string[], piped = '') {
  const surroundings = { env: home.env, cwd: home.root, home: home.root, platform: process.platform }
  const folders = { root: home.root, home: home.root, project: home.root, data: home.data, surroundings, write: home.write }
  const { code, out, err } = await runLine({ ...folders, [Symbol.dispose]: () => undefined }, ['--config', home.config, ...args], { piped })
  if (code !== 0) throw new Error(err)
  return out
}

/** As a person would: the key comes in over stdin, and out on stdout. */
async function mint(from: string | undefined, ...args: string[]) {
  const out = await run(['keys', 'mint', ...(from === undefined ? [] : ['--from', '-']), ...args, '--json'], from)
  return JSON.parse(out) as { key: string; id: string; principal: string; parent: string }
}

async function call(key: string, name: string, args: Record<string, unknown> = {}, sdk: Sdk = 'v2 modern') {
  const client = await connectClient(sdk, { url: http.mcp, headers: { authorization: `Bearer ${key}` } })
  try {
    const { content, structuredContent, isError } = await client.callTool({ name, arguments: args })
    const text = content.map((block) => block.text ?? '').join('\n')
    return { text, isError: isError === true, fields: (structuredContent ?? {}) as Record<string, unknown> }
  } finally {
    await client.close()
  }
}

async function names(key: string, sdk?: Sdk): Promise<string[]> {
  const { fields } = await call(key, 'find_tools', { need: 'read, write or list files, think in steps', limit: 20 }, sdk)
  return (fields['tools'] as { name: string }[]).map(({ name }) => name)
}

const statusOf = async (key: string) => (await fetch(`${http.url}/metrics`, { headers: { 'x-api-key': key } })).status

describe.each(['v1', 'v2 legacy', 'v2 modern'] as const)('%s', (sdk) => {
  test('a minted key sees and runs less than its parent, and one minted from it less again', async () => {
    const wide = await mint(owner, '--tools', 'files_read_*,files_write_*', '--pools', '')
    const narrow = await mint(wide.key, '--tools', 'files_read_text_file')
    const note = { name: 'files_read_text_file', arguments: { path: `${home.files}/note.txt` } }

    const [all, seen, least] = [await names(owner, sdk), await names(wide.key, sdk), await names(narrow.key, sdk)]
    const read = await call(narrow.key, 'call_tool_write', note, sdk)
    const refused = await call(narrow.key, 'call_tool_write', { name: 'files_write_file', arguments: { path: 'x', content: 'x' } }, sdk)
    const asked = await call(narrow.key, 'ask', { prompt: 'Hi', pool: 'cloud' }, sdk)

    expect(all.some((name) => name.startsWith('thinking_'))).toBe(true)
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.every((name) => /^files_(read|write)_/.test(name))).toBe(true)
    expect(least).toEqual(['files_read_text_file'])
    expect(read.text).toContain('The harbour opens at six.')
    expect(refused.text).toContain('there is no such tool')
    expect(asked.text).toContain('there is no pool "cloud"')
    expect(narrow.parent).toBe(wide.principal)
  }, 60_000)
})

test('a key minted from one with a role stays within the role', async () => {
  const { key } = await mint(reader, '--servers', 'files,thinking')

  const seen = await names(key)

  expect(seen.length).toBeGreaterThan(0)
  expect(seen.every((name) => name.startsWith('files_'))).toBe(true)
})

test('what a key and its children spend is capped together, and is theirs alone', async () => {
  const parent = await mint(owner, '--usd', '0.25')
  const child = await mint(parent.key, '--usd', '0.21')
  const ask = (key: string) => call(key, 'ask', { prompt: 'How much?', max_output_tokens: 100, pool: 'cloud' })

  const together = await Promise.all([ask(child.key), ask(child.key), ask(child.key)])
  const again = await ask(child.key)
  const above = await ask(parent.key)
  const status = (await call(child.key, 'status')).fields

  expect(together.filter(({ isError }) => !isError)).toHaveLength(2)
  expect(again.text).toContain('more than the $')
  expect(above.isError).toBe(true)
  expect(status).toMatchObject({
    access: { roles: ['owner'], usd_left: expect.closeTo(0.01, 3) },
    spend_today: { usd: expect.closeTo(0.2, 3) },
  })
  expect((await ask(owner)).isError).toBe(false)
})

test('what a minted key remembers, its parent does not find', async () => {
  const { key } = await mint(owner)
  await call(key, 'remember', { text: 'The code word is periwinkle' })

  expect((await call(key, 'recall', { query: 'code word' })).text).toContain('periwinkle')
  expect((await call(owner, 'recall', { query: 'code word' })).text).not.toContain('periwinkle')
})

test('keys revoke ends a key and all that was minted from it, while the instance runs', async () => {
  const parent = await mint(undefined, '--ttl', '10m')
  const child = await mint(parent.key, '--ttl', '5m')
  const other = await mint(undefined)
  const before = [await statusOf(parent.key), await statusOf(child.key)]

  const listed = JSON.parse(await run(['keys', 'list', '--json'])) as { keys: { id: string; revoked: boolean }[] }
  const revoked = await runCommand(home, ['keys', 'revoke', parent.id])
  const after = await fetch(`${http.url}/metrics`, { headers: { authorization: `Bearer ${child.key}` } })

  expect(before).toEqual([200, 200])
  expect(listed.keys.map(({ id }) => id)).toEqual(expect.arrayContaining([parent.id, child.id, other.id]))
  expect(JSON.stringify(listed)).not.toContain(parent.key.slice(-43))
  expect(revoked.code).toBe(0)
  expect([await statusOf(parent.key), after.status, await statusOf(other.key)]).toEqual([401, 401, 200])
  expect(after.headers.get('www-authenticate')).toBe(
    'Bearer realm="signalbox", error="invalid_token", error_description="the key was revoked"',
  )
  await expect(mint(child.key)).rejects.toThrow('Cannot mint: the key was revoked')
}, 60_000)

test('mint says what cannot be had, and names no key', async () => {
  const { key } = await mint(owner, '--tools', 'files_read_*', '--ttl', '10m')

  await expect(mint(key, '--tools', 'files_*')).rejects.toThrow('does not hold tools files_*, only files_read_*')
  await expect(mint(key, '--ttl', '2d')).rejects.toThrow('which is earlier')
  await expect(mint(`${key.slice(0, -2)}AA`)).rejects.toThrow(/not genuine/)
  const wrong = await mint('nobody-configured-this-key').catch((error: unknown) => String(error))
  expect(wrong).toContain('none of http.token and http.tokens')
  expect(wrong).not.toContain('nobody-configured')
})

test('no key stands in what was logged or kept', async () => {
  const { key } = await mint(owner)
  await call(key, 'status')

  const seal = key.slice(-43)
  const files = readdirSync(home.data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const kept = files.map(({ name, parentPath }) => readFileSync(join(parentPath, name), 'latin1'))
  expect(http.errors()).not.toContain(seal)
  expect(kept.filter((text) => text.includes(seal))).toEqual([])
})
