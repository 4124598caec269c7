import type { TelemetryConfig } from '../config/telemetry.ts'
import type { Log } from '../log.ts'
import { version } from '../version.ts'
import type { Meter } from './meter.ts'
import { createTracer, offTracer, type Tracer } from './tracer.ts'

/** As the configuration says. Who records nothing loads nothing for it. */
export async function openTracer(config: TelemetryConfig, { log, meter }: { log: Log; meter: Meter }): Promise<Tracer> {
  if (config.unusable !== undefined) log.warn('Traces are not sent', { reason: config.unusable })
  if (config.url === undefined) return offTracer
  const { createOtlpExporter } = await import('./otlp.ts')
  const resource = { ...config.resource, 'service.version': version, 'process.pid': String(process.pid) }
  const exporter = createOtlpExporter({
    url: config.url,
    headers: config.headers,
    resource,
    scope: { name: 'signalbox', version },
    log,
    meter,
  })
  return createTracer({ ended: exporter.add, close: exporter.close, content: config.content, share: config.share })
}
