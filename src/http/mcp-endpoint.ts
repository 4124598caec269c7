import {
  type AuthInfo,
  createMcpHandler,
  isJSONRPCRequest,
  isLegacyRequest,
  type McpHandlerRequestOptions,
  type Server,
} from '@modelcontextprotocol/server'
import type { Grant, Viewer } from '../caller.ts'
import { toAuthInfo } from '../mcp/caller.ts'
import type { McpOptions } from '../mcp/connection.ts'
import { directLists, type ListListener, watchDirectLists } from '../mcp/direct.ts'
import { maxMessageBytes } from '../mcp/limits.ts'
import { type Listening, listeningOf } from '../mcp/listen-tap.ts'
import { createMcpServerFactory } from '../mcp/server.ts'
import { createSubscriptions } from '../mcp/subscriptions.ts'
import type { Signalbox } from '../signalbox.ts'
import { refuse } from './answers.ts'
import { paramHeaderMismatch } from './param-headers.ts'
import { whenEnded } from './response-end.ts'
import { createSessions } from './sessions.ts'

const headerMismatchCode = -32020

/** Streams of `subscriptions/listen` at once. */
const maxListening = 256
const longestTimerMs = 2 ** 31 - 1

export interface McpEndpoint {
  fetch(request: Request, given: { path: string; grant: Grant; body: unknown }): Promise<Response>
  sessions(): number
  /** Ends the streams that would never end by themselves, so that the calls under way can. */
  endListening(): void
  close(): Promise<void>
}

/** Headers that say something else than the arguments of a hosted tool that wants them repeated. */
function headerMismatch(box: Signalbox, viewer: Viewer, body: unknown, headers: Headers): Response | undefined {
  if (!isJSONRPCRequest(body) || body.method !== 'tools/call') return undefined
  const tool = directLists(box, viewer).tools.find((one) => one.name === body.params?.['name'])
  const mismatch = tool && paramHeaderMismatch(tool.inputSchema, body.params?.['arguments'], headers)
  if (mismatch === undefined) return undefined
  const { header, reason } = mismatch
  const error = { code: headerMismatchCode, message: `Headers and body disagree: ${reason}`, data: { mismatch: { header, body: reason } } }
  return Response.json({ jsonrpc: '2.0', error, id: body.id }, { status: 400 })
}

/** `/mcp` of one profile: requests of 2026-07-28 stand alone, those of 2025-11-25 belong to a session. */
export function createMcpEndpoint(box: Signalbox, options: Omit<McpOptions, 'signalbox' | 'door'>): McpEndpoint {
  const mcpOptions: McpOptions = { ...options, signalbox: box, door: 'http' }
  const makeServer = createMcpServerFactory(mcpOptions)
  const onerror = (error: Error) => options.log.debug('MCP over HTTP', { error: error.message })
  const makeHandler = () => createMcpHandler(makeServer, { legacy: 'reject', maxRequestBodySize: maxMessageBytes, onerror })
  const modern = makeHandler()
  const sessions = createSessions({ open: () => makeServer({ era: 'legacy' }) })
  const listening = new Set<{ notify: ListListener; end(): void }>()

  const stopWatching = watchDirectLists(box, options.profile, {
    toolsChanged: () =>
      tell(
        (server) => server.sendToolListChanged(),
        (listener) => listener.toolsChanged(),
      ),
    promptsChanged: () =>
      tell(
        (server) => server.sendPromptListChanged(),
        (listener) => listener.promptsChanged(),
      ),
    resourcesChanged: () =>
      tell(
        (server) => server.sendResourceListChanged(),
        (listener) => listener.resourcesChanged(),
      ),
  })

  function tell(inSession: (server: Server) => Promise<void>, onStream: (listener: ListListener) => void): void {
    for (const server of sessions.servers()) inSession(server).catch(onerror)
    for (const { notify } of listening) onStream(notify)
  }

  /** A handler for each stream: what one principal's resources do is never told to another. */
  async function listen(
    request: Request,
    path: string,
    { grant, ...given }: McpHandlerRequestOptions & { authInfo: AuthInfo; grant: Grant },
    { uris, capabilities }: Listening,
  ) {
    if (listening.size >= maxListening)
      return refuse(path, 503, `There are ${maxListening} streams in use: try again later`, { headers: { 'retry-after': '30' } })
    const handler = makeHandler()
    const subscriptions = createSubscriptions(mcpOptions)
    const entry = { notify: handler.notify, end: () => void handler.close() }
    const { expiresAt } = given.authInfo
    const atEnd =
      expiresAt === undefined ? undefined : setTimeout(entry.end, Math.min(expiresAt * 1000 - Date.now(), longestTimerMs)).unref()
    const response = whenEnded(await handler.fetch(request, given), () => {
      clearTimeout(atEnd)
      listening.delete(entry)
      void subscriptions.close()
    })
    if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) return response
    listening.add(entry)
    for (const uri of uris) {
      const told = () => handler.notify.resourceUpdated(uri)
      subscriptions.add(uri, told, { ...grant, profile: options.profile, capabilities }).catch(onerror)
    }
    return response
  }

  return {
    async fetch(request, { path, grant, body }) {
      const authInfo = toAuthInfo(grant)
      if (await isLegacyRequest(request, body)) return sessions.handle(request, { path, authInfo, body })
      const mismatch = headerMismatch(box, { ...grant, profile: options.profile }, body, request.headers)
      if (mismatch !== undefined) return mismatch
      const listened = listeningOf(body)
      if (listened !== undefined) return listen(request, path, { authInfo, grant, parsedBody: body }, listened)
      return modern.fetch(request, { authInfo, parsedBody: body })
    },
    sessions: () => sessions.size,
    endListening() {
      sessions.endStreams()
      for (const { end } of listening) end()
    },
    async close() {
      stopWatching()
      for (const { end } of listening) end()
      await Promise.all([modern.close(), sessions.close()])
    },
  }
}
