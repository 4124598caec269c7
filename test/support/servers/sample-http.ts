import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { createLegacySample } from './legacy-sample.ts'
import { createSample } from './sample.ts'

export interface HttpSample {
  readonly url: string
  /** Headers of each request, oldest first. */
  readonly requests: readonly IncomingMessage['headers'][]
  /** Forgets all sessions, as a restart does. */
  forget(): void
  close(): Promise<void>
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/** The sample of both eras on a free port of loopback. With `token`, others are turned away. */
export async function serveSample({
  token,
  port = 0,
  misplaced,
}: {
  token?: string
  port?: number
  misplaced?: boolean
} = {}): Promise<HttpSample> {
  const { factory, state } = createSample()
  const handler = createMcpHandler(factory, { legacy: 'reject' })
  state.notifier = handler.notify
  state.misplaced = misplaced
  const serve = toNodeHandler(handler)
  return listen((request, response) => {
    if (token === undefined || request.headers.authorization === `Bearer ${token}`) return serve(request as never, response)
    return response.writeHead(401).end()
  }, port)
}

/** The sample of 2025 with sessions. */
export async function serveLegacySample({ port = 0 }: { port?: number } = {}): Promise<HttpSample> {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const sample = await listen(async (request, response) => {
    const known = request.headers['mcp-session-id']
    const transport = typeof known === 'string' ? sessions.get(known) : await open(sessions)
    if (!transport) return response.writeHead(404).end()
    return transport.handleRequest(request, response)
  }, port)
  return { ...sample, forget: () => sessions.clear() }
}

async function open(sessions: Map<string, StreamableHTTPServerTransport>): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => {
      sessions.set(id, transport)
    },
  })
  // The v1 SDK's own types do not agree under exactOptionalPropertyTypes.
  await createLegacySample().connect(transport as never)
  return transport
}

async function listen(listener: Listener, port: number): Promise<HttpSample> {
  const requests: IncomingMessage['headers'][] = []
  const server: Server = createServer((request, response) => {
    requests.push(request.headers)
    Promise.resolve(listener(request, response)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    requests,
    forget: () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
