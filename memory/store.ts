import type { VectorCache } from '../models/embedder.ts'
import type { HeldStatement, Statement } from './statement.ts'

/**
 * The store contracts: asynchronous, principal-bound, and silent about what is underneath, so that a shared database
 * can implement them when a user outgrows one machine. `memory/sqlite` is the implementation that ships.
 *
 * A write has happened, durably, when its promise resolves. Each kind of data has one retention.
 */
export interface Store {
  readonly rows: RowStore
  readonly logs: LogStore
  readonly documents: DocumentStore
  readonly vectors: VectorCache
  readonly blobs: BlobStore
  readonly ledger: Ledger
  /**
   * Everything of the batch in one transaction. Resolves to the appended entries in order, or to `undefined` when nothing was
   * written because a row to touch is missing or an id to insert is taken: so nobody adds to what somebody else just removed.
   */
  commit(principal: string, batch: Batch): Promise<LogEntry<unknown>[] | undefined>
  /** The clock by which everything is stamped. */
  now(): number
  info(): Promise<StoreInfo>
  /** Removes what is past its retention, oldest first, and compacts. Safe to call from several processes. */
  sweep(now?: number): Promise<Record<string, number>>
  /** After a removal that a person asked for: when it resolves, nothing of what was removed is left in the store's files. */
  scrub(): Promise<void>
  close(): Promise<void>
}

/** `mayWait`: the caller is in no hurry to know it committed, so that it shares a commit with what is written some milliseconds later. */
export interface WriteOptions {
  mayWait?: boolean | undefined
}

/** Writes that happen together or not at all. */
export interface Batch {
  /** Rows that must exist; they count as updated now. */
  touch?: readonly { kind: string; id: string }[] | undefined
  /** Rows whose ids must be free. */
  insert?: readonly { kind: string; id: string; value: unknown; expiresAt?: number | undefined }[] | undefined
  append?: readonly { stream: string; entries: readonly NewLogEntry[] }[] | undefined
  documents?: readonly Omit<StoredDocument, 'principal'>[] | undefined
  /** Missing ones are not an obstacle. */
  remove?:
    | {
        rows?: readonly { kind: string; id: string }[] | undefined
        streams?: readonly string[] | undefined
        /** Threads whose documents go. */
        threads?: readonly string[] | undefined
      }
    | undefined
}

export interface StoreInfo {
  location: string
  bytes: number
  schemaVersion: number
  counts: Record<string, number>
}

/** Stands for all principals in reads by the owner of the instance (the command line, the console). Never passed on from a caller. */
export const anyPrincipal: unique symbol = Symbol('any principal')
export type PrincipalFilter = string | typeof anyPrincipal

export interface Row<T> {
  principal: string
  kind: string
  id: string
  value: T
  createdAt: number
  updatedAt: number
  expiresAt?: number | undefined
}

export type RowOrder = 'created' | 'updated' | 'least-updated'

/** JSON values by principal, kind and id. Another principal's id is not found. */
export interface RowStore {
  get<T>(principal: PrincipalFilter, kind: string, id: string): Promise<Row<T> | undefined>
  /** Those of the ids that there are, in no order. */
  getAll<T>(principal: string, kind: string, ids: readonly string[]): Promise<Row<T>[]>
  put<T>(principal: string, kind: string, id: string, value: T, options?: WriteOptions & { expiresAt?: number | undefined }): Promise<void>
  /** All of them in one transaction. */
  putAll<T>(principal: string, kind: string, rows: readonly { id: string; value: T; expiresAt?: number | undefined }[]): Promise<void>
  /** `false` when the id was taken already: the winner of a race is told by this. */
  insert<T>(
    principal: string,
    kind: string,
    id: string,
    value: T,
    options?: WriteOptions & { expiresAt?: number | undefined },
  ): Promise<boolean>
  /**
   * Reads, changes and writes in one transaction, over processes. `change` returns the new value, or `undefined` to leave the row.
   * Resolves to the value that is stored now, `undefined` when there is no such row. The row keeps its end unless it is told another.
   */
  update<T>(
    principal: PrincipalFilter,
    kind: string,
    id: string,
    change: (value: T) => T | undefined,
    options?: { expiresAt?: number | undefined },
  ): Promise<T | undefined>
  /** Newest first, by creation unless told; with `least-updated` those first that were not touched for longest. `cursor` is opaque; one that was not given out is refused with a `MemoryError`. */
  list<T>(
    principal: PrincipalFilter,
    kind: string,
    options?: { cursor?: string | undefined; limit?: number | undefined; order?: RowOrder | undefined },
  ): Promise<{ rows: Row<T>[]; nextCursor?: string }>
  delete(principal: PrincipalFilter, kind: string, id: string): Promise<boolean>
  /** The same as before as long as no row has been written since, here or by another process. It costs less than reading a row. */
  stamp(): string
}

