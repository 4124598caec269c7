import { setTimeout as delay } from 'node:timers/promises'
import {
  type CallToolRequest,
  CLIENT_CAPABILITIES_META_KEY,
  type Client,
  LOG_LEVEL_META_KEY,
  ProtocolError,
  SERVER_INFO_META_KEY,
  type StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { asObject } from '../definitions.ts'
import type { RawResult, ToolError } from '../tool.ts'
import type { Connection, ConnectOptions, RequestOptions, ServerRequest } from './connection.ts'
import { DeadlineError } from './deadline.ts'
import { hasLostSession, toToolError } from './failures.ts'
import { listenForChanges } from './list-changes.ts'
import { asReceived, noTimeout, readLists, usesHeaders } from './lists.ts'
import { StdioTransport } from './stdio.ts'

/** What a server is reached over, and what is known of its process where it is one of ours. */
export interface OpenLine {
  readonly transport: StdioTransport | StreamableHTTPClientTransport
  readonly pid: () => number | undefined
  readonly ending: () => string | undefined
  readonly lastWords: () => string
}

/** How a server of 2025 says that a person has to open a page first. */
const urlElicitationCode = -32042

/** A connected client of the SDK as a {@link Connection}. */
export function createConnection(
  client: Client,
  line: OpenLine,
  { server, transport, limits, log, redact, events }: ConnectOptions,
): Connection {
  const era = client.getProtocolEra() ?? 'legacy'
  const overHttp = transport.kind === 'http'
  const serves: Record<string, unknown> = client.getServerCapabilities() ?? {}
  const closed = new AbortController()
  const setLogLevel = createLogLevel(client, serves)
  let closing: Promise<void> | undefined

  const failure = (error: unknown, called: string): ToolError => toToolError(error, { tool: called, server, ending: line.ending(), redact })
  const onFailed = (called: string) => (error: unknown) => log.debug(failure(error, called).message)

  client.onclose = () => {
    const expected = closed.signal.aborted
    closed.abort(new Error('The connection has ended'))
    if (!expected) events.lost(line.ending() ?? 'closed the connection')
  }
  if (era === 'modern') {
    const listening = { serves, signal: closed.signal, timeoutMs: limits.startMs }
    void listenForChanges(client, { ...listening, onInterrupted: events.listChanged, onFailed: onFailed('subscriptions/listen') })
  }

  function send(request: ServerRequest, { signal, onProgress }: RequestOptions): Promise<RawResult> {
    const options = { signal, timeout: noTimeout, allowInputRequired: true, ...(onProgress ? { onprogress: onProgress } : {}) }
    const params = era === 'modern' ? withEnvelope(request) : request.params
    if (overHttp && era === 'modern' && usesHeaders(request.inputSchema)) {
      const toolDefinition = { name: String(params['name']), inputSchema: request.inputSchema as { type: 'object' } }
      return client.callTool(params as CallToolRequest['params'], { ...options, toolDefinition })
    }
    return client.request({ method: request.method, params }, asReceived, options)
  }

  return {
    era,
    protocol: client.getNegotiatedProtocolVersion() ?? '',
    pid: line.pid(),

    async list(signal) {
      const slow = new AbortController()
      const limit = setTimeout(() => slow.abort(new DeadlineError(limits.startMs)), limits.startMs)
      const reading = { serves, overHttp, signal: AbortSignal.any([signal, closed.signal, slow.signal]) }
      try {
        return await readLists(client, { ...reading, onFailed: (method, error) => log.warn(failure(error, method).message) })
      } catch (error) {
        signal.throwIfAborted()
        throw failure(slow.signal.aborted ? slow.signal.reason : error, 'tools/list')
      } finally {
        clearTimeout(limit)
      }
    },

    async request(request, options) {
      try {
        options.signal.throwIfAborted()
        if (request.logLevel !== undefined) await setLogLevel(request.logLevel)
        return withoutServerInfo(await send(request, options))
      } catch (error) {
        const { reason, aborted } = options.signal
        if (aborted) throw reason instanceof DeadlineError ? failure(reason, request.called) : reason
        const pages = pagesToOpen(error)
        if (pages) return pages
        throw failure(error, request.called)
      }
    },

    async subscribe(uri, signal) {
      const options = { signal, timeout: limits.startMs }
      try {
        if (era === 'modern') {
          const subscription = await client.listen({ resourceSubscriptions: [uri] }, options)
          return () => subscription.close()
        }
        await client.subscribeResource({ uri }, options)
        return async () => {
          if (!closed.signal.aborted) await client.unsubscribeResource({ uri }, { timeout: limits.startMs })
        }
      } catch (error) {
        signal.throwIfAborted()
        throw failure(error, uri)
      }
    },

    isLost: (error) => overHttp && hasLostSession(error),

    close() {
      closed.abort(new Error('The connection was closed'))
      closing ??= endSession(line).then(() => client.close())
      return closing
    },
  }
}

/** A session over HTTP is ended where the server keeps it; that it is gone already is no fault. */
async function endSession({ transport }: OpenLine): Promise<void> {
  if (transport instanceof StdioTransport) return
  await Promise.race([transport.terminateSession().catch(() => undefined), delay(1000)])
}

/** What a server of 2026-07-28 is told with each request: what this caller declared, and which log lines it wants. */
function withEnvelope({ params, capabilities, logLevel }: ServerRequest): Record<string, unknown> {
  if (!capabilities) return params
  return {
    ...params,
    _meta: {
      ...asObject(params['_meta']),
      [CLIENT_CAPABILITIES_META_KEY]: capabilities,
      ...(logLevel === undefined ? {} : { [LOG_LEVEL_META_KEY]: logLevel }),
    },
  }
}

/** Servers of 2025 keep one level for the connection. */
function createLogLevel(client: Client, serves: Record<string, unknown>): (level: string) => Promise<void> {
  let current: string | undefined
  return async (level) => {
    if (client.getProtocolEra() === 'modern' || serves['logging'] === undefined || level === current) return
    current = level
    await client.request({ method: 'logging/setLevel', params: { level } }, asReceived)
  }
}

/** A result answers in our name, not in that of the server behind. */
function withoutServerInfo(result: RawResult): RawResult {
  const meta = asObject(result['_meta'])
  if (!meta || !(SERVER_INFO_META_KEY in meta)) return result
  const { [SERVER_INFO_META_KEY]: _identity, ...rest } = meta
  const { _meta, ...others } = result
  return Object.keys(rest).length === 0 ? others : { ...others, _meta: rest }
}

/** The same as questions of 2026-07-28, which can be put to the caller in the same way. */
function pagesToOpen(error: unknown): RawResult | undefined {
  if (!(error instanceof ProtocolError) || error.code !== urlElicitationCode) return undefined
  const pages = asObject(error.data)?.['elicitations']
  if (!Array.isArray(pages)) return undefined
  const inputRequests = Object.fromEntries(pages.map((params, index) => [`page-${index}`, { method: 'elicitation/create', params }]))
  return { resultType: 'input_required', inputRequests }
}
