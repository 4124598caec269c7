/** What tells whether a fitting tool is among those found. */
export interface FitFacts {
  /** How near the nearest tool is; `undefined` when words alone were compared. */
  readonly cosine: number | undefined
  /** How much the best tool by words shares with the need: 1 for three words that no other tool has. */
  readonly evidence: number
  /** How many tools were scored: among many, some tool always looks near. */
  readonly tools: number
}

/*
 * Logistic regressions, printed by `npm run bench -- abstention --fit`: needs of MetaTool and BFCL in a catalogue of 2,000 tools, in
 * profiles of 5, 30 and 200 and among the candidates of their rows, and own needs, each group and each answer weighing the same.
 *
 * Further facts (margins to other tools and to the background, the share of the need that its tool covers, single views, the length
 * of the need) raised the figure on the set they were fitted on only.
 */
const semantic = { bias: -3.225, weights: [5.599, 2.604, -0.542] }
const lexical = { bias: -1.718, weights: [3.697, -0.445] }

/** How likely a fitting tool was found, when both answers are as likely beforehand. */
export function confidenceOf(facts: FitFacts): number {
  const { bias, weights } = facts.cosine === undefined ? lexical : semantic
  const sum = termsOf(facts).reduce((sum, term, index) => sum + term * (weights[index] as number), bias)
  return 1 / (1 + Math.exp(-sum))
}

/** What the weights are of, in their order: the cosine if there is one, the shared words, the doublings of the tools. */
export function termsOf({ cosine, evidence, tools }: FitFacts): number[] {
  // What chance brings is seen from some 256 tools on, and was measured up to 2,048.
  const doublings = Math.log2(Math.min(2048, Math.max(256, tools)) / 256)
  return cosine === undefined ? [evidence, doublings] : [cosine, Math.min(1, evidence), doublings]
}

// Keeps nine tenths of the needs that a tool fits, in a large catalogue and among own needs, by vectors and by words: the lowest of
// these four bounds on the tuning halves.
export const noneFitsBelow = 0.237
