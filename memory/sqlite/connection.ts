import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { MemoryError } from '../errors.ts'
import { isBusy, patienceMs, toMemoryError, unavailable } from './failure.ts'
import { type Migration, migrate, usableVersion } from './migrations.ts'
import { rewrite } from './rewrite.ts'

/** One open file. Only the files beside this one put SQL through it. */
export interface Connection {
  readonly path: string
  readonly clock: () => number
  /** A prepared statement, kept for the next time. */
  sql<Parameters extends unknown[], Result = unknown>(source: string): Database.Statement<Parameters, Result>
  /** Runs synchronous reads that see one state of the file. */
  read<T>(operation: string, work: () => T): Promise<T>
  /**
   * Runs synchronous work in an immediate transaction. Writes of this process happen in the order in which they were asked for; those
   * that are asked for in the same turn of the event loop share one commit, and one that throws undoes itself alone. Work may be run
   * again where another process held the file.
   *
   * `mayWait`: nobody waits for it, so that it is committed with the next writes, or some milliseconds later. Reads see it.
   * `isApart`: it leaves everything as it was of which a stamp tells.
   */
  write<T>(operation: string, work: () => T, options?: { mayWait?: boolean | undefined; isApart?: boolean | undefined }): Promise<T>
  /** A write in slices until one answers 0, with the event loop in between. Resolves to the sum. */
  slices(operation: string, slice: () => number): Promise<number>
  /** The same as before as long as nothing was written since, here or by another process, but for what `isApart`. */
  stamp(): string
  pragma(operation: string, source: string): Promise<unknown>
  /** Leaves nothing in the file but what is alive. */
  rewrite(operation: string): Promise<void>
  close(): Promise<void>
}

export interface ConnectionOptions {
  path: string
  clock: () => number
  migrations: readonly Migration[]
}

/** How long a write that may wait does so for others at most; longer where the last commit was a moment ago. */
const togetherMs = 10
const togetherWhenBusyMs = 50
const busyMs = 150

// SQLite waits for another process by sleeping in this thread, so it may do that only briefly. The rest of the wait leaves the event loop free.
const sleepMs = 5
const pauseMs = 20

/** Opens or creates the file, brings its schema up to date, and leaves it readable by its owner alone. */
export async function connect({ path, clock, migrations }: ConnectionOptions): Promise<Connection> {
  refuseOldNode(path)
  const database = await patiently('open', path, () => openFile(path, migrations))
  const statements = new Map<string, Database.Statement>()
  const transaction = database.transaction((work: () => unknown) => work())
  const waiting: Write[] = []
  let committedAt = Number.NEGATIVE_INFINITY
  /** Grows with each write that is asked for, and with those that are done. */
  let written = 0
  let dataVersion: Database.Statement | undefined
  let queue: Promise<void> | undefined
  /** Ends the wait for more writes. */
  let hurry: (() => void) | undefined
  const rewritings = new Set<Promise<boolean>>()
  let closed = false

  const refuseClosed = (operation: string) => {
    if (closed) throw new MemoryError(`Cannot ${operation}: the store "${path}" is closed`, { code: 'memory_unavailable', operation })
  }

  const read = async <T>(operation: string, work: () => T): Promise<T> => {
    refuseClosed(operation)
    try {
      commitWaiting()
    } catch (error) {
      // What is held up there does not hold up reading.
      if (!isBusy(error)) throw error
    }
    return patiently(operation, path, () => transaction(work) as T)
  }

  const write = <T>(operation: string, work: () => T, { mayWait = false, isApart = false } = {}): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      refuseClosed(operation)
      if (!isApart) written += 1
      waiting.push({ operation, work, isApart, resolve: resolve as (value: unknown) => void, reject })
      queue ??= flush()
      if (!mayWait) hurry?.()
    })

  /** All that waits, a commit for each turn of the event loop. */
  async function flush(): Promise<void> {
    // What this turn still asks for goes along.
    await new Promise<void>((resolve) => {
      const hasMuch = performance.now() - committedAt < busyMs
      const timer = setTimeout(resolve, hasMuch ? togetherWhenBusyMs : togetherMs)
      hurry = () => {
        clearTimeout(timer)
        hurry = undefined
        setImmediate(resolve)
      }
    })
    hurry = undefined
    while (waiting.length > 0) {
      const operation = waiting[0]?.operation ?? 'write'
      await patiently(operation, path, commitWaiting).catch((error: unknown) => {
        for (const { reject } of waiting.splice(0)) reject(error)
      })
    }
    queue = undefined
  }

  /** In one commit, and in the order in which it was asked for. Where another process holds the file it throws, and all of it goes on waiting. */
  function commitWaiting(): void {
    const together = [...waiting]
    if (together.length === 0) return
    let settle: () => void
    try {
      settle = transaction.immediate(() => runAll(together)) as () => void
    } catch (error) {
      if (isBusy(error)) throw error
      settle = () => {
        for (const { operation, reject } of together) reject(toMemoryError(error, operation, path))
      }
    }
    waiting.splice(0, together.length)
    // Again: whoever could not wait for them has read without them.
    if (together.some(({ isApart }) => !isApart)) written += 1
    committedAt = performance.now()
    settle()
  }

  /** Each for itself: one that throws takes back only what it did. What they came to is told once all is committed. */
  function runAll(together: readonly Write[]): () => void {
    const ended = together.map(({ operation, work, resolve, reject }): (() => void) => {
      try {
        const value = transaction(work)
        return () => resolve(value)
      } catch (error) {
        // Where SQLite itself has given the whole transaction up (a full disk), nothing of it holds.
        if (isBusy(error) || !database.inTransaction) throw error
        return () => reject(toMemoryError(error, operation, path))
      }
    })
    return () => {
      for (const end of ended) end()
    }
  }

  return {
    path,
    clock,
    sql<Parameters extends unknown[], Result>(source: string) {
      let statement = statements.get(source)
      if (statement === undefined) {
        statement = database.prepare(source) as Database.Statement
        statements.set(source, statement)
      }
      return statement as Database.Statement<Parameters, Result>
    },
    read,
    write,
    async slices(operation, slice) {
      let sum = 0
      for (;;) {
        const done = await write(operation, slice)
        if (done === 0) return sum
        sum += done
        await nextTurn()
      }
    },
    stamp() {
      refuseClosed('look for changes')
      // Of other connections alone; it reads one word of the memory that all processes share.
      dataVersion ??= database.prepare('PRAGMA data_version').pluck()
      try {
        return `${written} ${dataVersion.get()}`
      } catch (error) {
        if (!isBusy(error)) throw toMemoryError(error, 'look for changes', path)
        // Whoever asks looks for itself.
        written += 1
        return `${written} ?`
      }
    },
    async pragma(operation, source) {
      refuseClosed(operation)
      return patiently(operation, path, () => database.pragma(source, { simple: true }))
    },
    async rewrite(operation) {
      refuseClosed(operation)
      if (path === ':memory:') return
      const rewriting = rewrite({ path, patienceMs }).catch((error: unknown) => {
        throw toMemoryError(error, operation, path)
      })
      rewritings.add(rewriting)
      const logIsEmpty = await rewriting.finally(() => rewritings.delete(rewriting))
      if (!logIsEmpty) {
        throw unavailable(
          path,
          operation,
          'another process still reads the log that holds what was removed; try again, or end that process',
        )
      }
    },
    async close() {
      if (closed) return
      closed = true
      hurry?.()
      await queue
      await Promise.allSettled(rewritings)
      database.close()
    },
  }
}

