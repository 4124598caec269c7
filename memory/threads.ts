import type { Part } from '../models/message.ts'
import type { Taint } from '../models/taint.ts'
import type { LogRange, Trust } from './store.ts'

/** One message of a thread, as it was acknowledged. */
export interface Turn {
  readonly id: string
  readonly sequence: number
  readonly role: 'user' | 'assistant'
  readonly content: readonly Part[]
  /** Of several people: who said it. */
  readonly speaker?: string | undefined
  readonly at: number
  /** The deployment that answered, for an assistant's turn. */
  readonly model?: string | undefined
  readonly decision?: string | undefined
  /** The lowest trust of anything that went into it. */
  readonly trust: Trust
}

export interface NewTurn {
  role: Turn['role']
  content: readonly Part[]
  speaker?: string | undefined
  model?: string | undefined
  decision?: string | undefined
  trust: Trust
}

export interface ThreadSummary {
  readonly thread: string
  /** The alias that the caller gave it; unique within the principal. */
  readonly name?: string | undefined
  /** The first words said in it. */
  readonly title: string
  readonly turns: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly forkedFrom?: string | undefined
  /** What it was begun in. */
  readonly project?: string | undefined
  /** What has come into it; nothing that anybody noted, when it is not there. */
  readonly taint?: Taint | undefined
}

/** Conversations by principal. Another principal's thread answers exactly like an unknown one. */
export interface Threads {
  /**
   * The thread of this id or name. A name that is not known yet makes a thread of that name, `undefined` one without; a new one belongs to
   * the project, and stays there.
   *
   * @throws {MemoryError} `memory_not_found` for an unknown id, `memory_refused` for a text that cannot be a name.
   */
  open(principal: string, idOrName: string | undefined, options?: { project?: string | undefined }): Promise<ThreadSummary>
  get(principal: string, idOrName: string): Promise<ThreadSummary | undefined>
  /**
   * Durable when it resolves; the turns are searchable by words at once, by meaning soon after.
   *
   * @throws {MemoryError} `memory_not_found` for an unknown thread.
   */
  append(principal: string, thread: string, turns: readonly NewTurn[]): Promise<Turn[]>
  /** Ascending. `last` takes the newest. None for an unknown thread. */
  turns(principal: string, thread: string, options?: LogRange): Promise<Turn[]>
  /** Most recently used first. */
  list(
    principal: string,
    options?: { cursor?: string | undefined; limit?: number | undefined },
  ): Promise<{ threads: ThreadSummary[]; nextCursor?: string }>
  /** Threads with turns that hold the words, best first. */
  search(principal: string, query: string, options?: { limit?: number | undefined }): Promise<(ThreadSummary & { snippet: string })[]>
  /** A new thread with the turns up to and including `upTo` (all unless told), and all that has come into the old one. */
  fork(principal: string, thread: string, options?: { upTo?: number | undefined; name?: string | undefined }): Promise<ThreadSummary>
  /** Adds to what has come into the thread: nothing takes it away again but the thread's removal. An unknown thread is left alone. */
  taint(principal: string, thread: string, taint: Taint): Promise<void>
  /** Removes the thread with its turns, documents and vectors. `false` when there is none. */
  delete(principal: string, thread: string): Promise<boolean>
}
