/** A symmetric positive definite matrix, as the lower triangle of its Cholesky factor: row after row, `size` numbers each. */
export interface Factor {
  readonly size: number
  readonly lower: Float64Array
}

/** @throws {RangeError} If the matrix is not positive definite. */
export function factorOf(matrix: Float64Array, size: number): Factor {
  const lower = matrix.slice()
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = lower[row * size + column] as number
      const [left, right] = [row * size, column * size]
      for (let index = 0; index < column; index += 1) sum -= (lower[left + index] as number) * (lower[right + index] as number)
      if (row === column) {
        if (!(sum > 0)) throw new RangeError('Cannot factor the matrix: it must be positive definite')
        lower[left + column] = Math.sqrt(sum)
      } else {
        lower[left + column] = sum / (lower[right + column] as number)
      }
    }
  }
  return { size, lower }
}

export function solve({ size, lower }: Factor, right: Float64Array): Float64Array {
  const solution = right.slice()
  for (let row = 0; row < size; row += 1) {
    let sum = solution[row] as number
    for (let index = 0; index < row; index += 1) sum -= (lower[row * size + index] as number) * (solution[index] as number)
    solution[row] = sum / (lower[row * size + row] as number)
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    const value = (solution[row] as number) / (lower[row * size + row] as number)
    solution[row] = value
    for (let index = 0; index < row; index += 1) {
      solution[index] = (solution[index] as number) - (lower[row * size + index] as number) * value
    }
  }
  return solution
}

/** The products of all pairs of columns, summed over rows. */
export function gramOf(rows: readonly Float64Array[], size: number): Float64Array {
  const gram = new Float64Array(size * size)
  for (const row of rows) {
    for (let left = 0; left < size; left += 1) {
      const value = row[left] as number
      if (value === 0) continue
      const start = left * size
      for (let right = 0; right <= left; right += 1) gram[start + right] = (gram[start + right] as number) + value * (row[right] as number)
    }
  }
  for (let left = 0; left < size; left += 1) {
    for (let right = left + 1; right < size; right += 1) gram[left * size + right] = gram[right * size + left] as number
  }
  return gram
}
