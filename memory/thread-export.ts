import type { DecisionRecord } from './decisions.ts'
import { decisionRow, factDocument } from './kinds.ts'
import type { Store, StoredDocument } from './store.ts'
import type { ThreadSummary, Threads, Turn } from './threads.ts'

/** Everything that memory holds of a thread. */
export type ThreadExport =
  | { type: 'thread'; thread: ThreadSummary }
  | { type: 'turn'; turn: Turn }
  | { type: 'fact'; fact: StoredDocument }
  | { type: 'decision'; decision: DecisionRecord }

const perPage = 200

/** The thread, its turns, what was remembered in it, and what was decided; nothing for an unknown thread. Pages are read as they are asked for. */
export async function* exportThread(
  { store, threads }: { store: Store; threads: Threads },
  principal: string,
  idOrName: string,
): AsyncGenerator<ThreadExport> {
  const thread = await threads.get(principal, idOrName)
  if (thread === undefined) return
  yield { type: 'thread', thread }

  for (let after = 0; ; ) {
    const page = await threads.turns(principal, thread.thread, { after, limit: perPage })
    for (const turn of page) yield { type: 'turn', turn }
    if (page.length < perPage) break
    after = page.at(-1)?.sequence ?? after
  }

  for (let cursor: string | undefined; ; ) {
    const page = await store.documents.list(principal, { kinds: [factDocument], thread: thread.thread, cursor, limit: perPage })
    for (const fact of page.documents) yield { type: 'fact', fact }
    if (page.nextCursor === undefined) break
    cursor = page.nextCursor
  }

  for (let cursor: string | undefined; ; ) {
    const page = await store.rows.list<DecisionRecord>(principal, decisionRow, { cursor, limit: perPage })
    for (const { value } of page.rows) if (value.thread === thread.thread) yield { type: 'decision', decision: value }
    if (page.nextCursor === undefined) break
    cursor = page.nextCursor
  }
}
