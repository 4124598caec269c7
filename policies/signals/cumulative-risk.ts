import { z } from 'zod'
import { callerHalfLifeMs, nextCallerTrack, nextTrack, type RiskTrack, riskLevel, sessionHalfLifeMs } from '../../models/risk.ts'
import type { Step } from '../step.ts'
import { embedderOf } from './query-vector.ts'
import { scanMessage } from './safety/scan.ts'
import { defineSignal, type ReadContext, type Signal, type SignalSurroundings } from './signal.ts'

/** What the person's newest words add, once for each message. */
async function newest(step: Step, surroundings: SignalSurroundings, { signal }: ReadContext) {
  if (step.text.trim() === '' || step.kind !== 'user_turn') return undefined
  const { score, threshold } = await scanMessage(step.text, { embedder: embedderOf(surroundings), signal })
  return { kind: 'jailbreak' as const, score, isFlagged: score >= threshold }
}

function levelSignal(
  name: string,
  surroundings: SignalSurroundings,
  levelOf: (step: Step, seen: Awaited<ReturnType<typeof newest>>, now: number) => number,
): Signal {
  return {
    name,
    cost: 'embed',
    type: 'double',
    async read(step, context) {
      const seen = await newest(step, surroundings, context)
      return { value: levelOf(step, seen, context.live.now), confidence: 1, ...(seen !== undefined && { seen }) }
    },
  }
}

/** How suspicious the session has become with this message, 0–1: its worst kind. It fades by half in a day. */
export const sessionRisk = defineSignal({
  value: 'number',
  is: 'how suspicious [the session](policies.md#sessions-and-callers) has become with this message, 0 to 1. It fades by half in a day',
  options: {},
  schema: z.strictObject({ kind: z.literal('session_risk') }),
  create: (name, _options, surroundings) =>
    levelSignal(name, surroundings, ({ risk: { jailbreak, injection } }, seen, now) => {
      const own = seen === undefined ? jailbreak : nextTrack(jailbreak, seen, now)
      const level = (track: RiskTrack | undefined) => riskLevel(track, now, sessionHalfLifeMs)
      return Math.max(level(own), level(injection))
    }),
})

/** The same of the caller, over all of its sessions: it fades by half in a week. */
export const callerRisk = defineSignal({
  value: 'number',
  is: 'how suspicious [the caller](policies.md#sessions-and-callers) has become over all of its sessions, 0 to 1. It fades by half in a week',
  options: {},
  schema: z.strictObject({ kind: z.literal('caller_risk') }),
  create: (name, _options, surroundings) =>
    levelSignal(name, surroundings, ({ risk: { caller } }, seen, now) =>
      riskLevel(seen === undefined ? caller : nextCallerTrack(caller, seen, now), now, callerHalfLifeMs),
    ),
})
