import { createRate } from '../../models/rate.ts'
import type { Listing } from '../definitions.ts'
import type { Log } from '../log.ts'
import {
  type CallOptions,
  type CatalogueKeeper,
  type LoginKeeper,
  type RawResult,
  type ServerOptions,
  type ServerPhase,
  type ServerState,
  ToolError,
} from '../tool.ts'
import { askNewest, type WaitingCaller } from './caller.ts'
import { type Capabilities, relayable } from './capabilities.ts'
import type { Connection, ConnectionEvents, ConnectionLimits, ServerRequest } from './connection.ts'
import { createHealth } from './health.ts'
import { type ConnectedLane, createLanes, type Lane } from './lanes.ts'
import { createLearner } from './learner.ts'
import { createLogin } from './login.ts'
import { LoginError } from './login-error.ts'
import { notAvailable, perform } from './perform.ts'
import type { Reaper } from './reaper.ts'
import { createRedactor } from './redact.ts'
import { createSlots, type Slots } from './slots.ts'
import { createSubscriptions } from './subscriptions.ts'

export interface ServerLimits extends ConnectionLimits {
  /** Of one call in all, however often it shows signs of life. */
  readonly maxCallMs: number
  /** To one server, over all callers. */
  readonly maxConnections: number
}

export interface HostedServerOptions {
  server: ServerOptions
  keeper: CatalogueKeeper
  logins?: LoginKeeper | undefined
  log: Log
  clock: () => number
  clientInfo: { name: string; version: string }
  limits: ServerLimits
  reaper: Reaper
  /** For starts that nobody waits for, of all servers together: they do not take the machine from those that somebody waits for. */
  background: Slots
  /** The server lists something else than before. */
  onListing(): Promise<void>
}

/** One server behind Signalbox: known from its last run, started on demand, restarted after a crash, stopped when idle. */
export interface HostedServer {
  readonly options: ServerOptions
  readonly listing: Listing
  readonly hasSnapshot: boolean
  state(): Omit<ServerState, 'tools'>
  /** Reads what the last run learnt. */
  load(): Promise<void>
  /** Asks the server what it has, starting it if need be. Resolves when that was tried. */
  confirm(): Promise<void>
  /** Resolves when the server has answered or failed in this run. */
  settled(): Promise<void>
  /** @throws {ToolError} Or the reason of the caller's signal. */
  perform(request: ServerRequest, options: CallOptions): Promise<RawResult>
  subscribe(uri: string, listener: () => void, options: CallOptions): Promise<() => Promise<void>>
  /** Takes up options with the same transport. */
  update(options: ServerOptions): void
  /** Stops when its calls have ended; no new ones come. */
  retire(): Promise<void>
  close(): Promise<void>
}

/** A server that has just ended is given this long before it is started again. */
const restartMs = 250
/** Lists are read again so soon after they changed. A server whose lists change all the time gets a tenth of the time. */
const relistMs = { soon: 100, afterFailure: 5000 }
const relistShare = 10
const turnMs = 5000
const loginPollMs = 2000

