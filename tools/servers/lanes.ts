import { canonicalJson } from '../definitions.ts'
import { ToolError } from '../tool.ts'
import { abortable } from './abortable.ts'
import type { WaitingCaller } from './caller.ts'
import type { Capabilities } from './capabilities.ts'
import type { Connection } from './connection.ts'

/**
 * A place for one connection to a server, and those who wait on it.
 *
 * A connection may hold what its callers did (an open page, a login, questions under way), so it is never shared between
 * principals. Servers of 2025 are told once what their client can do, so callers that declare different things do not share
 * one either. A lane without an owner was opened to learn the catalogue; the first caller that fits takes it over.
 */
export interface Lane {
  owner: string | undefined
  readonly capabilities: Capabilities
  readonly key: string
  readonly callers: Set<WaitingCaller>
  connection: Connection | undefined
  starting: Promise<Connection> | undefined
  /** Requests, lists and subscriptions that use it now. */
  uses: number
  lastUsedAt: number
  idleTimer: NodeJS.Timeout | undefined
}

export type ConnectedLane = Lane & { connection: Connection }

export interface LanesOptions {
  server: string
  /** Connects; called once at a time for each lane. */
  open(lane: Lane): Promise<Connection>
  idleMs(): number
  maxConnections: number
  /** The last connection was closed because nobody used it. */
  onIdle(): void
}

export interface Lanes {
  /** Any that is connected. */
  connected(): Lane | undefined
  isStarting(): boolean
  /** A lane for this caller, connected; the caller is on it until `leave`. @throws {ToolError} Or what `open` throws, or the signal's reason. */
  enter(caller: WaitingCaller, called: string, signal: AbortSignal): Promise<ConnectedLane>
  leave(lane: Lane, caller: WaitingCaller): void
  /** Connects a lane again whose `connection` turned out to be of no use, unless another has done so. */
  reconnect(lane: Lane, connection: Connection | undefined, signal: AbortSignal): Promise<void>
  /** A lane for ourselves, held open until it is released: one that is connected, else a new one without an owner. */
  spare(capabilities: Capabilities): Promise<{ lane: ConnectedLane; release: () => void }>
  /** Keeps a lane open until the returned function is called. */
  hold(lane: Lane): () => void
  /** The connection of a lane has gone. */
  lost(lane: Lane): void
  close(): Promise<void>
}

export function capabilitiesKey(capabilities: Capabilities): string {
  return canonicalJson(capabilities)
}

