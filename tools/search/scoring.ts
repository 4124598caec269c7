import type { FitFacts } from './confidence.ts'

/*
 * What the best tool by words gets on top of its nearness: so much for each three words of the need that no other tool has, and so
 * much for their square. Short paraphrases meet tools by chance and share a common word or two; who names a service and what it does
 * shares several rare ones, and then words know better than vectors.
 *
 * Chosen on the tuning halves of MetaTool, StableToolBench and BFCL (multi-turn), and on half of the own needs. A weight of 0.5 for
 * each, however many, gains a point and a half of recall on StableToolBench, and loses 6 points of R@1 on own needs.
 */
const evidenceWeight = 0.1
const squareWeight = 0.2
const evidenceWords = 3
const mostEvidence = 2.5

// The share of the clause that a tool fits best, beside the whole need.
const clauseWeight = 0.4
// Clauses are compared with the tools that the whole need brings up first: with all of 10,000 each would cost as much as the need.
const clauseTools = 512

// What a tool gets that alone has a word for the address or file in the need. From 0.25 on a name of a file that is only given a
// new content outweighs the rest of the sentence, on the turns of BFCL's conversations.
const pointedWeight = 0.2

// Breaks near ties only: on the turns of BFCL's conversations 0.02 and more loses recall.
const usedBonus = 0.01

const noVector = Number.NEGATIVE_INFINITY

/** What is known of the tools for a need, or for a clause of it. A position stands for a tool. */
export interface Asked {
  /** How near a position is by its vectors, `noVector` while it has none. `undefined` when words alone are compared. */
  readonly nearness: ((position: number) => number) | undefined
  /** BM25 scores of all positions. */
  readonly lexical: Float64Array
}

export interface Evidence extends Asked {
  /** The positions that may be scored. */
  readonly positions: readonly number[]
  /** The parts of the need that may each ask for a tool of its own. */
  readonly clauses: readonly Asked[]
  /** How much the addresses and files that are named speak for each position, as BM25 scores; `undefined`: none is named. */
  readonly pointed: Float64Array | undefined
  /** The BM25 worth of a word that one tool alone has. */
  readonly rareWord: number
  /** `undefined`: nobody knows of any. */
  readonly used: ((position: number) => boolean) | undefined
}

export interface Scores {
  /** In the order of `positions`; 0 means that nothing speaks for the tool. */
  readonly scores: Float64Array
  readonly facts: FitFacts
}

/** Nearness by meaning and a share of the best BM25 score, of the whole need and of the clause that fits best. */
export function scoreTools({ positions, clauses, rareWord, pointed, used, ...need }: Evidence): Scores {
  const whole = scoreAsked(positions, need, rareWord)
  const scores = clauses.length === 0 ? whole.scores : withClauses(positions, whole.scores, clauses, rareWord)
  if (pointed) addPointed(positions, scores, pointed, rareWord)
  for (let index = 0; used && index < positions.length; index += 1) {
    const score = scores[index] as number
    if (used(positions[index] as number) && (need.nearness || score !== 0)) scores[index] = score + usedBonus
  }
  return { scores, facts: { cosine: whole.nearest, evidence: whole.evidence, tools: positions.length } }
}

function scoreAsked(positions: readonly number[], { nearness, lexical }: Asked, rareWord: number) {
  // Loops, since ten thousand tools pass here with each need.
  const count = positions.length
  let bestLexical = 0
  for (let index = 0; index < count; index += 1) bestLexical = Math.max(bestLexical, lexical[positions[index] as number] ?? 0)
  const evidence = Math.min(mostEvidence, bestLexical / (evidenceWords * rareWord))
  const lexicalWeight = evidenceWeight * evidence + squareWeight * evidence ** 2
  const shares = new Float64Array(count)
  if (bestLexical > 0) {
    for (let index = 0; index < count; index += 1) shares[index] = (lexical[positions[index] as number] ?? 0) / bestLexical
  }
  if (!nearness) return { scores: shares, nearest: undefined, evidence }

  const scores = new Float64Array(count)
  let nearest = noVector
  for (let index = 0; index < count; index += 1) {
    const cosine = nearness(positions[index] as number)
    scores[index] = cosine
    nearest = Math.max(nearest, cosine)
  }
  for (let index = 0; index < count; index += 1) {
    const [share, cosine] = [shares[index] as number, scores[index] as number]
    // Without a vector yet, words stand in for it: the best tool by words is taken to be as near as the nearest, if they tell enough.
    scores[index] = (cosine === noVector ? share * Math.min(1, evidence) * nearest : cosine) + lexicalWeight * share
  }
  return { scores, nearest, evidence }
}

