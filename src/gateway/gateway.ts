import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ClientFormat, ClientRequestError } from '../../models/wire/client-format.ts'
import type { Grant } from '../caller.ts'
import type { Computer } from '../computer/computer.ts'
import type { Config } from '../config/config.ts'
import type { Line } from '../dispatch/line.ts'
import type { Approvals } from '../runs/approvals.ts'
import { createCallRates } from './call-rates.ts'
import { sendJson } from './client-answer.ts'
import { type EmbeddingServices, passEmbeddings } from './embeddings.ts'
import { type DoorFailure, failureOf } from './failure.ts'
import { formatAt } from './formats.ts'
import type { Ledger } from './ledger.ts'
import { listModels } from './list-models.ts'
import { modelsPath, postPaths } from './paths.ts'
import { BodyTooLargeError, readBody } from './read-body.ts'
import type { Sessions } from './session.ts'
import type { StoredResponses } from './stored-responses.ts'

/** What the gateway works with: put together once, in `src/box.ts`. */
export interface GatewayServices extends Line {
  readonly config: () => Pick<Config, 'profiles' | 'roles' | 'route'>
  readonly embedding: EmbeddingServices
  readonly ledger: Ledger
  readonly sessions: Sessions
  readonly responses: StoredResponses
  readonly computer: Computer
  readonly approvals: Approvals
}

/** Whoever asks, and where. */
export interface GatewayRequest {
  readonly path: string
  readonly grant: Grant
  readonly headers: Headers
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Aborts when the client leaves before its answer is whole. */
  readonly signal: AbortSignal
}

/** The wire formats of OpenAI and Anthropic: each call of a client is a step on the line. */
export interface Gateway {
  handles(path: string): boolean
  /** Never rejects: whatever goes wrong is answered, in the format of its path. */
  answer(given: Omit<GatewayRequest, 'signal'>): Promise<void>
  /** In the format of its path. */
  refuse(path: string, response: ServerResponse, failure: DoorFailure): Promise<void>
}

/** Requests at one time; more are turned away at once, so that those under way are served well. */
const mostAtOnce = 2048

export function createGateway(services: GatewayServices): Gateway {
  let under = 0
  const rates = createCallRates()

  const refuse = async (path: string, response: ServerResponse, failure: DoorFailure) => {
    if (response.headersSent || response.destroyed) {
      response.destroy()
      return
    }
    const format = await (formatAt(path) ?? formatAt(isAnthropic(path) ? '/v1/messages' : '/v1/chat/completions'))
    sendJson(response, failure.status, format?.writeFailure(failure), failure.headers)
  }

  return {
    handles: (path) => path === modelsPath || path.startsWith(`${modelsPath}/`) || postPaths.includes(path),
    refuse,

    async answer({ path, grant, headers, request, response }) {
      if (under >= mostAtOnce) {
        const message = `Signalbox answers ${mostAtOnce} requests at once and has no room for more`
        return refuse(path, response, { status: 503, message, headers: { 'retry-after': '1' } })
      }
      const waitMs = postPaths.includes(path) ? await rates.take(grant) : undefined
      if (waitMs !== undefined) {
        const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) }
        return refuse(path, response, {
          status: 429,
          message: 'The key may not begin more calls this minute',
          code: 'rate_limit_exceeded',
          headers,
        })
      }
      under += 1
      const left = new AbortController()
      const onClose = () => {
        if (!response.writableFinished) left.abort(new DOMException('The client left', 'AbortError'))
      }
      response.once('close', onClose)
      try {
        await route(services, { path, grant, headers, request, response, signal: left.signal })
      } catch (error) {
        if (left.signal.aborted) return
        const failure = refusalOf(error)
        if (failure.status >= 500) services.log.error(`Cannot answer ${path}`, { error })
        await refuse(path, response, failure)
      } finally {
        under -= 1
        response.off('close', onClose)
      }
    },
  }
}

async function route(services: GatewayServices, given: GatewayRequest): Promise<void> {
  const { path, request } = given
  const isModels = !postPaths.includes(path)
  if (request.method !== (isModels ? 'GET' : 'POST')) throw new MethodError(isModels ? 'GET' : 'POST', path)
  if (isModels) return listModels(services, given)
  checkHeaders(request)
  const body = await readBody(request)
  if (path === '/v1/embeddings') return passEmbeddings(services, given, body)
  if (path === '/v1/messages/count_tokens') return (await import('./count-tokens.ts')).countTokens(services, given, body)
  const format: ClientFormat | undefined = await formatAt(path)
  if (format === undefined) throw new MethodError('POST', path)
  const { answerModelCall } = await modelCalls()
  return answerModelCall(services, given, { format, body })
}

let loaded: Promise<typeof import('./model-call.ts')> | undefined

/** With the first call: nobody else waits for it. */
function modelCalls(): Promise<typeof import('./model-call.ts')> {
  loaded ??= import('./model-call.ts')
  return loaded
}

class MethodError extends Error {
  readonly method: string
  constructor(method: string, path: string) {
    super(`${path} is asked with ${method}`)
    this.method = method
  }
}

function checkHeaders({ headers }: IncomingMessage): void {
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) {
    throw new ClientRequestError('content-type', 'must be application/json')
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new ClientRequestError('content-encoding', `must be identity, received ${encoding.slice(0, 40)}`)
}

function refusalOf(error: unknown): DoorFailure {
  if (error instanceof BodyTooLargeError) return { status: 413, message: error.message, headers: { connection: 'close' } }
  if (error instanceof MethodError) return { status: 405, message: error.message, headers: { allow: error.method } }
  return failureOf(error)
}

function isAnthropic(path: string): boolean {
  return path.startsWith('/v1/messages')
}
