import { ProviderError } from '../errors.ts'
import type { ModelEvent, ModelFinish } from '../provider.ts'
import { type Endpoint, request, unreachable } from './endpoint.ts'
import { type FailureContext, failureOf, isRecord, vendorErrorIn } from './failure.ts'
import { readSse } from './sse.ts'

/** Understands one format's events, one stream each. */
export interface StreamReader {
  /** What this event says. An answer whose last event says so ends with `finish`. */
  read(data: Record<string, unknown>): ModelEvent[]
  /** For formats whose answer ends with the stream: the end, if it is one. */
  end?(): ModelFinish | undefined
}

export interface StreamCall {
  endpoint: Endpoint
  path: string
  /** Made when the call begins: a request that cannot be put into the format is a failure of the call. */
  body: () => unknown
  failures: FailureContext
  reader: StreamReader
  signal: AbortSignal | undefined
}

const longestRefusal = 100_000

/** Nothing was said, but something arrived: for clocks that measure silence. */
const alive: ModelEvent = { type: 'reasoning-delta', text: '' }

/**
 * One streamed call: `start` when the headers are there, then what the format's reader makes of each event.
 *
 * @throws {ProviderError} If the request was refused, the stream is of another format, an error stood in it, or it
 * ended without its last event. An abort rethrows `signal.reason`.
 */
export async function* streamCall(call: StreamCall): AsyncGenerator<ModelEvent, void, undefined> {
  const { failures, reader } = call
  const body = await open(call)
  yield { type: 'start' }
  for await (const data of readJson(body, call)) {
    const events = data === 'alive' ? [] : understand(data, reader, failures)
    if (events.length === 0) yield alive
    for (const event of events) {
      yield event
      if (event.type === 'finish') return
    }
  }
  const finish = reader.end?.()
  if (finish === undefined) {
    const { deployment } = failures
    throw new ProviderError(`${deployment} ended its stream without its last event`, { kind: 'unavailable', deployment })
  }
  yield finish
}

async function open({ endpoint, path, body, failures, signal }: StreamCall): Promise<ReadableStream<Uint8Array>> {
  const { deployment } = failures
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
  const response = await request(endpoint, { deployment, path, method: 'POST', headers, body: JSON.stringify(body()) }, signal)
  const type = response.headers.get('content-type') ?? ''
  if (response.ok && response.body !== null && (type === '' || type.includes('event-stream'))) return response.body

  const text = await readStart(response).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw unreachable(deployment, `${deployment} broke off its answer (${response.status})`, cause)
  })
  const error = vendorErrorIn(parse(text), response.ok ? undefined : response.status)
  if (error !== undefined) throw failureOf(error, failures, response.headers)
  if (!response.ok) throw failureOf({ message: isHtml(type) ? '' : text, status: response.status }, failures, response.headers)
  throw notTheFormat(deployment, `a body of type "${type}" where an event stream was due`)
}

/** Enough of a body to know what it says: one that is no event stream may be anything. */
async function readStart({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > longestRefusal) break
  }
  return text
}

/** The stream's JSON objects; `alive` for comments. Ends at `[DONE]`. */
async function* readJson(
  body: ReadableStream<Uint8Array>,
  { failures, signal }: StreamCall,
): AsyncGenerator<Record<string, unknown> | 'alive'> {
  const { deployment } = failures
  const messages = readSse(body)
  try {
    while (true) {
      signal?.throwIfAborted()
      const { done, value } = await messages.next().catch((cause: unknown) => {
        signal?.throwIfAborted()
        if (cause instanceof RangeError) throw notTheFormat(deployment, 'an endless line', cause)
        throw unreachable(deployment, `${deployment} broke off its stream`, cause)
      })
      if (done) return
      if (value.comment) {
        yield 'alive'
        continue
      }
      if (value.data === '[DONE]') return
      const data = parse(value.data)
      if (!isRecord(data)) throw notTheFormat(deployment, 'an event that is no JSON object')
      const error = vendorErrorIn(value.event === 'error' && data['error'] === undefined ? { error: data } : data)
      if (error !== undefined) throw failureOf(error, failures)
      yield data
    }
  } finally {
    await messages.return()
  }
}

function understand(data: Record<string, unknown>, reader: StreamReader, { deployment }: FailureContext): ModelEvent[] {
  try {
    return reader.read(data)
  } catch (cause) {
    if (cause instanceof ProviderError) throw cause
    throw notTheFormat(deployment, 'an event of another shape', cause)
  }
}

function notTheFormat(deployment: string, what: string, cause?: unknown): ProviderError {
  return new ProviderError(`${deployment} sent ${what}`, { kind: 'bad_response', deployment, cause })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isHtml(type: string): boolean {
  return type.includes('html')
}
