import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '../log.ts'
import type { Meter } from './meter.ts'
import { spans } from './metrics.ts'
import type { AttributeValue, EndedSpan } from './tracer.ts'

export interface OtlpOptions {
  /** Where traces are posted. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** What sends them: `service.name` and the like. */
  readonly resource: Readonly<Record<string, string>>
  readonly scope: { readonly name: string; readonly version: string }
  readonly log: Log
  readonly meter: Meter
  readonly fetch?: typeof fetch | undefined
  readonly limits?: Partial<typeof defaults> | undefined
}

export interface OtlpExporter {
  add(span: EndedSpan): void
  /** Sends what is left, for a moment. */
  close(): Promise<void>
}

const defaults = {
  /** The latest that a span is sent after it ended. */
  delayMs: 1000,
  /** Some thousand spans. More are dropped while a collector does not answer. */
  bytes: 4_000_000,
  requestMs: 10_000,
  tries: 4,
  firstWaitMs: 1000,
  closeMs: 2000,
  /** How often it is said that spans cannot be sent. */
  tellMs: 60_000,
}
/** Behind the spans. */
const tail = ']}]}]}'
/** Answers after which the same may be sent again, by OTLP. */
const again = new Set([429, 502, 503, 504])
const kinds = { internal: 1, server: 2, client: 3 } as const

/**
 * Sends spans as OTLP over HTTP, in JSON.
 *
 * The SDK of OpenTelemetry does the same for about 10 µs a span, which for the shortest call is more than tracing may cost; see
 * `docs/observability.md`. Spans are lost before anything waits for them: a collector that is slow or away costs memory for some
 * thousand of them, and one line of log a minute.
 */
export function createOtlpExporter(options: OtlpOptions): OtlpExporter {
  const { url, headers, log, meter, fetch: post = fetch } = options
  const limits = { ...defaults, ...options.limits }
  const resource = { attributes: attributesOf(options.resource) }
  const head = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: options.scope, spans: [] }] }] }).slice(0, -tail.length)
  const closing = new AbortController()
  // Bytes, and not the spans themselves: objects that live for a second are what makes collecting garbage dear.
  const buffer = Buffer.allocUnsafe(limits.bytes)
  let used = 0
  let count = 0
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined
  let toldAt = Number.NEGATIVE_INFINITY

  function lost(spansLost: number, why: string): void {
    meter.add(spans, { end: 'dropped' }, spansLost)
    const now = performance.now()
    if (now - toldAt < limits.tellMs) return
    toldAt = now
    log.warn('Cannot send traces', { url, spans: spansLost, reason: why })
  }

  function sendSoon(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      sending ??= sendAll().finally(() => {
        sending = undefined
        if (count > 0) sendSoon()
      })
    }, limits.delayMs).unref()
  }

  async function sendAll(): Promise<void> {
    if (count === 0) return
    const taken = count
    const body = Buffer.concat([Buffer.from(head), buffer.subarray(0, used), Buffer.from(tail)])
    used = 0
    count = 0
    const why = await send(body)
    if (why === undefined) meter.add(spans, { end: 'exported' }, taken)
    else lost(taken, why)
  }

  /** @returns Why it was given up. */
  async function send(body: Buffer<ArrayBuffer>): Promise<string | undefined> {
    let why = ''
    for (let tries = 0; tries < limits.tries; tries += 1) {
      let waitMs = limits.firstWaitMs * 2 ** tries
      try {
        const response = await post(url, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body,
          redirect: 'error',
          signal: AbortSignal.any([AbortSignal.timeout(limits.requestMs), closing.signal]),
        })
        await response.body?.cancel()
        if (response.ok) return undefined
        why = `status ${response.status}`
        if (!again.has(response.status)) return why
        const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
        if (seconds >= 0) waitMs = Math.min(seconds * 1000, limits.tellMs)
      } catch (error) {
        why = error instanceof Error ? ((error.cause as { code?: string } | undefined)?.code ?? error.message) : String(error)
      }
      if (closing.signal.aborted || tries + 1 === limits.tries) break
      await pause(waitMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined)
    }
    return why
  }

  return {
    add(span) {
      const text = `${count === 0 ? '' : ','}${JSON.stringify(written(span))}`
      // No text has more bytes than three for each of its characters.
      if (used + text.length * 3 > limits.bytes) return lost(1, 'more have ended than can be sent')
      used += buffer.write(text, used)
      count += 1
      sendSoon()
    },

    async close() {
      clearTimeout(timer)
      const late = setTimeout(() => closing.abort(), limits.closeMs)
      await sending
      await sendAll()
      clearTimeout(late)
    },
  }
}

function written({ context, parent, name, kind, startMs, endMs, attributes, failed }: EndedSpan) {
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    traceState: context.state,
    parentSpanId: parent,
    flags: 1,
    name,
    kind: kinds[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributesOf(attributes),
    status: failed === undefined ? undefined : { code: 2, ...(failed !== '' && { message: failed }) },
  }
}

/** As text: no number of JavaScript holds them. Microseconds are what the clock gives. */
function nanoseconds(ms: number): string {
  return `${Math.round(ms * 1000)}000`
}

function attributesOf(attributes: Readonly<Record<string, Exclude<AttributeValue, undefined>>>) {
  const all: { key: string; value: unknown }[] = []
  for (const key in attributes) all.push({ key, value: anyValue(attributes[key]) })
  return all
}

function anyValue(value: AttributeValue): unknown {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
    default:
      return { arrayValue: { values: (value ?? []).map((one) => ({ stringValue: one })) } }
  }
}
