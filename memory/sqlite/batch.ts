import type { Batch, LogEntry } from '../store.ts'
import type { Connection } from './connection.ts'
import type { DocumentWrites } from './document-writes.ts'
import { toJson } from './json.ts'
import { type LogWrites, prepareEntries } from './logs.ts'
import type { Principals } from './principals.ts'
import type { RowWrites } from './rows.ts'

/** Leaves the transaction of a batch that cannot be done. */
class Unmet extends Error {}

export interface BatchParts {
  principals: Principals
  rows: RowWrites
  logs: LogWrites
  documents: DocumentWrites
}

export function createCommit({ write }: Connection, { principals, rows, logs, documents }: BatchParts) {
  return async (principal: string, { touch = [], insert = [], append = [], documents: added = [], remove = {} }: Batch) => {
    const inserts = insert.map((row) => ({ ...row, json: toJson(row.value, 'insert a row') }))
    const appends = append.map(({ stream, entries }) => ({ stream, entries: prepareEntries(entries) }))
    const prepared = documents.prepare(added)

    try {
      return await write('commit a batch', (): LogEntry<unknown>[] => {
        const owner = principals.ensure(principal)
        for (const { kind, id } of touch) {
          if (!rows.touch(owner, kind, id)) throw new Unmet()
        }
        for (const row of inserts) {
          if (!rows.insert(owner, row)) throw new Unmet()
        }
        for (const { kind, id } of remove.rows ?? []) rows.delete(owner, kind, id)
        for (const stream of remove.streams ?? []) logs.drop(owner, stream, Number.MAX_SAFE_INTEGER)
        for (const thread of remove.threads ?? []) documents.removeThread(owner, thread)
        for (const document of prepared) documents.add(owner, document)
        return appends.flatMap(({ stream, entries }) => logs.append(owner, stream, entries))
      })
    } catch (error) {
      if (error instanceof Unmet) return undefined
      throw error
    }
  }
}
