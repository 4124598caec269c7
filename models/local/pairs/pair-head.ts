import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { pairFeatures } from './pair-features.ts'

const numbers = z.array(z.number())

const headSchema = z.strictObject({
  format: z.literal('signalbox-pair-head'),
  version: z.literal(1),
  /** Whose cosines it was trained on: another one's mean something else. */
  embedder: z.string(),
  features: z.array(z.string()),
  means: numbers,
  scales: numbers,
  weights: numbers,
  bias: z.number(),
  trained_on: z.string(),
  measured: z.record(z.string(), z.number()),
})

/** A logistic regression over what two texts share and what of them differs. */
export type PairHead = z.output<typeof headSchema>

/** @throws {RangeError} If it is a head over other features: its weights would mean nothing. */
function parsePairHead(data: unknown): PairHead {
  const head = headSchema.parse(data)
  const fits =
    head.features.join() === pairFeatures.join() &&
    [head.means, head.scales, head.weights].every(({ length }) => length === pairFeatures.length)
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
export function scorePair(
  { means, scales, weights, bias }: Pick<PairHead, 'means' | 'scales' | 'weights' | 'bias'>,
  features: readonly number[],
): number {
  let sum = bias
  for (const [index, value] of features.entries()) sum += ((value - (means[index] ?? 0)) / (scales[index] ?? 1)) * (weights[index] ?? 0)
  return 1 / (1 + Math.exp(-sum))
}
