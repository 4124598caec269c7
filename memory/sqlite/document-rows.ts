import type { StoredDocument, Trust } from '../store.ts'

/** A document as the database has it. */
export interface DocumentRow {
  number: number
  principal: string
  id: string
  piece_of: string | null
  kind: string
  thread: string | null
  project: string | null
  text: string
  trust: Trust
  created_at: number
  facts: string
}

export const documentColumns =
  'd.number, p.name AS principal, d.id, d.piece_of, d.kind, d.thread, d.project, d.text, d.trust, d.created_at, d.facts'
export const documentSource = 'documents d JOIN principals p ON p.id = d.principal'

export function toDocument(row: DocumentRow): StoredDocument {
  return {
    id: row.id,
    principal: row.principal,
    pieceOf: row.piece_of ?? undefined,
    kind: row.kind,
    thread: row.thread ?? undefined,
    ...(row.project !== null && { project: row.project }),
    text: row.text,
    trust: row.trust,
    createdAt: row.created_at,
    facts: JSON.parse(row.facts) as StoredDocument['facts'],
  }
}
