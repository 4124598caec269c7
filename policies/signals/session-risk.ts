import { z } from 'zod'
import { nextTrack, type RiskKind, type RiskTrack } from '../../models/risk.ts'
import type { Step } from '../step.ts'
import type { Signal, SignalResult } from './signal.ts'

/** What a signal says of a message and of its session. */
export const measure = z.enum(['flagged', 'score', 'peak', 'average', 'persistence']).default('flagged')
export const riskThreshold = z.number().gt(0).lt(1).optional()

type Measure = z.output<typeof measure>

export function typeOf(wanted: Measure): Signal['type'] {
  return wanted === 'flagged' ? 'bool' : 'double'
}

/**
 * The value of a measure. A message counts in its session once: in the steps of the loop that follows it, the session stands as it was
 * left by it.
 */
export function measured(
  kind: RiskKind,
  wanted: Measure,
  step: Step,
  { score, threshold, counts = step.kind === 'user_turn' }: { score: number; threshold: number; counts?: boolean },
): SignalResult {
  const isFlagged = score >= threshold
  const before = step.risk[kind]
  const track = counts || before === undefined ? nextTrack(before, { score, isFlagged }) : before
  const confidence = isFlagged ? score : 1 - score
  const value = wanted === 'flagged' ? isFlagged : wanted === 'score' ? score : shareOf(track, wanted)
  return { value, confidence, ...(counts && { seen: { kind, score, isFlagged } }) }
}

function shareOf({ peak, average, flagged, messages }: RiskTrack, wanted: Exclude<Measure, 'flagged' | 'score'>): number {
  if (wanted === 'peak') return peak
  return wanted === 'average' ? average : flagged / Math.max(1, messages)
}
