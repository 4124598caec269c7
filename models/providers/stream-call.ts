import type { ModelEvent } from '../provider.ts'
import { createEventStream, open, piecesOf, type StreamReader } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import type { FailureContext } from './failure.ts'

export interface StreamCall {
  endpoint: Endpoint
  path: string
  /** Beside those of the format, which win. */
  headers: Readonly<Record<string, string>> | undefined
  /** Made when the call begins: a request that cannot be put into the format is a failure of the call. */
  body: () => unknown
  failures: FailureContext
  reader: StreamReader
  signal: AbortSignal | undefined
}

/** Nothing was said, but something arrived: for clocks that measure silence. */
const alive: ModelEvent = { type: 'reasoning-delta', text: '' }

/**
 * One streamed call: `start` when the headers are there, then what the format's reader makes of each event.
 *
 * @throws {ProviderError} If the request was refused, the stream is of another format, an error stood in it, or it
 * ended without its last event. An abort rethrows `signal.reason`.
 */
export async function* streamCall(call: StreamCall): AsyncGenerator<ModelEvent, void, undefined> {
  const { endpoint, path, body, failures, reader, signal } = call
  const headers = { ...call.headers, 'content-type': 'application/json', accept: 'text/event-stream' }
  const response = await open({ endpoint, path, headers, body: JSON.stringify(body()), failures, answer: 'event-stream', signal })
  const pieces = piecesOf(response, failures, signal)
  const stream = createEventStream(reader, failures)
  try {
    yield { type: 'start' }
    while (true) {
      const piece = await pieces.next()
      const { messages } = piece === undefined ? stream.end() : stream.push(piece)
      for (const message of messages) {
        signal?.throwIfAborted()
        const events = stream.understand(message)
        if (events.length === 0) yield alive
        for (const event of events) {
          yield event
          if (event.type === 'finish') return
        }
      }
      if (piece === undefined) break
    }
    yield stream.finish()
  } finally {
    pieces.cancel()
  }
}
