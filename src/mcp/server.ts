import { type McpRequestContext, ProtocolError, ProtocolErrorCode, Server, type ServerContext } from '@modelcontextprotocol/server'
import { asOwner, type Viewer } from '../caller.ts'
import type { Signalbox } from '../signalbox.ts'
import { mcpDuration } from '../telemetry/metrics.ts'
import { parseTraceContext } from '../telemetry/trace-context.ts'
import { callerOf } from './caller.ts'
import { complete } from './completions.ts'
import type { Connection, McpOptions } from './connection.ts'
import { capabilitiesOf, listHint, serverInfo } from './handshake.ts'
import { instructions } from './instructions.ts'
import { getPrompt, listPrompts } from './prompts.ts'
import { toProtocolError } from './protocol-errors.ts'
import { createRequestState } from './request-state.ts'
import { listResources, listTemplates, readResource } from './resources.ts'
import { createSubscriptions, type Subscriptions } from './subscriptions.ts'
import { bindTasks } from './tasks.ts'
import { callTool, listTools } from './tools.ts'

export type McpServerFactory = (context: Pick<McpRequestContext, 'era'>) => Server

const cacheHints = {
  'tools/list': listHint,
  'prompts/list': listHint,
  'resources/list': listHint,
  'resources/templates/list': listHint,
  'server/discover': listHint,
  'resources/read': { ttlMs: 0, cacheScope: 'private' },
} as const

/**
 * Makes the servers of one door, for both protocol eras.
 *
 * Construction only binds handlers: over HTTP it happens with each request of the stateless era. What lives longer
 * (catalogue, index, runs, store) belongs to the Signalbox behind it, which may still be opening.
 */
export function createMcpServerFactory(options: McpOptions): McpServerFactory {
  const requestState = createRequestState(options.stateKey)

  return ({ era }) => {
    const server = new Server(serverInfo, {
      capabilities: capabilitiesOf(era),
      instructions,
      cacheHints,
      requestState: { verify: requestState.verify },
    })
    const connection: Connection = { server, era, options, requestState, logLevel: undefined, root: Promise.resolve(undefined) }
    server.onerror = (error) => options.log.debug('MCP connection', { error: error.message })
    bindLists(connection)
    bindCalls(connection)
    if (era === 'legacy') bindLegacy(connection)
    else bindTasks(connection)
    return server
  }
}

function bindLists(connection: Connection): void {
  const { server, options } = connection
  const list = <T>(cursor: string | undefined, ctx: ServerContext, make: (box: Signalbox, viewer: Viewer) => T) =>
    answer(connection, ctx, async () => {
      refuseCursor(cursor)
      return make(await options.signalbox, callerOf(connection, ctx))
    })
  server.setRequestHandler('tools/list', ({ params }, ctx) => list(params?.cursor, ctx, (...of) => ({ tools: listTools(...of) })))
  server.setRequestHandler('prompts/list', ({ params }, ctx) => list(params?.cursor, ctx, (...of) => ({ prompts: listPrompts(...of) })))
  server.setRequestHandler('resources/list', ({ params }, ctx) =>
    list(params?.cursor, ctx, (...of) => ({ resources: listResources(...of) })),
  )
  server.setRequestHandler('resources/templates/list', ({ params }, ctx) =>
    list(params?.cursor, ctx, (...of) => ({ resourceTemplates: listTemplates(...of) })),
  )
}

