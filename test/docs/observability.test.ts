import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readinessOf } from '../../src/readiness.ts'
import { allMetrics } from '../../src/telemetry/metrics.ts'

const page = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8')

test('docs/observability.md names every metric as it is, and no other', () => {
  const rows = page.split('\n').filter((line) => /^\| `\w+` \| (counter|gauge|histogram) /.test(line))

  const told = allMetrics.map(({ name, type, labels, help, owner }) => {
    const named = labels.length === 0 ? '–' : labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${named}${owner === true ? ' (owner)' : ''} | ${help} |`
  })
  expect(rows).toEqual(told)
})

test('docs/observability.md names every check of /readyz', async () => {
  const services = {
    store: { rows: { get: async () => undefined } },
    config: () => ({ providers: [], pools: [] }),
    host: { servers: () => [] },
  }

  const { checks } = await readinessOf(services as unknown as Parameters<typeof readinessOf>[0], { isRefused: false })

  for (const name of Object.keys(checks)) expect(page).toContain(`| \`${name}\` | \`ok\``)
})
