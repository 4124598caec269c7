import type { Scored } from './scoring.ts'

/**
 * Fitted on the questions of `bench/recall.ts` that are tuned on: each as it is, with its evidence left out, and asked of others'
 * memories. `lead` is how far the best stands above the four after it.
 */
const weights = {
  hybrid: { score: 7.3, lead: 4.77, bias: -5.84 },
  /** Words alone tell much less: it never becomes sure. */
  lexical: { score: 1.04, lead: 1.66, bias: -2.53 },
} as const

const compared = 4

/**
 * How surely the best of what was recalled holds what was asked for, 0–1; 0 where nothing was recalled.
 *
 * A score says which text fits better, and is no probability: questions about things that nobody has said find something, too.
 */
export function evidenceOf(best: readonly Pick<Scored, 'score'>[], { hybrid }: { hybrid: boolean }): number {
  const [first, ...others] = best.map(({ score }) => score)
  if (first === undefined) return 0
  const after = others.slice(0, compared)
  const mean = after.reduce((sum, score) => sum + score, 0) / Math.max(1, after.length)
  const { score, lead, bias } = hybrid ? weights.hybrid : weights.lexical
  return 1 / (1 + Math.exp(-(score * first + lead * (first - mean) + bias)))
}
