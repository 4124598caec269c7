import { everyRow, type RowStore } from '../../memory/index.ts'

/** Removes the principal's rows of this kind that are meant. */
export async function removeRows<T>(rows: RowStore, principal: string, kind: string, isMeant: (value: T) => boolean): Promise<void> {
  for await (const { id, value } of everyRow<T>(rows, principal, kind)) if (isMeant(value)) await rows.delete(principal, kind, id)
}
