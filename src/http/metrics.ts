import type { Signalbox } from '../signalbox.ts'

export interface Metrics {
  countRequest(path: string, status: number): void
  /** Prometheus text format. */
  write(facts: { box: Signalbox | undefined; sessions: number; inFlight: number }): string
}

/** Known paths only: a name that a stranger chose never becomes a label. */
const paths = ['/mcp', '/v1/plan', '/v1/outcomes', '/healthz', '/readyz', '/metrics']

export function createMetrics(): Metrics {
  const requests = new Map<string, number>()

  return {
    countRequest(path, status) {
      const known = paths.find((one) => path === one || (one === '/mcp' && path.startsWith('/mcp/'))) ?? 'other'
      const key = `path="${known}",status="${status}"`
      requests.set(key, (requests.get(key) ?? 0) + 1)
    },

    write({ box, sessions, inFlight }) {
      const phases = countBy((box?.host.servers() ?? []).map((server) => server.phase))
      return [
        ...family('signalbox_http_requests_total', 'counter', 'HTTP requests answered', [...requests]),
        ...family('signalbox_http_in_flight', 'gauge', 'HTTP responses being written', [['', inFlight]]),
        ...family('signalbox_mcp_sessions', 'gauge', 'Open MCP sessions (2025-11-25)', [['', sessions]]),
        ...family('signalbox_runs_active', 'gauge', 'Runs under way in this process', [['', box?.runs.active() ?? 0]]),
        ...family(
          'signalbox_tool_servers',
          'gauge',
          'Hosted servers by phase',
          [...phases].map(([phase, count]) => [`phase="${phase}"`, count]),
        ),
        ...family('signalbox_tools', 'gauge', 'Hosted tools', [['', box?.host.catalogue().tools.length ?? 0]]),
        ...family('process_resident_memory_bytes', 'gauge', 'Resident memory', [['', process.memoryUsage.rss()]]),
        ...family('process_uptime_seconds', 'gauge', 'Seconds since the process started', [['', Math.round(process.uptime())]]),
        '',
      ].join('\n')
    },
  }
}

function family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): string[] {
  const lines = samples.map(([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
