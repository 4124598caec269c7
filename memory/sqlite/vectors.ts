import type { VectorCache } from '../../models/embedder.ts'
import type { Connection } from './connection.ts'

const dayMs = 86_400_000

/** Embedders by number. Vectors of one are never compared with another's, and all of one have the same length. */
export interface Embedders {
  find(name: string): { id: number; dimensions: number } | undefined
  /** Inside a write. */
  ensure(name: string, dimensions: number): number
}

export function createEmbedders({ sql }: Connection): Embedders {
  const find = (name: string) =>
    sql<[string], { id: number; dimensions: number }>('SELECT id, dimensions FROM embedders WHERE name = ?').get(name)

  return {
    find,
    ensure(name, dimensions) {
      const known = find(name)
      if (known === undefined) {
        return Number(sql('INSERT INTO embedders (name, dimensions) VALUES (?, ?)').run(name, dimensions).lastInsertRowid)
      }
      checkDimensions(name, known.dimensions, dimensions)
      return known.id
    },
  }
}

/** @throws {RangeError} If the lengths differ: a comparison would mean nothing. */
export function checkDimensions(name: string, expected: number, received: number): void {
  if (expected === received) return
  throw new RangeError(`Vectors of the embedder "${name}" must have ${expected} numbers, received ${received}`)
}

export function createVectorCache({ sql, clock, read, write }: Connection, embedders: Embedders): VectorCache {
  return {
    async get(embedderId, hashes) {
      const now = clock()
      const json = JSON.stringify(hashes)
      const found = await read('read cached vectors', () => {
        const embedder = embedders.find(embedderId)
        if (embedder === undefined) return []
        return sql<unknown[], { number: number; hash: string; vector: Buffer; used_at: number }>(
          'SELECT number, hash, vector, used_at FROM cached_vectors WHERE embedder = ? AND hash IN (SELECT value FROM json_each(?))',
        ).all(embedder.id, json)
      })
      // Retention goes by use; noting it once a day keeps reads from being writes.
      const stale = found.filter((row) => row.used_at < now - dayMs).map((row) => row.number)
      if (stale.length > 0) {
        await write('note the use of cached vectors', () =>
          sql('UPDATE cached_vectors SET used_at = ? WHERE number IN (SELECT value FROM json_each(?))').run(now, JSON.stringify(stale)),
        )
      }
      const byHash = new Map(found.map((row) => [row.hash, toVector(row.vector)]))
      return hashes.map((hash) => byHash.get(hash))
    },

    async put(embedderId, entries) {
      if (entries.length === 0) return
      await write('cache vectors', () => {
        const now = clock()
        for (const { hash, vector } of entries) {
          sql('INSERT OR REPLACE INTO cached_vectors (embedder, hash, vector, used_at) VALUES (?, ?, ?, ?)').run(
            embedders.ensure(embedderId, vector.length),
            hash,
            toBytes(vector),
            now,
          )
        }
      })
    },
  }
}

export function toBytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
}

/** A copy: a buffer from the database need not start where a Float32Array may. */
export function toVector(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer)
}
