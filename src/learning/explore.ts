import { createHash } from 'node:crypto'

/** How far behind the last place a tool may stand that is tried in it. */
export const exploredDepth = 4

export interface Explored<Hit> {
  readonly hit: Hit
  /** How likely the hit was to stand where it stands. */
  readonly propensity: number
}

export interface ExploreOptions {
  /** How many are shown at once. */
  shown: number
  /** Of all searches, 0–1. */
  share: number
  /** The same answer for the same question: a client that asks again, or for the next page, sees no other order. */
  seed: string
}

/**
 * Now and then, exchanges the last of the shown hits with one of the next few, so that a tool which is never shown can become known.
 *
 * `hits` are the shown and those behind them, best first.
 */
export function explore<Hit>(hits: readonly Hit[], { shown, share, seed }: ExploreOptions): Explored<Hit>[] {
  const behind = Math.min(exploredDepth, hits.length - shown)
  if (behind < 1 || share === 0 || shown < 2) return hits.map((hit) => ({ hit, propensity: 1 }))
  const digest = createHash('sha256').update(seed).digest()
  const isTried = digest.readUInt32BE(0) / 2 ** 32 < share
  const place = isTried ? shown + (digest.readUInt32BE(4) % behind) : shown - 1
  return hits.map((hit, index) => {
    if (index === shown - 1) return isTried ? { hit: hits[place] as Hit, propensity: share / behind } : { hit, propensity: 1 - share }
    return { hit: index === place ? (hits[shown - 1] as Hit) : hit, propensity: 1 }
  })
}
