import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { axesOf, onAxes } from './axes.ts'
import { axesFrom, axesNumbers, damaged, factsOf, numbersOf } from './kept.ts'
import { outcomesOf, vectorsOf } from './outcomes.ts'
import type { Prediction, PredictorKind } from './predictor.ts'

export interface NearestOptions {
  readonly neighbours?: number | undefined
}

const factsSchema = z.strictObject({
  models: z.array(z.string()).min(1),
  width: z.int().positive(),
  axes: z.int().positive(),
  rows: z.int().positive(),
  neighbours: z.int().positive(),
})

/** Most of the cosine of two MiniLM vectors lies on so few axes, and comparing them takes a third of the time. */
const axesCount = 128
/** A model's mean over all prompts counts as so many neighbours: what few neighbours say is not believed at once. */
const priorOutcomes = 2

/** The outcomes of the nearest prompts, each counting the same. */
export const knn: PredictorKind<NearestOptions> = {
  kind: 'knn',

  async train(rows, { signal, neighbours = 40 } = {}) {
    const outcomes = outcomesOf(rows)
    const vectors = vectorsOf(rows)
    if (vectors.length === 0) throw new RangeError('Cannot learn from nearest outcomes: each row must have a vector')
    const axes = axesOf(vectors, axesCount)
    await setImmediate()
    signal?.throwIfAborted()
    const short = new Float32Array(rows.length * axes.count)
    for (const [index, vector] of vectors.entries()) short.set(onAxes(axes, vector), index * axes.count)
    const facts: z.output<typeof factsSchema> = {
      models: [...outcomes.models],
      width: axes.width,
      axes: axes.count,
      rows: rows.length,
      neighbours,
    }
    return { kind: 'knn', facts, numbers: { vectors: short, scores: outcomes.scores, means: outcomes.means, ...axesNumbers(axes) } }
  },

  open(trained) {
    const { models, width, axes: count, rows, neighbours } = factsOf(trained, 'knn', factsSchema)
    const axes = axesFrom(trained, width, count)
    if (axes === undefined) throw damaged('knn', 'its axes are missing')
    const vectors = numbersOf(trained, 'vectors', rows * count)
    const scores = numbersOf(trained, 'scores', rows * models.length)
    const means = numbersOf(trained, 'means', models.length)

    return {
      kind: 'knn',
      models,
      predict({ vector }, asked) {
        const foretold = new Map<string, Prediction>()
        if (vector?.length !== width) return foretold
        const nearest = nearestRows(vectors, onAxes(axes, vector), Math.min(neighbours, rows))
        for (const [column, model] of models.entries()) {
          if (!asked.includes(model)) continue
          const known = nearest.map((row) => scores[row * models.length + column] as number).filter((score) => !Number.isNaN(score))
          const sum = known.reduce((total, score) => total + score, priorOutcomes * (means[column] as number))
          foretold.set(model, { quality: sum / (known.length + priorOutcomes), evidence: known.length })
        }
        return foretold
      },
    }
  },
}

/** Rows of the smallest distance, in no order. */
function nearestRows(vectors: Float32Array, query: Float32Array, wanted: number): number[] {
  const distances = distancesOf(vectors, query)
  const limit = smallest(distances, wanted)
  const nearer: number[] = []
  const alike: number[] = []
  for (let row = 0; row < distances.length; row += 1) {
    const distance = distances[row] as number
    if (distance < limit) nearer.push(row)
    else if (distance === limit) alike.push(row)
  }
  return [...nearer, ...alike.slice(0, wanted - nearer.length)]
}

/** Four sums side by side: they do not wait for each other. */
function distancesOf(vectors: Float32Array, query: Float32Array): Float32Array {
  const width = query.length
  const whole = width - (width % 4)
  const distances = new Float32Array(vectors.length / width)
  for (let row = 0, start = 0; row < distances.length; row += 1, start += width) {
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let index = 0; index < whole; index += 4) {
      const first = (vectors[start + index] as number) - (query[index] as number)
      const second = (vectors[start + index + 1] as number) - (query[index + 1] as number)
      const third = (vectors[start + index + 2] as number) - (query[index + 2] as number)
      const fourth = (vectors[start + index + 3] as number) - (query[index + 3] as number)
      a += first * first
      b += second * second
      c += third * third
      d += fourth * fourth
    }
    for (let index = whole; index < width; index += 1) a += ((vectors[start + index] as number) - (query[index] as number)) ** 2
    distances[row] = a + b + c + d
  }
  return distances
}

/** The `place`-th smallest, counted from 1. */
function smallest(values: Float32Array, place: number): number {
  return values.toSorted()[place - 1] ?? Number.POSITIVE_INFINITY
}
