import { isId } from '../models/ids.ts'
import type { Taint } from '../models/taint.ts'
import { threadNameRow } from './kinds.ts'
import type { LogEntry, Store } from './store.ts'
import type { NewTurn, Turn } from './threads.ts'

/** What a thread's row holds. */
export interface ThreadFacts {
  name?: string | undefined
  title: string
  forkedFrom?: string | undefined
  project?: string | undefined
  taint?: Taint | undefined
}

/** The id of a thread, given that or its name; `undefined` when there is no such name. An id is not looked up. */
export async function resolveThread(store: Store, principal: string, idOrName: string): Promise<string | undefined> {
  if (isId('thread', idOrName)) return idOrName
  const row = await store.rows.get<{ thread: string }>(principal, threadNameRow, idOrName.normalize('NFC').trim())
  return row?.value.thread
}

export function toTurn({ id, sequence, at, value }: LogEntry<NewTurn>): Turn {
  return { ...value, id, sequence, at }
}
