import { randomFillSync } from 'node:crypto'
import { activeTrace, within } from './active.ts'
import type { TraceContext } from './trace-context.ts'

export type AttributeValue = string | number | boolean | readonly string[] | undefined
export type Attributes = Readonly<Record<string, AttributeValue>>

/** What is known of one piece of work while it goes on. */
export interface Span {
  set(attributes: Attributes): void
  /** @param type A word with few values. @param message Told only where content may be. */
  fail(type: string, message?: string): void
}

export type SpanKind = 'internal' | 'server' | 'client'

export interface EndedSpan {
  readonly context: TraceContext
  readonly parent: string | undefined
  readonly name: string
  readonly kind: SpanKind
  /** Milliseconds since the epoch, with their fractions. */
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, Exclude<AttributeValue, undefined>>>
  /** Why it failed; `undefined` where it did not. */
  readonly failed: string | undefined
}

/** Spans of this process. */
export interface Tracer {
  /** Whether anything is recorded at all. */
  readonly isOn: boolean
  /** Whether spans may hold what people and models said. */
  readonly content: boolean
  /** Does the work as a child of what goes on. Off, it is the work and nothing else. */
  span<Result>(name: string, options: SpanOptions, work: (span: Span) => Promise<Result>): Promise<Result>
  /** Does the work as a part of the trace that a caller has told of. */
  from<Result>(caller: TraceContext | undefined, work: () => Result): Result
  close(): Promise<void>
}

export interface SpanOptions {
  readonly kind?: SpanKind | undefined
  readonly attributes?: Attributes | undefined
  /** Whether nobody within has to know of it: no span below it, and no call to others. That is the cheaper half of a span. */
  readonly leaf?: boolean | undefined
}

const noSpan: Span = { set: () => undefined, fail: () => undefined }

function from<Result>(caller: TraceContext | undefined, work: () => Result): Result {
  return caller === undefined ? work() : within({ context: caller }, work)
}

/** Records nothing, and passes on what callers tell. */
export const offTracer: Tracer = {
  isOn: false,
  content: false,
  span: (_name, _options, work) => work(noSpan),
  from,
  close: async () => undefined,
}

export interface TracerOptions {
  readonly ended: (span: EndedSpan) => void
  readonly close: () => Promise<void>
  readonly content: boolean
  /** Of the traces that begin here, the share that is recorded, 0–1. One that a caller began is recorded if it wants it so. */
  readonly share: number
  /** 0–1. */
  readonly random?: (() => number) | undefined
}

export function createTracer({ ended, close, content, share, random = Math.random }: TracerOptions): Tracer {
  return {
    isOn: true,
    content,
    from,
    close,
    span(name, { kind = 'internal', attributes = {}, leaf = false }, work) {
      const active = activeTrace()
      const parent = active?.context
      const sampled = parent === undefined ? share > random() : parent.sampled
      // What is not recorded adds nothing to its trace: whoever is called sees the caller.
      if (!sampled) return parent === undefined ? within({ context: begun(false) }, () => work(noSpan)) : work(noSpan)
      const context: TraceContext = parent === undefined ? begun(true) : { ...parent, spanId: randomId(8) }
      const own: Record<string, Exclude<AttributeValue, undefined>> = {}
      let failed: string | undefined
      const span: Span = {
        set(more) {
          for (const key in more) {
            const value = more[key]
            if (value !== undefined) own[key] = value
          }
        },
        fail(type, message) {
          own['error.type'] = type
          failed = content && message !== undefined ? message : ''
        },
      }
      span.set(attributes)
      const startMs = performance.timeOrigin + performance.now()
      const end = () =>
        ended({
          context,
          parent: parent?.spanId,
          name,
          kind,
          startMs,
          endMs: performance.timeOrigin + performance.now(),
          attributes: own,
          failed,
        })
      const whole = async () => {
        try {
          return await work(span)
        } catch (error) {
          if (failed === undefined) span.fail(typeOf(error), error instanceof Error ? error.message : undefined)
          throw error
        } finally {
          end()
        }
      }
      return leaf && active !== undefined ? whole() : within({ context, decision: active?.decision }, whole)
    },
  }
}

function begun(sampled: boolean): TraceContext {
  return { traceId: randomId(16), spanId: randomId(8), sampled }
}

/** Of our errors the code, which says the most with few values. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}

const pool = Buffer.alloc(4096)
let used = pool.length

/** Random hexadecimal digits, taken from a pool: to ask the system for each costs more than the rest of a span. */
function randomId(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  const id = pool.toString('hex', used - bytes, used)
  return /^0+$/.test(id) ? randomId(bytes) : id
}