export function createHostedServer({
  server,
  keeper,
  logins,
  log,
  clock,
  clientInfo,
  limits,
  reaper,
  background,
  onListing,
}: HostedServerOptions): HostedServer {
  const { name, transport } = server
  const login = logins && transport.kind === 'http' ? createLogin({ server: name, transport, keeper: logins }) : undefined
  const redact = createRedactor(transport, login?.secrets)
  const health = createHealth({ clock })
  const slots = createSlots(server.concurrency)
  const rate = createRate(server.ratePerMinute)
  const stopping = new AbortController()
  let options = server
  let starts = 0
  let restarts = 0
  let listingError: string | undefined
  /** Whether what it lists can be found: it was told to whoever shows it. */
  let isOffered = false
  let running = 0
  let confirming: Promise<void> | undefined
  let nextConfirm: { timer: NodeJS.Timeout; at: number } | undefined
  let loginTimer: NodeJS.Timeout | undefined
  let notBefore = 0
  let onQuiet: (() => void) | undefined

  const learner = createLearner({ server: name, transport, keeper, log, clock, listWithAll })
  const lanes = createLanes({
    server: name,
    open(lane) {
      starts += 1
      return open(lane.capabilities, eventsOf(lane))
    },
    idleMs: () => options.idleMs,
    maxConnections: limits.maxConnections,
    onIdle: () => log.debug(`Server "${name}" was stopped: nobody used it`),
  })
  const subscriptions = createSubscriptions({ lanes, stopping: stopping.signal, enter })

  async function open(
    capabilities: Capabilities,
    events: Omit<ConnectionEvents, 'lost'> & { lost(ending: string, livedMs: number): void },
  ): Promise<Connection> {
    const since = performance.now()
    if (health.error !== undefined) restarts += 1
    const { connect } = await import('./connect.ts')
    try {
      const connection = await connect({
        server: name,
        transport,
        login,
        capabilities,
        knownLegacy: learner.isLegacy,
        limits,
        clientInfo,
        reaper,
        log,
        redact,
        signal: stopping.signal,
        events: { ...events, lost: (ending) => events.lost(ending, performance.now() - since) },
      })
      const { protocol, pid } = connection
      log.debug(`Server "${name}" is connected`, { protocol, pid, ms: Math.round(performance.now() - since) })
      return connection
    } catch (error) {
      stopping.signal.throwIfAborted()
      fail((error as Error).message)
      if (error instanceof Error && error.cause instanceof LoginError) awaitLogin()
      throw error
    }
  }

  function eventsOf(lane: Lane): Parameters<typeof open>[1] {
    return {
      lost(ending, livedMs) {
        lanes.lost(lane)
        subscriptions.lost(lane)
        if (!stopping.signal.aborted) fail(`Server "${name}" ${ending}`, livedMs)
      },
      listChanged: () => confirmSoon(relistMs.soon),
      resourceUpdated: (uri) => subscriptions.updated(lane, uri),
      logged(entry) {
        for (const { options: caller } of lane.callers) {
          // One of 2026-07-28 logs for those who asked for it.
          if (lane.connection?.era !== 'modern' || caller.logLevel !== undefined) caller.onLog?.(entry)
        }
      },
      asked: (request) => askNewest(lane.callers, request),
    }
  }

  /** One that ends by itself is started again, until it has failed too often: then only a call starts it. */
  function fail(error: string, livedMs = 0): void {
    health.failed(error, { livedMs })
    log.warn(error)
    const waitMs = health.nextStartMs()
    if (waitMs !== undefined) confirmSoon(Math.max(waitMs, restartMs))
  }

  /** Somebody may log in by another process. What was refused until then says nothing about what comes. */
  function awaitLogin(): void {
    clearTimeout(loginTimer)
    loginTimer = setTimeout(async () => {
      if (stopping.signal.aborted || lanes.connected()) return
      if (!(await login?.isNew())) return awaitLogin()
      health.worked()
      confirmSoon(0)
    }, loginPollMs).unref()
  }

  /** A process for a moment. */
  async function listWithAll(): Promise<Listing> {
    const nobody = { lost: () => undefined, listChanged: () => undefined, resourceUpdated: () => undefined, logged: () => undefined }
    const connection = await open(relayable, { ...nobody, asked: (request) => askNewest(new Set(), request) })
    try {
      return await connection.list(stopping.signal)
    } finally {
      await connection.close()
    }
  }

  async function readLists(): Promise<void> {
    if (!lanes.connected()) health.assertMayStart(name)
    const { lane, release } = await lanes.spare(learner.spareCapabilities())
    const since = performance.now()
    try {
      const isNews = await learner.takeUp(lane, await lane.connection.list(stopping.signal))
      listingError = undefined
      if (isNews) await onListing()
      isOffered = true
    } finally {
      notBefore = performance.now() + (performance.now() - since) * relistShare
      release()
    }
  }

  function confirm(): Promise<void> {
    confirming ??= background
      .take(stopping.signal)
      .then((giveBack) => {
        // One that hangs does not keep the others from their turn.
        const limit = setTimeout(giveBack, turnMs).unref()
        return readLists().finally(() => {
          clearTimeout(limit)
          giveBack()
        })
      })
      .catch((error: unknown) => {
        if (stopping.signal.aborted) return
        listingError = (error as Error).message
        log.debug(`Server "${name}" did not say what it has: ${listingError}`)
        // One that does not start is tried again by `fail`.
        if (lanes.connected()) confirmSoon(relistMs.afterFailure)
      })
      .finally(() => {
        confirming = undefined
      })
    return confirming
  }

  function confirmSoon(waitMs: number): void {
    const at = Math.max(performance.now() + waitMs, notBefore)
    if (stopping.signal.aborted || (nextConfirm && nextConfirm.at <= at)) return
    clearTimeout(nextConfirm?.timer)
    const begin = async () => {
      nextConfirm = undefined
      await confirming
      await confirm()
    }
    nextConfirm = { timer: setTimeout(begin, at - performance.now()).unref(), at }
  }

  async function enter(caller: WaitingCaller, called: string, signal: AbortSignal): Promise<ConnectedLane> {
    stopping.signal.throwIfAborted()
    if (!lanes.connected() && !lanes.isStarting()) health.assertMayStart(called)
    const before = starts
    try {
      const lane = await lanes.enter(caller, called, signal)
      if (starts !== before) {
        // A new process may have other things to offer than the last.
        confirmSoon(relistMs.soon)
        void learner.remember(lane.capabilities)
      }
      return lane
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ToolError) throw error
      throw notAvailable(called, error)
    }
  }

  async function pace(called: string, maxWaitMs: number, signal: AbortSignal): Promise<void> {
    const freeInMs = await rate.take(maxWaitMs, signal)
    if (freeInMs === undefined) return
    const text = `"${called}" was not called: server "${name}" may be called ${options.ratePerMinute} times a minute, and is free again in ${Math.ceil(freeInMs / 1000)} s`
    throw new ToolError(text, { tool: called, stage: 'run', kind: 'quota' })
  }

  function phase(): ServerPhase {
    if (stopping.signal.aborted) return 'stopped'
    if (lanes.connected() && isOffered) return 'ready'
    if (lanes.connected()) return listingError === undefined ? 'starting' : 'failed'
    if (lanes.isStarting() || confirming) return 'starting'
    return (health.error ?? listingError) === undefined ? 'idle' : 'failed'
  }

  return {
    get options() {
      return options
    },
    get listing() {
      return learner.listing
    },
    get hasSnapshot() {
      return learner.hasSnapshot
    },
    async load() {
      await learner.load()
      isOffered = learner.hasSnapshot
    },
    confirm,

    state() {
      const connection = lanes.connected()?.connection
      return {
        name,
        transport: transport.kind,
        phase: phase(),
        protocol: connection?.protocol,
        fromSnapshot: learner.hasSnapshot && !learner.confirmed,
        restarts,
        requests: { running: running - slots.waiting(), waiting: slots.waiting() },
        pid: connection?.pid,
        error: connection ? listingError : (health.error ?? listingError),
        retryAt: connection ? undefined : health.retryAt,
      }
    },

    async settled() {
      if (!learner.confirmed && listingError === undefined) await confirm()
    },

    async perform(request, call) {
      running += 1
      try {
        const quietMs = call.timeoutMs ?? options.timeoutMs
        const stopped = stopping.signal
        if (request.method === 'tools/call')
          await pace(request.called, quietMs, AbortSignal.any([stopped, ...(call.signal ? [call.signal] : [])]))
        const result = await perform(request, call, {
          server: name,
          lanes,
          slots,
          limits: { quietMs, totalMs: Math.max(quietMs, limits.maxCallMs) },
          stopping: stopped,
          enter,
        })
        health.worked()
        return result
      } catch (error) {
        // The server may know its tools under other names by now.
        if (error instanceof ToolError && error.stage === 'input') confirmSoon(relistMs.soon)
        if (stopping.signal.aborted && error === stopping.signal.reason) throw notAvailable(request.called, error)
        throw error
      } finally {
        running -= 1
        if (running === 0) onQuiet?.()
      }
    },

    subscribe: subscriptions.subscribe,

    update(next) {
      options = next
      slots.resize(next.concurrency)
      rate.change(next.ratePerMinute)
    },

    async retire() {
      if (running > 0) {
        await new Promise<void>((resolve) => {
          onQuiet = resolve
        })
      }
      await this.close()
    },

    async close() {
      stopping.abort(new Error(`Server "${name}" was stopped`))
      clearTimeout(nextConfirm?.timer)
      clearTimeout(loginTimer)
      onQuiet?.()
      await lanes.close()
      await confirming
    },
  }
}
