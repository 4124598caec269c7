import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { MemoryError } from '../errors.ts'
import { isBusy, patienceMs, toMemoryError, unavailable } from './failure.ts'
import { type Migration, migrate } from './migrations.ts'
import { rewrite } from './rewrite.ts'

/** One open file. Only the files beside this one put SQL through it. */
export interface Connection {
  readonly path: string
  readonly clock: () => number
  /** A prepared statement, kept for the next time. */
  sql<Parameters extends unknown[], Result = unknown>(source: string): Database.Statement<Parameters, Result>
  /** Runs synchronous reads that see one state of the file. */
  read<T>(operation: string, work: () => T): Promise<T>
  /** Runs synchronous work in one immediate transaction. Writes of this process happen in the order in which they were asked for. */
  write<T>(operation: string, work: () => T): Promise<T>
  /** A write in slices until one answers 0, with the event loop in between. Resolves to the sum. */
  slices(operation: string, slice: () => number): Promise<number>
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

// SQLite waits for another process by sleeping in this thread, so it may do that only briefly. The rest of the wait leaves the event loop free.
const sleepMs = 5
const pauseMs = 20

/** Opens or creates the file, brings its schema up to date, and leaves it readable by its owner alone. */
export async function connect({ path, clock, migrations }: ConnectionOptions): Promise<Connection> {
  refuseOldNode(path)
  const database = await patiently('open', path, () => openFile(path, migrations))
  const statements = new Map<string, Database.Statement>()
  const transaction = database.transaction((work: () => unknown) => work())
  let queue: Promise<unknown> | undefined
  const rewritings = new Set<Promise<boolean>>()
  let closed = false

  const refuseClosed = (operation: string) => {
    if (closed) throw new MemoryError(`Cannot ${operation}: the store "${path}" is closed`, { code: 'memory_unavailable', operation })
  }

  const read = async <T>(operation: string, work: () => T): Promise<T> => {
    refuseClosed(operation)
    return patiently(operation, path, () => transaction(work) as T)
  }

  const write = async <T>(operation: string, work: () => T): Promise<T> => {
    refuseClosed(operation)
    const once = () => transaction.immediate(work) as T
    if (queue === undefined) {
      try {
        return once()
      } catch (error) {
        if (!isBusy(error)) throw toMemoryError(error, operation, path)
      }
    }
    const mine = (queue ?? Promise.resolve()).then(() => patiently(operation, path, once))
    const settled = mine.then(nothing, nothing).then(() => {
      if (queue === settled) queue = undefined
    })
    queue = settled
    return mine
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
      await queue
      await Promise.allSettled(rewritings)
      database.close()
    },
  }
}

function nothing(): void {}

function openFile(path: string, migrations: readonly Migration[]): Database.Database {
  if (path !== ':memory:') preparePrivateFile(path)
  const database = new Database(path, { timeout: sleepMs })
  try {
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
