import { type BlobStore, type RowStore, valueFilter } from '../../memory/index.ts'
import type { Log } from '../log.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createSessions, type Sessions } from './session.ts'
import { createStoredResponses, type StoredResponses } from './stored-responses.ts'

/** All that is kept of conversations over the wire formats. */
export interface ConversationMemory {
  readonly ledger: Ledger
  readonly sessions: Sessions
  readonly responses: StoredResponses
  /** Removes what a person wants gone: an answer by its id, whatever holds these words, or everything. */
  forget(principal: string, wanted: { id?: string | undefined; text?: string | undefined; all?: boolean | undefined }): Promise<void>
  close(): Promise<void>
}

export function createConversationMemory(
  store: { rows: RowStore; blobs: BlobStore },
  clock: () => number,
  log: Pick<Log, 'warn'>,
): ConversationMemory {
  const ledger = createLedger(store.rows, clock, log)
  const sessions = createSessions(store.rows, clock, log)
  const responses = createStoredResponses(store, clock, log)

  return {
    ledger,
    sessions,
    responses,

    async forget(principal, { id, text, all }) {
      if (id !== undefined) await responses.delete(principal, id)
      // Of a history only hashes are kept, which hold no words.
      if (all === true) await sessions.forget(principal)
      const isMeant = all === true ? () => true : text === undefined || text.trim() === '' ? undefined : valueFilter(text)
      if (isMeant === undefined) return
      await ledger.forget(principal, isMeant)
      await responses.forget(principal, isMeant)
    },

    async close() {
      await Promise.all([ledger.close(), sessions.close()])
    },
  }
}
