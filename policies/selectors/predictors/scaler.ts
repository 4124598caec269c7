/** Of each column: what is subtracted, and what it is divided by. */
export interface Scaler {
  readonly means: Float32Array
  readonly spreads: Float32Array
}

/** Beyond so many deviations a value counts as that many: one endless text must not decide. */
const mostDeviations = 4

export function scalerOf(rows: readonly (readonly number[])[]): Scaler {
  const width = rows[0]?.length ?? 0
  const means = new Float32Array(width)
  const spreads = new Float32Array(width)
  for (let column = 0; column < width; column += 1) {
    const mean = rows.reduce((sum, row) => sum + at(row, column), 0) / rows.length
    const variance = rows.reduce((sum, row) => sum + (at(row, column) - mean) ** 2, 0) / rows.length
    means[column] = mean
    spreads[column] = Math.sqrt(variance)
  }
  return { means, spreads }
}

/**
 * Columns of mean 0 and deviation 1; one that never differed stays 0.
 *
 * @throws {RangeError} If the row has other columns than those that were learnt from.
 */
export function scaled({ means, spreads }: Scaler, row: readonly number[]): Float32Array {
  if (row.length !== means.length) throw new RangeError(`Cannot scale: ${means.length} numbers were learnt from, received ${row.length}`)
  return Float32Array.from(means, (mean, column) => {
    const spread = spreads[column] ?? 0
    if (spread < 1e-9) return 0
    return Math.max(-mostDeviations, Math.min(mostDeviations, (at(row, column) - mean) / spread))
  })
}

function at(row: readonly number[], column: number): number {
  const value = row[column]
  return value !== undefined && Number.isFinite(value) ? value : 0
}
