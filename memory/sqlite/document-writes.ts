import { createHash } from 'node:crypto'
import type { Statement } from '../statement.ts'
import type { StoredDocument } from '../store.ts'
import type { Connection } from './connection.ts'
import { sizeOf, toJson } from './json.ts'
import { type Principals, wordsTable } from './principals.ts'
import { toWords } from './words.ts'

type Prepared<T> = T & { json: string }

/** What other writes of the same transaction use. */
export interface DocumentWrites {
  /** What can fail for a document's content, done before the transaction. */
  prepare<T extends Omit<StoredDocument, 'principal'>>(documents: readonly T[]): Prepared<T>[]
  add(principal: number, document: Prepared<Omit<StoredDocument, 'principal'>>): void
  addStatements(principal: number, document: number | bigint, statements: readonly Statement[]): void
  /** With words, vectors and statements. */
  remove(principal: number, rows: readonly { number: number; text: string }[]): void
  removeThread(principal: number, thread: string): void
}

// Beside the text: its words in the full-text table, about as much again, and one vector.
const vectorBytes = 1600

export function createDocumentWrites({ sql }: Connection, principals: Principals): DocumentWrites {
  const remove: DocumentWrites['remove'] = (principal, rows) => {
    if (rows.length === 0) return
    const table = wordsTable(principal)
    for (const { number, text } of rows) {
      sql(`INSERT INTO ${table} (${table}, rowid, words) VALUES ('delete', ?, ?)`).run(number, toWords(text))
      sql('DELETE FROM statements WHERE document = ?').run(number)
      sql('DELETE FROM document_vectors WHERE document = ?').run(number)
      // An embedder that caches by content may have left its vector there as well.
      sql('DELETE FROM cached_vectors WHERE embedder IN (SELECT id FROM embedders) AND hash = ?').run(hashOf(text))
      sql('DELETE FROM documents WHERE number = ?').run(number)
    }
    principals.removed(principal)
  }

  const addStatements: DocumentWrites['addStatements'] = (principal, document, statements) => {
    for (const { subject, relation, value, validFrom, ends = false, many = false, by } of statements) {
      sql(
        'INSERT INTO statements (document, principal, subject, relation, value, valid_from, ends, many, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ).run(document, principal, subject, relation, value, validFrom, Number(ends), Number(many), by ?? null)
    }
  }

  return {
    prepare: (documents) =>
      documents.map((document) => {
        if (document.text.trim() === '') throw new RangeError(`Cannot add the document "${document.id}": its text is blank`)
        return { ...document, text: document.text.toWellFormed(), json: toJson(document.facts, 'add documents') }
      }),

    add(principal, { id, pieceOf, kind, thread, project, text, trust, createdAt, json, statements = [] }) {
      const replaced = sql<unknown[], { number: number; text: string }>('SELECT number, text FROM documents WHERE principal = ? AND id = ?')
      remove(principal, replaced.all(principal, id))
      const { lastInsertRowid } = sql(
        'INSERT INTO documents (principal, id, piece_of, kind, thread, project, text, trust, created_at, facts, size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ).run(
        principal,
        id,
        pieceOf ?? null,
        kind,
        thread ?? null,
        project ?? null,
        text,
        trust,
        createdAt,
        json,
        2 * sizeOf(text) + vectorBytes,
      )
      sql(`INSERT INTO ${wordsTable(principal)} (rowid, words) VALUES (?, ?)`).run(lastInsertRowid, toWords(text))
      addStatements(principal, lastInsertRowid, statements)
    },

    addStatements,
    remove,

    removeThread(principal, thread) {
      const rows = sql<unknown[], { number: number; text: string }>('SELECT number, text FROM documents WHERE principal = ? AND thread = ?')
      remove(principal, rows.all(principal, thread))
    },
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
