import type { ModelEvent, ModelFinish, RelayChunk, RelayRequest } from '../provider.ts'
import { createEventStream, type EventStream, notTheFormat, open, parseJson, piecesOf, type StreamReader, understood } from './answer.ts'
import type { IncomingBody } from './connection.ts'
import { type Endpoint, keptHeaders, passedHeaders } from './endpoint.ts'
import { type FailureContext, failureOf, isRecord, vendorErrorIn } from './failure.ts'
import type { SseBatch, SseMessage } from './sse.ts'

export interface RelayCall {
  endpoint: Endpoint
  request: RelayRequest
  failures: FailureContext
  /** For an answer that is streamed. */
  reader: StreamReader
  /** For one that comes whole: what it says, `finish` last. */
  readAnswer: (body: Record<string, unknown>) => ModelEvent[]
  /** Whether an event, whose data this is, was asked for by us alone: it is read, and not passed on. */
  hides?: (data: string) => boolean
  /** Whether the events are told as they stand in the bytes. */
  tellsSent?: boolean
  /** Whether an event begins something else than words and thoughts. Where it is asked, a chunk ends before the first that does. */
  beginsCall?: ((event: Record<string, unknown>) => boolean) | undefined
  /** What a stream of this format ends with, for servers that leave it out of an answer that is whole. */
  closing?: string
  signal: AbortSignal | undefined
}

const nothing: Uint8Array = new Uint8Array()
const longestAnswer = 64 * 1024 * 1024

/** Milliseconds that a stream may take to close after its last event: an answer that is whole does not wait for its connection. */
const closingMs = 1_000

/**
 * One call with the caller's own bytes, whose answer's bytes are passed on as they arrived, beside what they say.
 *
 * Of a stream, a chunk goes out as soon as an event is whole; events that arrived together stay together. What follows
 * the last event (`data: [DONE]`, comments) is passed on too, so `finish` comes with the end of the stream.
 *
 * @throws {ProviderError} As `streamCall`. What was said before an error went out with the chunk before it.
 */
export async function* relayCall(call: RelayCall): AsyncGenerator<RelayChunk, void, undefined> {
  const { endpoint, request, failures, signal } = call
  const response = await open({
    endpoint,
    path: request.path,
    // Compressed, an event could not be passed on before others that come after it.
    headers: { ...keptHeaders(request.headers), 'accept-encoding': 'identity' },
    body: request.body,
    failures,
    answer: request.stream ? 'event-stream' : 'json',
    signal,
  })
  const pieces = piecesOf(response, failures, signal)
  try {
    const part = createParter(request.stream ? call.beginsCall : undefined)
    yield {
      bytes: nothing,
      events: [{ type: 'start', headers: passedHeaders(response.headers) }],
      ...(part.isWords() && { isWords: true }),
    }
    if (!request.stream) {
      yield await wholeAnswer(pieces, call)
      return
    }
    const sent: Record<string, unknown>[] = []
    const stream = createEventStream(call.tellsSent === true ? noting(call.reader, sent) : call.reader, failures)
    while (true) {
      const piece = await pieces.next()
      for (const { batch, isWords } of part.of(piece === undefined ? stream.end() : stream.push(piece))) {
        const { chunk, finish, failure } = read(batch, stream, call.hides)
        if (chunk.bytes.length > 0 || chunk.events.length > 0) {
          yield { ...chunk, ...(sent.length > 0 && { sent: sent.splice(0) }), ...(isWords && { isWords }) }
        }
        if (failure !== undefined) throw failure.cause
        if (finish !== undefined) {
          yield { bytes: await restOf(pieces, stream), events: [finish] }
          return
        }
      }
      if (piece === undefined) break
    }
    const finish = stream.finish()
    yield { bytes: closed(stream.end().rest, call.closing), events: [finish] }
  } finally {
    pieces.cancel()
  }
}

