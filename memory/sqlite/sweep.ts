import type { Connection } from './connection.ts'
import type { DocumentWrites } from './document-writes.ts'
import type { RetainedKind, Retention } from './retention.ts'

const dayMs = 86_400_000
const perGigabyte = 1e9
const rowsPerSlice = 200
/** Each may be an image of several megabytes. */
const blobsPerSlice = 5

/** One kind of data: how to remove what is older than a time, and how much there is. */
interface Shelf {
  /** Up to and including `until`. Resolves to what is gone. */
  remove(until: number): Promise<number>
  measure(): Measure
}

interface Measure {
  bytes: number
  /** The time up to which the next slice would go; `null` when nothing is left. */
  until: number | null
}

/** Removes what is past its limits, the oldest first and in slices. Resolves to what is gone, by kind. */
export function createSweep(connection: Connection, documents: DocumentWrites, retention: Record<RetainedKind, Retention>) {
  const { read } = connection
  const shelves = createShelves(connection, documents)

  const shrink = async (shelf: Shelf, limit: number) => {
    let removed = 0
    for (;;) {
      const { bytes, until } = await read('sweep', shelf.measure)
      if (bytes <= limit || until === null) return removed
      removed += await shelf.remove(until)
    }
  }

  return async (now: number): Promise<Record<string, number>> => {
    const removed: Record<string, number> = { expired: await removeExpired(connection, now) }
    for (const [kind, shelf] of Object.entries(shelves) as [RetainedKind, Shelf][]) {
      const { days, gigabytes } = retention[kind]
      const past = Number.isFinite(days) ? await shelf.remove(Math.floor(now - days * dayMs) - 1) : 0
      removed[kind] = past + (Number.isFinite(gigabytes) ? await shrink(shelf, gigabytes * perGigabyte) : 0)
    }
    return removed
  }
}

function removeExpired({ sql, slices }: Connection, now: number): Promise<number> {
  return slices(
    'sweep',
    () => sql(`DELETE FROM rows WHERE number IN (SELECT number FROM rows WHERE expires_at <= ? LIMIT ${rowsPerSlice})`).run(now).changes,
  )
}

function createShelves(connection: Connection, documents: DocumentWrites): Record<RetainedKind, Shelf> {
  const { sql, slices } = connection

  /** The shelf of a table whose rows stand for themselves. */
  const table = (name: string, time: string, { size = 'size', where = '1', perSlice = rowsPerSlice } = {}): Shelf => ({
    remove: (until) =>
      slices('sweep', () => {
        const oldest = `SELECT number FROM ${name} WHERE ${where} AND ${time} <= ? ORDER BY ${time} LIMIT ${perSlice}`
        return sql(`DELETE FROM ${name} WHERE number IN (${oldest})`).run(until).changes
      }),
    measure: () => measureTable(connection, name, { time, size, where, perSlice }),
  })

  const texts = (where: string): Shelf => ({
    ...table('documents', 'created_at', { where }),
    remove: (until) =>
      slices('sweep', () => {
        const rows = sql<unknown[], { number: number; principal: number; text: string }>(
          `SELECT number, principal, text FROM documents WHERE ${where} AND created_at <= ? ORDER BY created_at LIMIT ${rowsPerSlice}`,
        ).all(until)
        for (const [principal, owned] of Map.groupBy(rows, (row) => row.principal)) documents.remove(principal, owned)
        return rows.length
      }),
  })

  return {
    turns: turnsShelf(connection, texts(`kind != 'fact'`)),
    facts: texts(`kind = 'fact'`),
    decisions: table('rows', 'created_at', { where: `kind = 'decision'` }),
    blobs: table('blobs', 'created_at', { perSlice: blobsPerSlice }),
    vectors: table('cached_vectors', 'used_at', { size: '(SELECT 4 * dimensions + 100 FROM embedders WHERE id = embedder)' }),
    ledger: table('ledger', 'reserved_at', { size: '200' }),
  }
}

/** Entries of logs, with the texts that make them findable and, once nothing was said in them for as long, the threads themselves. */
function turnsShelf(connection: Connection, texts: Shelf): Shelf {
  const { sql, slices } = connection

  const removeEntries = (until: number) =>
    slices('sweep', () => {
      const rows = sql<unknown[], { number: number; stream: number }>(
        `SELECT number, stream FROM entries WHERE at <= ? ORDER BY at LIMIT ${rowsPerSlice}`,
      ).all(until)
      for (const { number, stream } of rows) {
        sql('DELETE FROM entries WHERE number = ?').run(number)
        sql('UPDATE streams SET length = length - 1 WHERE id = ?').run(stream)
      }
      return rows.length
    })

  const removeThreads = (until: number) =>
    slices('sweep', () => {
      const rows = sql<unknown[], { number: number; principal: number; id: string }>(
        `SELECT number, principal, id FROM rows WHERE kind IN ('thread', 'thread-name') AND updated_at <= ? LIMIT ${rowsPerSlice}`,
      ).all(until)
      for (const { number, principal, id } of rows) {
        sql('DELETE FROM rows WHERE number = ?').run(number)
        sql(`DELETE FROM rows WHERE principal = ? AND kind = 'summary' AND id = ?`).run(principal, id)
        sql('DELETE FROM streams WHERE principal = ? AND name = ? AND length = 0').run(principal, id)
      }
      return rows.length
    })

  return {
    async remove(until) {
      const removed = await removeEntries(until)
      await texts.remove(until)
      await removeThreads(until)
      return removed
    },
    measure() {
      const entries = measureTable(connection, 'entries', { time: 'at', size: 'size', where: '1', perSlice: rowsPerSlice })
      const found = texts.measure()
      return { bytes: entries.bytes + found.bytes, until: entries.until ?? found.until }
    },
  }
}

function measureTable(
  { sql }: Connection,
  name: string,
  { time, size, where, perSlice }: { time: string; size: string; where: string; perSlice: number },
): Measure {
  const sum = sql<unknown[], { bytes: number }>(`SELECT coalesce(sum(${size}), 0) AS bytes FROM ${name} WHERE ${where}`).get()
  const oldest = `SELECT ${time} AS at FROM ${name} WHERE ${where} ORDER BY ${time} LIMIT ${perSlice}`
  const until = sql<unknown[], { at: number | null }>(`SELECT max(at) AS at FROM (${oldest})`).get()
  return { bytes: sum?.bytes ?? 0, until: until?.at ?? null }
}
