import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Handler, Hono } from 'hono'
import { ownerRole } from '../caller.ts'
import type { Config } from '../config/config.ts'
import { modelsPath } from '../gateway/paths.ts'
import { headersOf } from '../gateway/request-headers.ts'
import type { Log } from '../log.ts'
import type { McpOptions } from '../mcp/connection.ts'
import type { Signalbox } from '../signalbox.ts'
import { traceContextOf } from '../telemetry/trace-context.ts'
import { allowedHostnames, checkBind, urlOf } from './addresses.ts'
import { refuse } from './answers.ts'
import { createConsoleLogin } from './console/login.ts'
import { consoleRoutes } from './console/routes.ts'
import { admit, checkAddress, type Guarded, guard } from './guard.ts'
import { createKeys } from './identity/keys.ts'
import { createOAuth, metadataOf, metadataPath, metadataUrl } from './identity/oauth.ts'
import { createMcpEndpoint, type McpEndpoint } from './mcp-endpoint.ts'
import { createHttpMetrics } from './metrics.ts'
import { runOperation } from './operations.ts'

export interface ServeHttpOptions extends Pick<McpOptions, 'stateKey'> {
  readonly log: Log
  /** What the keys are sealed with that are minted on this machine. */
  readonly mintSecret?: Uint8Array | undefined
  /** The token of the instance, which opens the console. Without it there is none. */
  readonly instanceToken?: string | undefined
  readonly host?: string | undefined
  /** Taken as it is, or refused. Without it the configured port, or the next free one. */
  readonly port?: number | undefined
  /** How long requests under way may take to end when the door closes. */
  readonly graceMs?: number | undefined
  /** How long a request may take to arrive. */
  readonly arrival?: Partial<typeof arrivalLimits> | undefined
}

export interface HttpDoor {
  readonly url: string
  close(): Promise<void>
}

const portsTried = 20

/** Time-outs for receiving a request, so that a client that trickles bytes holds nothing; answers may take as long as they need. */
const arrivalLimits = {
  headersTimeout: 10_000,
  requestTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
}
const limits = { keepAliveTimeout: 65_000, maxHeaderSize: 16 * 1024 }
const maxConnections = 4096

/**
 * Serves MCP (both eras) and the plain paths over HTTP.
 *
 * @throws {ConfigError} If others could reach the address without a token and a list of host names.
 * @throws {Error} If the port that was asked for is taken.
 */
