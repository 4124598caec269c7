import { dotAt } from './kernel.ts'

/**
 * The mean vector of each label, which short texts lean on: a head that learnt from long questions knows little of one of five words,
 * and their nearest mean knows more.
 */
export interface Centres {
  /** Unit vectors behind each other, one for each label. */
  readonly vectors: Float32Array
  /** What a cosine counts beside the head's own score in a text of no words. */
  readonly weight: number
  /** At so many words it counts 1/e of that, and at twice as many next to nothing. */
  readonly words: number
}

/** For each label, the mean of the means of its classes: a class of many examples counts no more than one of few. */
export function centresOf(
  classes: readonly { readonly label: number; readonly vectors: readonly Float32Array[] }[],
  labels: number,
  dimensions: number,
): Float32Array {
  const centres = new Float32Array(labels * dimensions)
  for (const { label, vectors } of classes) {
    const mean = new Float32Array(dimensions)
    for (const vector of vectors) add(vector, mean, 0)
    add(unit(mean), centres, label * dimensions)
  }
  for (let label = 0; label < labels; label += 1) unit(centres.subarray(label * dimensions, (label + 1) * dimensions))
  return centres
}

/** What each label gains: its cosine less the mean of all, the more the shorter the text is. */
export function leaning({ vectors, weight, words }: Centres, text: string, vector: Float32Array): Float64Array {
  const labels = vectors.length / vector.length
  const gains = new Float64Array(labels)
  const share = Math.exp(-((wordsIn(text) / words) ** 2))
  if (share < 1e-3) return gains
  for (let label = 0; label < labels; label += 1) gains[label] = dotAt(vector, vectors, label * vector.length)
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / labels
  return gains.map((gain) => weight * share * (gain - mean))
}

function add(vector: Float32Array, to: Float32Array, start: number): void {
  for (const [index, value] of vector.entries()) to[start + index] = (to[start + index] as number) + value
}

function wordsIn(text: string): number {
  return text.trim().split(/\s+/).length
}

function unit(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  if (norm > 0) for (const [index, value] of vector.entries()) vector[index] = value / norm
  return vector
}
