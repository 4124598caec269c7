import { dot } from '../../models/embedder.ts'
import type { PreparedNeed, PreparedSet, Ranking } from './prepared.ts'

// The usual constants.
const [towards, away, leastServed, rounds] = [0.3, 0.1, 4, 3]

/** The published refinement: the one vector of each tool moves towards the needs it served, and away from those it was wrongly first for. */
export function oats(set: PreparedSet, past: readonly number[]): Ranking {
  const served = set.tools.map((): number[] => [])
  const failed = set.tools.map((): number[] => [])
  for (const index of past) {
    const { right } = set.needs[index] as PreparedNeed
    const scores = set.plain(index)
    const first = scores.indexOf(Math.max(...scores))
    for (const place of right) served[place]?.push(index)
    if (!right.includes(first)) failed[first]?.push(index)
  }
  let vectors = set.toolVectors
  const means = (groups: readonly number[][]) => groups.map((group) => meanOf(set, group))
  const [near, far] = [means(served), means(failed)]
  for (let round = 0; round < rounds; round += 1) {
    vectors = vectors.map((vector, place) => {
      if ((served[place]?.length ?? 0) < leastServed) return vector
      return unit(vector.map((value, at) => (1 - towards) * value + towards * (near[place]?.[at] ?? 0) - away * (far[place]?.[at] ?? 0)))
    })
  }
  return (index) => Float64Array.from(vectors, (vector) => dot(vector, (set.needs[index] as PreparedNeed).vector))
}

function meanOf(set: PreparedSet, indexes: readonly number[]): Float32Array {
  const mean = new Float32Array(set.toolVectors[0]?.length ?? 0)
  for (const index of indexes) {
    const { vector } = set.needs[index] as PreparedNeed
    for (let at = 0; at < mean.length; at += 1) mean[at] = (mean[at] as number) + (vector[at] as number) / indexes.length
  }
  return mean
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector))
  return vector.map((value) => value / length)
}
