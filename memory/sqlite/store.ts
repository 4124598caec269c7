import { statSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Store } from '../store.ts'
import { removeBackups, removeOldBackups } from './backup.ts'
import { createCommit } from './batch.ts'
import { createBlobs } from './blobs.ts'
import { type Connection, connect } from './connection.ts'
import { createDocumentWrites } from './document-writes.ts'
import { createDocuments } from './documents.ts'
import { createLedger } from './ledger.ts'
import { createLogs, createLogWrites } from './logs.ts'
import { createMatrices } from './matrices.ts'
import { migrations } from './migrations.ts'
import { createPrincipals } from './principals.ts'
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
      await giveBackPages(connection)
      removeOldBackups(path, now)
      return removed
    },
    async scrub() {
      removeBackups(path)
      await connection.rewrite('scrub')
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
