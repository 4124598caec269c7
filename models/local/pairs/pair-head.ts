import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { fitsFeatures, networkOdds } from '../feature-network.ts'
import { pairFeatures } from './pair-features.ts'

const numbers = z.array(z.number())

const headSchema = z.strictObject({
  format: z.literal('signalbox-pair-head'),
  version: z.literal(2),
  /** Whose cosines it was trained on: another one's mean something else. */
  embedder: z.string(),
  features: z.array(z.string()),
  means: numbers,
  scales: numbers,
  inner: z.array(numbers),
  outer: numbers,
  trained_on: z.string(),
  measured: z.record(z.string(), z.number()),
})

/** A small network over what two texts share and what of them differs. */
export type PairHead = z.output<typeof headSchema>

/** @throws {RangeError} If it is a head over other features: its weights would mean nothing. */
function parsePairHead(data: unknown): PairHead {
  const head = headSchema.parse(data)
  const fits = head.features.join() === pairFeatures.join() && fitsFeatures(head, pairFeatures.length)
  if (!fits) throw new RangeError(`Cannot use a pair head: it must weigh ${pairFeatures.join(', ')}, received ${head.features.join(', ')}`)
  return head
}

let shipped: PairHead | undefined

/** The head that comes along. */
export function sameQuestionHead(): PairHead {
  shipped ??= parsePairHead(JSON.parse(readFileSync(new URL('./same-question.head', import.meta.url), 'utf8')))
  return shipped
}

/** How surely both ask the same, 0–1. */
export function scorePair(head: Pick<PairHead, 'means' | 'scales' | 'inner' | 'outer'>, features: readonly number[]): number {
  return 1 / (1 + Math.exp(-networkOdds(head, features)))
}
