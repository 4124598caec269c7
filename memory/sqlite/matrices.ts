import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Connection } from './connection.ts'
import { type Allows, dot, Matrix, Nearest, type NearestFound, type VectorRow } from './matrix.ts'
import { toVector } from './vectors.ts'

/** Search over all vectors of one principal and one embedder: what is nearest is near the top, and cosines are good to about 0.005. */
export interface Matrices {
  nearest(search: { embedder: number; principal: number; query: Float32Array; limit: number; allows: Allows }): Promise<NearestFound>
}

interface Held {
  matrix: Matrix
  removals: number
  /** The refresh under way, which searches that come meanwhile wait for too. */
  refreshing: Promise<void> | undefined
}

const rowsPerSlice = 1000

/**
 * Keeps matrices in memory, each brought up to date before it is searched: new vectors by their sequence, removed ones by
 * the principal's count of removals, whichever process wrote them.
 *
 * Together they take at most `maxBytes`; the one not used for longest goes first. One that is too large alone is searched
 * in slices from the file: the same result, some thirty times slower, and the event loop stays free.
 */
export function createMatrices({ sql, read }: Connection, { maxBytes }: { maxBytes: number }): Matrices {
  const held = new Map<string, Held>()

  const vectorsAfter = (principal: number, embedder: number, sequence: number) =>
    sql<unknown[], VectorRow>(
      `SELECT v.sequence, v.document, v.vector, d.kind, d.thread FROM document_vectors v JOIN documents d ON d.number = v.document
       WHERE v.principal = ? AND v.embedder = ? AND v.sequence > ? ORDER BY v.sequence LIMIT ?`,
    ).all(principal, embedder, sequence, rowsPerSlice)

  const slicesAfter = async function* (principal: number, embedder: number, sequence: number) {
    for (let last = sequence; ; ) {
      const rows = await read('search by meaning', () => vectorsAfter(principal, embedder, last))
      yield rows
      if (rows.length < rowsPerSlice) return
      last = rows.at(-1)?.sequence ?? last
      await nextTurn()
    }
  }

  const refresh = async (one: Held, principal: number, embedder: number) => {
    const alive = await read('search by meaning', () => {
      const removals = sql<unknown[], { removals: number }>('SELECT removals FROM principals WHERE id = ?').get(principal)?.removals ?? 0
      if (removals === one.removals) return undefined
      one.removals = removals
      if (one.matrix.length === 0) return undefined
      return sql<unknown[], { sequence: number }>('SELECT sequence FROM document_vectors WHERE principal = ? AND embedder = ?').all(
        principal,
        embedder,
      )
    })
    if (alive !== undefined) one.matrix.keep(new Set(alive.map((row) => row.sequence)))
    for await (const rows of slicesAfter(principal, embedder, one.matrix.last)) {
      for (const row of rows) one.matrix.add(row)
    }
  }

  const makeRoom = (key: string) => {
    let bytes = [...held.values()].reduce((sum, one) => sum + one.matrix.bytes, 0)
    for (const [oldest, one] of held) {
      if (bytes <= maxBytes || oldest === key) return
      held.delete(oldest)
      bytes -= one.matrix.bytes
    }
  }

  return {
    async nearest({ embedder, principal, query, limit, allows }) {
      const key = `${embedder} ${principal}`
      const known = held.get(key)?.matrix
      const bytes = await read('search by meaning', () => {
        // To count them all takes as long as the rest of a search.
        const counted = sql<unknown[], { count: number }>(
          'SELECT count(*) AS count FROM document_vectors WHERE principal = ? AND embedder = ? AND sequence > ?',
        )
        return ((known?.length ?? 0) + (counted.get(principal, embedder, known?.last ?? 0)?.count ?? 0)) * query.length
      })
      if (bytes > maxBytes) {
        held.delete(key)
        return scan(slicesAfter(principal, embedder, 0), query, limit, allows)
      }

      const one = held.get(key) ?? { matrix: new Matrix(query.length), removals: 0, refreshing: undefined }
      held.delete(key)
      held.set(key, one)
      one.refreshing ??= refresh(one, principal, embedder).finally(() => {
        one.refreshing = undefined
      })
      await one.refreshing
      makeRoom(key)
      return one.matrix.nearest(query, limit, allows)
    },
  }
}

async function scan(slices: AsyncIterable<VectorRow[]>, query: Float32Array, limit: number, allows: Allows): Promise<NearestFound> {
  const nearest = new Nearest(limit)
  for await (const rows of slices) {
    for (const row of rows) {
      const cosine = dot(query, toVector(row.vector))
      if (row.thread !== null) nearest.count(row.thread, cosine, 1)
      if (allows(row)) nearest.offer(row.document, cosine)
    }
  }
  return nearest.found()
}
