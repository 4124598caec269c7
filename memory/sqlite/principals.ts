import type { Connection } from './connection.ts'

/** Principals by number. A name gets its number, and a full-text table of its own, with its first write. */
export interface Principals {
  /** `undefined` for one who never wrote anything. */
  find(name: string): number | undefined
  /** Inside a write. */
  ensure(name: string): number
  /** Notes, inside a write, that vectors and words of this principal were removed. */
  removed(id: number): void
}

/** The full-text table of one principal: a table's name cannot be a parameter, and `id` is a number of ours. */
export function wordsTable(id: number): string {
  return `words_${id}`
}

// Nothing is kept in memory: a transaction that made a principal may still be rolled back, and the look-up takes 2 µs.
export function createPrincipals({ sql }: Connection): Principals {
  const find = (name: string) => sql<[string], { id: number }>('SELECT id FROM principals WHERE name = ?').get(name)?.id

  return {
    find,
    ensure(name) {
      if (typeof name !== 'string' || name === '') {
        throw new TypeError(`A principal must be a non-empty string, received ${JSON.stringify(name)}`)
      }
      const known = find(name)
      if (known !== undefined) return known
      const id = Number(sql<[string]>('INSERT INTO principals (name) VALUES (?)').run(name).lastInsertRowid)
      sql(`CREATE VIRTUAL TABLE ${wordsTable(id)} USING fts5(words, content='', tokenize="porter unicode61 remove_diacritics 2")`).run()
      return id
    },
    removed(id) {
      sql<[number]>('UPDATE principals SET removals = removals + 1, unscrubbed = 1 WHERE id = ?').run(id)
    },
  }
}
