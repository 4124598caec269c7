/** The directions in which a set of vectors differs most: a short vector on them keeps most of what tells the long ones apart. */
export interface Axes {
  readonly width: number
  readonly count: number
  readonly mean: Float32Array
  /** `count` rows of `width` numbers, each of length 1, the strongest direction first. */
  readonly directions: Float32Array
}

const rounds = 12

/**
 * By subspace iteration on the covariance: the exact last digits of an axis do not matter, its span does.
 *
 * @param count At most; there are never more than numbers in a vector, nor than vectors.
 */
export function axesOf(vectors: readonly Float32Array[], count: number): Axes {
  const width = vectors[0]?.length ?? 0
  const kept = Math.min(count, width, vectors.length)
  const mean = meanOf(vectors, width)
  const covariance = covarianceOf(vectors, mean, width)
  let directions = startOf(kept, width)
  orthonormalise(directions, kept, width)
  for (let round = 0; round < rounds; round += 1) {
    directions = times(directions, covariance, kept, width)
    orthonormalise(directions, kept, width)
  }
  return { width, count: kept, mean: Float32Array.from(mean), directions: Float32Array.from(directions) }
}

export function onAxes({ width, count, mean, directions }: Axes, vector: Float32Array): Float32Array {
  const centred = vector.map((value, index) => value - (mean[index] ?? 0))
  const short = new Float32Array(count)
  for (let axis = 0; axis < count; axis += 1) {
    let sum = 0
    const start = axis * width
    for (let index = 0; index < width; index += 1) sum += (directions[start + index] as number) * (centred[index] as number)
    short[axis] = sum
  }
  return short
}

function meanOf(vectors: readonly Float32Array[], width: number): Float64Array {
  const mean = new Float64Array(width)
  for (const vector of vectors) for (let index = 0; index < width; index += 1) mean[index] = (mean[index] as number) + (vector[index] ?? 0)
  return mean.map((sum) => sum / Math.max(1, vectors.length))
}

function covarianceOf(vectors: readonly Float32Array[], mean: Float64Array, width: number): Float64Array {
  const covariance = new Float64Array(width * width)
  for (const vector of vectors) {
    for (let row = 0; row < width; row += 1) {
      const value = (vector[row] ?? 0) - (mean[row] as number)
      const start = row * width
      for (let column = row; column < width; column += 1) {
        covariance[start + column] = (covariance[start + column] as number) + value * ((vector[column] ?? 0) - (mean[column] as number))
      }
    }
  }
  for (let row = 0; row < width; row += 1) {
    for (let column = 0; column < row; column += 1) covariance[row * width + column] = covariance[column * width + row] as number
  }
  return covariance
}

/** Numbers without a pattern that are the same each time. */
function startOf(count: number, width: number): Float64Array {
  let state = 1
  return Float64Array.from({ length: count * width }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  })
}

/** `rows` times the symmetric `matrix`. */
function times(rows: Float64Array, matrix: Float64Array, count: number, width: number): Float64Array {
  const product = new Float64Array(count * width)
  for (let row = 0; row < count; row += 1) {
    for (let inner = 0; inner < width; inner += 1) {
      const value = rows[row * width + inner] as number
      const [to, from] = [row * width, inner * width]
      for (let column = 0; column < width; column += 1) {
        product[to + column] = (product[to + column] as number) + value * (matrix[from + column] as number)
      }
    }
  }
  return product
}

/** Gram-Schmidt, in place; a row that the others span becomes 0. */
function orthonormalise(rows: Float64Array, count: number, width: number): void {
  for (let row = 0; row < count; row += 1) {
    const own = rows.subarray(row * width, (row + 1) * width)
    for (let before = 0; before < row; before += 1) {
      const other = rows.subarray(before * width, (before + 1) * width)
      const shared = product(own, other)
      for (let index = 0; index < width; index += 1) own[index] = (own[index] as number) - shared * (other[index] as number)
    }
    const length = Math.sqrt(product(own, own))
    for (let index = 0; index < width; index += 1) own[index] = length < 1e-12 ? 0 : (own[index] as number) / length
  }
}

function product(left: Float64Array, right: Float64Array): number {
  let sum = 0
  for (let index = 0; index < left.length; index += 1) sum += (left[index] as number) * (right[index] as number)
  return sum
}