/** Parts a stream where its first call begins; what comes behind that stays together. */
function createParter(beginsCall: RelayCall['beginsCall']) {
  let hasCall = beginsCall === undefined
  const isBegin = ({ data }: SseMessage): boolean => {
    if (data === undefined) return false
    try {
      const event: unknown = JSON.parse(data)
      return isRecord(event) && beginsCall?.(event) === true
    } catch {
      // Whoever reads it says so.
      return false
    }
  }
  return {
    isWords: () => !hasCall,
    of(batch: SseBatch): { readonly batch: SseBatch; readonly isWords: boolean }[] {
      if (hasCall) return [{ batch, isWords: false }]
      const first = batch.messages.findIndex(isBegin)
      if (first < 0) return [{ batch, isWords: true }]
      hasCall = true
      const at = batch.messages[first - 1]?.end ?? 0
      const before = { bytes: batch.bytes.subarray(0, at), messages: batch.messages.slice(0, first) }
      const later = batch.messages.slice(first).map((message) => ({ ...message, end: message.end - at }))
      const rest = { batch: { bytes: batch.bytes.subarray(at), messages: later }, isWords: false }
      return first === 0 ? [rest] : [{ batch: before, isWords: true }, rest]
    },
  }
}

/** Keeps each event that is read. */
function noting(reader: StreamReader, sent: Record<string, unknown>[]): StreamReader {
  return {
    ...reader,
    read(data) {
      const events = reader.read(data)
      sent.push(data)
      return events
    },
  }
}

/** The end of a stream whose answer is whole: its last line may lack the empty one behind it, or stand nowhere. */
function closed(rest: Uint8Array, closing: string | undefined): Uint8Array {
  if (closing === undefined) return rest
  const isBlank = Buffer.from(rest).toString('latin1').trim() === ''
  return Buffer.concat([rest, Buffer.from(isBlank ? closing : '\n\n')])
}

interface ReadBatch {
  readonly chunk: RelayChunk
  readonly finish?: ModelFinish
  readonly failure?: { readonly cause: unknown }
}

/** Up to a failure, which stands behind what was said before it. What follows a `finish` is passed on unread. */
function read(batch: SseBatch, stream: EventStream, hides: RelayCall['hides']): ReadBatch {
  const { messages } = batch
  const bytes = hides === undefined ? batch.bytes : withoutHidden(batch, hides)
  const events: ModelEvent[] = []
  let said = 0
  try {
    for (const message of messages) {
      for (const event of stream.understand(message)) {
        if (event.type === 'finish') return { chunk: { bytes, events }, finish: event }
        events.push(event)
      }
      said = message.end
    }
  } catch (cause) {
    const before = { bytes: batch.bytes.subarray(0, said), messages: messages.filter(({ end }) => end <= said) }
    return { chunk: { bytes: hides === undefined ? before.bytes : withoutHidden(before, hides), events }, failure: { cause } }
  }
  return { chunk: { bytes, events } }
}

function withoutHidden({ bytes, messages }: SseBatch, hides: (data: string) => boolean): Uint8Array {
  const kept: Uint8Array[] = []
  let from = 0
  let start = 0
  for (const { data, end } of messages) {
    if (data !== undefined && hides(data)) {
      kept.push(bytes.subarray(from, start))
      from = end
    }
    start = end
  }
  return from === 0 ? bytes : Buffer.concat([...kept, bytes.subarray(from)])
}

/** What comes behind the last event. The answer is whole: nothing that happens now is a failure. */
async function restOf(pieces: IncomingBody, stream: EventStream): Promise<Uint8Array> {
  const { bytes, rest } = stream.end()
  const all = [bytes, rest]
  let timer: NodeJS.Timeout | undefined
  const closing = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, closingMs, undefined)
  })
  while (true) {
    const piece = await Promise.race([pieces.next().catch(() => undefined), closing])
    if (piece === undefined) break
    all.push(piece)
  }
  clearTimeout(timer)
  return Buffer.concat(all)
}

async function wholeAnswer(pieces: IncomingBody, { failures, readAnswer }: RelayCall): Promise<RelayChunk> {
  const { deployment } = failures
  const all: Uint8Array[] = []
  let length = 0
  for (let piece = await pieces.next(); piece !== undefined; piece = await pieces.next()) {
    all.push(piece)
    length += piece.length
    if (length > longestAnswer) throw notTheFormat(deployment, `more than ${longestAnswer} bytes of JSON`)
  }
  const bytes = Buffer.concat(all)
  const body = parseJson(bytes.toString('utf8'))
  if (!isRecord(body)) throw notTheFormat(deployment, 'a body that is no JSON object')
  const error = vendorErrorIn(body)
  if (error !== undefined) throw failureOf(error, failures)
  return { bytes, events: understood(() => readAnswer(body), deployment) }
}
