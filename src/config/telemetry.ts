import type { ConfigFile } from './schema.ts'

/** Where spans go, and what stands in them. */
export interface TelemetryConfig {
  /** Where traces are posted: OTLP over HTTP, in JSON. `undefined`: nothing is recorded. */
  readonly url: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Whether spans hold what people, models and tools said. */
  readonly content: boolean
  /** Of the traces that begin here, the share that is recorded, 0–1. */
  readonly share: number
  readonly resource: Readonly<Record<string, string>>
  /** Why nothing is sent although an endpoint is named. */
  readonly unusable: string | undefined
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * What the file says, else what the variables of OpenTelemetry say. Its exporter has many; those that are read are named in
 * `docs/observability.md`.
 */
export function resolveTelemetry({ telemetry }: Pick<ConfigFile, 'telemetry'>, env: Env): TelemetryConfig {
  const set = (name: string) => env[name]?.trim() || undefined
  const isOff = set('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || set('OTEL_TRACES_EXPORTER') === 'none'
  const base = telemetry.otlp ?? set('OTEL_EXPORTER_OTLP_ENDPOINT')
  const named = telemetry.otlp === undefined ? set('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') : undefined
  const url = isOff ? undefined : (named ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`))
  const unusable = url === undefined ? undefined : reasonAgainst(url, telemetry.otlp === undefined ? protocolIn(set) : undefined)
  return {
    url: unusable === undefined ? url : undefined,
    // A key that the environment has for its collector goes to no other.
    headers: { ...(telemetry.otlp === undefined && headersIn(set)), ...telemetry.headers },
    content: telemetry.content,
    share: telemetry.share ?? shareIn(set),
    resource: {
      'service.name': 'signalbox',
      ...pairsIn(set('OTEL_RESOURCE_ATTRIBUTES')),
      ...(set('OTEL_SERVICE_NAME') !== undefined && { 'service.name': set('OTEL_SERVICE_NAME') ?? '' }),
    },
    unusable,
  }
}

function headersIn(set: (name: string) => string | undefined): Record<string, string> {
  return { ...pairsIn(set('OTEL_EXPORTER_OTLP_HEADERS')), ...pairsIn(set('OTEL_EXPORTER_OTLP_TRACES_HEADERS')) }
}

function protocolIn(set: (name: string) => string | undefined): string | undefined {
  return set('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? set('OTEL_EXPORTER_OTLP_PROTOCOL')
}

/** A collector that takes OTLP over HTTP takes JSON as well as protobuf; one that is asked over gRPC understands neither. */
function reasonAgainst(url: string, protocol: string | undefined): string | undefined {
  if (protocol === 'grpc') return 'OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and traces are sent over HTTP alone: name an endpoint for http/json'
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return 'the endpoint must be an http:// or https:// URL'
  return undefined
}

function shareIn(set: (name: string) => string | undefined): number {
  const sampler = set('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'
  if (sampler.endsWith('always_off')) return 0
  if (!sampler.endsWith('traceidratio')) return 1
  const share = Number(set('OTEL_TRACES_SAMPLER_ARG') ?? 1)
  return share >= 0 && share <= 1 ? share : 1
}

/** `key=value,key=value`, percent-encoded. */
function pairsIn(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=')
    if (at < 1) return []
    return [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())]]
  })
  return Object.fromEntries(pairs)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
