import type { RowStore } from '../../memory/store.ts'

/** Removes the principal's rows of this kind that are meant. */
export async function removeRows<T>(rows: RowStore, principal: string, kind: string, isMeant: (value: T) => boolean): Promise<void> {
  for (let cursor: string | undefined; ; ) {
    const { rows: page, nextCursor } = await rows.list<T>(principal, kind, { cursor, limit: 200 })
    for (const { id, value } of page) if (isMeant(value)) await rows.delete(principal, kind, id)
    if (nextCursor === undefined) return
    cursor = nextCursor
  }
}
