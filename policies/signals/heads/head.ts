import { type Centres, leaning } from './centres.ts'
import { kernelRow } from './kernel.ts'
import { wordFeatures } from './word-features.ts'

/**
 * A small classifier on the vector of a text: kernel ridge regression on landmarks, with a linear part on hashed words beside it
 * where the training texts were many.
 *
 * A class may be finer than a label (a subject of a domain): a label scores as its best class. Scores are near 1 for what is
 * like the training texts of a class and near 0 for what is like none, so the best score also says how far out of scope a text is.
 */
export interface Head {
  readonly labels: readonly string[]
  /** For each class the place of its label. */
  readonly labelOf: readonly number[]
  /** Of the embedder whose vectors it was trained on: others mean nothing to it. */
  readonly embedder: string
  readonly dimensions: number
  readonly gamma: number
  /** Unit vectors behind each other. */
  readonly landmarks: Float32Array
  /** A row for each landmark, a column for each class. */
  readonly coefficients: Float32Array
  readonly words: { readonly rarity: Float32Array; readonly coefficients: Float32Array } | undefined
  /** For short texts; most heads do without. */
  readonly centres?: Centres | undefined
  readonly calibration: Calibration
}

/** From the best score to the probability that the text is in scope and its label right: 1 / (1 + exp(−offset − slope × score)). */
export interface Calibration {
  readonly offset: number
  readonly slope: number
}

export interface HeadVerdict {
  /** The label with the best score. */
  readonly label: string
  readonly score: number
  /** How far the best label is ahead of the next. */
  readonly lead: number
  /** Calibrated, 0–1. */
  readonly confidence: number
  /** Of each label. */
  readonly scores: readonly number[]
}

/** @throws {RangeError} If the vector is of another length than those it was trained on. */
export function judge(head: Head, text: string, vector: Float32Array): HeadVerdict {
  if (vector.length !== head.dimensions) {
    throw new RangeError(`Cannot use the head: it was trained on vectors of ${head.dimensions} numbers, received ${vector.length}`)
  }
  const classes = classScores(head, text, vector)
  const scores = head.labels.map(() => Number.NEGATIVE_INFINITY)
  classes.forEach((score, place) => {
    const label = head.labelOf[place] as number
    scores[label] = Math.max(scores[label] as number, score)
  })
  const own = [...scores]
  if (head.centres !== undefined) {
    for (const [label, gain] of leaning(head.centres, text, vector).entries()) scores[label] = (scores[label] as number) + gain
  }
  const [best = 0, second = 0] = scores.map((_, place) => place).toSorted((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
  const score = scores[best] as number
  return {
    label: head.labels[best] as string,
    score,
    lead: scores.length > 1 ? score - (scores[second] as number) : score,
    // Calibrated without what a short text leans on.
    confidence: calibrated(own[best] as number, head.calibration),
    scores,
  }
}

function calibrated(score: number, { offset, slope }: Calibration): number {
  return 1 / (1 + Math.exp(-offset - slope * score))
}

function classScores({ landmarks, coefficients, gamma, labelOf, words }: Head, text: string, vector: Float32Array): Float64Array {
  const count = labelOf.length
  const scores = new Float64Array(count)
  const add = (times: number, row: number, table: Float32Array) => {
    for (let place = 0; place < count; place += 1) {
      scores[place] = (scores[place] as number) + times * (table[row * count + place] as number)
    }
  }
  kernelRow(vector, landmarks, gamma).forEach((value, row) => {
    add(value, row, coefficients)
  })
  if (words !== undefined) {
    const { buckets, values } = wordFeatures(text, words.rarity)
    for (const [place, bucket] of buckets.entries()) add(values[place] as number, bucket, words.coefficients)
  }
  return scores
}
