import type { StoredDocument, Trust } from './store.ts'
import { lowerTrust } from './trust.ts'

/** What is read for a file that goes from one instance to another. */
export interface ArchiveSelection {
  /** Kinds. */
  readonly rows: readonly string[]
  /** Names. */
  readonly streams: readonly string[]
  /** Whether the turns of threads come along, and all that can be found by words. */
  readonly texts?: boolean | undefined
}

/** One thing that the store keeps, of all principals, with its own times. */
export type ArchiveRecord =
  | {
      of: 'row'
      principal: string
      kind: string
      id: string
      value: unknown
      createdAt: number
      updatedAt: number
      expiresAt?: number | undefined
    }
  | { of: 'entry'; principal: string; stream: string; id: string; at: number; value: unknown }
  | { of: 'document'; document: StoredDocument }

export interface Archive {
  /** The schema of the store that it is read from or written to. */
  readonly schema: number
  read(selection: ArchiveSelection): AsyncIterable<ArchiveRecord>
  /** What is there already, by its principal and id, is left alone. Can be done again after it was interrupted. */
  write(records: Iterable<ArchiveRecord> | AsyncIterable<ArchiveRecord>): Promise<{ added: number; skipped: number }>
  close(): Promise<void>
}

/**
 * A file cannot lift its texts above what anybody may bring: `known`.
 *
 * Of turns and documents, which are what prompts are made of.
 */
export function withoutLiftedTrust(record: ArchiveRecord): ArchiveRecord {
  if (record.of === 'document') return { ...record, document: { ...record.document, trust: lowerTrust(record.document.trust, 'known') } }
  if (record.of === 'entry' && isTrusted(record.value))
    return { ...record, value: { ...record.value, trust: lowerTrust(record.value.trust, 'known') } }
  return record
}

function isTrusted(value: unknown): value is { trust: Trust } {
  return typeof value === 'object' && value !== null && typeof (value as { trust?: unknown }).trust === 'string'
}
