import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { parseConfig } from '../../src/config/load.ts'
import { root } from '../support/examples/run.ts'
import { useGateway } from '../support/gateway.ts'

const text = await readFile(join(root, 'docs', 'cookbook.md'), 'utf8')
const folder = await mkdtemp(join(tmpdir(), 'signalbox-cookbook-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const door = useGateway()
const blocksOf = (language: string, from = text) =>
  [...from.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block)

test('docs/cookbook.md: the plain script prints an answer, who gave it and by which rule', async () => {
  const [script = ''] = blocksOf('js', text.split('## Plain scripts')[1])
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await writeFile(join(folder, 'plain.mjs'), script.replace('http://127.0.0.1:8737', door.url))
  door.cloud.answer(() => ({ text: 'At 07:40.' }))

  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'plain.mjs')])

  expect(stdout).toMatch(/^At 07:40\.\nby \S+\/\S+ since default\n$/)
})

test('docs/cookbook.md: what is asked of /v1/plan is a plan', async () => {
  const [, body = ''] = /-d '(\{[^']*\})'/.exec(text) ?? []

  const response = await door.post('/v1/plan', JSON.parse(body))

  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ rule: expect.any(String), candidates: expect.any(Array) })
})

/** The fields that clients document for a server, and for what else the recipes write; each refuses, or ignores, what it does not know. */
const local = { command: z.string(), args: z.array(z.string()).optional(), env: z.record(z.string(), z.string()).optional() }
const remote = { url: z.url(), headers: z.record(z.string(), z.string()).optional() }
/** https://modelcontextprotocol.io/docs/develop/connect-local-servers */
const claudeDesktop = z.strictObject({ mcpServers: z.record(z.string(), z.strictObject(local)) })
/** https://code.visualstudio.com/docs/agents/reference/mcp-configuration */
const vsCodeServer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('stdio'), ...local }),
  z.strictObject({ type: z.literal('http'), ...remote }),
])
const vsCode = z.strictObject({ servers: z.record(z.string(), vsCodeServer) })
/** https://opencode.ai/config.json */
const opencode = z.strictObject({
  model: z.string().regex(/^box\//),
  provider: z.strictObject({
    box: z.strictObject({
      npm: z.string(),
      options: z.strictObject({ baseURL: z.url(), apiKey: z.string() }),
      models: z.record(z.string(), z.strictObject({})),
    }),
  }),
  mcp: z.record(z.string(), z.strictObject({ type: z.literal('remote'), ...remote })),
})
/** codex-rs/core/config.schema.json of github.com/openai/codex */
const codex = z.strictObject({
  model: z.string().optional(),
  model_provider: z.literal('signalbox').optional(),
  model_providers: z
    .strictObject({
      signalbox: z.strictObject({ name: z.string(), base_url: z.url(), wire_api: z.literal('responses'), env_key: z.string() }),
    })
    .optional(),
  mcp_servers: z.record(z.string(), z.union([z.strictObject(local), z.strictObject({ url: z.url() })])),
})

test.each(['cookbook.md', 'clients.md'])('docs/%s: what goes into files of clients has the fields that they document', async (name) => {
  const page = await readFile(join(root, 'docs', name), 'utf8')

  const files = blocksOf('json', page).map((block) => JSON.parse(block) as object)
  for (const file of files)
    expect(() => ('mcpServers' in file ? claudeDesktop : 'servers' in file ? vsCode : opencode).parse(file)).not.toThrow()
  const added = [...page.matchAll(/--add-mcp '([^']*)'/g)].map(([, server = '']) => JSON.parse(server) as Record<string, unknown>)
  for (const { name: own, ...server } of added) expect(vsCodeServer.parse(server) && own).toBe('signalbox')
  const tables = blocksOf('toml', page).map((block) => codex.parse(parseTables(block)))
  expect([files.length, tables.length]).toEqual([name === 'cookbook.md' ? 3 : 2, 1])
  for (const { mcp_servers: servers } of tables) expect(Object.keys(servers)).toEqual(['signalbox'])
})

/** Of TOML what the recipes use: tables, and a key with a JSON value a line. Whatever else there is throws. */
function parseTables(toml: string): Record<string, unknown> {
  const whole: Record<string, unknown> = {}
  let table = whole
  for (const line of toml.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const [, path, key, value = ''] = /^(?:\[([\w.]+)\]|(\w+) = (.+))$/.exec(line) ?? []
    if (path !== undefined) {
      table = path.split('.').reduce((above, name) => {
        above[name] ??= {}
        return above[name] as Record<string, unknown>
      }, whole)
    } else if (key !== undefined) table[key] = JSON.parse(value)
    else throw new SyntaxError(`Cannot read the line "${line}" as TOML`)
  }
  return whole
}

test('docs/cookbook.md: each line with an address leads to the door', async () => {
  const paths = [...text.matchAll(/http:\/\/127\.0\.0\.1:8737([\w/]*)/g)].map(([, path = '']) => path)

  expect(new Set(paths)).toEqual(new Set(['/mcp', '', '/v1', '/v1/plan']))
  // The base URLs, as the packages of their vendors go on from them.
  for (const path of ['/mcp', '/v1/plan', '/v1/models', '/v1/messages', '/v1/responses', '/v1/chat/completions'])
    expect((await fetch(`${door.url}${path}`, { method: path === '/v1/models' ? 'GET' : 'POST' })).status, path).not.toBe(404)
  const claude = [...text.matchAll(/^claude mcp add (.*?) *#/gm)].map(([, words]) => words)
  expect(claude).toEqual(['--transport http signalbox http://127.0.0.1:8737/mcp'])
})

test('docs/cookbook.md: the names that Claude Code asks for are routed as it says', () => {
  const [yaml = ''] = blocksOf('yaml')
  const given = `${yaml}pools: { quick: { models: [ollama/small] } }\nproviders: { ollama: { kind: openai, base_url: http://127.0.0.1:11434/v1 } }\n`

  const { route } = parseConfig(
    Buffer.from(given),
    { kind: 'named', path: join(folder, 'x.yaml'), ignored: undefined },
    { env: {}, cwd: folder, home: folder },
  )

  expect(route).toEqual({ 'claude-*': 'signalbox/auto' })
})
