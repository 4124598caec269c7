import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { fitsFeatures, networkOdds } from '../feature-network.ts'
import { claimFeatures } from './features.ts'

const numbers = z.array(z.number())

const headSchema = z.strictObject({
  format: z.literal('signalbox-grounding-head'),
  version: z.literal(1),
  /** Whose cosines it was trained on: another one's mean something else. */
  embedder: z.string(),
  features: z.array(z.string()),
  means: numbers,
  scales: numbers,
  /** One row of weights for each unit, its bias last. */
  inner: z.array(numbers),
  /** One weight for each unit, the bias last. */
  outer: numbers,
  /** From odds to a probability, where as many claims are borne as are not. */
  calibration: z.strictObject({ slope: z.number(), offset: z.number() }),
  /** Below it a claim counts as not borne. */
  threshold: z.number(),
  trained_on: z.string(),
  measured: z.record(z.string(), z.number()),
})

/** A small network over what a claim and its sources share and what of them differs. */
export type GroundingHead = z.output<typeof headSchema>

/** @throws {RangeError} If it is a head over other features: its weights would mean nothing. */
function parseGroundingHead(data: unknown): GroundingHead {
  const head = headSchema.parse(data)
  const fits = head.features.join() === claimFeatures.join() && fitsFeatures(head, claimFeatures.length)
  if (!fits)
    throw new RangeError(`Cannot use a grounding head: it must weigh ${claimFeatures.join(', ')}, received ${head.features.join(', ')}`)
  return head
}

let shipped: GroundingHead | undefined

/** The head that comes along. */
export function groundingHead(): GroundingHead {
  shipped ??= parseGroundingHead(JSON.parse(readFileSync(new URL('./grounding.head', import.meta.url), 'utf8')))
  return shipped
}

/** How surely a claim is borne by its sources, 0–1. */
export function scoreClaim(
  { calibration, ...network }: Pick<GroundingHead, 'means' | 'scales' | 'inner' | 'outer' | 'calibration'>,
  features: readonly number[],
): number {
  return 1 / (1 + Math.exp(-(calibration.slope * networkOdds(network, features) + calibration.offset)))
}
