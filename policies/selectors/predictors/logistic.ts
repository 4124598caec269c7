import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { factsOf, numbersOf } from './kept.ts'
import { factorOf, gramOf, solve } from './linear-system.ts'
import { outcomesOf, vectorsOf } from './outcomes.ts'
import type { Prediction, PredictorInput, PredictorKind } from './predictor.ts'
import { type Scaler, scaled, scalerOf } from './scaler.ts'
import { textFeatures } from './text-features.ts'

export interface LogisticOptions {
  /** How strongly weights are held near 0. */
  readonly ridge?: number | undefined
}

const factsSchema = z.strictObject({
  models: z.array(z.string()).min(1),
  width: z.int().nonnegative(),
  features: z.int().nonnegative(),
})

/** A scaled feature counts this much beside a vector of length 1: there are fewer of them, and each says more. */
const featureScale = 0.15
const rounds = 15
const enough = 1e-4

/**
 * Logistic regression for each model, on the embedding, what the text looks like, and the caller's numbers; held by an L2 penalty. A
 * score between 0 and 1 counts as that share of a success.
 */
export const logistic: PredictorKind<LogisticOptions> = {
  kind: 'logistic',

  async train(rows, { signal, ridge = 5 } = {}) {
    const outcomes = outcomesOf(rows)
    const width = vectorsOf(rows)[0]?.length ?? 0
    const scaler = scalerOf(rows.map(numbersIn))
    const inputs = rows.map((row) => columnsOf(row, scaler, width))
    const size = inputs[0]?.length ?? 0
    const gram = gramOf(inputs, size)
    await setImmediate()
    signal?.throwIfAborted()
    // The slope of a logistic is a quarter at most, so this matrix is never too small a bound of the curvature (Böhning and Lindsay
    // 1988): each step goes downhill, and one factor serves all models and steps. The intercept, which is last, is hardly held.
    const bound = gram.map((value) => value / 4)
    for (let column = 0; column < size; column += 1) {
      const cell = column * size + column
      bound[cell] = (bound[cell] as number) + (column === size - 1 ? 1e-6 : ridge)
    }
    const factor = factorOf(bound, size)
    const weights = new Float32Array(outcomes.models.length * size)
    for (let column = 0; column < outcomes.models.length; column += 1) {
      await setImmediate()
      signal?.throwIfAborted()
      const scores = inputs.map((_, row) => outcomes.scores[row * outcomes.models.length + column] as number)
      weights.set(
        weightsFor(inputs, scores, (gradient) => solve(factor, gradient), ridge),
        column * size,
      )
    }
    return {
      kind: 'logistic',
      facts: { models: [...outcomes.models], width, features: scaler.means.length } satisfies z.output<typeof factsSchema>,
      numbers: { weights, means: scaler.means, spreads: scaler.spreads, counts: outcomes.counts },
    }
  },

  open(trained) {
    const { models, width, features } = factsOf(trained, 'logistic', factsSchema)
    const scaler = { means: numbersOf(trained, 'means', features), spreads: numbersOf(trained, 'spreads', features) }
    const size = width + features + 1
    const weights = numbersOf(trained, 'weights', models.length * size)
    const counts = numbersOf(trained, 'counts', models.length)

    return {
      kind: 'logistic',
      models,
      predict(input, asked) {
        const foretold = new Map<string, Prediction>()
        if (width > 0 && input.vector?.length !== width) return foretold
        const row = columnsOf(input, scaler, width)
        for (const [index, model] of models.entries()) {
          if (!asked.includes(model)) continue
          const quality = sigmoid(product(row, weights.subarray(index * size, (index + 1) * size)))
          foretold.set(model, { quality, evidence: counts[index] as number })
        }
        return foretold
      },
    }
  },
}

function weightsFor(
  inputs: readonly Float64Array[],
  scores: readonly number[],
  step: (gradient: Float64Array) => Float64Array,
  ridge: number,
): Float64Array {
  const size = inputs[0]?.length ?? 0
  const weights = new Float64Array(size)
  for (let round = 0; round < rounds; round += 1) {
    const gradient = weights.map((weight, column) => (column === size - 1 ? 0 : -ridge * weight))
    for (const [row, input] of inputs.entries()) {
      const score = scores[row] as number
      if (Number.isNaN(score)) continue
      const missing = score - sigmoid(product(input, weights))
      for (let column = 0; column < size; column += 1) gradient[column] = (gradient[column] as number) + missing * (input[column] as number)
    }
    const change = step(gradient)
    let most = 0
    for (let column = 0; column < size; column += 1) {
      weights[column] = (weights[column] as number) + (change[column] as number)
      most = Math.max(most, Math.abs(change[column] as number))
    }
    if (most < enough) break
  }
  return weights
}

function numbersIn({ text, features }: PredictorInput): number[] {
  return [...textFeatures(text), ...features]
}

/** Vector, features, and 1 for the intercept. */
function columnsOf(input: PredictorInput, scaler: Scaler, width: number): Float64Array {
  const columns = new Float64Array(width + scaler.means.length + 1)
  if (width > 0 && input.vector !== undefined) columns.set(input.vector)
  columns.set(
    scaled(scaler, numbersIn(input)).map((value) => value * featureScale),
    width,
  )
  columns[columns.length - 1] = 1
  return columns
}

function product(left: Float64Array, right: Float64Array | Float32Array): number {
  let sum = 0
  for (let index = 0; index < left.length; index += 1) sum += (left[index] as number) * (right[index] as number)
  return sum
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value))
}
