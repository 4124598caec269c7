import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { factsOf, numbersOf } from './kept.ts'
import { differencesOf, outcomesOf } from './outcomes.ts'
import type { Prediction, PredictorKind } from './predictor.ts'

export interface WordsOptions {
  /** How strongly weights are held near 0. */
  readonly ridge?: number | undefined
}

const factsSchema = z.strictObject({ models: z.array(z.string()).min(1), buckets: z.int().positive() })

const buckets = 2 ** 14
const readCharacters = 8000
const rounds = 40
const enough = 1e-6

/** Words and pairs of words, in buckets by hash: place and weight. */
interface Bag {
  readonly places: Int32Array
  readonly weights: Float32Array
}

/**
 * Ridge regression on single words and pairs, of what tells models apart: what an embedding blurs, such as a turn of phrase that
 * belongs to one kind of task. Needs no vector.
 */
export const words: PredictorKind<WordsOptions> = {
  kind: 'words',

  async train(rows, { signal, ridge = 20 } = {}) {
    const outcomes = outcomesOf(rows)
    const counted = rows.map(({ text }) => countsOf(text))
    const rarity = rarityOf(counted)
    const bags = counted.map((counts) => bagOf(counts, rarity))
    const differences = differencesOf(outcomes)
    const models = outcomes.models.length
    const weights = new Float32Array(models * buckets)
    for (let column = 0; column < models; column += 1) {
      await setImmediate()
      signal?.throwIfAborted()
      const targets = Float64Array.from(bags, (_, row) => differences[row * models + column] as number)
      weights.set(weightsFor(bags, targets, ridge), column * buckets)
    }
    return {
      kind: 'words',
      facts: { models: [...outcomes.models], buckets } satisfies z.output<typeof factsSchema>,
      numbers: { weights, rarity, means: outcomes.means, counts: outcomes.counts },
    }
  },

  open(trained) {
    const { models, buckets: kept } = factsOf(trained, 'words', factsSchema.extend({ buckets: z.literal(buckets) }))
    const weights = numbersOf(trained, 'weights', models.length * kept)
    const rarity = numbersOf(trained, 'rarity', kept)
    const means = numbersOf(trained, 'means', models.length)
    const counts = numbersOf(trained, 'counts', models.length)

    return {
      kind: 'words',
      models,
      predict({ text }, asked) {
        const bag = bagOf(countsOf(text), rarity)
        const foretold = new Map<string, Prediction>()
        for (const [index, model] of models.entries()) {
          if (!asked.includes(model)) continue
          const quality = (means[index] as number) + product(bag, weights.subarray(index * kept, (index + 1) * kept))
          foretold.set(model, { quality, evidence: counts[index] as number })
        }
        return foretold
      },
    }
  },
}

/** Conjugate gradients on the normal equations. */
function weightsFor(bags: readonly Bag[], targets: Float64Array, ridge: number): Float64Array {
  const solution = new Float64Array(buckets)
  const residual = sumOf(bags, targets)
  let direction = residual.slice()
  let size = lengthOf(residual)
  const goal = size * enough
  for (let round = 0; round < rounds && size > goal; round += 1) {
    const image = sumOf(
      bags,
      Float64Array.from(bags, (bag) => product(bag, direction)),
    )
    let along = 0
    for (let index = 0; index < buckets; index += 1) {
      image[index] = (image[index] as number) + ridge * (direction[index] as number)
      along += (image[index] as number) * (direction[index] as number)
    }
    const step = size / along
    for (let index = 0; index < buckets; index += 1) {
      solution[index] = (solution[index] as number) + step * (direction[index] as number)
      residual[index] = (residual[index] as number) - step * (image[index] as number)
    }
    const next = lengthOf(residual)
    direction = direction.map((value, index) => (residual[index] as number) + (next / size) * value)
    size = next
  }
  return solution
}

function sumOf(bags: readonly Bag[], factors: Float64Array): Float64Array {
  const sum = new Float64Array(buckets)
  for (const [row, { places, weights }] of bags.entries()) {
    const factor = factors[row] as number
    for (let index = 0; index < places.length; index += 1) {
      const place = places[index] as number
      sum[place] = (sum[place] as number) + factor * (weights[index] as number)
    }
  }
  return sum
}

function product({ places, weights }: Bag, values: Float64Array | Float32Array): number {
  let sum = 0
  for (let index = 0; index < places.length; index += 1) sum += (weights[index] as number) * (values[places[index] as number] as number)
  return sum
}

function lengthOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0)
}

/** How often each bucket is met. All numbers are one word. */
function countsOf(text: string): Map<number, number> {
  const tokens =
    text
      .slice(0, readCharacters)
      .toLowerCase()
      .match(/\p{L}+|\d+|[^\s\p{L}\d]/gu) ?? []
  const counts = new Map<number, number>()
  let before = ''
  for (const token of tokens) {
    const word = /^\d/.test(token) ? '#' : token
    for (const gram of before === '' ? [word] : [word, `${before} ${word}`]) {
      const place = hashOf(gram) % buckets
      counts.set(place, (counts.get(place) ?? 0) + 1)
    }
    before = word
  }
  return counts
}

/** Logarithm of one in how many texts has it. */
function rarityOf(counted: readonly Map<number, number>[]): Float32Array {
  const having = new Float32Array(buckets)
  for (const counts of counted) for (const place of counts.keys()) having[place] = (having[place] as number) + 1
  return having.map((count) => Math.log((1 + counted.length) / (1 + count)))
}

/** Of length 1, unless every word stands in every text. */
function bagOf(counts: ReadonlyMap<number, number>, rarity: Float32Array): Bag {
  const places = Int32Array.from(counts.keys())
  const weights = Float32Array.from(counts, ([place, count]) => Math.log1p(count) * (rarity[place] as number))
  const length = Math.sqrt(weights.reduce((sum, value) => sum + value * value, 0))
  return { places, weights: length === 0 ? weights : weights.map((value) => value / length) }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
