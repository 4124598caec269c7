import { z } from 'zod'
import { MemoryError, type RowStore, sessionRiskRow } from '../../memory/index.ts'
import { nextTrack, type RiskSeen, type SessionRisk } from '../../models/risk.ts'
import type { Log } from '../log.ts'

/** What was seen of sessions by signals that look for attacks, kept beside the conversation: a few numbers, no words. */
export interface SessionRisks {
  get(principal: string, key: string | undefined): Promise<SessionRisk | undefined>
  /** Adds what was seen of one message; of one kind the first counts, however many signals have looked. */
  add(principal: string, key: string, before: SessionRisk, seen: readonly RiskSeen[]): Promise<void>
}

const keptMs = 7 * 86_400_000
const share = z.number().min(0).max(1)
const track = z.object({ peak: share, average: share, flagged: z.int().min(0), messages: z.int().min(0) })
const riskSchema = z.object({ jailbreak: track.optional(), injection: track.optional() })

export function createSessionRisks(rows: RowStore, clock: () => number, log: Pick<Log, 'warn'>): SessionRisks {
  return {
    async get(principal, key) {
      if (key === undefined) return undefined
      try {
        const row = await rows.get(principal, sessionRiskRow, key)
        return riskSchema.safeParse(row?.value).data
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error
        log.warn('Cannot read what was seen of a session', { error })
        return undefined
      }
    },

    async add(principal, key, before, seen) {
      if (seen.length === 0) return
      const next = { ...before }
      for (const one of seen.filter(({ kind }, place) => seen.findIndex((other) => other.kind === kind) === place))
        next[one.kind] = nextTrack(before[one.kind], one)
      try {
        await rows.put(principal, sessionRiskRow, key, next, { expiresAt: clock() + keptMs })
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error
        log.warn('Cannot keep what was seen of a session', { error })
      }
    },
  }
}
