import type { OutcomeRow } from './predictor.ts'

/** The known outcomes of all rows, as a table. */
export interface Outcomes {
  readonly models: readonly string[]
  /** A row for each prompt, a column for each model; `NaN` where nothing is known. */
  readonly scores: Float32Array
  readonly rows: number
  /** Of each model, over what is known of it. */
  readonly means: Float32Array
  readonly counts: Float32Array
}

/** @throws {RangeError} If there is no row, or no outcome. */
export function outcomesOf(rows: readonly OutcomeRow[]): Outcomes {
  const models = [...new Set(rows.flatMap((row) => Object.keys(row.scores)))].toSorted()
  if (models.length === 0)
    throw new RangeError(`Cannot learn from outcomes: at least one is needed, received ${rows.length} rows without any`)
  const scores = new Float32Array(rows.length * models.length)
  const sums = new Float64Array(models.length)
  const counts = new Float32Array(models.length)
  for (const [index, row] of rows.entries()) {
    for (const [column, model] of models.entries()) {
      const score = row.scores[model] ?? Number.NaN
      scores[index * models.length + column] = score
      if (Number.isNaN(score)) continue
      sums[column] = (sums[column] ?? 0) + score
      counts[column] = (counts[column] ?? 0) + 1
    }
  }
  return { models, scores, rows: rows.length, means: Float32Array.from(sums, (sum, column) => sum / (counts[column] ?? 1)), counts }
}

/**
 * What tells models apart on a prompt: each score less what this model has on the whole, less what the prompt's other scores have in
 * common. The common part says how hard a prompt is for all; no choice follows from it. 0 where nothing is known.
 */
export function differencesOf({ models, scores, rows, means }: Outcomes): Float32Array {
  const width = models.length
  const differences = new Float32Array(rows * width)
  for (let row = 0; row < rows; row += 1) {
    let sum = 0
    let known = 0
    for (let column = 0; column < width; column += 1) {
      const score = scores[row * width + column] as number
      if (Number.isNaN(score)) continue
      sum += score - (means[column] as number)
      known += 1
    }
    const common = width > 1 && known > 1 ? sum / known : 0
    for (let column = 0; column < width; column += 1) {
      const score = scores[row * width + column] as number
      differences[row * width + column] = Number.isNaN(score) ? 0 : score - (means[column] as number) - common
    }
  }
  return differences
}

/**
 * The vectors of all rows, or none of any.
 *
 * @throws {RangeError} If some rows have one and others none, or their lengths differ.
 */
export function vectorsOf(rows: readonly OutcomeRow[]): readonly Float32Array[] {
  const vectors = rows.flatMap(({ vector }) => (vector === undefined ? [] : [vector]))
  if (vectors.length !== 0 && vectors.length !== rows.length) {
    throw new RangeError(`Cannot learn from outcomes: all rows or none must have a vector, received ${vectors.length} of ${rows.length}`)
  }
  const width = vectors[0]?.length ?? 0
  const other = vectors.find(({ length }) => length !== width)
  if (other !== undefined)
    throw new RangeError(`Cannot learn from outcomes: vectors must have one length, received ${width} and ${other.length}`)
  return vectors
}
