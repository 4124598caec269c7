import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { ModelFinish } from '../../models/provider.ts'
import type { AnswerFrame, ClientFormat, StreamFollower, StreamWriter } from '../../models/wire/client-format.ts'
import type { Heard } from '../dispatch/heard.ts'
import type { DoorFailure } from './failure.ts'
import { fieldsOf, withFields } from './json-fields.ts'

export interface ClientAnswerOptions {
  readonly response: ServerResponse
  readonly format: ClientFormat
  readonly frame: AnswerFrame
  /** Headers of the answer, once it is known who gives it. */
  readonly headers: (heard: Heard) => Readonly<Record<string, string>>
}

/** One answer on its way to a client: nothing is sent before its first content. */
export interface ClientAnswer {
  /** With its last event the answer is whole: what is written down of it keeps no client waiting. Waits where the client reads slowly. */
  hear(heard: Heard): Promise<void> | undefined
  /** Before anything was sent it is an answer of its own, after it the format's error event: never a clean end. */
  fail(failure: DoorFailure): void
}

export function createClientAnswer({ response, format, frame, headers }: ClientAnswerOptions): ClientAnswer {
  const { stream, model } = frame.request
  let known: Readonly<Record<string, string>> | undefined
  let writer: StreamWriter | undefined
  let follower: StreamFollower | undefined
  let whole: Uint8Array | string | undefined

  const open = (heard: Heard) => {
    known = headers(heard)
    if (!stream) return
    if (heard.bytes === undefined) writer = format.createStreamWriter(frame)
    else follower = format.followStream?.(frame)
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...known })
  }

  const sendWhole = (finish: ModelFinish) => {
    const body = whole === undefined ? JSON.stringify(format.writeAnswer(finish, frame)) : renamed(whole, model)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...known })
    response.end(body)
  }

  return {
    hear(heard) {
      if (known === undefined) open(heard)
      const { events, bytes, sent = [] } = heard
      const last = events.at(-1)
      const finish = last?.type === 'finish' ? last : undefined
      if (!stream) {
        if (bytes !== undefined && bytes.length > 0) whole = bytes
        if (finish !== undefined) sendWhole(finish)
        return undefined
      }
      if (follower !== undefined) for (const event of sent) follower.follow(event)
      // Words went out as they came; what comes now was changed.
      if (bytes === undefined) writer ??= follower?.goOn()
      const chunk = bytes === undefined ? events.map((event) => writer?.write(event) ?? '').join('') : echoing(bytes, model)
      if (finish !== undefined) {
        response.end(chunk)
        return undefined
      }
      if (chunk.length === 0 || response.write(chunk)) return undefined
      return drained(response)
    },

    fail(failure) {
      if (response.writableEnded || response.destroyed) return
      if (response.headersSent) {
        response.end((writer ?? follower ?? format.createStreamWriter(frame)).fail(failure))
        return
      }
      sendJson(response, failure.status, format.writeFailure(failure), failure.headers)
    },
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers })
  response.end(text)
}

/** A client that reads slowly is waited for; one that left is not. */
async function drained(response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  const left = () => gone.abort()
  response.once('close', left)
  try {
    if (!response.destroyed) await once(response, 'drain', { signal: gone.signal })
  } catch (error) {
    if (!gone.signal.aborted) throw error
  } finally {
    response.off('close', left)
  }
}

/** A whole answer under the name that the client asked for. */
function renamed(whole: Uint8Array | string, asked: string): Uint8Array | string {
  const text = typeof whole === 'string' ? whole : asBuffer(whole).toString('utf8')
  const place = fieldsOf(text)
  const at = place.fields.get('model')
  if (at === undefined || text.slice(at.start, at.end) === JSON.stringify(asked)) return whole
  return withFields(text, place, { model: asked })
}

const modelField = /("model"\s*:\s*)"((?:[^"\\]|\\.)*)"/g

/**
 * Events under the name that the client asked for: all else stays byte for byte. In events the arguments of a tool are no JSON of their
 * own but a text, so that this name with a text after it is always the format's own field.
 */
function echoing(bytes: Uint8Array, asked: string): Uint8Array {
  const buffer = asBuffer(bytes)
  if (!buffer.includes('"model"')) return bytes
  // Names of models are ASCII, and all else goes through as the bytes that it is.
  const named = Buffer.from(JSON.stringify(asked)).toString('latin1')
  let changed = false
  const text = buffer.toString('latin1').replace(modelField, (whole, before: string, name: string) => {
    if (`"${name}"` === named) return whole
    changed = true
    return before + named
  })
  return changed ? Buffer.from(text, 'latin1') : bytes
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
