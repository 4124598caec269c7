import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { AuthorizationServer } from '../authorization-server.ts'
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

/** The sample of both eras on a free port of loopback. With `token`, others are turned away; with `issuer`, all but its tokens. */
export async function serveSample({
  token,
  issuer,
  port = 0,
  misplaced,
}: {
  token?: string
  issuer?: AuthorizationServer
  port?: number
  misplaced?: boolean
} = {}): Promise<HttpSample> {
  const { factory, state } = createSample()
  const handler = createMcpHandler(factory, { legacy: 'reject' })
  state.notifier = handler.notify
  state.misplaced = misplaced
  const serve = toNodeHandler(handler)
  const isLetIn = issuer && verifier(issuer)
  return listen(async (request, response) => {
    const { host, authorization = '' } = request.headers
    const resource = `http://${host}/mcp`
    if (issuer && request.url === '/.well-known/oauth-protected-resource/mcp') {
      const metadata = { resource, authorization_servers: [issuer.issuer], scopes_supported: ['tools:read', 'tools:write'] }
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata))
    }
    if (isLetIn && !(await isLetIn(authorization, resource))) {
      const challenge = `Bearer resource_metadata="http://${host}/.well-known/oauth-protected-resource/mcp", scope="tools:read"`
      return response.writeHead(401, { 'www-authenticate': challenge }).end()
    }
    if (isLetIn) return serve(request as never, response)
    if (token === undefined || request.headers.authorization === `Bearer ${token}`) return serve(request as never, response)
    return response.writeHead(401).end()
  }, port)
}

/** Verifies as a resource server does: signature by the published keys, issuer, audience and time. */
function verifier({ issuer }: AuthorizationServer): (authorization: string, audience: string) => Promise<boolean> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/keys`))
  return async (authorization, audience) => {
    const verified = jwtVerify(authorization.replace(/^Bearer /, ''), keys, { issuer, audience })
    return verified.then(
      () => true,
      () => false,
    )
  }
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
