import { bestOfPacked, packInt8 } from '../int8.ts'
import { speakerOf } from '../sentences.ts'
import type { DocumentFilter, DocumentHit, DocumentQuery, DocumentStore } from '../store.ts'
import { textFilter } from '../text-filter.ts'
import type { Connection } from './connection.ts'
import { checkLimit, parseCursor, toPage } from './cursor.ts'
import { type DocumentRow, documentColumns, documentSource, toDocument } from './document-rows.ts'
import type { DocumentWrites } from './document-writes.ts'
import type { Matrices } from './matrices.ts'
import { dot, type NearestFound } from './matrix.ts'
import { type Principals, wordsTable } from './principals.ts'
import { heldStatements } from './statements.ts'
import { checkDimensions, type Embedders, toBytes, toVector } from './vectors.ts'
import { type AskedWords, askWords } from './word-search.ts'
import { toTerms } from './words.ts'

const documentsPerSlice = 200
/** Cosines from bytes are a little off: so many of the nearest are looked at again by the vectors themselves. */
const minCandidates = 100

/** Of texts that begin with a name, so many are looked at for a colon behind it. */
const textsPerName = 20

interface WordRow {
  document: number
  score: number
}

interface Cosines {
  whole: number
  sentence?: number
}

interface AskedMeaning {
  embedder: number
  values: Float32Array
  nearest: NearestFound
}

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
    { ids, thread, project, kinds }: Omit<DocumentFilter, 'text'>,
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
    if (project !== undefined) {
      conditions.push('d.project = ?')
      values.push(project)
    }
    if (kinds !== undefined) {
      const [only] = kinds
      conditions.push(kinds.length === 1 ? 'd.kind = ?' : 'd.kind IN (SELECT value FROM json_each(?))')
      values.push(kinds.length === 1 ? only : JSON.stringify(kinds))
    }
    return { conditions, values }
  }

  /** Best first; where all words are common ones, the newest that hold the rarest of them. */
  const searchByWords = (owner: number, asked: AskedWords, { thread, project, kinds }: DocumentQuery, limit: number): WordRow[] => {
    const { conditions, values } = toConditions(owner, { thread, project, kinds })
    if (asked.match === undefined) {
      return sql<unknown[], { document: number }>(
        `SELECT d.number AS document FROM documents d
         WHERE ${['d.principal = ?', 'd.number IN (SELECT value FROM json_each(?))', ...conditions].join(' AND ')} ORDER BY d.number DESC LIMIT ?`,
      )
        .all(owner, JSON.stringify(asked.newest), ...values, limit)
        .map(({ document }) => ({ document, score: asked.covers(document) }))
    }
    const table = wordsTable(owner)
    const scored = `SELECT w.rowid AS document, -bm25(${table}) AS score FROM ${table} w`
    // A thread is soon listed; of a kind there can be more than match. The plus keeps SQLite from running the match for each number.
    const filtered =
      thread === undefined
        ? `${conditions.length > 0 ? 'JOIN documents d ON d.number = w.rowid' : ''} WHERE ${[`${table} MATCH ?`, ...conditions].join(' AND ')}`
        : `WHERE ${table} MATCH ? AND +w.rowid IN (SELECT d.number FROM documents d WHERE ${['d.principal = ?', ...conditions].join(' AND ')})`
    return sql<unknown[], WordRow>(`${scored} ${filtered} ORDER BY score DESC LIMIT ?`).all(
      asked.match,
      ...(thread === undefined ? [] : [owner]),
      ...values,
      limit,
    )
  }

  const documentsOf = (owner: number, project: string): Promise<ReadonlySet<number>> =>
    read('search a project', () => {
      const rows = sql<unknown[], { number: number }>('SELECT number FROM documents WHERE principal = ? AND project = ?')
      return new Set(rows.all(owner, project).map(({ number }) => number))
    })

  const cosinesOf = (numbers: readonly number[], { embedder, values }: AskedMeaning): Map<number, Cosines> => {
    const stored = sql<unknown[], { document: number; vector: Buffer; sentences: Buffer | null }>(
      'SELECT document, vector, sentences FROM document_vectors WHERE embedder = ? AND document IN (SELECT value FROM json_each(?))',
    ).all(embedder, JSON.stringify(numbers))
    return new Map(
      stored.map(({ document, vector, sentences }) => [
        document,
        { whole: dot(values, toVector(vector)), ...(sentences !== null && { sentence: bestOfPacked(values, sentences) }) },
      ]),
    )
  }

  /** What stands next to a document in its thread, the nearest first. */
  const beside = (owner: number, { number, thread, kind }: DocumentRow, distance: number, exclude: ReadonlySet<number>) => {
    const look = (sign: '<' | '>') =>
      sql<unknown[], { number: number }>(
        `SELECT number FROM documents WHERE principal = ? AND thread = ? AND kind = ? AND number ${sign} ?
         ORDER BY number ${sign === '<' ? 'DESC' : ''} LIMIT ?`,
      )
        .all(owner, thread, kind, number, distance)
        .map((row) => row.number)
        .filter((one) => !exclude.has(one))
    return { before: look('<'), after: look('>') }
  }

  const toHits = (
    owner: number,
    { limit, around }: DocumentQuery,
    { excluded, asked, words }: { excluded: ReadonlySet<number>; asked: AskedWords; words: readonly WordRow[] },
    meaning: AskedMeaning | undefined,
  ): DocumentHit[] => {
    const lexical = new Map(words.map((row) => [row.document, row.score]))
    const best = words[0]?.score ?? 0
    // What is not among the best by words has at most the score of the last of them.
    const least = words.length < limit || best === 0 ? 0 : (words.at(-1)?.score ?? 0) / best
    const lexicalOf = (document: number) => {
      const score = lexical.get(document)
      return score === undefined ? Math.min(least, asked.covers(document)) : best > 0 ? score / best : 0
    }
    const near = meaning?.nearest.neighbours.map((row) => row.document) ?? []
    const cosines = meaning === undefined ? new Map<number, Cosines>() : cosinesOf([...new Set([...lexical.keys(), ...near])], meaning)
    const nearness = (document: number) => {
      const { whole = 0, sentence = whole } = cosines.get(document) ?? {}
      return whole + sentence
    }
    const nearest = near.toSorted((left, right) => nearness(right) - nearness(left)).slice(0, limit)

    const lookUp = (numbers: readonly number[]): { row: DocumentRow; hit: DocumentHit }[] => {
      return sql<unknown[], DocumentRow>(
        `SELECT ${documentColumns} FROM ${documentSource} WHERE d.principal = ? AND d.number IN (SELECT value FROM json_each(?))`,
      )
        .all(owner, JSON.stringify(numbers))
        .map((row) => {
          const { whole, sentence } = cosines.get(row.number) ?? {}
          const ofThread = row.thread === null ? undefined : meaning?.nearest.threads.get(row.thread)
          const hit: DocumentHit = {
            document: toDocument(row),
            lexical: lexicalOf(row.number),
            covers: asked.covers(row.number),
            ...(whole !== undefined && { cosine: whole }),
            ...(sentence !== undefined && { sentenceCosine: sentence }),
            ...(ofThread !== undefined && { threadCosine: ofThread }),
          }
          return { row, hit }
        })
    }

    const found = lookUp([...new Set([...lexical.keys(), ...nearest])])
    if (around === undefined) return found.map(({ hit }) => hit)
    const known = new Set(found.map(({ row }) => row.number))
    const windows = found
      .filter(({ row }) => row.thread !== null)
      .map((one) => ({ ...one, score: around.score(one.hit) }))
      .toSorted((left, right) => right.score - left.score)
      .slice(0, around.of)
      .map((one) => ({ ...one, ...beside(owner, one.row, around.distance, excluded) }))
    const others = [...new Set(windows.flatMap(({ before, after }) => [...before, ...after]))].filter((number) => !known.has(number))
    if (meaning !== undefined) for (const [document, cosine] of cosinesOf(others, meaning)) cosines.set(document, cosine)
    const all = [...found, ...lookUp(others)]
    const ids = new Map(all.map(({ row }) => [row.number, row.id]))
    const named = (numbers: readonly number[]) => numbers.flatMap((number) => ids.get(number) ?? [])
    const places = new Map(
      windows.map(({ row, before, after }) => [row.number, { around: { before: named(before), after: named(after) } }]),
    )
    return all.map(({ row, hit }) => ({ ...hit, ...places.get(row.number) }))
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
        sql<unknown[], DocumentRow>(`SELECT ${documentColumns} FROM ${documentSource} WHERE p.name = ? AND d.id = ?`).get(principal, id),
      )
      return row && toDocument(row)
    },

    async search(query) {
      const limit = checkLimit(query.limit, 'search documents')
      const found = await read('search by words', () => {
        const owner = principals.find(query.principal)
        if (owner === undefined) return undefined
        const excluded = new Set(numbersOf(owner, query.exclude ?? []))
        const asked = askWords(connection, owner, query.text)
        const words = searchByWords(owner, asked, query, limit + excluded.size)
        return { owner, excluded, asked, words: words.filter((row) => !excluded.has(row.document)).slice(0, limit) }
      })
      if (found === undefined) return []
      const { owner, excluded } = found

      const vector = await query.vector
      const embedder = vector && (await read('search by meaning', () => embedders.find(vector.embedderId)))
      if (vector === undefined || embedder === undefined) return read('search documents', () => toHits(owner, query, found, undefined))
      checkDimensions(vector.embedderId, embedder.dimensions, vector.values.length)
      const ofProject = query.project === undefined ? undefined : await documentsOf(owner, query.project)
      const nearest = await matrices.nearest({
        embedder: embedder.id,
        principal: owner,
        query: vector.values,
        limit: Math.max(minCandidates, limit * 2),
        allows: (row) =>
          !excluded.has(row.document) &&
          (query.thread === undefined || row.thread === query.thread) &&
          (ofProject === undefined || ofProject.has(row.document)) &&
          (query.kinds === undefined || query.kinds.includes(row.kind)),
      })
      return read('search documents', () => toHits(owner, query, found, { embedder: embedder.id, values: vector.values, nearest }))
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
        for (const { key, vector, sentences = [] } of entries) {
          const packed = sentences.length === 0 ? null : packInt8(sentences)
          sql(
            `INSERT INTO document_vectors (document, embedder, principal, vector, sentences)
             SELECT number, ?, principal, ?, ? FROM documents WHERE number = ? ON CONFLICT DO NOTHING`,
          ).run(embedders.ensure(embedderId, vector.length), toBytes(vector), packed, Number(key))
        }
      })
    },

    async statements(principal, ids) {
      if (ids.length === 0) return []
      return read('read statements', () => {
        const owner = principals.find(principal)
        return owner === undefined ? [] : heldStatements(connection, owner, ids)
      })
    },

    async addStatements(principal, entries) {
      if (entries.length === 0) return
      await write('add statements', () => {
        const owner = principals.ensure(principal)
        for (const { id, statements } of entries) {
          const row = sql<unknown[], { number: number }>('SELECT number FROM documents WHERE principal = ? AND id = ?').get(owner, id)
          if (row !== undefined) writes.addStatements(owner, row.number, statements)
        }
      })
    },

    async speakers(principal, names) {
      return read('look for speakers', () => {
        const owner = principals.find(principal)
        if (owner === undefined) return []
        const table = wordsTable(owner)
        return names.filter((name) => {
          const [first, ...more] = toTerms(name)
          if (first === undefined || more.length > 0) return false
          // The mark asks for the first word of a text.
          const begins = sql<unknown[], { text: string }>(
            `SELECT d.text FROM ${table} w JOIN documents d ON d.number = w.rowid WHERE ${table} MATCH ? ORDER BY w.rowid DESC LIMIT ${textsPerName}`,
          ).all(`^${first}`)
          return begins.some(({ text }) => speakerOf(text)?.toLowerCase().split(' ')[0] === name.toLowerCase())
        })
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
          `SELECT ${documentColumns} FROM ${documentSource} WHERE ${['d.principal = ?', 'd.number > ?', ...conditions].join(' AND ')} ORDER BY d.number LIMIT ?`,
        ).all(owner, after, ...values, limit + 1)
      })
      const placed = rows.map((row) => ({ ...row, key: row.number }))
      const { page, nextCursor } = toPage(placed, limit)
      return { documents: page.map(toDocument), ...(nextCursor !== undefined && { nextCursor }) }
    },

    async count(principal, filter = {}) {
      return read('count documents', () => {
        const owner = principals.find(principal)
        if (owner === undefined) return 0
        const { conditions, values } = toConditions(owner, filter)
        const where = ['d.principal = ?', ...conditions].join(' AND ')
        return (
          sql<unknown[], { count: number }>(`SELECT count(*) AS count FROM documents d WHERE ${where}`).get(owner, ...values)?.count ?? 0
        )
      })
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