interface Write {
  readonly operation: string
  readonly work: () => unknown
  readonly isApart: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

function openFile(path: string, migrations: readonly Migration[]): Database.Database {
  if (path !== ':memory:') preparePrivateFile(path)
  const database = new Database(path, { timeout: sleepMs })
  try {
    usableVersion(database, path, migrations)
    // Works only before the first table; a file that has tables keeps what it has.
    database.pragma('auto_vacuum = INCREMENTAL')
    const mode = database.pragma('journal_mode = WAL', { simple: true })
    if (mode !== 'wal' && path !== ':memory:') {
      throw unavailable(path, 'open', 'its file system does not support a write-ahead log; choose a folder on a local disk')
    }
    // With a write-ahead log, NORMAL hands every commit to the operating system before it is acknowledged: a killed process loses
    // nothing. When the machine itself loses power, the last moments may be missing, but the file is whole.
    database.pragma('synchronous = NORMAL')
    database.pragma('foreign_keys = ON')
    database.pragma('secure_delete = ON')
    // Sorting must not leave texts in temporary files.
    database.pragma('temp_store = MEMORY')
    database.pragma('journal_size_limit = 67108864')
    // 4 MiB of pages at hand: the operating system has the others.
    database.pragma('cache_size = -4096')
    // 16 MiB of log before it is put into the file: a step over HTTP writes some pages, and putting them there waits for the disk.
    database.pragma('wal_autocheckpoint = 4000')
    migrate(database, path, migrations)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function preparePrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    // A file that is there is not opened: closing it again would drop the locks that this process may hold on it already.
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const found = statSync(path)
  if (found.isDirectory()) throw unavailable(path, 'open', 'it is a folder; name a file')
  // SQLite gives its companions (-wal, -shm) the mode of the file.
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o600)
}

/** better-sqlite3 ends the whole process without a word when it opens a file under Node 20. */
function refuseOldNode(path: string): void {
  const [major = 0] = process.versions.node.split('.').map(Number)
  if (major < 22) {
    throw unavailable(path, 'open', `Node must be 22.12 or newer, this is ${process.versions.node}`)
  }
}

/** Tries again, without blocking, for as long as another process holds the file. */
async function patiently<T>(operation: string, path: string, work: () => T): Promise<T> {
  const until = Date.now() + patienceMs
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || Date.now() >= until) throw toMemoryError(error, operation, path)
    }
    await wait(pauseMs * (0.5 + Math.random()))
  }
}
