import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modernRequest } from '../support/mcp-http.ts'
import { type Downstream, type Product, startProduct } from './product.ts'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const suite = join(dirname(require.resolve('@modelcontextprotocol/conformance/package.json')), 'dist', 'index.js')
const expectedFailures = join(import.meta.dirname, 'expected-failures.yml')

const downstreams: readonly Downstream[] = ['stdio', 'http']
const requirementSets = ['2025-11-25', '2026-07-28']

describe.each(downstreams)('the conformance suite, with the fixture behind the product over %s', (downstream) => {
  let product: Product
  let results: string
  beforeAll(async () => {
    results = await mkdtemp(join(tmpdir(), 'signalbox-conformance-results-'))
    product = await startProduct(downstream)
  })
  afterAll(async () => {
    await product.close()
    await rm(results, { recursive: true, force: true })
  })

  test('looks at us, not at the fixture', async () => {
    const response = await modernRequest(product.url, 'server/discover')

    expect(await response.json()).toMatchObject({ result: { _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'signalbox' } } } })
  })

  // The suite gives a changed list 1.5 s to arrive, which a machine that runs other tests beside it may miss.
  test.each(requirementSets)('finds all that %s requires', { timeout: 180_000, retry: 2 }, async (requirements) => {
    const args = [
      suite,
      'server',
      '--url',
      product.url,
      '--requirements',
      requirements,
      '--expected-failures',
      expectedFailures,
      '-o',
      results,
    ]

    const outcome = await run(process.execPath, args, { cwd: results, maxBuffer: 64 * 1024 * 1024 }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, said: error.stdout + error.stderr }),
    )

    const summary = outcome.said.slice(outcome.said.indexOf('=== SUMMARY ==='))
    expect(outcome.code, summary).toBe(0)
    expect(summary).toMatch(/Total: \d{2,} passed/)
  })
})
