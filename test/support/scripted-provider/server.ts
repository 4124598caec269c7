import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { anthropicMessages } from './anthropic-messages.ts'
import { embeddings } from './embeddings.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'
import { type Answer, type Failure, failureName, type Interruption, isFailure, isRaw, type Reply } from './script.ts'
import type { RequestView, StreamEvent, WireFormat } from './wire-format.ts'

const formats: readonly WireFormat[] = [openaiResponses, openaiChat, anthropicMessages]

/** A request as it arrived. */
export interface RecordedRequest extends RequestView {
  readonly method: string
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  /** The body's bytes. */
  readonly bytes: Uint8Array
  readonly model: string
  readonly stream: boolean
  /** How it ended: `answered` in full, `interrupted` by the script, `left` by the client before that. */
  outcome: 'open' | 'answered' | 'interrupted' | 'left'
}

export interface ScriptedProvider {
  /** `http://127.0.0.1:PORT`: the base URL in Anthropic's way. */
  readonly url: string
  /** The same with `/v1`: the base URL in OpenAI's way. */
  readonly openaiUrl: string
  /** Every call of a model, in order of arrival; listing models and embedding are not among them. */
  readonly requests: RecordedRequest[]
  /** Every text that was embedded. */
  readonly embedded: string[]
  /** Replies for the next requests, in order; those for a model go to requests of that model alone, and first. */
  script(replies: readonly Reply[], model?: string): void
  /** What to reply when no scripted reply is left. Without it such a request is answered with an error that says so. */
  answer(reply: (request: RecordedRequest) => Reply | Promise<Reply>): void
  /** Forgets scripts and requests. */
  reset(): void
  close(): Promise<void>
}

export interface ScriptedProviderOptions {
  /** 0 (default): a free one. */
  port?: number
  /** What `GET /v1/models` lists. */
  models?: readonly string[]
  /** The key without which every request is refused with 401; any is taken by default. */
  key?: string
}

