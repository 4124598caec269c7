import { letOthersRun } from './cholesky.ts'
import type { Head } from './head.ts'
import { rarityOf, type SparseVector, wordFeatures } from './word-features.ts'

export type WordPart = NonNullable<Head['words']>

const rounds = 8
const ridge = 0.6

/**
 * Ridge regression of targets on hashed words, by conjugate gradients: eight steps, since more follow the noise.
 *
 * @param targets - A row for each text, `columns` numbers each.
 */
export async function fitWords(
  texts: readonly string[],
  targets: Float64Array,
  columns: number,
  buckets: number,
  signal?: AbortSignal | undefined,
): Promise<{ part: WordPart; predicted: Float64Array }> {
  const rarity = rarityOf(texts, buckets)
  const rows = texts.map((text) => wordFeatures(text, rarity))
  const coefficients = new Float64Array(buckets * columns)
  const residual = spread(rows, targets, columns, buckets)
  const direction = residual.slice()
  let size = columnSquares(residual, columns)
  for (let round = 0; round < rounds; round += 1) {
    await letOthersRun(signal)
    const turned = spread(rows, gather(rows, direction, columns), columns, buckets)
    for (let index = 0; index < turned.length; index += 1) turned[index] = (turned[index] as number) + ridge * (direction[index] as number)
    const along = columnProducts(direction, turned, columns)
    const steps = size.map((value, column) => value / ((along[column] as number) + 1e-12))
    for (let index = 0; index < turned.length; index += 1) {
      const step = steps[index % columns] as number
      coefficients[index] = (coefficients[index] as number) + step * (direction[index] as number)
      residual[index] = (residual[index] as number) - step * (turned[index] as number)
    }
    const next = columnSquares(residual, columns)
    for (let index = 0; index < direction.length; index += 1) {
      const column = index % columns
      const share = (next[column] as number) / ((size[column] as number) + 1e-12)
      direction[index] = (residual[index] as number) + share * (direction[index] as number)
    }
    size = next
  }
  return { part: { rarity, coefficients: Float32Array.from(coefficients) }, predicted: gather(rows, coefficients, columns) }
}

/** Rows times a table of buckets. */
function gather(rows: readonly SparseVector[], table: Float64Array, columns: number): Float64Array {
  const all = new Float64Array(rows.length * columns)
  for (const [row, { buckets, values }] of rows.entries()) {
    for (const [place, bucket] of buckets.entries()) {
      for (let column = 0; column < columns; column += 1) {
        const at = row * columns + column
        all[at] = (all[at] as number) + (values[place] as number) * (table[bucket * columns + column] as number)
      }
    }
  }
  return all
}

/** The other way: a table of buckets from rows. */
function spread(rows: readonly SparseVector[], all: Float64Array, columns: number, count: number): Float64Array {
  const table = new Float64Array(count * columns)
  for (const [row, { buckets, values }] of rows.entries()) {
    for (const [place, bucket] of buckets.entries()) {
      for (let column = 0; column < columns; column += 1) {
        const at = bucket * columns + column
        table[at] = (table[at] as number) + (values[place] as number) * (all[row * columns + column] as number)
      }
    }
  }
  return table
}

function columnProducts(left: Float64Array, right: Float64Array, columns: number): Float64Array {
  const sums = new Float64Array(columns)
  left.forEach((value, index) => {
    sums[index % columns] = (sums[index % columns] as number) + value * (right[index] as number)
  })
  return sums
}

function columnSquares(table: Float64Array, columns: number): Float64Array {
  return columnProducts(table, table, columns)
}