export function createLanes({ server, open, idleMs, maxConnections, onIdle }: LanesOptions): Lanes {
  const lanes = new Set<Lane>()
  const closing = new Set<Promise<void>>()

  function create(owner: string | undefined, capabilities: Capabilities): Lane {
    const lane: Lane = {
      owner,
      capabilities,
      key: capabilitiesKey(capabilities),
      callers: new Set(),
      connection: undefined,
      starting: undefined,
      uses: 0,
      lastUsedAt: performance.now(),
      idleTimer: undefined,
    }
    lanes.add(lane)
    return lane
  }

  function connectedLane(lane: Lane): Promise<Connection> {
    if (lane.connection) return Promise.resolve(lane.connection)
    lane.starting ??= open(lane)
      .then(async (connection) => {
        if (!lanes.has(lane)) {
          await connection.close()
          throw new Error(`Server "${server}" was stopped while it started`)
        }
        lane.connection = connection
        if (lane.owner !== undefined) dismissSpares()
        return connection
      })
      .finally(() => {
        lane.starting = undefined
        if (!lane.connection && lane.uses === 0) lanes.delete(lane)
      })
    return lane.starting
  }

  const fits = (lane: Lane, { options, capabilities }: WaitingCaller) =>
    (lane.owner === undefined || lane.owner === options.principal) &&
    (lane.connection?.era === 'modern' || lane.key === capabilitiesKey(capabilities))

  function find(caller: WaitingCaller): Lane | undefined {
    const fitting = [...lanes].filter((lane) => fits(lane, caller))
    const lane = fitting.find(({ owner }) => owner !== undefined) ?? fitting[0]
    if (lane) lane.owner = caller.options.principal
    return lane
  }

  /** Whoever may come to share a lane that is being opened waits for it. */
  async function findOrWait(caller: WaitingCaller, signal: AbortSignal): Promise<Lane | undefined> {
    const found = find(caller)
    const pending = [...lanes].find((lane) => lane.starting && (lane.owner === undefined || lane.owner === caller.options.principal))
    if (found || !pending?.starting) return found
    await abortable(pending.starting, signal).catch(() => signal.throwIfAborted())
    return find(caller)
  }

  /** Sees that one more can be opened. Returns what has to settle first: a connection being opened that nobody waits for any more. */
  function makeRoom(called: string): Promise<Connection> | undefined {
    const open = [...lanes].filter((lane) => lane.connection ?? lane.starting)
    if (open.length < maxConnections) return undefined
    const unused = open.filter(({ uses }) => uses === 0)
    const idle = unused.filter(({ connection }) => connection).sort((a, b) => a.lastUsedAt - b.lastUsedAt)[0]
    if (idle) {
      shut(idle)
      return undefined
    }
    const abandoned = unused[0]?.starting
    if (abandoned) return abandoned
    const text = `"${called}" is not available: all ${maxConnections} connections to server "${server}" are in use by other callers. Try again later`
    throw new ToolError(text, { tool: called, stage: 'run', kind: 'quota' })
  }

  /** When a caller has a connection of its own, one that only learnt the catalogue is not needed any more. */
  function dismissSpares(): void {
    for (const lane of lanes) if (lane.owner === undefined && lane.uses === 0 && lane.connection) shut(lane)
  }

  function shut(lane: Lane): void {
    lanes.delete(lane)
    clearTimeout(lane.idleTimer)
    const ending = lane.connection?.close().catch(() => undefined)
    lane.connection = undefined
    if (!ending) return
    closing.add(ending)
    void ending.finally(() => closing.delete(ending))
  }

  function use(lane: Lane): () => void {
    lane.uses += 1
    clearTimeout(lane.idleTimer)
    let used = true
    return () => {
      if (!used) return
      used = false
      lane.uses -= 1
      lane.lastUsedAt = performance.now()
      if (lane.uses > 0) return
      if (!lane.connection && !lane.starting) lanes.delete(lane)
      else if (lane.owner === undefined && [...lanes].some((other) => other.owner !== undefined && other.connection)) shut(lane)
      else if (idleMs() > 0) lane.idleTimer = setTimeout(rest, idleMs(), lane).unref()
    }
  }

  function rest(lane: Lane): void {
    if (lane.uses > 0) return
    shut(lane)
    if (lanes.size === 0) onIdle()
  }

  const leaving = new WeakMap<WaitingCaller, () => void>()

  return {
    connected: () => [...lanes].find((lane) => lane.connection),
    isStarting: () => [...lanes].some((lane) => lane.starting),

    async enter(caller, called, signal) {
      let lane = find(caller)
      if (!lane?.connection) lane = await findOrWait(caller, signal)
      while (!lane) {
        const abandoned = makeRoom(called)
        if (!abandoned) lane = create(caller.options.principal, caller.capabilities)
        else {
          await abortable(abandoned, signal).catch(() => signal.throwIfAborted())
          lane = find(caller)
        }
      }
      lane.callers.add(caller)
      leaving.set(caller, use(lane))
      try {
        await abortable(connectedLane(lane), signal)
      } catch (error) {
        this.leave(lane, caller)
        throw error
      }
      return lane as ConnectedLane
    },

    leave(lane, caller) {
      lane.callers.delete(caller)
      leaving.get(caller)?.()
      leaving.delete(caller)
    },

    async reconnect(lane, connection, signal) {
      if (connection && lane.connection === connection) {
        lane.connection = undefined
        void connection.close().catch(() => undefined)
      }
      await abortable(connectedLane(lane), signal)
    },

    async spare(capabilities) {
      const lane =
        [...lanes].find(({ connection }) => connection) ?? [...lanes].find(({ starting }) => starting) ?? create(undefined, capabilities)
      const release = use(lane)
      try {
        await connectedLane(lane)
      } catch (error) {
        release()
        throw error
      }
      return { lane: lane as ConnectedLane, release }
    },

    hold: use,

    lost(lane) {
      lane.connection = undefined
      clearTimeout(lane.idleTimer)
      if (lane.uses === 0) lanes.delete(lane)
    },

    async close() {
      const starting = [...lanes].flatMap((lane) => lane.starting ?? [])
      for (const lane of [...lanes]) shut(lane)
      await Promise.all([...closing, Promise.allSettled(starting)])
    },
  }
}
