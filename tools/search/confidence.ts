/** What tells whether a fitting tool is among those found. */
export interface FitFacts {
  /** How near the nearest tool is; `undefined` when words alone were compared. */
  readonly cosine: number | undefined
  /** How much the best tool by words shares with the need, 0–1: 1 for three words that no other tool has. */
  readonly evidence: number
}

/*
 * Logistic regressions, fitted on the tuning halves of MetaTool "none applies", BFCL with its irrelevance rows, and own needs, each
 * set and each answer weighing the same. Further facts (margin, number of tools, share of known words) raised the figure on one
 * set and lowered it on one that was left out, with weights that changed their sign; these two keep theirs.
 */
const semantic = { bias: -2.88, cosine: 4.67, evidence: 3.54 }
const lexical = { bias: -1.87, evidence: 5.28 }

/** How likely a fitting tool was found, when both answers are as likely beforehand. */
export function confidenceOf({ cosine, evidence }: FitFacts): number {
  const sum =
    cosine === undefined
      ? lexical.bias + lexical.evidence * evidence
      : semantic.bias + semantic.cosine * cosine + semantic.evidence * evidence
  return 1 / (1 + Math.exp(-sum))
}

// A need with a fitting tool is commoner than one without, and a false "none" costs a step: on the tuning halves this calls 1 to
// 6 % of needs with a fitting tool unfit (18 % among ten candidates alone), and finds 38 to 82 % of those without.
export const noneFitsBelow = 0.3
