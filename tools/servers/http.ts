import { type FetchLike, type JSONRPCErrorResponse, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { HttpTransportOptions } from '../tool.ts'
import type { Login } from './login.ts'

export interface HttpOptions {
  transport: HttpTransportOptions
  login: Login | undefined
  maxMessageBytes: number
}

/** Code of the error that stands for an answer which will not come. */
export const streamEndedCode = -32001

/** How long the SDK may still be reading what has arrived, after the end has. */
const readingMs = 100

/**
 * Streamable HTTP.
 *
 * An answer, or one event of a stream, over the limit fails its request. The SDK waits for ever for an answer whose stream
 * was cut; here its request fails, unless the stream has event ids, with which the SDK goes on reading it elsewhere.
 */
export function createHttpTransport({ transport: { url, headers }, login, maxMessageBytes }: HttpOptions): StreamableHTTPClientTransport {
  const watched: FetchLike = async (target, init) => {
    const { id, trace } = requestOf(init)
    const response = await fetch(target, trace === undefined ? init : { ...init, headers: withTrace(init?.headers, trace) })
    const answer = withBody(response, {
      limit: maxMessageBytes,
      id,
      onCut(reason) {
        if (id === undefined || init?.signal?.aborted) return
        const failure: JSONRPCErrorResponse = { jsonrpc: '2.0', id: JSON.parse(id), error: { code: streamEndedCode, message: reason } }
        setTimeout(() => transport.onmessage?.(failure), readingMs).unref()
      },
    })
    if (answer.status === 401) login?.refused(answer, new Headers(init?.headers).get('authorization'))
    return answer
  }
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers } },
    fetch: watched,
    ...(login && { authProvider: login }),
  })
  return transport
}

interface SentRequest {
  /** As JSON, the way it will stand in the answer. */
  readonly id?: string | undefined
  /** What stands in `_meta` of the trace that the request belongs to. */
  readonly trace?: Readonly<Record<string, unknown>> | undefined
}

function requestOf(init: RequestInit | undefined): SentRequest {
  if (init?.method !== 'POST' || typeof init.body !== 'string') return {}
  const { method, id, params } = JSON.parse(init.body) as { method?: unknown; id?: unknown; params?: { _meta?: Record<string, unknown> } }
  if (method === undefined || id === undefined) return {}
  const trace = params?._meta
  return { id: JSON.stringify(id), trace: typeof trace?.['traceparent'] === 'string' ? trace : undefined }
}

/** For what stands between us and the server and reads no MCP. */
function withTrace(given: RequestInit['headers'] | undefined, trace: Readonly<Record<string, unknown>>): Headers {
  const headers = new Headers(given)
  for (const name of ['traceparent', 'tracestate']) if (typeof trace[name] === 'string') headers.set(name, trace[name])
  return headers
}

interface BodyOptions {
  limit: number
  id: string | undefined
  onCut: (reason: string) => void
}

function withBody(response: Response, options: BodyOptions): Response {
  if (!response.body) return response
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const watched = new Response(watchBody(response.body, isStream, options), response)
  // Redirects are judged by where an answer came from.
  Object.defineProperty(watched, 'url', { value: response.url })
  return watched
}

function watchBody(body: ReadableStream<Uint8Array>, isStream: boolean, { limit, id, onCut }: BodyOptions): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const seen = createSight(id)
  let bytes = 0

  const cut = (reason: string) => {
    if (isStream && !seen.answer && !seen.eventIds) onCut(reason)
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (done) {
          controller.close()
          cut('The stream ended before the answer')
          return
        }
        if (isStream) seen.look(value)
        // An event's data is one line.
        const lastLine = isStream ? value.lastIndexOf(0x0a) : -1
        bytes = lastLine === -1 ? bytes + value.length : value.length - lastLine - 1
        if (bytes <= limit) return controller.enqueue(value)
        const reason = `The answer has more than ${limit} bytes, which is the limit`
        controller.error(new RangeError(reason))
        onCut(reason)
        await reader.cancel()
      } catch (error) {
        controller.error(error)
        cut('The connection was lost before the answer')
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

/** Looks for the answer's id and for event ids in a stream, over the borders of its chunks. */
function createSight(id: string | undefined): { answer: boolean; eventIds: boolean; look(chunk: Uint8Array): void } {
  const answer = id === undefined ? undefined : new RegExp(`"id"\\s*:\\s*${id}[\\s,}]`)
  let rest = ''
  const sight = {
    answer: false,
    eventIds: false,
    look(chunk: Uint8Array) {
      if (sight.answer) return
      const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1')
      sight.answer = answer?.test(text) ?? false
      sight.eventIds ||= /^id:/m.test(text)
      rest = text.slice(-80)
    },
  }
  return sight
}
