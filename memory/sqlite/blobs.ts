import type { BlobStore } from '../store.ts'
import type { Connection } from './connection.ts'
import { toJson } from './json.ts'
import type { Principals } from './principals.ts'

const blobsPerSlice = 20

export function createBlobs({ sql, clock, read, write, slices }: Connection, principals: Principals): BlobStore {
  return {
    async put(principal, kind, id, { mediaType, bytes, facts = {} }) {
      const json = toJson(facts, 'store a blob')
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      await write('store a blob', () => {
        const owner = principals.ensure(principal)
        sql('DELETE FROM blobs WHERE principal = ? AND kind = ? AND id = ?').run(owner, kind, id)
        sql('INSERT INTO blobs (principal, kind, id, media_type, facts, size, created_at, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
          owner,
          kind,
          id,
          mediaType,
          json,
          bytes.byteLength,
          clock(),
          buffer,
        )
      })
    },

    async get(principal, kind, id) {
      const row = await read('read a blob', () =>
        sql<unknown[], { media_type: string; facts: string; created_at: number; bytes: Buffer }>(
          `SELECT media_type, facts, created_at, bytes FROM blobs
           WHERE principal = (SELECT id FROM principals WHERE name = ?) AND kind = ? AND id = ?`,
        ).get(principal, kind, id),
      )
      if (row === undefined) return undefined
      const facts = JSON.parse(row.facts) as Record<string, unknown>
      return { mediaType: row.media_type, bytes: new Uint8Array(row.bytes), facts, createdAt: row.created_at }
    },

    async delete(principal, kind, ids) {
      return write('delete blobs', () => {
        const owned = 'principal = (SELECT id FROM principals WHERE name = ?) AND kind = ? AND id IN (SELECT value FROM json_each(?))'
        return sql(`DELETE FROM blobs WHERE ${owned}`).run(principal, kind, JSON.stringify(ids)).changes
      })
    },

    async clear(principal) {
      return slices(
        'delete all blobs',
        () =>
          sql(
            'DELETE FROM blobs WHERE number IN (SELECT b.number FROM blobs b JOIN principals p ON p.id = b.principal WHERE p.name = ? LIMIT ?)',
          ).run(principal, blobsPerSlice).changes,
      )
    },
  }
}
