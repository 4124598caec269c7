import { statSync } from 'node:fs'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { MemoryError } from '../errors.ts'
import type { Store } from '../store.ts'
import { createCommit } from './batch.ts'
import { createBlobs } from './blobs.ts'
import { type Connection, connect } from './connection.ts'
import { createDocumentWrites } from './document-writes.ts'
import { createDocuments } from './documents.ts'
import { createLedger } from './ledger.ts'
import { createLogs, createLogWrites } from './logs.ts'
import { createMatrices } from './matrices.ts'
import { migrations } from './migrations.ts'
import { createPrincipals, wordsTable } from './principals.ts'
import { type RetentionOptions, resolveRetention } from './retention.ts'
import { createRows, createRowWrites } from './rows.ts'
import { createSweep } from './sweep.ts'
import { createEmbedders, createVectorCache } from './vectors.ts'

export interface SqliteStoreOptions {
  /** The file, made with its folder when missing; `:memory:` for a store that ends with the process. */
  path: string
  retention?: RetentionOptions | undefined
  clock?: (() => number) | undefined
  /** What vectors may take in memory. More than that are searched from the file, which is slower. */
  maxVectorBytes?: number | undefined
}

/**
 * Opens memory in one SQLite file, which several processes may share.
 *
 * @throws {MemoryError} If the file cannot be used; the message names it and the mend.
 * @throws {RangeError} If an option is out of its range.
 */
export async function openSqliteStore({
  path,
  retention,
  clock = Date.now,
  maxVectorBytes = 128 * 1024 * 1024,
}: SqliteStoreOptions): Promise<Store> {
  const limits = resolveRetention(retention)
  const connection = await connect({ path, clock, migrations })
  const principals = createPrincipals(connection)
  const embedders = createEmbedders(connection)
  const rows = createRowWrites(connection)
  const logs = createLogWrites(connection)
  const documents = createDocumentWrites(connection, principals)
  const sweep = createSweep(connection, documents, limits)

  return {
    rows: createRows(connection, principals, rows),
    logs: createLogs(connection, principals, logs),
    documents: createDocuments(connection, {
      principals,
      embedders,
      writes: documents,
      matrices: createMatrices(connection, { maxBytes: maxVectorBytes }),
    }),
    vectors: createVectorCache(connection, embedders),
    blobs: createBlobs(connection, principals),
    ledger: createLedger(connection, principals),
    commit: createCommit(connection, { principals, rows, logs, documents }),
    now: clock,
    info: () => describe(connection),
    async sweep(now = clock()) {
      const removed = await sweep(now)
      await mergeWords(connection)
      await giveBackPages(connection)
      return removed
    },
    async scrub() {
      await mergeWords(connection)
      await emptyLog(connection)
    },
    close: connection.close,
  }
}

async function describe({ sql, path, read }: Connection) {
  const { bytes, schemaVersion, counts } = await read('describe the store', () => {
    const one = (source: string) => Object.values(sql<[], Record<string, number>>(source).get() ?? {})[0] ?? 0
    return {
      bytes: one('PRAGMA page_count') * one('PRAGMA page_size'),
      schemaVersion: one('PRAGMA user_version'),
      counts: {
        principals: one('SELECT count(*) FROM principals'),
        threads: one(`SELECT count(*) FROM rows WHERE kind = 'thread'`),
        turns: one('SELECT coalesce(sum(length), 0) FROM streams'),
        documents: one('SELECT count(*) FROM documents'),
        facts: one(`SELECT count(*) FROM documents WHERE kind = 'fact'`),
        vectors: one('SELECT count(*) FROM document_vectors'),
        cachedVectors: one('SELECT count(*) FROM cached_vectors'),
        decisions: one(`SELECT count(*) FROM rows WHERE kind = 'decision'`),
        blobs: one('SELECT count(*) FROM blobs'),
        reservations: one('SELECT count(*) FROM ledger'),
      },
    }
  })
  const log = path === ':memory:' ? undefined : statSync(`${path}-wal`, { throwIfNoEntry: false })
  return { location: path, bytes: bytes + (log?.size ?? 0), schemaVersion, counts }
}

const pagesPerMerge = 100

/**
 * A full-text table marks removed words as removed and drops them when it merges its parts. This merges the parts of
 * those principals whose words were removed, in slices, until nothing is left to merge.
 */
async function mergeWords(connection: Connection): Promise<void> {
  const { sql, read, write } = connection
  const unscrubbed = await read('scrub', () =>
    sql<[], { id: number; removals: number }>('SELECT id, removals FROM principals WHERE unscrubbed').all(),
  )
  for (const { id, removals } of unscrubbed) {
    const table = wordsTable(id)
    // A negative number of pages gathers all parts into one merge; positive ones carry it on.
    for (let pages = -pagesPerMerge; ; pages = pagesPerMerge) {
      const changes = await write('scrub', () => {
        const before = changesSoFar(connection)
        sql(`INSERT INTO ${table} (${table}, rank) VALUES ('merge', ?)`).run(pages)
        return changesSoFar(connection) - before
      })
      // The command itself counts as one change.
      if (changes < 2) break
      await nextTurn()
    }
    await write('scrub', () => sql('UPDATE principals SET unscrubbed = 0 WHERE id = ? AND removals = ?').run(id, removals))
  }
}

function changesSoFar({ sql }: Connection): number {
  return sql<[], { changes: number }>('SELECT total_changes() AS changes').get()?.changes ?? 0
}

const pagesPerSlice = 256

async function giveBackPages({ pragma }: Connection): Promise<void> {
  for (;;) {
    const free = Number(await pragma('sweep', 'freelist_count'))
    if (free === 0) return
    await pragma('sweep', `incremental_vacuum(${pagesPerSlice})`)
    if (Number(await pragma('sweep', 'freelist_count')) >= free) return
    await nextTurn()
  }
}

const emptyingPatienceMs = 10_000

/** The write-ahead log still holds earlier states of pages: it is moved into the file and cut to nothing. */
async function emptyLog({ path, pragma }: Connection): Promise<void> {
  const until = Date.now() + emptyingPatienceMs
  while (Number(await pragma('scrub', 'wal_checkpoint(TRUNCATE)')) !== 0) {
    if (Date.now() >= until) {
      throw new MemoryError(
        `Cannot scrub memory "${path}": what was removed is gone, but another process still reads its write-ahead log; try again, or end that process`,
        { code: 'memory_unavailable', operation: 'scrub' },
      )
    }
    await wait(20)
  }
}
