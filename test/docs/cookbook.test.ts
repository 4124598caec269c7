import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
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

test('docs/cookbook.md: what goes into files of clients is JSON, and each names one address or program', () => {
  const servers = blocksOf('json').map((block) => JSON.parse(block) as Record<string, Record<string, unknown>>)

  const named = servers.map(({ mcpServers, servers: own, mcp }) => (mcpServers ?? own ?? mcp)?.['signalbox'])
  expect(named).toEqual([
    { command: '/path/to/node', args: ['/path/to/signalbox/bin/signalbox.js', 'serve', '--stdio'] },
    { type: 'remote', url: 'http://127.0.0.1:8737/mcp' },
    { type: 'http', url: 'http://127.0.0.1:8737/mcp' },
  ])
})
