import { monitorEventLoopDelay } from 'node:perf_hooks'
import { modelsPath, postPaths } from '../gateway/paths.ts'
import type { Meter, Sample } from '../telemetry/meter.ts'
import * as metrics from '../telemetry/metrics.ts'

/** What this door measures of itself. */
export interface HttpMetrics {
  countRequest(request: { method: string; path: string; status: number; ms: number }): void
  samples(now: { sessions: number; inFlight: number }): Sample[]
  close(): void
}

/** Known paths only: a name that a stranger chose never becomes a label. */
const paths = ['/mcp', '/v1/plan', '/v1/outcomes', ...postPaths, modelsPath, '/healthz', '/readyz', '/metrics', '/', '/console']
/** Names stand below these. */
const parents = ['/mcp', modelsPath, '/console']
const methods = ['GET', 'POST', 'DELETE', 'HEAD', 'PUT', 'OPTIONS', 'PATCH']
const quantiles = { p50: 50, p99: 99, max: 100 }

export function createHttpMetrics(meter: Meter): HttpMetrics {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()

  return {
    countRequest({ method, path, status, ms }) {
      const known = paths.find((one) => path === one || (parents.includes(one) && path.startsWith(`${one}/`))) ?? 'other'
      meter.add(metrics.httpRequests, { path: known, status: String(status) })
      meter.observe(
        metrics.httpDuration,
        {
          http_request_method: methods.includes(method) ? method : '_OTHER',
          http_route: known,
          http_response_status_code: String(status),
        },
        ms / 1000,
      )
    },

    samples({ sessions, inFlight }) {
      const late = Object.entries(quantiles).map(([at, quantile]) => ({
        metric: metrics.loopDelay,
        labels: { at },
        // Before the first look at it there is none.
        value: delay.count === 0 ? 0 : Math.round(delay.percentile(quantile) / 1000) / 1e6,
      }))
      delay.reset()
      return [
        ...late,
        { metric: metrics.mcpSessions, labels: {}, value: sessions },
        // The request that asks is one of them.
        { metric: metrics.httpInFlight, labels: {}, value: inFlight },
      ]
    },

    close: () => delay.disable(),
  }
}