/** Starts a stand-in for the clouds on 127.0.0.1. */
export async function startScriptedProvider(options: ScriptedProviderOptions = {}): Promise<ScriptedProvider> {
  const { port = 0, models = ['scripted-large', 'scripted-small'], key } = options
  const requests: RecordedRequest[] = []
  const embedded: string[] = []
  const anyModel: Reply[] = []
  const byModel = new Map<string, Reply[]>()
  let answering: ((request: RecordedRequest) => Reply | Promise<Reply>) | undefined

  const nextReply = async (request: RecordedRequest): Promise<Reply> => {
    const scripted = byModel.get(request.model)?.shift() ?? anyModel.shift()
    if (scripted !== undefined) return scripted
    if (answering !== undefined) return answering(request)
    return { status: 500, message: `Nothing is scripted for request ${requests.length} (${request.path}, model "${request.model}")` }
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { error: { message: `The scripted provider failed: ${String(error)}` } })
    })
  })

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await bytesOf(incoming)
    const path = new URL(incoming.url ?? '/', 'http://127.0.0.1').pathname
    const format = formats.find((one) => one.path === path)
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
    if (key !== undefined && headers['authorization'] !== `Bearer ${key}` && headers['x-api-key'] !== key) {
      return sendFailure(response, format ?? openaiChat, { fail: 'auth' })
    }
    if (incoming.method === 'GET' && path === '/v1/models') return sendJson(response, 200, modelList(models))
    const body = parseBody(bytes)
    if (incoming.method === 'POST' && path === '/v1/embeddings') {
      embedded.push(...[body['input'] ?? ''].flat().map(String))
      return sendJson(response, 200, embeddings(body))
    }
    if (incoming.method === 'POST' && path === '/v1/messages/count_tokens') return sendJson(response, 200, { input_tokens: bytes.length })
    if (incoming.method !== 'POST' || format === undefined) return sendJson(response, 404, { error: { message: `No such path: ${path}` } })

    const request: RecordedRequest = {
      ...format.read(body),
      method: incoming.method,
      path,
      headers,
      body,
      bytes,
      model: typeof body['model'] === 'string' ? body['model'] : '',
      stream: body['stream'] === true,
      outcome: 'open',
    }
    requests.push(request)
    response.once('close', () => {
      if (request.outcome === 'open') request.outcome = 'left'
    })
    await send(response, format, request, await nextReply(request))
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    openaiUrl: `${url}/v1`,
    requests,
    embedded,
    script(replies, model) {
      if (model === undefined) anyModel.push(...replies)
      else byModel.set(model, [...(byModel.get(model) ?? []), ...replies])
    },
    answer(reply) {
      answering = reply
    },
    reset() {
      requests.length = 0
      anyModel.length = 0
      byModel.clear()
      answering = undefined
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

async function send(response: ServerResponse, format: WireFormat, request: RecordedRequest, reply: Reply): Promise<void> {
  if (isRaw(reply)) {
    response.writeHead(reply.status ?? 200, { 'content-type': reply.contentType ?? 'application/json' })
    if (reply.rest !== undefined) response.write(reply.raw)
    response.end(reply.rest === undefined ? reply.raw : await reply.rest)
  } else if (isFailure(reply)) {
    sendFailure(response, format, reply)
  } else {
    return sendAnswer(response, format, request, reply)
  }
  request.outcome = 'answered'
}

async function sendAnswer(response: ServerResponse, format: WireFormat, request: RecordedRequest, answer: Answer): Promise<void> {
  const { delays = {}, interrupt } = answer
  const left = new AbortController()
  response.once('close', () => left.abort())
  const wait = (ms: number | undefined) =>
    ms === undefined ? undefined : sleep(ms, undefined, { signal: left.signal }).catch(() => undefined)
  const model = answer.servedModel ?? request.model

  await wait(delays.headers)
  if (interrupt?.after === 'request') return breakOff(response, format, request, interrupt)
  if (!request.stream) {
    sendJson(response, 200, format.whole(answer, model))
    request.outcome = 'answered'
    return
  }

  const events = format.stream(answer, model, request.body)
  const last = interrupt === undefined ? events.length : countBefore(events, interrupt.after)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  response.flushHeaders()
  let contentSeen = false
  for (const event of events.slice(0, last)) {
    if (event.role === 'content') await wait(contentSeen ? delays.between : delays.content)
    contentSeen ||= event.role === 'content'
    if (left.signal.aborted) return
    write(response, event)
  }
  if (interrupt !== undefined) return breakOff(response, format, request, interrupt)
  if (format.sentinel !== undefined) response.write(`data: ${format.sentinel}\n\n`)
  request.outcome = 'answered'
  response.end()
}

function countBefore(events: readonly StreamEvent[], after: 'headers' | 'first-content' | 'content' | 'request' | number): number {
  if (typeof after === 'number') return after
  if (after === 'first-content') return events.findIndex((event) => event.role === 'content') + 1
  if (after === 'content') return events.findIndex((event) => event.role === 'closing')
  return 0
}

async function breakOff(
  response: ServerResponse,
  format: WireFormat,
  request: RecordedRequest,
  { how, fail = 'server-error' }: Interruption,
): Promise<void> {
  if (how === 'stall') return
  request.outcome = 'interrupted'
  if (how === 'error') {
    if (!response.headersSent) return sendFailure(response, format, { fail })
    write(response, format.failureEvent({ fail }))
  }
  if (how === 'garbage') response.write('data: {"id": 1, "cho\n\n')
  // What was written before has to arrive before the connection goes.
  if (how === 'reset') setImmediate(() => response.destroy())
  else response.end()
}

function sendFailure(response: ServerResponse, format: WireFormat, failure: Failure): void {
  const { status, body } = format.failure({ ...failure, fail: failureName(failure) })
  if (failure.retryAfter !== undefined) response.setHeader('retry-after', String(failure.retryAfter))
  if (failure.retryAfterMs !== undefined) response.setHeader('retry-after-ms', String(failure.retryAfterMs))
  if (failure.delivery === 'event') {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    write(response, format.failureEvent(failure))
    response.end()
  } else {
    sendJson(response, failure.delivery === 'body' ? 200 : status, body)
  }
}

function write(response: ServerResponse, event: StreamEvent): void {
  response.write(`${event.event === undefined ? '' : `event: ${event.event}\n`}data: ${JSON.stringify(event.data)}\n\n`)
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

async function bytesOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function parseBody(bytes: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Source: platform.openai.com/docs/api-reference/models/list. */
function modelList(models: readonly string[]) {
  return { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1_750_000_000, owned_by: 'scripted' })) }
}