export interface NewLogEntry<T = unknown> {
  /** Unique within its stream. */
  id: string
  value: T
  at?: number | undefined
}

export interface LogEntry<T> {
  /** 1, 2, 3 … within its stream. What was removed leaves a gap; a number is never used twice. */
  sequence: number
  id: string
  at: number
  value: T
}

/** Append-only streams, such as the turns of a thread. */
export interface LogStore {
  append<T>(principal: string, stream: string, entries: readonly NewLogEntry<T>[], options?: WriteOptions): Promise<LogEntry<T>[]>
  /** Ascending by sequence. `last` takes the newest; `after` the ones that follow. */
  read<T>(principal: string, stream: string, options?: LogRange): Promise<LogEntry<T>[]>
  /** Who has entries in a stream of this name: for the owner of the instance, never passed on from a caller. */
  principals(stream: string): Promise<string[]>
  /** Entries that are there now. */
  length(principal: string, stream: string): Promise<number>
  /** What the principal's threads hold together, or these of them: entries of the logs that are named by a thread's id. */
  heldInThreads(principal: string, threads?: readonly string[]): Promise<Held>
  /** Removes single entries. */
  remove(principal: string, stream: string, ids: readonly string[]): Promise<number>
  delete(principal: string, stream: string): Promise<number>
}

export interface Held {
  entries: number
  bytes: number
}

export interface LogRange {
  after?: number | undefined
  last?: number | undefined
  limit?: number | undefined
}

/** Who a text can be traced to: a lower tier never becomes an instruction of a higher one. */
export type Trust = 'system' | 'owner' | 'known' | 'external' | 'hostile'

export interface StoredDocument {
  id: string
  principal: string
  /** What it was cut from, such as a long turn: excluding or deleting that id takes the piece along. */
  pieceOf?: string | undefined
  /** `turn`, `fact`, `tool-result`, `summary`. */
  kind: string
  /** The thread it belongs to; a fact of the caller's own scope has none. */
  thread?: string | undefined
  /** The project that it belongs to, with its thread or for itself. */
  project?: string | undefined
  text: string
  trust: Trust
  createdAt: number
  /** Small JSON facts for the reader: role, model, source. */
  facts: Record<string, string | number | boolean>
  /** What it says of somebody or something; given when it is written, and read by `statements`. */
  statements?: readonly Statement[] | undefined
}

export interface QueryVector {
  embedderId: string
  values: Float32Array
}

export interface DocumentQuery {
  principal: string
  /** The words searched by the lexical part. */
  text: string
  /** The meaning searched by the vector part; without it the search is lexical. While it is still coming, words are searched. */
  vector?: QueryVector | Promise<QueryVector | undefined> | undefined
  kinds?: readonly string[] | undefined
  thread?: string | undefined
  project?: string | undefined
  exclude?: readonly string[] | undefined
  limit: number
  /** What stands in the same thread next to the hits that score best comes along: so far on each side of so many of them. */
  around?: { distance: number; of: number; score: (hit: DocumentHit) => number } | undefined
}

export interface DocumentHit {
  document: StoredDocument
  /** BM25 divided by the best BM25 of this query, 0–1; near enough for what is not among the best by words. */
  lexical: number
  /** Of the query's words that anything holds, each weighed by how rare it is, the share that stands here, 0–1. */
  covers: number
  /** Cosine, when both vectors exist. */
  cosine?: number | undefined
  /** Of its sentence that fits best, when it has several and they have vectors. */
  sentenceCosine?: number | undefined
  /** The mean over its thread, when that has vectors. */
  threadCosine?: number | undefined
  /** Ids of what stands before and after it in its thread, the nearest first; of the best hits alone, where it was asked for. */
  around?: { before: readonly string[]; after: readonly string[] } | undefined
}