/** Each list is one page. */
function refuseCursor(cursor: string | undefined): void {
  if (cursor !== undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown cursor: this list has one page')
}

function bindCalls(connection: Connection): void {
  const { server } = connection
  server.setRequestHandler('tools/call', (request, ctx) =>
    answer(connection, ctx, () => callTool(connection, request.params, ctx), request.params.name),
  )
  server.setRequestHandler('prompts/get', (request, ctx) => answer(connection, ctx, () => getPrompt(connection, request.params, ctx)))
  server.setRequestHandler('resources/read', (request, ctx) =>
    answer(connection, ctx, () => readResource(connection, request.params.uri, ctx)),
  )
  server.setRequestHandler('completion/complete', (request, ctx) =>
    answer(connection, ctx, () => complete(connection, request.params, ctx)),
  )
}

/** What 2026-07-28 has no more: a log level and subscriptions that belong to the connection. */
function bindLegacy(connection: Connection): void {
  const { server, options } = connection
  let subscriptions: Subscriptions | undefined

  server.setRequestHandler('logging/setLevel', ({ params }) => {
    connection.logLevel = params.level
    return {}
  })
  server.setRequestHandler('resources/subscribe', ({ params: { uri } }, ctx) =>
    answer(connection, ctx, async () => {
      subscriptions ??= createSubscriptions(options)
      const tell = () => void server.sendResourceUpdated({ uri }).catch(() => undefined)
      await subscriptions.add(uri, tell, callerOf(connection, ctx))
      return {}
    }),
  )
  server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    await subscriptions?.remove(uri)
    return {}
  })
  server.onclose = () => void subscriptions?.close()
  if (options.door !== 'stdio' || options.project !== undefined) return
  const ask = () => {
    if (server.getClientCapabilities()?.roots !== undefined) connection.root = firstRoot(connection)
  }
  server.oninitialized = ask
  server.setNotificationHandler('notifications/roots/list_changed', ask)
}

/** A client that does not tell goes without. */
const rootsMs = 2000

async function firstRoot({ server, options }: Connection): Promise<string | undefined> {
  try {
    const { roots } = await server.listRoots(undefined, { timeout: rootsMs })
    return roots[0]?.uri.slice(0, 200)
  } catch (error) {
    options.log.debug('Cannot list the roots of the client', { error })
    return undefined
  }
}

/** Runs a handler: what it throws is told as the protocol wants it, and what it does is measured. */
async function answer<T>(connection: Connection, ctx: ServerContext, work: () => Promise<T>, tool?: string): Promise<T> {
  const { method, _meta: meta, id } = ctx.mcpReq
  const { signalbox, door } = connection.options
  const caller = parseTraceContext(meta?.['traceparent'], meta?.['tracestate'])
  const box = await Promise.resolve(signalbox).catch(() => undefined)
  const run = () =>
    measured(connection, ctx, work, box && ((failed, ms) => box.meter.observe(mcpDuration, labelsOf(box, method, tool, failed), ms / 1000)))
  if (box === undefined || (!box.tracer.isOn && caller === undefined)) return run()
  const attributes = {
    'mcp.method.name': method,
    'gen_ai.tool.name': tool,
    'gen_ai.operation.name': tool === undefined ? undefined : 'execute_tool',
    'jsonrpc.request.id': String(id),
    'network.transport': door === 'stdio' ? 'pipe' : 'tcp',
  }
  return box.tracer.from(caller, () =>
    box.tracer.span(tool === undefined ? method : `${method} ${tool}`, { kind: 'server', attributes }, async (span) => {
      const result = await run()
      if (isFailed(result)) span.fail('tool_error')
      return result
    }),
  )
}

async function measured<T>(
  connection: Connection,
  ctx: ServerContext,
  work: () => Promise<T>,
  measure: ((failed: string, ms: number) => void) | undefined,
): Promise<T> {
  const { method, signal } = ctx.mcpReq
  const begunAt = performance.now()
  let failed = ''
  try {
    const result = await work()
    if (isFailed(result)) failed = 'tool_error'
    return result
  } catch (error) {
    const told = toProtocolError(error, method, signal, connection.options.log)
    failed = signal.aborted ? 'cancelled' : told instanceof ProtocolError ? String(told.code) : 'internal'
    throw told
  } finally {
    measure?.(failed, performance.now() - begunAt)
  }
}

function isFailed(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'isError' in result && result.isError === true
}

/** A tool that is listed directly has the name that its server gave it: no label of ours. */
function labelsOf(box: Signalbox, method: string, tool: string | undefined, failed: string) {
  const isOwn = tool !== undefined && box.operations(asOwner()).some(({ name }) => name === tool)
  return { mcp_method_name: method, error_type: failed, gen_ai_tool_name: tool === undefined ? '' : isOwn ? tool : 'direct' }
}
