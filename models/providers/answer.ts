import { ProviderError } from '../errors.ts'
import type { ModelEvent, ModelFinish } from '../provider.ts'
import type { Incoming, IncomingBody } from './connection.ts'
import { type Endpoint, request, unreachable } from './endpoint.ts'
import { type FailureContext, failureOf, isRecord, vendorErrorIn } from './failure.ts'
import { createSseParser, type SseBatch, type SseMessage } from './sse.ts'

/** Understands one format's events, one stream each. */
export interface StreamReader {
  /** What this event says. An answer whose last event says so ends with `finish`. */
  read(data: Record<string, unknown>): ModelEvent[]
  /** For formats whose answer ends with the stream: the end, if it is one. */
  end?(): ModelFinish | undefined
}

export interface Opening {
  endpoint: Endpoint
  path: string
  headers: Record<string, string>
  body: string | Uint8Array
  failures: FailureContext
  /** What the answer has to be. */
  answer: 'event-stream' | 'json'
  signal: AbortSignal | undefined
}

const longestRefusal = 100_000

/**
 * Sends one request, and has its answer when that is of the kind that is due.
 *
 * @throws {ProviderError} For everything else: refusals, also those with status 200, and what some other server said.
 */
export async function open({ endpoint, path, headers, body, failures, answer, signal }: Opening): Promise<Incoming> {
  const { deployment } = failures
  const response = await request(endpoint, { deployment, path, method: 'POST', headers, body }, signal)
  const type = response.headers.get('content-type') ?? ''
  if (response.ok && (type === '' || type.includes(answer))) return response

  const text = await readStart(response).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw unreachable(deployment, `${deployment} broke off its answer (${response.status})`, cause)
  })
  const error = vendorErrorIn(parseJson(text), response.ok ? undefined : response.status)
  if (error !== undefined) throw failureOf(error, failures, response.headers)
  if (!response.ok) {
    throw failureOf({ message: type.includes('html') ? '' : text, status: response.status }, failures, response.headers)
  }
  throw notTheFormat(deployment, `a body of type "${type}" where ${answer === 'json' ? 'JSON' : 'an event stream'} was due`)
}

/** Enough of a body to know what it says: one of an unexpected type may be anything. */
async function readStart({ body }: Incoming): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  while (text.length <= longestRefusal) {
    const piece = await body.next()
    if (piece === undefined) return text
    text += decoder.decode(piece, { stream: true })
  }
  body.cancel()
  return text
}

/** The body as it arrives. A connection that breaks is a failure, and an abort rethrows its reason. */
export function piecesOf({ body }: Incoming, { deployment }: FailureContext, signal: AbortSignal | undefined): IncomingBody {
  return {
    async next() {
      signal?.throwIfAborted()
      try {
        return await body.next()
      } catch (cause) {
        signal?.throwIfAborted()
        throw unreachable(deployment, `${deployment} broke off its stream`, cause)
      }
    },
    cancel: () => body.cancel(),
  }
}

export interface EventStream {
  push(piece: Uint8Array): SseBatch
  end(): SseBatch & { readonly rest: Uint8Array }
  /** What a message says. After one that holds `finish` nothing more is to be read. */
  understand(message: SseMessage): readonly ModelEvent[]
  /** When the stream has ended without a `finish`: that of a format whose answer ends with it. */
  finish(): ModelFinish
}

/**
 * An event stream of JSON objects, as a format's reader understands it.
 *
 * Each function throws a ProviderError: for what is no such stream, for an error in it, and for an end before the last event.
 */
export function createEventStream(reader: StreamReader, failures: FailureContext): EventStream {
  const { deployment } = failures
  const parser = createSseParser()

  const finish = () => {
    const last = reader.end?.()
    if (last !== undefined) return last
    throw new ProviderError(`${deployment} ended its stream without its last event`, { kind: 'unavailable', deployment })
  }

  return {
    push(piece) {
      try {
        return parser.push(piece)
      } catch (cause) {
        throw notTheFormat(deployment, 'an endless line', cause)
      }
    },
    end: () => parser.end(),
    understand({ event, data: text }) {
      if (text === undefined) return []
      if (text === '[DONE]') return [finish()]
      const data = parseJson(text)
      if (!isRecord(data)) throw notTheFormat(deployment, 'an event that is no JSON object')
      const error = vendorErrorIn(event === 'error' && data['error'] === undefined ? { error: data } : data)
      if (error !== undefined) throw failureOf(error, failures)
      return understood(() => reader.read(data), deployment)
    },
    finish() {
      // One that stops in the middle of an event was cut, whatever it had said before.
      const { rest } = parser.end()
      if (!/^(?:data: \[DONE\])?\s*$/.test(Buffer.from(rest).toString('latin1'))) {
        throw new ProviderError(`${deployment} broke off its stream in the middle of an event`, { kind: 'unavailable', deployment })
      }
      return finish()
    },
  }
}

/** What a format's reader makes of something. Where it stumbles, that was of another format. */
export function understood(read: () => ModelEvent[], deployment: string): ModelEvent[] {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof ProviderError) throw cause
    throw notTheFormat(deployment, 'an event of another shape', cause)
  }
}

export function notTheFormat(deployment: string, what: string, cause?: unknown): ProviderError {
  return new ProviderError(`${deployment} sent ${what}`, { kind: 'bad_response', deployment, cause })
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
