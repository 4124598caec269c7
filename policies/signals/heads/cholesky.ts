/** How long a factorisation may keep everything else waiting, in multiplications. */
const pauseEvery = 20_000_000

/**
 * The lower factor L of a symmetric positive definite matrix, A = L Lᵀ, written over the lower half of `matrix`.
 *
 * Cubic in its size: it lets others run in between.
 *
 * @param matrix - Row after row, `size` × `size`.
 * @throws {RangeError} If the matrix is not positive definite.
 */
export async function factorise(matrix: Float64Array, size: number, signal?: AbortSignal | undefined): Promise<void> {
  let work = 0
  for (let row = 0; row < size; row += 1) {
    const start = row * size
    for (let column = 0; column <= row; column += 1) {
      const other = column * size
      const sum = (matrix[start + column] as number) - product(matrix, start, other, column)
      if (column < row) matrix[start + column] = sum / (matrix[other + column] as number)
      else if (sum > 0) matrix[start + row] = Math.sqrt(sum)
      else throw new RangeError(`Cannot factorise: the matrix must be positive definite, row ${row} is not`)
    }
    work += (row * row) / 2
    if (work > pauseEvery) {
      work = 0
      await letOthersRun(signal)
    }
  }
}

/** Of two stretches of a matrix. Four sums side by side: one alone would wait for itself. */
function product(matrix: Float64Array, left: number, right: number, length: number): number {
  let [first, second, third, fourth] = [0, 0, 0, 0]
  let index = 0
  for (; index + 3 < length; index += 4) {
    first += (matrix[left + index] as number) * (matrix[right + index] as number)
    second += (matrix[left + index + 1] as number) * (matrix[right + index + 1] as number)
    third += (matrix[left + index + 2] as number) * (matrix[right + index + 2] as number)
    fourth += (matrix[left + index + 3] as number) * (matrix[right + index + 3] as number)
  }
  for (; index < length; index += 1) first += (matrix[left + index] as number) * (matrix[right + index] as number)
  return first + second + third + fourth
}

/**
 * Solves L Lᵀ X = B, written over `right`.
 *
 * @param right - `size` × `columns`, row after row.
 */
export async function solve(
  factor: Float64Array,
  size: number,
  right: Float64Array,
  columns: number,
  signal?: AbortSignal | undefined,
): Promise<void> {
  let work = 0
  const pause = async () => {
    work += size * columns
    if (work < pauseEvery) return
    work = 0
    await letOthersRun(signal)
  }
  const subtract = (target: number, source: number, times: number) => {
    for (let column = 0; column < columns; column += 1) {
      right[target * columns + column] = (right[target * columns + column] as number) - times * (right[source * columns + column] as number)
    }
  }
  const divide = (row: number, by: number) => {
    for (let column = 0; column < columns; column += 1) right[row * columns + column] = (right[row * columns + column] as number) / by
  }
  for (let row = 0; row < size; row += 1) {
    for (let inner = 0; inner < row; inner += 1) subtract(row, inner, factor[row * size + inner] as number)
    divide(row, factor[row * size + row] as number)
    await pause()
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    divide(row, factor[row * size + row] as number)
    for (let inner = 0; inner < row; inner += 1) subtract(inner, row, factor[row * size + inner] as number)
    await pause()
  }
}

export async function letOthersRun(signal?: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  signal?.throwIfAborted()
}
