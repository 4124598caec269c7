import { letOthersRun } from './cholesky.ts'
import { dotAt } from './kernel.ts'

const rounds = 6
const pauseEvery = 20_000_000

/**
 * At most `count` unit vectors that stand for all: the centres of spherical k-means.
 *
 * @param vectors - Unit vectors behind each other, `dimensions` numbers each.
 * @param random - Uniform in [0, 1): the first centres.
 */
export async function landmarksOf(
  vectors: Float32Array,
  { dimensions, count, random, signal }: { dimensions: number; count: number; random: () => number; signal?: AbortSignal | undefined },
): Promise<Float32Array> {
  const rows = vectors.length / dimensions
  if (rows <= count) return vectors
  const centres = new Float32Array(count * dimensions)
  const order = shuffled(rows, random)
  for (let place = 0; place < count; place += 1) centres.set(rowOf(vectors, order[place] as number, dimensions), place * dimensions)

  let work = 0
  for (let round = 0; round < rounds; round += 1) {
    const sums = new Float64Array(count * dimensions)
    for (let row = 0; row < rows; row += 1) {
      const vector = rowOf(vectors, row, dimensions)
      const nearest = nearestOf(vector, centres, dimensions)
      for (let index = 0; index < dimensions; index += 1) {
        sums[nearest * dimensions + index] = (sums[nearest * dimensions + index] as number) + (vector[index] as number)
      }
      work += centres.length
      if (work > pauseEvery) {
        work = 0
        await letOthersRun(signal)
      }
    }
    for (let place = 0; place < count; place += 1) {
      const sum = sums.subarray(place * dimensions, (place + 1) * dimensions)
      const norm = Math.sqrt(sum.reduce((total, value) => total + value * value, 0))
      // A centre that nothing is nearest to stays where it was.
      if (norm > 0) for (let index = 0; index < dimensions; index += 1) centres[place * dimensions + index] = (sum[index] as number) / norm
    }
  }
  return centres
}

function nearestOf(vector: Float32Array, centres: Float32Array, dimensions: number): number {
  let [best, bestCosine] = [0, Number.NEGATIVE_INFINITY]
  for (let place = 0; place * dimensions < centres.length; place += 1) {
    const cosine = dotAt(vector, centres, place * dimensions)
    if (cosine > bestCosine) [best, bestCosine] = [place, cosine]
  }
  return best
}

function rowOf(vectors: Float32Array, row: number, dimensions: number): Float32Array {
  return vectors.subarray(row * dimensions, (row + 1) * dimensions)
}

export function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let index = count - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1))
    const kept = order[index] as number
    order[index] = order[other] as number
    order[other] = kept
  }
  return order
}

/** Uniform in [0, 1), the same row of numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
