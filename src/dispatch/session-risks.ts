import { z } from 'zod'
import { anyPrincipal, callerRiskRow, type RowStore, sessionRiskRow } from '../../memory/index.ts'
import {
  callerHalfLifeMs,
  nextCallerTrack,
  nextTrack,
  type RiskSeen,
  type RiskTrack,
  riskLevel,
  type SessionRisk,
} from '../../models/risk.ts'
import type { Log } from '../log.ts'
import { orWithout } from '../or-without.ts'

/** What was seen of sessions and callers by signals that look for attacks, kept beside the conversation: a few numbers, no words. */
export interface SessionRisks {
  get(principal: string, key: string | undefined): Promise<SessionRisk | undefined>
  /**
   * Adds what was seen of one message; of one kind the first counts, however many signals have looked. `before` is what a session begins
   * with of which nothing is kept yet: that of the one it was parted from.
   */
  add(principal: string, key: string, before: SessionRisk, seen: readonly RiskSeen[]): Promise<void>
  /** Over all sessions of a caller. */
  ofCaller(principal: string): Promise<RiskTrack | undefined>
  /** Something that a caller did and may not: it counts as a message that was flagged. */
  note(principal: string, score: number): Promise<void>
  /** The most suspicious callers first: for the owner. */
  callers(): Promise<{ readonly principal: string; readonly level: number; readonly track: RiskTrack }[]>
}

const keptMs = 7 * 86_400_000
const callerId = 'caller'
const mostCallers = 1000
const share = z.number().min(0).max(1)
const track = z.object({ peak: share, average: share, flagged: z.number().min(0), messages: z.number().min(0), at: z.number().optional() })
const riskSchema = z.object({ jailbreak: track.optional(), injection: track.optional() })

export function createSessionRisks(rows: RowStore, clock: () => number, log: Pick<Log, 'warn'>): SessionRisks {
  /** In one transaction over processes: a caller has many sessions at once. */
  async function addToCaller(principal: string, seen: Omit<RiskSeen, 'kind'>): Promise<void> {
    const now = clock()
    const next = (before: unknown) => nextCallerTrack(track.safeParse(before).data, seen, now)
    if (await rows.insert(principal, callerRiskRow, callerId, next(undefined))) return
    await rows.update<unknown>(principal, callerRiskRow, callerId, next)
  }

  return {
    get: (principal, key) =>
      orWithout(log, 'read what was seen of a session', undefined, async () => {
        if (key === undefined) return undefined
        return riskSchema.safeParse((await rows.get(principal, sessionRiskRow, key))?.value).data
      }),

    async add(principal, key, { caller: _caller, ...before }, seen) {
      if (seen.length === 0) return
      const now = clock()
      const first = seen.filter(({ kind }, place) => seen.findIndex((other) => other.kind === kind) === place)
      const next = (known: SessionRisk) => ({
        ...known,
        ...Object.fromEntries(first.map((one) => [one.kind, nextTrack(known[one.kind], one, now)])),
      })
      const addToSession = async () => {
        const expiresAt = now + keptMs
        if (await rows.insert(principal, sessionRiskRow, key, next(before), { expiresAt })) return
        // Steps of one session may run at once.
        await rows.update<unknown>(principal, sessionRiskRow, key, (value) => next(riskSchema.safeParse(value).data ?? {}), { expiresAt })
      }
      const worst = seen.reduce((most, one) => (one.score > most.score ? one : most))
      await orWithout(log, 'keep what was seen of a session', undefined, async () => {
        await Promise.all([addToSession(), addToCaller(principal, worst)])
      })
    },

    ofCaller: (principal) =>
      orWithout(
        log,
        'read what was seen of a caller',
        undefined,
        async () => track.safeParse((await rows.get(principal, callerRiskRow, callerId))?.value).data,
      ),

    async note(principal, score) {
      await orWithout(log, 'note what a caller did', undefined, () => addToCaller(principal, { score, isFlagged: true }))
    },

    async callers() {
      const { rows: found } = await rows.list<unknown>(anyPrincipal, callerRiskRow, { limit: mostCallers })
      return found
        .flatMap(({ principal, value }) => {
          const read = track.safeParse(value).data
          return read === undefined ? [] : [{ principal, level: riskLevel(read, clock(), callerHalfLifeMs), track: read }]
        })
        .toSorted((one, other) => other.level - one.level)
    },
  }
}
