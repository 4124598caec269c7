import type { Row, RowStore } from '../../memory/store.ts'

/** Rows in a map: what runs and approvals need where the database is not what is tested. */
export function mapRows(): RowStore {
  const rows = new Map<string, Row<unknown>>()
  let written = 0
  const keyOf = (principal: unknown, kind: string, id: string) => JSON.stringify([principal, kind, id])

  function find<T>(principal: string | symbol, kind: string, id: string): Row<T> | undefined {
    if (typeof principal === 'string') return rows.get(keyOf(principal, kind, id)) as Row<T> | undefined
    return [...rows.values()].find((row) => row.kind === kind && row.id === id) as Row<T> | undefined
  }

  const store: RowStore = {
    async get<T>(principal: string | symbol, kind: string, id: string) {
      return find<T>(principal, kind, id)
    },
    async getAll<T>(principal: string, kind: string, ids: readonly string[]) {
      return ids.flatMap((id) => find<T>(principal, kind, id) ?? [])
    },
    async putAll(principal, kind, given) {
      for (const { id, value, expiresAt } of given) await store.put(principal, kind, id, value, { expiresAt })
    },
    async put(principal, kind, id, value, options) {
      const now = Date.now()
      written += 1
      const createdAt = find(principal, kind, id)?.createdAt ?? now
      rows.set(keyOf(principal, kind, id), { principal, kind, id, value, createdAt, updatedAt: now, expiresAt: options?.expiresAt })
    },
    async insert(principal, kind, id, value, options) {
      if (find(principal, kind, id) !== undefined) return false
      await store.put(principal, kind, id, value, options)
      return true
    },
    async update<T>(principal: string | symbol, kind: string, id: string, change: (value: T) => T | undefined) {
      const row = find<T>(principal, kind, id)
      if (row === undefined) return undefined
      const changed = change(row.value)
      if (changed !== undefined) await store.put(row.principal, kind, id, changed, { expiresAt: row.expiresAt })
      return changed ?? row.value
    },
    async list<T>(principal: string | symbol, kind: string) {
      const found = [...rows.values()].filter((row) => row.kind === kind && (typeof principal !== 'string' || row.principal === principal))
      return { rows: found.toReversed() as Row<T>[] }
    },
    async delete(principal, kind, id) {
      const row = find(principal, kind, id)
      written += 1
      return row !== undefined && rows.delete(keyOf(row.principal, kind, id))
    },
    stamp: () => String(written),
  }
  return store
}
