import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { compiled } from '../support/compiled.ts'
import { connectClient } from '../support/mcp-clients.ts'
import { serveHere } from '../support/product/here.ts'
import { createHome } from '../support/product/home.ts'
import { stdioTarget } from '../support/product/program.ts'
import { published } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'

/** What the policy and the configuration do to results and to the pace of calls, as a client of each era sees it. */

const script = join(import.meta.dirname, '../support/servers/unruly.ts')
type Marked = { _meta?: Record<string, unknown> }
const rows = JSON.stringify(Array.from({ length: 2000 }, (_, id) => ({ id, name: `row ${id}` })))

// Of each era one; the libraries of both are compared where each has its own form of an answer.
test.each(['v1', 'v2 modern'] as const)(
  'client %s gets long JSON in short, kept results marked, drift with a warning, and a rate with its end',
  async (sdk) => {
    const home = createHome((one) => ({
      tools: {
        files: published('filesystem', one.files),
        slow: { command: process.execPath, args: [script], env: compiled, read_only: true, rate_per_minute: 1, timeout_s: 5 },
        odd: { command: process.execPath, args: [script, 'lies'], env: compiled, read_only: true },
      },
      policy: './own.policy.yaml',
    }))
    const results = { condense: true, over_bytes: 3000, cache: { ttl_s: 600, tools: ['files_*'] } }
    writeFileSync(join(home.root, 'own.policy.yaml'), stringify({ name: 'own', default: { prefer: 'first' }, results }))
    const path = home.write('rows.json', rows)
    // Each door once at least, and no process more than that takes.
    const http = sdk === 'v1' ? undefined : await serveHere(home)
    const client = await connectClient(sdk, http === undefined ? stdioTarget(home) : { url: http.mcp })
    const call = (name: string, args: object = {}) => client.callTool({ name: 'call_tool', arguments: { name, arguments: args } })
    const textOf = (result: Awaited<ReturnType<typeof call>>) => (result.content as { text?: string }[]).map(({ text }) => text).join('\n')
    const names = ['files_read_text_file', 'odd_measure', 'slow_count']
    try {
      await until(async () => {
        const { structuredContent } = await client.callTool({ name: 'find_tools', arguments: { names } })
        return (structuredContent as { tools: unknown[] }).tools.length === names.length
      }, 'all three servers are there')
      const first = await call('files_read_text_file', { path })
      const handle = /re_[0-9a-f]{32}/.exec(textOf(first))?.[0]
      const whole = await client.callTool({ name: 'get_answer', arguments: { handle, find: 'row 1999' } })
      const second = await call('files_read_text_file', { path })
      const odd = await call('odd_measure')
      const [one, two] = [await call('slow_count'), await call('slow_count')]
      const status = await client.callTool({ name: 'status', arguments: {} })

      expect(textOf(first)).toMatch(/more of 2000.*\[condensed: JSON of/s)
      expect(textOf(first).length).toBeLessThan(4000)
      expect((whole.structuredContent as { text: string }).text).toContain('row 1999')
      expect((first as Marked)._meta ?? {}).not.toHaveProperty('signalbox/cached')
      expect((second as Marked)._meta).toMatchObject({ 'signalbox/cached': { age_s: expect.any(Number) } })
      expect(odd.isError ?? false).toBe(false)
      expect(textOf(odd)).toMatch(/\[warning: the result is not what odd_measure has declared: .*celsius/)
      expect(textOf(one)).toBe('1')
      expect(two.isError).toBe(true)
      expect(textOf(two)).toMatch(/server "slow" may be called 1 times a minute, and is free again in \d+ s/)
      expect(textOf(status)).toMatch(/1 result kept; 1 of 2 calls answered from what was kept\./)
    } finally {
      await client.close()
      await http?.stop()
      home.remove()
    }
  },
  180_000,
)
