import { MemoryError } from '../errors.ts'
import type { Held, LogEntry, LogRange, LogStore, NewLogEntry, WriteOptions } from '../store.ts'
import type { Connection } from './connection.ts'
import { checkLimit } from './cursor.ts'
import { sizeOf, toJson } from './json.ts'
import type { Principals } from './principals.ts'

interface StoredEntry {
  sequence: number
  id: string
  at: number
  value: string
}

/** An entry that is ready to be written: what can fail for its content has been done. */
export type PreparedEntry = NewLogEntry & { json: string }

/** What other writes of the same transaction use. */
export interface LogWrites {
  append(principal: number, stream: string, entries: readonly PreparedEntry[]): LogEntry<unknown>[]
  /** At most so many entries, oldest first, and the stream itself once it is empty. */
  drop(principal: number, stream: string, atMost: number): number
}

export function prepareEntries(entries: readonly NewLogEntry[]): PreparedEntry[] {
  return entries.map((entry) => ({ ...entry, json: toJson(entry.value, 'append to a log') }))
}

export function createLogWrites({ sql, clock }: Connection): LogWrites {
  return {
    append(principal, stream, entries) {
      if (entries.length === 0) return []
      sql('INSERT INTO streams (principal, name) VALUES (?, ?) ON CONFLICT DO NOTHING').run(principal, stream)
      const into = sql<unknown[], { id: number; last: number }>(
        'UPDATE streams SET length = length + ?, last = last + ? WHERE principal = ? AND name = ? RETURNING id, last',
      ).get(entries.length, entries.length, principal, stream)
      if (into === undefined) throw new Error(`The stream "${stream}" was not made`)
      const first = into.last - entries.length + 1
      return entries.map(({ id, value, at = clock(), json }, index) => {
        const sequence = first + index
        const { changes } = sql(
          'INSERT INTO entries (stream, sequence, id, at, value, size) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stream, id) DO NOTHING',
        ).run(into.id, sequence, id, at, json, sizeOf(json))
        if (changes === 0) {
          throw new MemoryError(`Cannot append to the log "${stream}": it has an entry of the id "${id}"`, {
            code: 'memory_refused',
            operation: 'append to a log',
          })
        }
        return { sequence, id, at, value }
      })
    },

    drop(principal, stream, atMost) {
      const row = sql<unknown[], { id: number; length: number }>('SELECT id, length FROM streams WHERE principal = ? AND name = ?').get(
        principal,
        stream,
      )
      if (row === undefined) return 0
      const dropped = sql(
        'DELETE FROM entries WHERE number IN (SELECT number FROM entries WHERE stream = ? ORDER BY sequence LIMIT ?)',
      ).run(row.id, atMost).changes
      if (dropped < atMost) sql('DELETE FROM streams WHERE id = ?').run(row.id)
      else sql('UPDATE streams SET length = length - ? WHERE id = ?').run(dropped, row.id)
      return dropped
    },
  }
}

const entriesPerSlice = 500

export function createLogs({ sql, read, write, slices }: Connection, principals: Principals, writes: LogWrites): LogStore {
  const streamId = '(SELECT s.id FROM streams s JOIN principals p ON p.id = s.principal WHERE p.name = ? AND s.name = ?)'

  return {
    async append<T>(principal: string, stream: string, entries: readonly NewLogEntry<T>[], { mayWait }: WriteOptions = {}) {
      const prepared = prepareEntries(entries)
      return (await write('append to a log', () => writes.append(principals.ensure(principal), stream, prepared), {
        mayWait,
        isApart: true,
      })) as LogEntry<T>[]
    },

    async read<T>(principal: string, stream: string, { after = 0, last, limit }: LogRange = {}) {
      if (last !== undefined) checkLimit(last, 'read a log')
      if (limit !== undefined) checkLimit(limit, 'read a log')
      const from = `SELECT sequence, id, at, value FROM entries WHERE stream = ${streamId} AND sequence > ?`
      const found = await read('read a log', () =>
        last === undefined
          ? sql<unknown[], StoredEntry>(`${from} ORDER BY sequence LIMIT ?`).all(principal, stream, after, limit ?? -1)
          : sql<unknown[], StoredEntry>(`${from} ORDER BY sequence DESC LIMIT ?`).all(principal, stream, after, last).toReversed(),
      )
      return found.slice(0, limit).map((entry): LogEntry<T> => ({ ...entry, value: JSON.parse(entry.value) as T }))
    },

    async principals(stream) {
      const found = await read('list the owners of a log', () =>
        sql<unknown[], { name: string }>(
          'SELECT p.name FROM streams s JOIN principals p ON p.id = s.principal WHERE s.name = ? AND s.length > 0 ORDER BY p.name',
        ).all(stream),
      )
      return found.map(({ name }) => name)
    },

    async length(principal, stream) {
      const row = await read('measure a log', () =>
        sql<unknown[], { length: number }>(`SELECT length FROM streams WHERE id = ${streamId}`).get(principal, stream),
      )
      return row?.length ?? 0
    },

    async heldInThreads(principal, threads) {
      const held = await read('measure threads', () =>
        threads === undefined
          ? sql<unknown[], Held>(
              'SELECT h.turns AS entries, h.bytes FROM turns_held h JOIN principals p ON p.id = h.principal WHERE p.name = ?',
            ).get(principal)
          : sql<unknown[], Held>(
              `SELECT count(*) AS entries, coalesce(sum(e.size), 0) AS bytes
               FROM entries e JOIN streams s ON s.id = e.stream JOIN principals p ON p.id = s.principal
               WHERE p.name = ? AND s.name IN (SELECT value FROM json_each(?))`,
            ).get(principal, JSON.stringify(threads)),
      )
      return held ?? { entries: 0, bytes: 0 }
    },

    async remove(principal, stream, ids) {
      return write('remove from a log', () => {
        const removed = sql(`DELETE FROM entries WHERE stream = ${streamId} AND id IN (SELECT value FROM json_each(?))`).run(
          principal,
          stream,
          JSON.stringify(ids),
        ).changes
        sql(`UPDATE streams SET length = length - ? WHERE id = ${streamId}`).run(removed, principal, stream)
        return removed
      })
    },

    async delete(principal, stream) {
      return slices('delete a log', () => {
        const owner = principals.find(principal)
        return owner === undefined ? 0 : writes.drop(owner, stream, entriesPerSlice)
      })
    },
  }
}
