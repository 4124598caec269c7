import { anyPrincipal, type PrincipalFilter, type Row, type RowOrder, type RowStore } from '../store.ts'
import type { Connection } from './connection.ts'
import { checkLimit, parseCursor, toPage } from './cursor.ts'
import { sizeOf, toJson } from './json.ts'
import type { Principals } from './principals.ts'

interface StoredRow {
  number: number
  principal: string
  id: string
  value: string
  created_at: number
  updated_at: number
  expires_at: number | null
  key: number
}

interface WrittenRow {
  kind: string
  id: string
  json: string
  expiresAt?: number | undefined
  /** Now unless told, as an import tells. */
  createdAt?: number | undefined
  updatedAt?: number | undefined
}

/** What other writes of the same transaction use. */
export interface RowWrites {
  insert(principal: number, row: WrittenRow): boolean
  touch(principal: number, kind: string, id: string): boolean
  delete(principal: number, kind: string, id: string): boolean
}

export function createRowWrites({ sql, clock }: Connection): RowWrites {
  return {
    insert(principal, { kind, id, json, expiresAt, createdAt = clock(), updatedAt = createdAt }) {
      return (
        sql(
          `INSERT INTO rows (principal, kind, id, value, size, created_at, updated_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING`,
        ).run(principal, kind, id, json, sizeOf(json), createdAt, updatedAt, expiresAt ?? null).changes === 1
      )
    },
    touch: (principal, kind, id) =>
      sql('UPDATE rows SET updated_at = ? WHERE principal = ? AND kind = ? AND id = ?').run(clock(), principal, kind, id).changes === 1,
    delete: (principal, kind, id) =>
      sql('DELETE FROM rows WHERE principal = ? AND kind = ? AND id = ?').run(principal, kind, id).changes === 1,
  }
}

const columns = 'r.number, p.name AS principal, r.id, r.value, r.created_at, r.updated_at, r.expires_at'

export function createRows(connection: Connection, principals: Principals, writes: RowWrites): RowStore {
  const { sql, clock, read, write, stamp } = connection

  const find = (principal: PrincipalFilter, kind: string, id: string): StoredRow | undefined => {
    const from = `SELECT ${columns}, 0 AS key FROM rows r JOIN principals p ON p.id = r.principal`
    if (principal === anyPrincipal) {
      return sql<unknown[], StoredRow>(`${from} WHERE r.kind = ? AND r.id = ? ORDER BY r.number DESC LIMIT 1`).get(kind, id)
    }
    return sql<unknown[], StoredRow>(`${from} WHERE p.name = ? AND r.kind = ? AND r.id = ?`).get(principal, kind, id)
  }

  const replace = (owner: number, row: { kind: string; id: string; json: string; expiresAt?: number | undefined }): void => {
    if (writes.insert(owner, row)) return
    const { kind, id, json, expiresAt } = row
    sql('UPDATE rows SET value = ?, size = ?, updated_at = ?, expires_at = ? WHERE principal = ? AND kind = ? AND id = ?').run(
      json,
      sizeOf(json),
      clock(),
      expiresAt ?? null,
      owner,
      kind,
      id,
    )
  }

  return {
    async get<T>(principal: PrincipalFilter, kind: string, id: string) {
      const row = await read('read a row', () => find(principal, kind, id))
      return row && toRow<T>(row, kind)
    },

    async getAll<T>(principal: string, kind: string, ids: readonly string[]) {
      const found = await read('read rows', () =>
        sql<unknown[], StoredRow>(
          `SELECT ${columns}, 0 AS key FROM rows r JOIN principals p ON p.id = r.principal
           WHERE p.name = ? AND r.kind = ? AND r.id IN (SELECT value FROM json_each(?))`,
        ).all(principal, kind, JSON.stringify(ids)),
      )
      return found.map((row) => toRow<T>(row, kind))
    },

    async put(principal, kind, id, value, { expiresAt, mayWait } = {}) {
      const json = toJson(value, 'store a row')
      await write('store a row', () => replace(principals.ensure(principal), { kind, id, json, expiresAt }), { mayWait })
    },

    async putAll(principal, kind, rows) {
      const prepared = rows.map(({ id, value, expiresAt }) => ({ kind, id, json: toJson(value, 'store rows'), expiresAt }))
      await write('store rows', () => {
        const owner = principals.ensure(principal)
        for (const row of prepared) replace(owner, row)
      })
    },

    async insert(principal, kind, id, value, { expiresAt, mayWait } = {}) {
      const json = toJson(value, 'insert a row')
      return write('insert a row', () => writes.insert(principals.ensure(principal), { kind, id, json, expiresAt }), { mayWait })
    },

    async update<T>(
      principal: PrincipalFilter,
      kind: string,
      id: string,
      change: (value: T) => T | undefined,
      { expiresAt }: { expiresAt?: number | undefined } = {},
    ) {
      return write('update a row', () => {
        const row = find(principal, kind, id)
        if (row === undefined) return undefined
        const value = JSON.parse(row.value) as T
        const changed = change(value)
        // `change` may have worked on the value in place and then decided to leave the row.
        if (changed === undefined) return JSON.parse(row.value) as T
        const json = toJson(changed, 'update a row')
        sql('UPDATE rows SET value = ?, size = ?, updated_at = ?, expires_at = ? WHERE number = ?').run(
          json,
          sizeOf(json),
          clock(),
          expiresAt ?? row.expires_at,
          row.number,
        )
        return JSON.parse(json) as T
      })
    },

    async list<T>(
      principal: PrincipalFilter,
      kind: string,
      {
        cursor,
        limit = 100,
        order = 'created',
      }: { cursor?: string | undefined; limit?: number | undefined; order?: RowOrder | undefined } = {},
    ) {
      checkLimit(limit, 'list rows')
      const [from, way, beyond] =
        order === 'least-updated' ? ([-1, 'ASC', '>'] as const) : ([Number.MAX_SAFE_INTEGER, 'DESC', '<'] as const)
      const seen = cursor === undefined ? { key: from, number: 0 } : parseCursor(cursor, 'list rows')
      const key = order === 'created' ? 'r.created_at' : 'r.updated_at'
      const owned = principal === anyPrincipal ? '' : 'r.principal = (SELECT id FROM principals WHERE name = ?) AND'
      const found = await read('list rows', () =>
        sql<unknown[], StoredRow>(
          `SELECT ${columns}, ${key} AS key FROM rows r JOIN principals p ON p.id = r.principal
           WHERE ${owned} r.kind = ? AND (${key}, r.number) ${beyond} (?, ?) ORDER BY ${key} ${way}, r.number ${way} LIMIT ?`,
        ).all(...(principal === anyPrincipal ? [] : [principal]), kind, seen.key, seen.number, limit + 1),
      )
      const { page, nextCursor } = toPage(found, limit)
      return { rows: page.map((row) => toRow<T>(row, kind)), ...(nextCursor !== undefined && { nextCursor }) }
    },

    async delete(principal, kind, id) {
      return write('delete a row', () => {
        const row = find(principal, kind, id)
        return row !== undefined && sql('DELETE FROM rows WHERE number = ?').run(row.number).changes === 1
      })
    },

    stamp,
  }
}

function toRow<T>(row: StoredRow, kind: string): Row<T> {
  return {
    principal: row.principal,
    kind,
    id: row.id,
    value: JSON.parse(row.value) as T,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at ?? undefined,
  }
}
