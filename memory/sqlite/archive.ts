import type { Archive, ArchiveRecord } from '../archive.ts'
import { threadRow } from '../kinds.ts'
import type { Statement } from '../statement.ts'
import { type Connection, connect } from './connection.ts'
import { type DocumentRow, documentColumns, documentSource, toDocument } from './document-rows.ts'
import { createDocumentWrites } from './document-writes.ts'
import { toJson } from './json.ts'
import { createLogWrites, prepareEntries } from './logs.ts'
import { migrations } from './migrations.ts'
import { createPrincipals } from './principals.ts'
import { createRowWrites } from './rows.ts'

const perPage = 500

/** Reads and writes the file of a store record by record, beside whoever else has it open. */
export async function openSqliteArchive({ path }: { path: string }): Promise<Archive> {
  const connection = await connect({ path, clock: Date.now, migrations })
  const { sql, read } = connection

  /** By number, so that what is added meanwhile is seen at most once. */
  async function* pages<Found extends { number: number }>(source: string, ...given: unknown[]): AsyncGenerator<Found> {
    for (let after = 0; ; ) {
      const found = await read('export', () => sql<unknown[], Found>(source).all(...given, after, perPage))
      yield* found
      const last = found.at(-1)
      if (last === undefined) return
      after = last.number
    }
  }

  async function* rows(kinds: readonly string[]): AsyncGenerator<ArchiveRecord> {
    const found = pages<FoundRow>(
      `SELECT r.number, p.name AS principal, r.kind, r.id, r.value, r.created_at, r.updated_at, r.expires_at
       FROM rows r JOIN principals p ON p.id = r.principal
       WHERE r.kind IN (SELECT value FROM json_each(?)) AND r.number > ? ORDER BY r.number LIMIT ?`,
      JSON.stringify(kinds),
    )
    for await (const { principal, kind, id, value, created_at: createdAt, updated_at: updatedAt, expires_at: expiresAt } of found) {
      const expiry = expiresAt !== null && { expiresAt }
      yield { of: 'row', principal, kind, id, value: JSON.parse(value), createdAt, updatedAt, ...expiry }
    }
  }

  async function* entries(where: string, given: string): AsyncGenerator<ArchiveRecord> {
    const found = pages<FoundEntry>(
      `SELECT e.number, p.name AS principal, s.name AS stream, e.id, e.at, e.value
       FROM entries e JOIN streams s ON s.id = e.stream JOIN principals p ON p.id = s.principal
       WHERE ${where} AND e.number > ? ORDER BY e.number LIMIT ?`,
      given,
    )
    for await (const { principal, stream, id, at, value } of found)
      yield { of: 'entry', principal, stream, id, at, value: JSON.parse(value) }
  }

  async function* documents(): AsyncGenerator<ArchiveRecord> {
    const found = pages<FoundDocument>(
      `SELECT ${documentColumns},
         (SELECT json_group_array(json_object('subject', subject, 'relation', relation, 'value', value, 'validFrom', valid_from,
            'ends', ends, 'many', many, 'by', by)) FROM statements WHERE document = d.number) AS statements
       FROM ${documentSource} WHERE d.number > ? ORDER BY d.number LIMIT ?`,
    )
    for await (const { statements, ...row } of found)
      yield { of: 'document', document: { ...toDocument(row), statements: (JSON.parse(statements) as StoredStatement[]).map(toStatement) } }
  }

  const add = createAdd(connection)
  return {
    schema: migrations.length,

    async *read({ rows: kinds, streams, texts = false }) {
      yield* rows(kinds)
      yield* entries('s.name IN (SELECT value FROM json_each(?))', JSON.stringify(streams))
      if (!texts) return
      yield* entries('EXISTS (SELECT 1 FROM rows r WHERE r.principal = s.principal AND r.kind = ? AND r.id = s.name)', threadRow)
      yield* documents()
    },

    async write(records) {
      const done = { added: 0, skipped: 0 }
      let page: ArchiveRecord[] = []
      const flush = async () => {
        const together = page
        page = []
        const added = await connection.write('import', () => together.filter(add).length)
        done.added += added
        done.skipped += together.length - added
      }
      for await (const record of records) if (page.push(record) >= perPage) await flush()
      await flush()
      return done
    },

    close: connection.close,
  }
}

/** Adds one record inside a write, unless it is there. */
function createAdd(connection: Connection): (record: ArchiveRecord) => boolean {
  const { sql } = connection
  const principals = createPrincipals(connection)
  const documents = createDocumentWrites(connection, principals)
  const logs = createLogWrites(connection)
  const rows = createRowWrites(connection)
  const isThere = (source: string, ...given: unknown[]) => sql<unknown[]>(source).get(...given) !== undefined

  return (record) => {
    if (record.of === 'row') {
      const { kind, id, value, createdAt, updatedAt, expiresAt } = record
      const row = { kind, id, json: toJson(value, 'import'), expiresAt, createdAt, updatedAt }
      return rows.insert(principals.ensure(record.principal), row)
    }
    if (record.of === 'entry') {
      const { stream, id, at, value } = record
      const owner = principals.ensure(record.principal)
      const known = 'SELECT 1 FROM entries e JOIN streams s ON s.id = e.stream WHERE s.principal = ? AND s.name = ? AND e.id = ?'
      if (isThere(known, owner, stream, id)) return false
      logs.append(owner, stream, prepareEntries([{ id, at, value }]))
      return true
    }
    const { principal, ...document } = record.document
    const owner = principals.ensure(principal)
    if (isThere('SELECT 1 FROM documents WHERE principal = ? AND id = ?', owner, document.id)) return false
    for (const prepared of documents.prepare([document])) documents.add(owner, prepared)
    return true
  }
}

interface FoundRow {
  number: number
  principal: string
  kind: string
  id: string
  value: string
  created_at: number
  updated_at: number
  expires_at: number | null
}

interface FoundEntry {
  number: number
  principal: string
  stream: string
  id: string
  at: number
  value: string
}

interface FoundDocument extends DocumentRow {
  statements: string
}

/** As the database writes it: 0 and 1 for what is so or not, `null` for what is not there. */
interface StoredStatement extends Omit<Statement, 'ends' | 'many' | 'by'> {
  ends: number
  many: number
  by: string | null
}

function toStatement({ ends, many, by, ...statement }: StoredStatement): Statement {
  return { ...statement, ends: ends === 1, many: many === 1, ...(by !== null && { by }) }
}
