import { z } from 'zod'
import { modelsPath, postPaths } from '../gateway/paths.ts'
import type { Signalbox } from '../signalbox.ts'

export interface Metrics {
  countRequest(path: string, status: number): void
  /** Prometheus text format. */
  write(facts: { box: Signalbox; status: unknown; sessions: number; inFlight: number }): string
}

/** Known paths only: a name that a stranger chose never becomes a label. */
const paths = ['/mcp', '/v1/plan', '/v1/outcomes', ...postPaths, modelsPath, '/healthz', '/readyz', '/metrics']
/** Names stand below these. */
const parents = ['/mcp', modelsPath]

/** What is taken from the `status` operation; an older or poorer one gives zeros. */
const statusFacts = z
  .object({
    budget: z.object({ spent_today_usd: z.number().nullish() }).catch({}),
    tools: z.object({ embedded: z.number() }).catch({ embedded: 0 }),
    memory: z.object({ bytes: z.number() }).catch({ bytes: 0 }),
    pools: z.array(z.object({ pool: z.string(), models: z.array(z.object({ model: z.string(), state: z.string() })) })).catch([]),
  })
  .catch({ budget: {}, tools: { embedded: 0 }, memory: { bytes: 0 }, pools: [] })

export function createMetrics(): Metrics {
  const requests = new Map<string, number>()

  return {
    countRequest(path, status) {
      const known = paths.find((one) => path === one || (parents.includes(one) && path.startsWith(`${one}/`))) ?? 'other'
      const key = labels({ path: known, status: String(status) })
      requests.set(key, (requests.get(key) ?? 0) + 1)
    },

    write({ box, status, sessions, inFlight }) {
      const phases = countBy(box.host.servers().map((server) => server.phase))
      const { budget, tools, memory, pools } = statusFacts.parse(status)
      const models = pools.flatMap(({ pool, models: inPool }) => inPool.map(({ model, state }) => ({ pool, model, state })))
      return [
        ...family('signalbox_http_requests_total', 'counter', 'HTTP requests answered', [...requests]),
        ...family('signalbox_http_in_flight', 'gauge', 'HTTP responses being written', [['', inFlight]]),
        ...family('signalbox_mcp_sessions', 'gauge', 'Open MCP sessions (2025-11-25)', [['', sessions]]),
        ...family('signalbox_runs_active', 'gauge', 'Runs under way in this process', [['', box.runs.active()]]),
        ...family(
          'signalbox_tool_servers',
          'gauge',
          'Hosted servers by phase',
          [...phases].map(([phase, count]) => [labels({ phase }), count]),
        ),
        ...family('signalbox_tools', 'gauge', 'Hosted tools', [['', box.host.catalogue().tools.length]]),
        ...family('signalbox_tools_embedded', 'gauge', 'Hosted tools that are found by meaning', [['', tools.embedded]]),
        ...family(
          'signalbox_models',
          'gauge',
          'Models by pool and state',
          models.map((model) => [labels(model), 1]),
        ),
        ...family('signalbox_spent_today_usd', 'gauge', 'Dollars of this UTC day, all principals', [['', budget.spent_today_usd ?? 0]]),
        ...family('signalbox_memory_bytes', 'gauge', 'Size of the database', [['', memory.bytes]]),
        ...family('process_resident_memory_bytes', 'gauge', 'Resident memory', [['', process.memoryUsage.rss()]]),
        ...family('process_uptime_seconds', 'gauge', 'Seconds since the process started', [['', Math.round(process.uptime())]]),
        '',
      ].join('\n')
    },
  }
}

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly (readonly [string, number])[]): string[] {
  const lines = samples.map(([tags, value]) => `${name}${tags === '' ? '' : `{${tags}}`} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
}

function labels(values: Record<string, string>): string {
  const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
