import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { listTools } from '../../src/mcp/tools.ts'
import { published, type RunningProduct, startProduct } from '../support/mcp-product.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

let product: RunningProduct | undefined
afterEach(() => product?.close())

const purpose = 'hard reasoning, architecture, long refactors'
const pool = (name: string) => [name, { models: [`local/${name}`], expose: true, for: purpose }]

async function tokensWith(pools: readonly string[]): Promise<number> {
  product = await startProduct({
    tools: (folder) => ({
      files: published('filesystem', folder),
      everything: published('everything'),
      thinking: published('sequential-thinking'),
    }),
    rest: { pools: Object.fromEntries(pools.map(pool)), providers: { local: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' } } },
  })
  const shown = listTools(product.box, { roles: ['owner'] }).map(({ name, description, inputSchema, outputSchema }) => ({
    name,
    description,
    inputSchema,
    outputSchema,
  }))
  await product.close()
  product = undefined
  return Math.ceil(Buffer.byteLength(JSON.stringify(shown)) / 4)
}

test('all definitions fit into 4,000 tokens with three exposed pools, and a further pool into 120', { timeout: 60_000 }, async () => {
  const three = await tokensWith(['quick', 'deep', 'private'])
  const four = await tokensWith(['quick', 'deep', 'private', 'screen'])

  expect(three).toBeLessThanOrEqual(4000)
  expect(four - three).toBeLessThanOrEqual(120)
})

test('the stdio door loads nothing that its handshake does not need', async () => {
  const hook = "import{registerHooks}from'node:module';registerHooks({resolve(s,c,n){const r=n(s,c);console.log(r.url);return r}})"
  const door = pathToFileURL(join(root, 'src/mcp/stdio.ts')).href

  const { stdout } = await run(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, '--input-type=module', '-e', `await import('${door}')`],
    { cwd: root },
  )

  const packages = new Set([...stdout.matchAll(/node_modules\/((?:@[^/\s]+\/)?[^/\s]+)/g)].map((match) => match[1]))
  expect(stdout).toContain('src/mcp/server.ts')
  expect([...packages].toSorted()).toEqual(['@modelcontextprotocol/core', '@modelcontextprotocol/server', 'zod'])
})