function addPointed(positions: readonly number[], scores: Float64Array, pointed: Float64Array, rareWord: number): void {
  let best = 0
  for (const position of positions) best = Math.max(best, pointed[position] ?? 0)
  if (best === 0) return
  const weight = pointedWeight / Math.max(best, rareWord)
  for (let index = 0; index < positions.length; index += 1) {
    scores[index] = (scores[index] as number) + weight * (pointed[positions[index] as number] ?? 0)
  }
}

/** Of several clauses the best one counts: a tool that answers one of them need not fit the others. */
function withClauses(positions: readonly number[], whole: Float64Array, clauses: readonly Asked[], rareWord: number): Float64Array {
  const least = whole.toSorted()[Math.max(0, whole.length - clauseTools)] ?? 0
  const first = [...whole.keys()].filter((index) => (whole[index] as number) >= least)
  const shortlist = first.map((index) => positions[index] as number)
  const scored = clauses.map((clause) => scoreAsked(shortlist, clause, rareWord).scores)
  const best = first.map((_, place) => scored.reduce((most, scores) => Math.max(most, scores[place] as number), noVector))
  const lowest = best.reduce((low, score) => Math.min(low, score), Number.POSITIVE_INFINITY)

  // Who was not compared stays behind those who were.
  const scores = whole.map((score) => score + clauseWeight * (Math.min(score, lowest) - score))
  for (const [place, index] of first.entries()) {
    const score = whole[index] as number
    scores[index] = score + clauseWeight * ((best[place] as number) - score)
  }
  return scores
}

/** The rows of the views of all tools: those of the tool at a position begin at `starts[position]`, and end where the next one's begin. */
export interface ViewRows {
  readonly starts: Int32Array
  readonly rows: Int32Array
}

/*
 * How far an example that is nearer than the tool's own text draws it near. What is further away says nothing: examples are few, and
 * a model may have written poor ones. With five past needs of each tool of MetaTool in the place of examples, nDCG@5 of others grows
 * by .049 on the tuning half, and by .024 where half of the tools have some; from 0.5 on the latter hardly grows any more.
 */
const exampleWeight = 0.3

/** `nearness` with the best of a tool's examples. */
export function withExamples(
  nearness: number,
  { starts, rows }: ViewRows,
  position: number,
  dot: (row: number) => number,
  has: (row: number) => boolean,
): number {
  let best = nearness
  const end = starts[position + 1] ?? 0
  for (let at = starts[position] ?? 0; at < end; at += 1) {
    const row = rows[at] as number
    if (has(row)) best = Math.max(best, dot(row))
  }
  return nearness === noVector ? nearness : nearness + exampleWeight * (best - nearness)
}

/** Half the mean and half the best of the cosines of a tool's views. */
export function nearnessOf(
  { starts, rows }: ViewRows,
  position: number,
  dot: (row: number) => number,
  has: (row: number) => boolean,
): number {
  let sum = 0
  let count = 0
  let best = noVector
  const end = starts[position + 1] ?? 0
  for (let at = starts[position] ?? 0; at < end; at += 1) {
    const row = rows[at] as number
    if (!has(row)) continue
    const cosine = dot(row)
    sum += cosine
    count += 1
    best = Math.max(best, cosine)
  }
  return count === 0 ? noVector : (sum / count + best) / 2
}
