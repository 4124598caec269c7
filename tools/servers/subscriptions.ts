import { setTimeout as delay } from 'node:timers/promises'
import type { CallOptions } from '../tool.ts'
import { createWaitingCaller, type WaitingCaller } from './caller.ts'
import { createDeadline } from './deadline.ts'
import type { ConnectedLane, Lane, Lanes } from './lanes.ts'

export interface SubscriptionsOptions {
  lanes: Lanes
  stopping: AbortSignal
  enter(caller: WaitingCaller, called: string, signal: AbortSignal): Promise<ConnectedLane>
}

/** Resources that callers watch: kept on over restarts of their server, each on the connection of its own caller. */
export interface Subscriptions {
  /** @throws {ToolError} When the server does not take it. Resolves to the way to stop. */
  subscribe(uri: string, listener: () => void, options: CallOptions): Promise<() => Promise<void>>
  updated(lane: Lane, uri: string): void
  lost(lane: Lane): void
}

interface Watch {
  readonly uri: string
  readonly options: CallOptions
  readonly listeners: Set<() => void>
  readonly ended: AbortController
  opened: Promise<void>
  lane: Lane | undefined
  stop(): Promise<void>
}

const firstWaitMs = 1000
const mostWaitMs = 60_000

export function createSubscriptions({ lanes, stopping, enter }: SubscriptionsOptions): Subscriptions {
  const watches = new Map<string, Watch>()

  async function open(watch: Watch, signal: AbortSignal): Promise<void> {
    const { uri } = watch
    const deadline = createDeadline({ quietMs: 0, totalMs: 0 })
    const caller = createWaitingCaller({ ...watch.options, onInput: undefined }, deadline)
    const lane = await enter(caller, uri, signal)
    const release = lanes.hold(lane)
    lanes.leave(lane, caller)
    try {
      watch.lane = lane
      const unsubscribe = await lane.connection.subscribe(uri, signal)
      watch.stop = async () => {
        watch.lane = undefined
        release()
        await unsubscribe()
      }
    } catch (error) {
      watch.lane = undefined
      release()
      throw error
    }
  }

  async function openAgain(watch: Watch): Promise<void> {
    const signal = AbortSignal.any([watch.ended.signal, stopping])
    for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, mostWaitMs)) {
      await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      try {
        await open(watch, signal)
        // What changed while it was gone is not known.
        return tell(watch)
      } catch {
        // The server is not there yet, which its health says: it is tried again.
      }
    }
  }

  return {
    async subscribe(uri, listener, options) {
      const key = `${options.principal}\0${uri}`
      const known = watches.get(key)
      const watch = known ?? createWatch(uri, options)
      if (!known) {
        watches.set(key, watch)
        watch.opened = open(watch, options.signal ? AbortSignal.any([options.signal, stopping]) : stopping)
      }
      watch.listeners.add(listener)
      const leave = async () => {
        watch.listeners.delete(listener)
        if (watch.listeners.size > 0 || watches.get(key) !== watch) return
        watches.delete(key)
        watch.ended.abort()
        await watch.stop().catch(() => undefined)
      }
      try {
        await watch.opened
      } catch (error) {
        await leave()
        throw error
      }
      return leave
    },

    updated(lane, uri) {
      for (const watch of watches.values()) {
        if (watch.lane === lane && (uri === watch.uri || uri.startsWith(`${watch.uri.replace(/\/$/, '')}/`))) tell(watch)
      }
    },

    lost(lane) {
      for (const watch of watches.values()) {
        if (watch.lane !== lane) continue
        void watch.stop().catch(() => undefined)
        void openAgain(watch)
      }
    },
  }
}

function createWatch(uri: string, options: CallOptions): Watch {
  return {
    uri,
    options: { ...options, signal: undefined },
    listeners: new Set(),
    ended: new AbortController(),
    opened: Promise.resolve(),
    lane: undefined,
    stop: async () => undefined,
  }
}

function tell({ listeners }: Watch): void {
  for (const listener of listeners) listener()
}
