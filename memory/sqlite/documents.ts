import type { DocumentFilter, DocumentHit, DocumentQuery, DocumentStore, StoredDocument, Trust } from '../store.ts'
import { textFilter } from '../text-filter.ts'
import type { Connection } from './connection.ts'
import { checkLimit, parseCursor, toPage } from './cursor.ts'
import type { DocumentWrites } from './document-writes.ts'
import type { Matrices } from './matrices.ts'
import { dot } from './matrix.ts'
import { type Principals, wordsTable } from './principals.ts'
import { checkDimensions, type Embedders, toBytes, toVector } from './vectors.ts'
import { toTerms } from './words.ts'

interface DocumentRow {
  number: number
  key: number
  principal: string
  id: string
  piece_of: string | null
  kind: string
  thread: string | null
  text: string
  trust: Trust
  created_at: number
  facts: string
}

const columns = 'd.number, d.number AS key, p.name AS principal, d.id, d.piece_of, d.kind, d.thread, d.text, d.trust, d.created_at, d.facts'
const source = 'documents d JOIN principals p ON p.id = d.principal'
const documentsPerSlice = 200
/** Scoring takes about 1.5 µs a match. */
const maxMatches = 3000

export interface DocumentParts {
  principals: Principals
  embedders: Embedders
  writes: DocumentWrites
  matrices: Matrices
}

