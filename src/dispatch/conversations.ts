import { z } from 'zod'
import { conversationRow, type RowStore } from '../../memory/index.ts'
import type { Conversation } from '../../policies/index.ts'
import type { Log } from '../log.ts'
import { orWithout } from '../or-without.ts'

/** What is known of conversations between their steps, kept with the decisions: a restart loses none of it. Without a store that works, steps go on without. */
export interface Conversations {
  get(principal: string, key: string | undefined): Promise<Conversation | undefined>
  keep(principal: string, key: string, conversation: Conversation): Promise<void>
  /** The stages of the caller's newest conversations, for what is to be expected of the next ones. */
  past(principal: string): Promise<readonly string[]>
}

/** A prompt cache is cold long before; what remains tells how conversations go. */
const keptMs = 7 * 86_400_000
const mostPast = 50
const pastForMs = 300_000
const mostPrincipals = 1000
/** Another process may go on with a conversation, though hardly within the moments of a tool loop. */
const newestForMs = 30_000
const mostNewest = 2000

const conversationSchema = z.object({
  model: z.string(),
  at: z.number(),
  stages: z.string(),
  troubledAt: z.number().nullable(),
  head: z.string(),
  promptTokens: z.number(),
  seen: z.record(z.string(), z.object({ tokens: z.number(), at: z.number() })),
  pace: z.object({ newTokens: z.number(), outputTokens: z.number(), gapMs: z.number() }),
})

export function createConversations(rows: RowStore, clock: () => number, log: Pick<Log, 'warn'>): Conversations {
  const newest = new Map<string, { conversation: Conversation; until: number }>()
  const known = new Map<string, { stages: readonly string[]; until: number }>()

  return {
    async get(principal, key) {
      if (key === undefined) return undefined
      const kept = newest.get(`${principal}\0${key}`)
      if (kept !== undefined && kept.until > clock()) return kept.conversation
      const row = await orWithout(log, 'read what is known of a conversation', undefined, () => rows.get(principal, conversationRow, key))
      return conversationSchema.safeParse(row?.value).data
    },

    async keep(principal, key, conversation) {
      const id = `${principal}\0${key}`
      newest.delete(id)
      newest.set(id, { conversation, until: clock() + newestForMs })
      if (newest.size > mostNewest) newest.delete(newest.keys().next().value ?? id)
      await orWithout(log, 'keep what is known of a conversation', undefined, () =>
        rows.put(principal, conversationRow, key, conversation, { expiresAt: clock() + keptMs, mayWait: true }),
      )
    },

    async past(principal) {
      const before = known.get(principal)
      if (before !== undefined && before.until > clock()) return before.stages
      const stages = await orWithout(log, 'read how conversations went', [], async () => {
        const { rows: found } = await rows.list(principal, conversationRow, { limit: mostPast })
        return found.flatMap(({ value }) => conversationSchema.safeParse(value).data?.stages ?? [])
      })
      if (known.size >= mostPrincipals) known.clear()
      known.set(principal, { stages, until: clock() + pastForMs })
      return stages
    },
  }
}
