/** Where in a trace something happens, as W3C Trace Context tells it from one program to the next. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits: whoever comes next is its child. */
  readonly spanId: string
  /** Whether whoever began the trace wants it recorded. */
  readonly sampled: boolean
  /** `tracestate`, which is passed on as it came. */
  readonly state?: string | undefined
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const mostState = 512

/** `undefined` for what is not a `traceparent`: a trace begins anew then, as the standard wants it. */
export function parseTraceContext(traceparent: unknown, tracestate?: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string') return undefined
  const [, version, traceId = '', spanId = '', flags = '', rest] = form.exec(traceparent.trim()) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  const state =
    typeof tracestate === 'string' && tracestate.length <= mostState && /^[\x20-\x7e]+$/.test(tracestate) ? tracestate : undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1, ...(state !== undefined && { state }) }
}

export function traceContextOf(headers: Headers): TraceContext | undefined {
  const traceparent = headers.get('traceparent')
  return traceparent === null ? undefined : parseTraceContext(traceparent, headers.get('tracestate'))
}

/** As headers of HTTP and as `_meta` of MCP, which have the same names. */
export function propagated({ traceId, spanId, sampled, state }: TraceContext): Record<string, string> {
  return { traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`, ...(state !== undefined && { tracestate: state }) }
}
