import { randomUUID } from 'node:crypto'
import {
  type AuthInfo,
  isInitializeRequest,
  isJSONRPCRequest,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { refuse } from './answers.ts'
import { whenEnded } from './response-end.ts'

export interface SessionsOptions {
  open(): Server
  maxSessions?: number | undefined
  /** A session without a request and without an open stream for this long is ended. */
  idleMs?: number | undefined
}

export interface SessionRequest {
  readonly path: string
  readonly authInfo: AuthInfo
  readonly body: unknown
}

/** The sessions of 2025-11-25, each of the principal that opened it. */
export interface Sessions {
  handle(request: Request, given: SessionRequest): Promise<Response>
  servers(): Server[]
  readonly size: number
  /** Ends the streams of notifications, which would never end by themselves. */
  endStreams(): void
  close(): Promise<void>
}

interface Session {
  readonly id: string
  readonly principal: string
  readonly server: Server
  readonly transport: WebStandardStreamableHTTPServerTransport
  usedAt: number
  /** When the key of its latest request ends: its streams end with it. */
  expiresAt: number
  /** Responses that are still being written, streams of notifications included. */
  open: number
}

export function createSessions({ open, maxSessions = 256, idleMs = 30 * 60_000 }: SessionsOptions): Sessions {
  const sessions = new Map<string, Session>()
  const sweeping = setInterval(
    () => {
      const now = Date.now()
      for (const session of sessions.values()) {
        const isIdle = session.open === 0 && session.usedAt + idleMs <= now
        if (isIdle || session.expiresAt <= now) void end(session)
      }
    },
    Math.min(idleMs, 60_000),
  )
  sweeping.unref()

  async function end(session: Session): Promise<void> {
    sessions.delete(session.id)
    await session.server.close()
  }

  /** Room for one more: the session that has been idle longest goes first. */
  async function makeRoom(): Promise<boolean> {
    if (sessions.size < maxSessions) return true
    const [oldest] = [...sessions.values()].filter((session) => session.open === 0).toSorted((left, right) => left.usedAt - right.usedAt)
    if (oldest === undefined) return false
    await end(oldest)
    return true
  }

  async function serve(session: Session, request: Request, { authInfo, body }: SessionRequest): Promise<Response> {
    session.open += 1
    session.expiresAt = endOf(authInfo)
    const done = (delivered: boolean) => {
      session.open -= 1
      session.usedAt = Date.now()
      if (!delivered) cancelUnanswered(session.transport, body)
    }
    try {
      const given = body === undefined ? { authInfo } : { authInfo, parsedBody: body }
      return whenEnded(await session.transport.handleRequest(request, given), done)
    } catch (error) {
      done(false)
      throw error
    }
  }

  async function start(request: Request, given: SessionRequest): Promise<Response> {
    if (!isInitializeRequest(given.body)) return refuse(given.path, 400, 'Mcp-Session-Id is required: open a session with initialize first')
    if (!(await makeRoom()))
      return refuse(given.path, 503, `There are ${maxSessions} sessions in use: try again later`, { headers: { 'retry-after': '30' } })
    const server = open()
    const id = randomUUID()
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      onsessioninitialized: () => void sessions.set(id, session),
      onsessionclosed: () => void sessions.delete(id),
    })
    const session: Session = {
      id,
      principal: given.authInfo.clientId,
      server,
      transport,
      usedAt: Date.now(),
      expiresAt: endOf(given.authInfo),
      open: 0,
    }
    await server.connect(transport)
    const response = await serve(session, request, given)
    if (!sessions.has(id)) await server.close()
    return response
  }

  return {
    async handle(request, given) {
      const id = request.headers.get('mcp-session-id')
      if (id === null) return start(request, given)
      const session = sessions.get(id)
      if (session === undefined || session.principal !== given.authInfo.clientId) return refuse(given.path, 404, 'Session not found')
      return serve(session, request, given)
    },
    servers: () => [...sessions.values()].map((session) => session.server),
    get size() {
      return sessions.size
    },
    endStreams() {
      for (const { transport } of sessions.values()) transport.closeStandaloneSSEStream()
    },
    async close() {
      clearInterval(sweeping)
      await Promise.all([...sessions.values()].map(end))
    },
  }
}

function endOf({ expiresAt }: AuthInfo): number {
  return expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt * 1000
}

/**
 * A client that has dropped the stream of its request cannot get the answer any more: streams are not resumed here.
 * The work ends as if it had been cancelled, unless it had given its handle.
 */
function cancelUnanswered(transport: WebStandardStreamableHTTPServerTransport, body: unknown): void {
  for (const message of Array.isArray(body) ? body : [body]) {
    if (!isJSONRPCRequest(message)) continue
    const params = { requestId: message.id, reason: 'The client closed the stream' }
    transport.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params })
  }
}
