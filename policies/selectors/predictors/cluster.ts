import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { dot } from '../../../models/embedder.ts'
import { chanceOf } from '../../chance.ts'
import { factsOf, numbersOf } from './kept.ts'
import { outcomesOf, vectorsOf } from './outcomes.ts'
import type { Prediction, PredictorKind } from './predictor.ts'

export interface ClusterOptions {
  readonly clusters?: number | undefined
}

const factsSchema = z.strictObject({
  models: z.array(z.string()).min(1),
  width: z.int().positive(),
  clusters: z.int().positive(),
})

const nearestClusters = 3
/** How much more the nearest cluster counts: e to this power for each 1 of cosine. */
const sharpness = 9
const rounds = 25
/** A model's mean over all prompts counts as so many outcomes of a cluster. */
const priorOutcomes = 2

/**
 * Avengers-Pro (2508.12631): the vectors in 25 clusters, the mean outcome of each model in each, and of the three nearest a mean by
 * softmax. The paper's scaling of a cluster's scores and prices to 0–1 is left to who chooses: here a quality is a score.
 */
export const cluster: PredictorKind<ClusterOptions> = {
  kind: 'cluster',

  async train(rows, { signal, clusters = 25 } = {}) {
    const outcomes = outcomesOf(rows)
    const vectors = vectorsOf(rows)
    if (vectors.length === 0) throw new RangeError('Cannot learn clusters: each row must have a vector')
    const kept = Math.min(clusters, vectors.length)
    let centres = firstCentres(vectors, kept)
    for (let round = 0; round < rounds; round += 1) {
      await setImmediate()
      signal?.throwIfAborted()
      centres = moved(centres, vectors)
    }
    const models = outcomes.models.length
    const sums = new Float32Array(kept * models)
    const counts = new Float32Array(kept * models)
    for (const [row, vector] of vectors.entries()) {
      const place = nearestOf(centres, vector)
      for (let column = 0; column < models; column += 1) {
        const score = outcomes.scores[row * models + column] as number
        if (Number.isNaN(score)) continue
        const cell = place * models + column
        sums[cell] = (sums[cell] as number) + score
        counts[cell] = (counts[cell] as number) + 1
      }
    }
    const means = sums.map((sum, cell) => {
      const prior = outcomes.means[cell % models] as number
      return (sum + priorOutcomes * prior) / ((counts[cell] as number) + priorOutcomes)
    })
    const width = vectors[0]?.length ?? 0
    const flat = Float32Array.from(centres.flatMap((centre) => [...centre]))
    return {
      kind: 'cluster',
      facts: { models: [...outcomes.models], width, clusters: kept } satisfies z.output<typeof factsSchema>,
      numbers: { centres: flat, means, counts },
    }
  },

  open(trained) {
    const { models, width, clusters } = factsOf(trained, 'cluster', factsSchema)
    const flat = numbersOf(trained, 'centres', clusters * width)
    const centres = Array.from({ length: clusters }, (_, place) => flat.subarray(place * width, (place + 1) * width))
    const means = numbersOf(trained, 'means', clusters * models.length)
    const counts = numbersOf(trained, 'counts', clusters * models.length)

    return {
      kind: 'cluster',
      models,
      predict({ vector }, asked) {
        const foretold = new Map<string, Prediction>()
        if (vector?.length !== width) return foretold
        const near = centres
          .map((centre, place) => ({ place, cosine: dot(centre, vector) }))
          .toSorted((left, right) => right.cosine - left.cosine)
          .slice(0, nearestClusters)
        const best = near[0]?.cosine ?? 0
        const weights = near.map(({ cosine }) => Math.exp(sharpness * (cosine - best)))
        const whole = weights.reduce((sum, weight) => sum + weight, 0)
        for (const [column, model] of models.entries()) {
          if (!asked.includes(model)) continue
          const mean = (values: Float32Array) =>
            near.reduce(
              (sum, { place }, index) => sum + (weights[index] as number) * (values[place * models.length + column] as number),
              0,
            ) / whole
          foretold.set(model, { quality: mean(means), evidence: mean(counts) })
        }
        return foretold
      },
    }
  },
}

/** k-means++: each further centre by chance, the likelier the farther it lies from those before. */
function firstCentres(vectors: readonly Float32Array[], count: number): Float32Array[] {
  const random = chanceOf('clusters')
  const centres = [vectors[Math.floor(random() * vectors.length)] as Float32Array]
  const distances = new Float64Array(vectors.length).fill(Number.POSITIVE_INFINITY)
  while (centres.length < count) {
    const newest = centres.at(-1) as Float32Array
    let whole = 0
    for (const [index, vector] of vectors.entries()) {
      distances[index] = Math.max(0, Math.min(distances[index] as number, 2 - 2 * dot(newest, vector)))
      whole += distances[index] as number
    }
    centres.push(vectors[drawnBy(distances, random() * whole)] as Float32Array)
  }
  return centres
}

/** The place at which the running sum of weights reaches `mark`. */
function drawnBy(weights: Float64Array, mark: number): number {
  let reached = 0
  const place = weights.findIndex((weight) => {
    reached += weight
    return reached >= mark
  })
  return Math.max(0, place)
}

/** Each centre at the mean direction of the vectors nearest to it; one that has none stays. */
function moved(centres: readonly Float32Array[], vectors: readonly Float32Array[]): Float32Array[] {
  const sums = centres.map((centre) => new Float32Array(centre.length))
  for (const vector of vectors) {
    const sum = sums[nearestOf(centres, vector)] as Float32Array
    for (let index = 0; index < sum.length; index += 1) sum[index] = (sum[index] as number) + (vector[index] as number)
  }
  return sums.map((sum, place) => {
    const length = Math.sqrt(dot(sum, sum))
    return length === 0 ? (centres[place] as Float32Array) : sum.map((value) => value / length)
  })
}

function nearestOf(centres: readonly Float32Array[], vector: Float32Array): number {
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (const [place, centre] of centres.entries()) {
    const cosine = dot(centre, vector)
    if (cosine <= most) continue
    most = cosine
    best = place
  }
  return best
}
