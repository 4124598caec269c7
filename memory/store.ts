import type { VectorCache } from '../models/embedder.ts'

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
  info(): Promise<StoreInfo>
  /** Removes what is past its retention, oldest first, and compacts. Safe to call from several processes. */
  sweep(now?: number): Promise<Record<string, number>>
  /** After a removal that a person asked for: free pages are overwritten and the write-ahead log is emptied. */
  scrub(): Promise<void>
  close(): Promise<void>
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

/** JSON values by principal, kind and id. Another principal's id is not found. */
export interface RowStore {
  get<T>(principal: PrincipalFilter, kind: string, id: string): Promise<Row<T> | undefined>
  put<T>(principal: string, kind: string, id: string, value: T, options?: { expiresAt?: number | undefined }): Promise<void>
  /** `false` when the id was taken already: the winner of a race is told by this. */
  insert<T>(principal: string, kind: string, id: string, value: T, options?: { expiresAt?: number | undefined }): Promise<boolean>
  /**
   * Reads, changes and writes in one transaction, over processes. `change` returns the new value, or `undefined` to leave the row.
   * Resolves to the value that is stored now, `undefined` when there is no such row.
   */
  update<T>(principal: PrincipalFilter, kind: string, id: string, change: (value: T) => T | undefined): Promise<T | undefined>
  /** Newest first. `cursor` is opaque. */
  list<T>(
    principal: PrincipalFilter,
    kind: string,
    options?: { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<{ rows: Row<T>[]; nextCursor?: string }>
  delete(principal: PrincipalFilter, kind: string, id: string): Promise<boolean>
}

export interface LogEntry<T> {
  /** 1, 2, 3 … within its stream. */
  sequence: number
  id: string
  at: number
  value: T
}

/** Append-only streams, such as the turns of a thread. */
export interface LogStore {
  append<T>(principal: string, stream: string, entries: readonly { id: string; value: T; at?: number }[]): Promise<LogEntry<T>[]>
  /** Ascending by sequence. `last` takes the newest; `after` the ones that follow. */
  read<T>(principal: string, stream: string, options?: { after?: number; last?: number; limit?: number }): Promise<LogEntry<T>[]>
  length(principal: string, stream: string): Promise<number>
  delete(principal: string, stream: string): Promise<number>
}

/** Who a text can be traced to: a lower tier never becomes an instruction of a higher one. */
export type Trust = 'system' | 'owner' | 'known' | 'external' | 'hostile'

export interface StoredDocument {
  id: string
  principal: string
  /** `turn`, `fact`, `tool-result`, `summary`. */
  kind: string
  /** The thread it belongs to; a fact of the caller's own scope has none. */
  thread?: string | undefined
  text: string
  trust: Trust
  createdAt: number
  /** Small JSON facts for the reader: role, model, source. */
  facts: Record<string, string | number | boolean>
}

export interface DocumentQuery {
  principal: string
  /** The words searched by the lexical part. */
  text: string
  /** The meaning searched by the vector part; without it the search is lexical. */
  vector?: { embedderId: string; values: Float32Array } | undefined
  kinds?: readonly string[] | undefined
  thread?: string | undefined
  exclude?: readonly string[] | undefined
  limit: number
}

export interface DocumentHit {
  document: StoredDocument
  /** BM25 divided by the best BM25 of this query, 0–1. */
  lexical: number
  /** Cosine, when both vectors exist. */
  cosine?: number | undefined
}

/** Texts that can be found by words and by meaning. */
export interface DocumentStore {
  add(documents: readonly StoredDocument[]): Promise<void>
  get(principal: string, id: string): Promise<StoredDocument | undefined>
  /** Candidates of both parts, unordered by any final score: `memory/recall.ts` weighs them. */
  search(query: DocumentQuery): Promise<DocumentHit[]>
  /** Documents that have no vector of this embedder yet, oldest first, over all principals: for the background indexer. */
  withoutVector(embedderId: string, limit: number): Promise<{ id: string; text: string }[]>
  setVectors(embedderId: string, entries: readonly { id: string; vector: Float32Array }[]): Promise<void>
  delete(
    principal: string,
    filter: { ids?: readonly string[]; thread?: string; kinds?: readonly string[]; text?: string },
  ): Promise<string[]>
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
}

export interface Reservation {
  id: string
  usd: number
}

/** Money: the worst case is reserved in one transaction and settled after, over parallel calls and several processes. */
export interface Ledger {
  /** `undefined` when the day's spent and reserved dollars leave no room under `limitUsd`. */
  reserve(entry: {
    principal: string
    decision: string
    deployment: string
    worstCaseUsd: number
    /** Of the whole instance per UTC day; `undefined` only records. */
    limitUsd: number | undefined
    expiresAt: number
  }): Promise<Reservation | undefined>
  /** `actualUsd: null` (price unknown) settles at 0 and is counted as unpriced. A reservation that was never settled counts at its worst case after it expired. */
  settle(reservation: Reservation, actualUsd: number | null): Promise<void>
  spent(filter: { since: number; principal?: string }): Promise<{ usd: number; reservedUsd: number; calls: number; unpriced: number }>
}