export async function serveHttp(box: Signalbox, config: Pick<Config, 'http' | 'profiles'>, options: ServeHttpOptions): Promise<HttpDoor> {
  const { log, stateKey, mintSecret, instanceToken, host = config.http.host, graceMs = 5_000, arrival } = options
  checkBind(host, config.http)
  const endpoints = new Map<string, McpEndpoint>()
  const metrics = createHttpMetrics(box.meter)
  const stopping = new AbortController()
  let inFlight = 0

  function endpointOf(profile: string | undefined): McpEndpoint {
    const key = profile ?? ''
    const known = endpoints.get(key) ?? createMcpEndpoint(box, { log, profile, stateKey })
    endpoints.set(key, known)
    return known
  }

  const { oauth } = config.http
  const identify = createKeys(config.http, {
    mintSecret,
    isRevoked: (ids) => box.mintedKeys.isRevoked(ids),
    oauth: oauth && createOAuth(oauth, { roles: box.roles, log }),
  })
  const challenge = oauth && { metadataUrl: metadataUrl(oauth), scopes: Object.keys(oauth.scopes) }
  const app = new Hono<Guarded>()
  app.use(async (c, next) => {
    const begunAt = performance.now()
    // What MCP requests say of their trace in their own words goes before it.
    await box.tracer.from(traceContextOf(c.req.raw.headers), next)
    metrics.countRequest({ method: c.req.method, path: c.req.path, status: c.res.status, ms: performance.now() - begunAt })
    log.debug('HTTP', { method: c.req.method, path: c.req.path, status: c.res.status })
  })
  const guarding = { hostnames: allowedHostnames(config.http), identify, oauth: challenge, isStopping: () => stopping.signal.aborted }
  if (instanceToken !== undefined) {
    const login = createConsoleLogin({ token: instanceToken, port: () => port })
    const refuseAddress = (headers: Headers) => checkAddress(headers, guarding.hostnames)
    app.route('/', consoleRoutes({ box, log, login, refuseAddress, stopping: stopping.signal }))
  }
  app.use(guard(guarding))
  if (oauth !== undefined) {
    for (const path of [metadataPath, new URL(metadataUrl(oauth)).pathname]) app.get(path, (c) => c.json(metadataOf(oauth)))
  }
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    if (stopping.signal.aborted) return c.json({ status: 'stopping' }, 503)
    const { ready, checks } = await box.readiness()
    return c.json({ status: ready ? 'ready' : 'not ready', checks }, ready ? 200 : 503)
  })
  app.get('/metrics', async (c) => {
    const sessions = [...endpoints.values()].reduce((sum, endpoint) => sum + endpoint.sessions(), 0)
    const samples = [...(await box.samples()), ...metrics.samples({ sessions, inFlight })]
    const isOwner = c.get('grant').roles.includes(ownerRole)
    return c.text(box.meter.write(samples, { isOwner }), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    })
  })
  app.on(['GET', 'POST', 'DELETE'], ['/mcp', '/mcp/:profile'], (c) => {
    const profile = c.req.param('profile')
    if (profile !== undefined && !Object.hasOwn(config.profiles, profile)) return refuse(c.req.path, 404, `There is no profile ${profile}`)
    return endpointOf(profile).fetch(c.req.raw, { path: c.req.path, grant: c.get('grant'), body: c.get('body') })
  })
  const asPath =
    (operation: string): Handler<Guarded> =>
    ({ req, get }) =>
      traced(req.method, req.path, async () => {
        const given = { path: req.path, grant: get('grant'), body: get('body'), headers: req.raw.headers, signal: req.raw.signal }
        return runOperation(box, operation, given, log)
      })
  app.post('/v1/plan', asPath('plan_step'))
  app.post('/v1/outcomes', asPath('rate'))
  app.notFound((c) => refuse(c.req.path, 404, `There is nothing at ${c.req.method} ${c.req.path}`))
  app.onError((error, c) => {
    log.error(`Cannot answer ${c.req.method} ${c.req.path}`, { error })
    return refuse(c.req.path, 500, 'Internal error: the reason is in the log of Signalbox')
  })

  function traced<Answer extends { readonly status: number }>(method: string, path: string, work: () => Promise<Answer>): Promise<Answer> {
    const attributes = { 'http.request.method': method, 'http.route': path }
    return box.tracer.span(`${method} ${path}`, { kind: 'server', attributes }, async (span) => {
      const answer = await work()
      span.set({ 'http.response.status_code': answer.status })
      if (answer.status >= 500) span.fail(String(answer.status))
      return answer
    })
  }

  /** Calls of models go past the framework: they are many and large, and their bytes are to stay what they are. */
  async function answerGateway(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const begunAt = performance.now()
    response.once('close', () => {
      const { method = '' } = request
      metrics.countRequest({ method, path, status: response.statusCode, ms: performance.now() - begunAt })
      log.debug('HTTP', { method: request.method, path, status: response.statusCode })
    })
    const headers = new Headers(headersOf(request))
    const admitted = await admit(headers, guarding)
    if ('refused' in admitted) {
      const { status, refused } = admitted
      return box.gateway.refuse(path, response, { status, message: refused, headers: admitted.headers })
    }
    return box.tracer.from(traceContextOf(headers), async () => {
      const route = path.startsWith(modelsPath) ? modelsPath : path
      await traced(request.method ?? '', route, async () => {
        await box.gateway.answer({ path, grant: admitted, headers, request, response })
        return { status: response.statusCode }
      })
    })
  }

  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server: Server = createServer({ ...limits, ...arrivalLimits, ...arrival }, (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (!box.gateway.handles(path)) return void listener(request, response)
    answerGateway(path, request, response).catch((error: unknown) => {
      log.error(`Cannot answer ${path}`, { error })
      response.destroy()
    })
  })
  server.maxConnections = maxConnections
  server.on('request', (_request, response) => {
    inFlight += 1
    response.once('close', () => {
      inFlight -= 1
      if (inFlight === 0) server.emit('idle')
    })
  })
  server.on('error', (error) => log.debug('HTTP server', { error: error.message }))
  const { port } = await listen(server, host, options.port === undefined ? portsFrom(config.http.port) : [options.port])

  async function stop(): Promise<void> {
    stopping.abort()
    const closed = once(server, 'close')
    server.close()
    for (const endpoint of endpoints.values()) endpoint.endListening()
    if (inFlight > 0) await Promise.race([once(server, 'idle'), delay(graceMs)])
    await Promise.all([...endpoints.values()].map((endpoint) => endpoint.close()))
    server.closeAllConnections()
    metrics.close()
    await closed
  }

  let stopped: Promise<void> | undefined
  return {
    url: urlOf(host, port),
    close() {
      stopped ??= stop()
      return stopped
    },
  }
}

function portsFrom(first: number): number[] {
  if (first === 0) return [0]
  return Array.from({ length: portsTried }, (_, step) => first + step).filter((port) => port < 65_536)
}

/** Listens on the first port that is free. */
async function listen(server: Server, host: string, ports: readonly number[]): Promise<AddressInfo> {
  for (const port of ports) {
    try {
      server.listen(port, host)
      await once(server, 'listening')
      return server.address() as AddressInfo
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  const tried = ports.length === 1 ? `port ${ports[0]} is` : `ports ${ports[0]} to ${ports.at(-1)} are`
  throw new Error(`Cannot listen on ${host}: ${tried} taken; give another with --http PORT or http.port`)
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
