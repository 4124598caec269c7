import type { Trust } from './store.ts'

/** Something remembered that may answer a query. */
export interface RecalledItem {
  readonly id: string
  readonly text: string
  /** 0–1. */
  readonly score: number
  /** `turn of <thread>`, `fact`, `result of <tool>`. */
  readonly source: string
  readonly trust: Trust
  readonly createdAt: number
}

/** `thread`: only that thread. `caller`: everything of the principal. */
export type MemoryScope = 'thread' | 'caller'

export interface RecallQuery {
  query: string
  scope?: MemoryScope | undefined
  /** Needed by scope `thread`. */
  thread?: string | undefined
  limit?: number | undefined
  maxTokens?: number | undefined
  /** Ids that the caller has already. */
  exclude?: readonly string[] | undefined
  signal?: AbortSignal | undefined
}

export interface Recall {
  /** Vectors and words together, best first; `searched` says when there were only words. */
  recall(principal: string, query: RecallQuery): Promise<{ items: RecalledItem[]; searched: 'hybrid' | 'lexical' }>
  /** @returns The ids of what was stored: long texts are stored in pieces. */
  remember(
    principal: string,
    memory: { text: string; scope: MemoryScope; thread?: string | undefined; trust: Trust; source?: string | undefined },
  ): Promise<string[]>
  /** Really gone when it resolves: rows, words, vectors and free pages. */
  forget(
    principal: string,
    filter: { id?: string | undefined; thread?: string | undefined; text?: string | undefined; all?: boolean | undefined },
  ): Promise<{ memories: number; threads: number; turns: number }>
}
