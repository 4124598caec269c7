import type { Usage } from '../../../models/outcome.ts'

/** What the scripted provider does with one request. */
export type Reply = Answer | Failure | RawReply

/** A model's answer, streamed as the request's wire format has it, or as one JSON body when the request does not ask for a stream. */
export interface Answer {
  /** What its ids are made of. By default the same for every answer: clients that join what bears one id want each its own. */
  id?: string
  /** Streamed word by word. */
  text?: string
  /** Streamed letter by letter instead. */
  byLetter?: boolean
  reasoning?: string
  /** Several are calls in parallel. */
  toolCalls?: readonly ScriptedToolCall[]
  /** By default what the content says: `tool-calls` with calls, else `stop`. */
  finish?: 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'refusal' | 'pause'
  /** In our four buckets; the wire format's own sums are made from it. Default: 10 in, 5 out. */
  usage?: Partial<Usage>
  /** The model that the answer names, when it is not the one that was asked for. */
  servedModel?: string
  /** Milliseconds to wait: before the headers, before the first content event, between content events. */
  delays?: { headers?: number; content?: number; between?: number }
  interrupt?: Interruption
}

export interface ScriptedToolCall {
  name: string
  /** A string is sent as it stands, so that it can be broken JSON. */
  input: Record<string, unknown> | string
  id?: string
  /** Of each piece of the arguments, where log-probabilities are asked for (Chat Completions). */
  logprob?: number
}

/**
 * Where an answer breaks off, and how: `reset` drops the connection, `end` closes it in good order without the
 * terminal event, `stall` says nothing more until the client leaves, `garbage` sends what is no event of any format,
 * `error` sends the format's error event, for `fail` where that is told.
 *
 * `request` is before the headers, `headers` after them, `first-content` after one content event, `content` after
 * all of them and before the terminal events; a number counts events.
 */
export interface Interruption {
  after: 'request' | 'headers' | 'first-content' | 'content' | number
  how: 'reset' | 'end' | 'stall' | 'garbage' | 'error'
  fail?: FailureName
}

/** What can be refused, each with the vendors' own bodies (`failures` in the format's file). */
export type FailureName =
  | 'auth'
  | 'forbidden'
  | 'not-found'
  | 'rate-limit'
  | 'quota'
  | 'input-too-long'
  | 'content-filter'
  | 'signature'
  | 'bad-request'
  | 'server-error'
  | 'overloaded'

/** A refusal. Either of `fail` and `status` is enough: `{ status: 429, retryAfter: 2 }`, `{ fail: 'input-too-long' }`. */
export interface Failure {
  fail?: FailureName
  status?: number
  /** The `retry-after` header: seconds, or an HTTP date. */
  retryAfter?: number | string
  /** The `retry-after-ms` header. */
  retryAfterMs?: number
  message?: string
  /** `status`: an error status with its body. `body`: status 200 with the same body. `event`: a stream whose first event is the error. */
  delivery?: 'status' | 'body' | 'event'
}

/** Bytes as they stand, for what no provider should send. */
export interface RawReply {
  raw: string
  /** What comes behind it, once it is there. */
  rest?: Promise<string>
  status?: number
  contentType?: string
}

/** A stream of things that are not events of any format. */
export const garbageStream: RawReply = { raw: 'data: {"id": 1, "cho\n\ndata: }}}\n\nwhat is this\n\n', contentType: 'text/event-stream' }

/** What a proxy or captive portal in between answers. */
export const htmlPage: RawReply = {
  raw: '<!DOCTYPE html><html><body><h1>Welcome to the network</h1></body></html>',
  contentType: 'text/html',
}

/** A stream that opens and closes without an event. */
export const emptyStream: RawReply = { raw: '', contentType: 'text/event-stream' }

export function isFailure(reply: Reply): reply is Failure {
  return !('raw' in reply) && ('fail' in reply || 'status' in reply)
}

export function isRaw(reply: Reply): reply is RawReply {
  return 'raw' in reply
}

/** The failure that a bare status stands for. */
export function failureName({ fail, status }: Failure): FailureName {
  if (fail !== undefined) return fail
  const named: Record<number, FailureName> = { 401: 'auth', 403: 'forbidden', 404: 'not-found', 429: 'rate-limit', 529: 'overloaded' }
  return named[status ?? 500] ?? ((status ?? 500) < 500 ? 'bad-request' : 'server-error')
}

/** The part of an answer's ids after their prefix. */
export function idOf({ id = 'scripted' }: Answer): string {
  return id
}

export function usageOf(answer: Answer): Usage {
  return { inputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 5, ...answer.usage }
}

/** The arguments as text, and in two pieces, as providers stream them. */
export function argumentsOf(call: ScriptedToolCall): { text: string; pieces: string[] } {
  const text = typeof call.input === 'string' ? call.input : JSON.stringify(call.input)
  const middle = Math.ceil(text.length / 2)
  return { text, pieces: [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== '') }
}

/** Words with the white space before them, or letters: joined again they are the text. */
export function words(text: string, { byLetter = false }: Pick<Answer, 'byLetter'> = {}): string[] {
  return byLetter ? Array.from(text) : (text.match(/\s*\S+\s*?|\s+/gu) ?? [])
}
