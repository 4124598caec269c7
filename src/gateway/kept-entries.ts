import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RowStore } from '../../memory/index.ts'
import type { Log } from '../log.ts'
import { removeRows } from '../runs/remove-rows.ts'

/**
 * Small values by key that many requests read and few write: the newest in memory, all of them in rows.
 *
 * Nobody waits for a write: it happens a moment later, with others. A store that fails costs what only it held, and is said
 * in the log; so does a process that is killed within that moment.
 */
export interface KeptEntries<T> {
  /** What memory holds. */
  get(key: string): T | undefined
  /** Those of the keys that there are. The store is read for those alone that memory knows nothing of. */
  find(principal: string, keys: readonly string[]): Promise<Map<string, T>>
  /** `key` holds the principal's name in a hash: two principals never have the same. */
  set(principal: string, key: string, value: T): void
  /** Removes what is meant, from memory and from the store. */
  forget(principal: string, isMeant: (value: T) => boolean): Promise<void>
  /** After what was set until now is written. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface KeptEntriesOptions<T> {
  rows: RowStore
  kind: string
  /** `undefined` for a row that another version wrote in another form. */
  parse: (value: unknown) => T | undefined
  keptMs: number
  clock: () => number
  log: Pick<Log, 'warn'>
  mostEntries?: number | undefined
  mostBytes?: number | undefined
  /** How long a write waits for others. */
  writeAfterMs?: number | undefined
}

interface Entry<T> {
  readonly principal: string
  readonly value: T
  readonly bytes: number
}

/** What a key, a principal's name and the map take beside the value. */
const bytesBeside = 250
/** SQLite writes in this thread: between two writes others have their turn. */
const rowsPerWrite = 64
/** What cannot be written by then is given up, oldest first. */
const mostUnwritten = 20_000
/** For so long it is believed that the store has no such key. It is this process that writes nearly all of them. */
const missingForMs = 60_000
const mostMissing = 20_000
const warnEveryMs = 60_000

export function createKeptEntries<T>(options: KeptEntriesOptions<T>): KeptEntries<T> {
  const { rows, kind, parse, keptMs, clock, log, mostEntries = 50_000, mostBytes = 24_000_000, writeAfterMs = 200 } = options
  // Newest last.
  const entries = new Map<string, Entry<T>>()
  const unwritten = new Map<string, Entry<T>>()
  const missing = new Map<string, number>()
  let bytes = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let warnedAt = Number.NEGATIVE_INFINITY

  function warn(what: string, error: unknown): void {
    if (clock() - warnedAt < warnEveryMs) return
    warnedAt = clock()
    log.warn(`Cannot ${what}`, { kind, error })
  }

  function hold(key: string, entry: Entry<T>): void {
    drop(key)
    entries.set(key, entry)
    bytes += entry.bytes
    for (const oldest of entries.keys()) {
      if (entries.size <= mostEntries && bytes <= mostBytes) break
      drop(oldest)
    }
  }

  function drop(key: string): void {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    bytes -= entry.bytes
  }

  function get(key: string): T | undefined {
    const entry = entries.get(key) ?? unwritten.get(key)
    if (entry === undefined) return undefined
    // It counts as used now.
    if (entries.delete(key)) entries.set(key, entry)
    return entry.value
  }

  async function load(principal: string, keys: readonly string[], found: Map<string, T>): Promise<void> {
    const now = clock()
    try {
      for (const { id, value, expiresAt = Number.POSITIVE_INFINITY } of await rows.getAll<unknown>(principal, kind, keys)) {
        const parsed = expiresAt > now ? parse(value) : undefined
        if (parsed === undefined) continue
        // What was set while the store was read is newer.
        const known = get(id)
        found.set(id, known ?? parsed)
        if (known === undefined) hold(id, { principal, value: parsed, bytes: sizeOf(parsed) })
      }
    } catch (error) {
      warn('read what the gateway keeps', error)
      return
    }
    if (missing.size > mostMissing) missing.clear()
    for (const key of keys) if (!found.has(key)) missing.set(key, now + missingForMs)
  }

  async function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    for (const [principal, batch] of batches()) {
      const expiresAt = clock() + keptMs
      try {
        await rows.putAll(
          principal,
          kind,
          batch.map(([id, { value }]) => ({ id, value, expiresAt })),
        )
      } catch (error) {
        warn('write what the gateway keeps', error)
      }
      for (const [key, entry] of batch) if (unwritten.get(key) === entry) unwritten.delete(key)
      await nextTurn()
    }
  }

  function* batches(): Iterable<[principal: string, batch: [string, Entry<T>][]]> {
    for (const [principal, owned] of Map.groupBy(unwritten, ([, entry]) => entry.principal)) {
      for (let from = 0; from < owned.length; from += rowsPerWrite) yield [principal, owned.slice(from, from + rowsPerWrite)]
    }
  }

  async function flush(): Promise<void> {
    await writing
    if (unwritten.size === 0) return
    writing = write().finally(() => {
      writing = undefined
    })
    await writing
  }

  return {
    get,
    flush,

    async find(principal, keys) {
      const found = new Map<string, T>()
      const unknown: string[] = []
      const now = clock()
      for (const key of keys) {
        const value = get(key)
        if (value !== undefined) found.set(key, value)
        else if ((missing.get(key) ?? 0) <= now) unknown.push(key)
      }
      if (unknown.length > 0) await load(principal, unknown, found)
      return found
    },

    set(principal, key, value) {
      const entry = { principal, value, bytes: sizeOf(value) }
      hold(key, entry)
      missing.delete(key)
      unwritten.delete(key)
      unwritten.set(key, entry)
      if (unwritten.size > mostUnwritten) unwritten.delete(unwritten.keys().next().value as string)
      timer ??= setTimeout(() => void flush(), writeAfterMs).unref()
    },

    async forget(principal, isMeant) {
      for (const [key, entry] of [...entries, ...unwritten]) {
        if (entry.principal !== principal || !isMeant(entry.value)) continue
        drop(key)
        unwritten.delete(key)
      }
      await writing
      await removeRows<unknown>(rows, principal, kind, (value) => {
        const parsed = parse(value)
        return parsed === undefined || isMeant(parsed)
      })
    },

    async close() {
      await flush()
      clearTimeout(timer)
    },
  }
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value).length + bytesBeside
}