export function createDocuments(connection: Connection, { principals, embedders, writes, matrices }: DocumentParts): DocumentStore {
  const { sql, read, write } = connection
  /** Per embedder, the document up to which every one has a vector: the indexer asks often, and need not look at all of them each time. */
  const complete = new Map<string, number>()

  /** The rarest words of the text, as far as scoring what they match stays quick; the rarest one in any case. */
  const matchFor = (owner: number, text: string): string | undefined => {
    const table = wordsTable(owner)
    const counted = toTerms(text)
      .map((term) => ({
        term,
        count: sql<unknown[], { count: number }>(`SELECT count(*) AS count FROM ${table} WHERE ${table} MATCH ?`).get(term)?.count ?? 0,
      }))
      .filter(({ count }) => count > 0)
      .toSorted((left, right) => left.count - right.count)
    let matches = 0
    const kept = counted.filter(({ count }, index) => {
      matches += count
      return index === 0 || matches <= maxMatches
    })
    return kept.length === 0 ? undefined : kept.map(({ term }) => term).join(' OR ')
  }

  /** Documents of these ids, and pieces of what has these ids. */
  const numbersOf = (owner: number, ids: readonly string[]): number[] => {
    const json = JSON.stringify(ids)
    return ['id', 'piece_of'].flatMap((column) =>
      sql<unknown[], { number: number }>(
        `SELECT number FROM documents WHERE principal = ? AND ${column} IN (SELECT value FROM json_each(?))`,
      )
        .all(owner, json)
        .map((row) => row.number),
    )
  }

  const toConditions = (
    owner: number,
    { ids, thread, kinds }: Omit<DocumentFilter, 'text'>,
  ): { conditions: string[]; values: unknown[] } => {
    const conditions: string[] = []
    const values: unknown[] = []
    if (ids !== undefined) {
      conditions.push('d.number IN (SELECT value FROM json_each(?))')
      values.push(JSON.stringify(numbersOf(owner, ids)))
    }
    if (thread !== undefined) {
      conditions.push('d.thread = ?')
      values.push(thread)
    }
    if (kinds !== undefined) {
      const [only] = kinds
      conditions.push(kinds.length === 1 ? 'd.kind = ?' : 'd.kind IN (SELECT value FROM json_each(?))')
      values.push(kinds.length === 1 ? only : JSON.stringify(kinds))
    }
    return { conditions, values }
  }

  const byWords = (owner: number, match: string, query: DocumentQuery, among: string | undefined, limit: number) => {
    const table = wordsTable(owner)
    const { conditions, values } = toConditions(owner, { thread: query.thread, kinds: query.kinds })
    const filtered = conditions.length > 0
    // The plus keeps SQLite from running the whole match again for each of the numbers.
    return sql<unknown[], { document: number; score: number }>(
      `SELECT w.rowid AS document, -bm25(${table}) AS score FROM ${table} w ${filtered ? 'JOIN documents d ON d.number = w.rowid' : ''}
       WHERE ${table} MATCH ? ${among === undefined ? '' : 'AND +w.rowid IN (SELECT value FROM json_each(?))'}
       ${filtered ? `AND ${conditions.join(' AND ')}` : ''} ORDER BY score DESC LIMIT ?`,
    ).all(match, ...(among === undefined ? [] : [among]), ...values, limit)
  }

  return {
    async add(documents) {
      const prepared = writes.prepare(documents)
      await write('add documents', () => {
        for (const document of prepared) writes.add(principals.ensure(document.principal), document)
      })
    },

    async get(principal, id) {
      const row = await read('read a document', () =>
        sql<unknown[], DocumentRow>(`SELECT ${columns} FROM ${source} WHERE p.name = ? AND d.id = ?`).get(principal, id),
      )
      return row && toDocument(row)
    },

    async search(query) {
      const limit = checkLimit(query.limit, 'search documents')
      const found = await read('search by words', () => {
        const owner = principals.find(query.principal)
        if (owner === undefined) return undefined
        const excluded = new Set(numbersOf(owner, query.exclude ?? []))
        const match = matchFor(owner, query.text)
        const words = match === undefined ? [] : byWords(owner, match, query, undefined, limit + excluded.size)
        return { owner, excluded, match, words: words.filter((row) => !excluded.has(row.document)).slice(0, limit) }
      })
      if (found === undefined) return []
      const { owner, excluded, match, words } = found

      const asked = await query.vector
      const embedder = asked && (await read('search by meaning', () => embedders.find(asked.embedderId)))
      const vector = embedder && asked.values
      if (embedder && vector) checkDimensions(asked.embedderId, embedder.dimensions, vector.length)
      const neighbours =
        embedder && vector
          ? await matrices.nearest({
              embedder: embedder.id,
              principal: owner,
              query: vector,
              limit,
              allows: (row) =>
                !excluded.has(row.document) &&
                (query.thread === undefined || row.thread === query.thread) &&
                (query.kinds === undefined || query.kinds.includes(row.kind)),
            })
          : []

      return read('search documents', () => {
        const lexical = new Map(words.map((row) => [row.document, row.score]))
        const best = words[0]?.score ?? 0
        const others = neighbours.map((row) => row.document).filter((document) => !lexical.has(document))
        if (match !== undefined && words.length === limit && others.length > 0) {
          for (const row of byWords(owner, match, query, JSON.stringify(others), others.length)) lexical.set(row.document, row.score)
        }
        const numbers = JSON.stringify([...lexical.keys(), ...others])
        const cosines = new Map(neighbours.map((row) => [row.document, row.cosine]))
        if (embedder && vector) {
          const stored = sql<unknown[], { document: number; vector: Buffer }>(
            'SELECT document, vector FROM document_vectors WHERE embedder = ? AND document IN (SELECT value FROM json_each(?))',
          ).all(embedder.id, JSON.stringify([...lexical.keys()].filter((document) => !cosines.has(document))))
          for (const row of stored) cosines.set(row.document, dot(vector, toVector(row.vector)))
        }
        return sql<unknown[], DocumentRow>(
          `SELECT ${columns} FROM ${source} WHERE d.principal = ? AND d.number IN (SELECT value FROM json_each(?))`,
        )
          .all(owner, numbers)
          .map((row): DocumentHit => {
            const cosine = cosines.get(row.number)
            const score = best > 0 ? (lexical.get(row.number) ?? 0) / best : 0
            return { document: toDocument(row), lexical: score, ...(cosine !== undefined && { cosine }) }
          })
      })
    },

    async withoutVector(embedderId, limit) {
      checkLimit(limit, 'list documents without a vector')
      const after = complete.get(embedderId) ?? 0
      const { rows, highest } = await read('list documents without a vector', () => ({
        rows: sql<unknown[], { number: number; text: string }>(
          `SELECT number, text FROM documents d WHERE number > ?
           AND NOT EXISTS (SELECT 1 FROM document_vectors v WHERE v.document = d.number AND v.embedder = ?) ORDER BY number LIMIT ?`,
        ).all(after, embedders.find(embedderId)?.id ?? 0, limit),
        highest: sql<unknown[], { number: number | null }>('SELECT max(number) AS number FROM documents').get()?.number ?? 0,
      }))
      complete.set(embedderId, rows[0] === undefined ? highest : rows[0].number - 1)
      return rows.map((row) => ({ key: String(row.number), text: row.text }))
    },

    async setVectors(embedderId, entries) {
      if (entries.length === 0) return
      await write('store vectors', () => {
        for (const { key, vector } of entries) {
          sql(
            `INSERT INTO document_vectors (document, embedder, principal, vector)
             SELECT number, ?, principal, ? FROM documents WHERE number = ? ON CONFLICT DO NOTHING`,
          ).run(embedders.ensure(embedderId, vector.length), toBytes(vector), Number(key))
        }
      })
    },

    async list(principal, { cursor, limit = 100, ...filter } = {}) {
      checkLimit(limit, 'list documents')
      const after = cursor === undefined ? 0 : parseCursor(cursor, 'list documents').number
      const rows = await read('list documents', () => {
        const owner = principals.find(principal)
        if (owner === undefined) return []
        const { conditions, values } = toConditions(owner, filter)
        return sql<unknown[], DocumentRow>(
          `SELECT ${columns} FROM ${source} WHERE ${['d.principal = ?', 'd.number > ?', ...conditions].join(' AND ')} ORDER BY d.number LIMIT ?`,
        ).all(owner, after, ...values, limit + 1)
      })
      const { page, nextCursor } = toPage(rows, limit)
      return { documents: page.map(toDocument), ...(nextCursor !== undefined && { nextCursor }) }
    },

    async delete(principal, { text, ...filter }) {
      const holds = text === undefined ? () => true : textFilter(text)
      const removed: string[] = []
      let after = 0
      await connection.slices('delete documents', () => {
        const owner = principals.find(principal)
        if (owner === undefined) return 0
        const { conditions, values } = toConditions(owner, filter)
        const rows = sql<unknown[], { number: number; id: string; text: string }>(
          `SELECT number, id, text FROM documents d WHERE ${['d.principal = ?', 'd.number > ?', ...conditions].join(' AND ')} ORDER BY number LIMIT ?`,
        ).all(owner, after, ...values, documentsPerSlice)
        const leaving = rows.filter((row) => holds(row.text))
        writes.remove(owner, leaving)
        removed.push(...leaving.map((row) => row.id))
        after = rows.at(-1)?.number ?? after
        return rows.length
      })
      return removed
    },
  }
}

function toDocument(row: DocumentRow): StoredDocument {
  return {
    id: row.id,
    principal: row.principal,
    pieceOf: row.piece_of ?? undefined,
    kind: row.kind,
    thread: row.thread ?? undefined,
    text: row.text,
    trust: row.trust,
    createdAt: row.created_at,
    facts: JSON.parse(row.facts) as StoredDocument['facts'],
  }
}