/** All conditions must hold; without any, everything of the principal is meant. */
export interface DocumentFilter {
  /** Of documents, or of what they were cut from. */
  ids?: readonly string[] | undefined
  thread?: string | undefined
  project?: string | undefined
  kinds?: readonly string[] | undefined
  /** Words that the document's text holds, in this order, whatever their case and the white space between them. */
  text?: string | undefined
}

/** Texts that can be found by words and by meaning. */
export interface DocumentStore {
  /** A document of the same id is replaced. Blank texts are refused with a `RangeError`. */
  add(documents: readonly StoredDocument[]): Promise<void>
  get(principal: string, id: string): Promise<StoredDocument | undefined>
  /** Candidates of both parts, unordered by any final score: `memory/recall.ts` weighs them. */
  search(query: DocumentQuery): Promise<DocumentHit[]>
  /**
   * Documents that have no vector of this embedder yet, oldest first, over all principals: for the background indexer.
   * `key` is for `setVectors` alone, which skips what was removed or replaced in between.
   */
  withoutVector(embedderId: string, limit: number): Promise<{ key: string; text: string }[]>
  setVectors(
    embedderId: string,
    entries: readonly { key: string; vector: Float32Array; sentences?: readonly Float32Array[] | undefined }[],
  ): Promise<void>
  /** What these documents say of somebody or something, and whether that still holds by what others say. */
  statements(principal: string, ids: readonly string[]): Promise<HeldStatement[]>
  /** Adds what was read out of documents; what is gone meanwhile is skipped. */
  addStatements(principal: string, entries: readonly { id: string; statements: readonly Statement[] }[]): Promise<void>
  /** Those of the names that some text of the principal begins with, before a colon. */
  speakers(principal: string, names: readonly string[]): Promise<string[]>
  /** Oldest first: for export. */
  list(
    principal: string,
    options?: Omit<DocumentFilter, 'text'> & { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<{ documents: StoredDocument[]; nextCursor?: string }>
  /** How many there are. */
  count(principal: string, filter?: { kinds?: readonly string[] | undefined; thread?: string | undefined }): Promise<number>
  /** @returns The ids of the documents that are gone. */
  delete(principal: string, filter: DocumentFilter): Promise<string[]>
}

/** Bytes with a media type: originals of images, large results. */
export interface BlobStore {
  put(
    principal: string,
    kind: string,
    id: string,
    blob: { mediaType: string; bytes: Uint8Array; facts?: Record<string, unknown> },
  ): Promise<void>
  get(
    principal: string,
    kind: string,
    id: string,
  ): Promise<{ mediaType: string; bytes: Uint8Array; facts: Record<string, unknown>; createdAt: number } | undefined>
  delete(principal: string, kind: string, ids: readonly string[]): Promise<number>
  /** Removes all blobs of the principal. */
  clear(principal: string): Promise<number>
}

export interface Reservation {
  id: string
  usd: number
}

/** Money: the worst case is reserved in one transaction and settled after, over parallel calls and several processes. */
export interface Ledger {
  /** `undefined` when what is spent and reserved leaves no room under `limitUsd` of the day, or in one of the accounts. */
  reserve(entry: {
    principal: string
    decision: string
    deployment: string
    worstCaseUsd: number
    /** Of the whole instance per UTC day; `undefined` only records. */
    limitUsd: number | undefined
    /** Whose spend it is as well, whoever the principal is: each may spend so much in all, from the beginning on. */
    accounts?: readonly { account: string; limitUsd: number }[] | undefined
    expiresAt: number
  }): Promise<Reservation | undefined>
  /** What was spent without a limit that it had to be reserved under. */
  book(entry: { principal: string; decision: string; deployment: string; actualUsd: number | null }): Promise<void>
  /** The first settlement counts. `actualUsd: null` (price unknown) settles at 0 and is counted as unpriced. A reservation that was never settled counts at its worst case after it expired. */
  settle(reservation: Reservation, actualUsd: number | null): Promise<void>
  spent(filter: {
    since: number
    principal?: string | undefined
    account?: string | undefined
  }): Promise<{ usd: number; reservedUsd: number; calls: number; unpriced: number }>
}
