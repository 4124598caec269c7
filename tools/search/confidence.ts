/** What tells whether a fitting tool is among those found. */
export interface FitFacts {
  /** How near the nearest tool is; `undefined` when words alone were compared. */
  readonly cosine: number | undefined
  /** BM25 score of the best tool by words, as a share of what the words of the need are worth together. */
  readonly covered: number
  /** The same in absolute terms: 1 for three words that no other tool has. */
  readonly evidence: number
}

export const noneFitsBelow = 0.5

export function confidenceOf({ cosine, covered }: FitFacts): number {
  return 1 / (1 + Math.exp(-(covered + (cosine ?? 0))))
}
