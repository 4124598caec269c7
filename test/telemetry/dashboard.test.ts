import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allMetrics } from '../../src/telemetry/metrics.ts'

interface Panel {
  readonly title: string
  readonly type: string
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

const file = readFileSync(new URL('../../examples/grafana-dashboard.json', import.meta.url), 'utf8')
const { panels } = JSON.parse(file) as { panels: Panel[] }
const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })))

const byName = new Map(
  allMetrics.flatMap((metric) => {
    const suffixes = metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    return suffixes.map((suffix) => [metric.name + suffix, metric] as const)
  }),
)
/** Of Prometheus itself. */
const given = ['le', 'instance']

/** Names of metrics in a query: what is neither a function, nor a label, nor a word of the language. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    .replace(/\bby \([^)]*\)/g, ' ')
  return [...bare.matchAll(/[a-z_][a-z0-9_]*(?![a-z0-9_]*\s*\()/g)].map(([name]) => name).filter((name) => name !== 'by')
}

function labelsIn(expr: string): string[] {
  const matched = [...expr.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label)
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(',').map((label) => label.trim()))
  return [...matched, ...grouped]
}

test.each(queries)('the dashboard asks for what there is: $title', ({ expr, legendFormat }) => {
  const names = metricsIn(expr)
  const labels = new Set(names.flatMap((name): readonly string[] => byName.get(name)?.labels ?? []))

  expect(names.length).toBeGreaterThan(0)
  for (const name of names) expect([...byName.keys()]).toContain(name)
  for (const label of labelsIn(expr)) expect([...labels, ...given]).toContain(label)
  for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect([...labels, ...given]).toContain(label)
})

test('the dashboard shows every metric that is not another one counted again', () => {
  const asked = new Set(queries.flatMap(({ expr }) => metricsIn(expr).map((name) => byName.get(name)?.name)))

  expect(allMetrics.map(({ name }) => name).filter((name) => !asked.has(name))).toEqual(['process_start_time_seconds'])
})
