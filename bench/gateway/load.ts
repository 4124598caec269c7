import { type BodyOptions, bodyOf, counterSlot, type Size } from './bodies.ts'
import { longPieces, paths, piece, quickPieces, type Task, textOf } from './canned.ts'
import { type Connection, openConnection, type WireAnswer } from './connection.ts'
import type { Way } from './ways.ts'

export interface Workload extends Omit<BodyOptions, 'model' | 'session'> {
  readonly size: Size
}

export interface LoadResult {
  /** Milliseconds from the request to the whole answer, and to its first text, of each good answer. */
  readonly times: readonly number[]
  readonly firstText: readonly number[]
  /** What was wrong, one for each answer that was not good. */
  readonly errors: readonly string[]
  readonly elapsedMs: number
}

/** How long: a number of requests in all, or a time after which none is begun. */
export type Extent = { readonly requests: number } | { readonly ms: number }

/**
 * Sends requests over that many connections, each connection a session of its own, and looks at each answer: its status, its whole
 * text, the end of its stream.
 */
export async function load(way: Way, workload: Workload, connections: number, extent: Extent): Promise<LoadResult> {
  const times: number[] = []
  const firstText: number[] = []
  const errors: string[] = []
  // What is sent is made before the clock starts.
  const sessions = Array.from({ length: connections }, (_, session) => ({
    connection: openConnection(way.port),
    next: requestsOf(way, workload, session),
  }))
  const begin = performance.now()
  let begun = 0
  const goesOn = () => ('ms' in extent ? performance.now() - begin < extent.ms : begun < extent.requests)

  async function one({ connection, next }: { connection: Connection; next: () => Buffer }): Promise<void> {
    while (goesOn()) {
      begun += 1
      const outcome = await exchange(connection, next(), workload)
      if (typeof outcome === 'string') errors.push(outcome)
      else {
        times.push(outcome.endedAt - outcome.sentAt)
        if (outcome.watchedAt !== undefined) firstText.push(outcome.watchedAt - outcome.sentAt)
      }
    }
    connection.close()
  }

  await Promise.all(sessions.map(one))
  return { times, firstText, errors, elapsedMs: performance.now() - begin }
}

const firstPiece = Buffer.from(piece(0))

/** One request and its answer; a sentence when the answer is not what the upstream sent. */
export async function exchange(connection: Connection, request: Buffer, workload: Workload, pieces?: number): Promise<WireAnswer | string> {
  try {
    const answer = await connection.send(request, workload.stream === true ? firstPiece : undefined)
    return problemOf(answer, workload, pieces) ?? answer
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

let counter = 0

/** Makes the bytes of one request after another; each is gone from the buffer when the next is made. */
export function requestsOf(way: Way, workload: Workload, session: number): () => Buffer {
  const body = Buffer.from(bodyOf(workload.size, { ...workload, model: way.model, session }))
  const headers = {
    host: `127.0.0.1:${way.port}`,
    'content-type': 'application/json',
    authorization: 'Bearer bench-key',
    'x-session-id': `bench-session-${session}`,
    ...(workload.format === 'messages' && { 'anthropic-version': '2023-06-01' }),
    ...way.headers,
    'content-length': String(body.length),
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.concat([Buffer.from(`POST ${paths[workload.format]} HTTP/1.1\r\n${head.join('')}\r\n`), body])
  const slot = request.indexOf(counterSlot)
  return () => {
    counter += 1
    request.write(String(counter).padStart(counterSlot.length, '0'), slot, 'latin1')
    return request
  }
}

const piecesOf: Record<Task, number> = { quick: quickPieces, long: longPieces, slow: 300 }

function problemOf({ status, body }: WireAnswer, { format, task, stream = false }: Workload, pieces = piecesOf[task]): string | undefined {
  if (status !== 200) return `status ${status}: ${body.slice(0, 200)}`
  const text = stream ? streamedText(body, format) : wholeText(body, format)
  const expected = textOf(stream ? pieces : quickPieces)
  return text === expected ? undefined : `another text: ${text === undefined ? body.slice(0, 300) : text.slice(0, 300)}`
}

interface ChatChoice {
  message?: { content?: string }
  delta?: { content?: string }
}

function wholeText(body: string, format: Workload['format']): string | undefined {
  const answer = JSON.parse(body) as { choices?: ChatChoice[]; content?: { text?: string }[] }
  return format === 'chat' ? answer.choices?.[0]?.message?.content : answer.content?.[0]?.text
}

/** The text of a stream that has come to its end, nothing of one that was cut or says that something failed. */
function streamedText(body: string, format: Workload['format']): string | undefined {
  const data = [...body.matchAll(/^data: ?(.*)$/gm)].map(([, line = '']) => line)
  const end = format === 'chat' ? data.at(-1) === '[DONE]' : data.at(-1)?.includes('"message_stop"')
  if (end !== true) return undefined
  const events = data
    .filter((line) => line !== '[DONE]')
    .map((line) => JSON.parse(line) as { choices?: ChatChoice[]; delta?: { text?: string }; error?: unknown })
  if (events.some(({ error }) => error !== undefined)) return undefined
  return events.map(({ choices, delta }) => (format === 'chat' ? choices?.[0]?.delta?.content : delta?.text) ?? '').join('')
}
