import type { DecisionRecord } from './decisions.ts'
import { decisionRow } from './kinds.ts'
import { everyRow, factsOf, turnsOf } from './pages.ts'
import type { Store, StoredDocument } from './store.ts'
import type { ThreadSummary, Threads, Turn } from './threads.ts'

/** Everything that memory holds of a thread. */
export type ThreadExport =
  | { type: 'thread'; thread: ThreadSummary }
  | { type: 'turn'; turn: Turn }
  | { type: 'fact'; fact: StoredDocument }
  | { type: 'decision'; decision: DecisionRecord }

/** The thread, its turns, what was remembered in it, and what was decided; nothing for an unknown thread. Pages are read as they are asked for. */
export async function* exportThread(
  { store, threads }: { store: Store; threads: Threads },
  principal: string,
  idOrName: string,
): AsyncGenerator<ThreadExport> {
  const thread = await threads.get(principal, idOrName)
  if (thread === undefined) return
  yield { type: 'thread', thread }

  for await (const turn of turnsOf(threads, principal, thread.thread)) yield { type: 'turn', turn }
  for await (const fact of factsOf(store, principal, thread.thread)) yield { type: 'fact', fact }
  for await (const { value } of everyRow<DecisionRecord>(store.rows, principal, decisionRow)) {
    if (value.thread === thread.thread) yield { type: 'decision', decision: value }
  }
}
