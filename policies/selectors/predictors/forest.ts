import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { chanceOf } from '../../chance.ts'
import { type Axes, axesOf, onAxes } from './axes.ts'
import { faultOfTrees, growTree, leafOf, type Trees } from './grow-trees.ts'
import { axesFrom, axesNumbers, damaged, factsOf, numbersOf } from './kept.ts'
import { differencesOf, outcomesOf, vectorsOf } from './outcomes.ts'
import type { Prediction, PredictorInput, PredictorKind } from './predictor.ts'
import { type Scaler, scaled, scalerOf } from './scaler.ts'
import { textFeatures } from './text-features.ts'

export interface ForestOptions {
  readonly trees?: number | undefined
  /** Rows that a leaf has at least; by the number of rows unless told. */
  readonly leafRows?: number | undefined
}

const factsSchema = z.strictObject({
  models: z.array(z.string()).min(1),
  /** Numbers of an input beside its vector, and of its vector. */
  features: z.int().nonnegative(),
  width: z.int().nonnegative(),
  axes: z.int().nonnegative(),
  roots: z.array(z.int().nonnegative()).min(1),
})

const axesCount = 64

/**
 * Extremely randomised trees (Geurts, Ernst and Wehenkel 2006) over what the text looks like, the caller's numbers, and the embedding
 * on its 64 strongest axes. A split is sought by what tells models apart, not by how hard a prompt is for all of them. Works
 * without vectors too when none was learnt from.
 */
export const forest: PredictorKind<ForestOptions> = {
  kind: 'forest',

  async train(rows, { signal, trees: count = 100, leafRows = Math.max(10, Math.round(rows.length / 400)) } = {}) {
    const outcomes = outcomesOf(rows)
    const vectors = vectorsOf(rows)
    const axes = vectors.length > 0 ? axesOf(vectors, axesCount) : undefined
    const scaler = scalerOf(rows.map(numbersIn))
    const table = rows.map((row) => columnsOf(row, scaler, axes))
    const width = table[0]?.length ?? 0
    const columns = Array.from({ length: width }, (_, column) => Float32Array.from(table, (row) => row[column] ?? 0))
    const differences = differencesOf(outcomes)
    // Of two models one says what the other does: the differences are the same but for their sign.
    const two = outcomes.models.length === 2
    const targets = two ? differences.filter((_, cell) => cell % 2 === 0) : differences
    const growth = { ...outcomes, columns, targets, targetCount: two ? 1 : outcomes.models.length, leafRows }
    const trees: Trees = { roots: [], nodes: [], leaves: [] }
    for (let tree = 0; tree < count; tree += 1) {
      await setImmediate()
      signal?.throwIfAborted()
      growTree(growth, trees, chanceOf(`tree ${tree}`))
    }
    const facts: z.output<typeof factsSchema> = {
      models: [...outcomes.models],
      features: scaler.means.length,
      width: axes?.width ?? 0,
      axes: axes?.count ?? 0,
      roots: trees.roots,
    }
    const numbers = { counts: outcomes.counts, nodes: Float32Array.from(trees.nodes), leaves: Float32Array.from(trees.leaves) }
    return { kind: 'forest', facts, numbers: { ...numbers, means: scaler.means, spreads: scaler.spreads, ...axesNumbers(axes) } }
  },

  open(trained) {
    const { models, features, width, axes: axesKept, roots } = factsOf(trained, 'forest', factsSchema)
    const axes = axesFrom(trained, width, axesKept)
    const scaler = { means: numbersOf(trained, 'means', features), spreads: numbersOf(trained, 'spreads', features) }
    const counts = numbersOf(trained, 'counts', models.length)
    const { nodes = new Float32Array(), leaves = new Float32Array() } = trained.numbers
    const leafNumbers = models.length + 1
    const fault = faultOfTrees(nodes, roots, features + axesKept, leaves.length / leafNumbers)
    if (fault !== undefined) throw damaged('forest', fault)
    const most = Math.max(1, ...counts)

    return {
      kind: 'forest',
      models,
      predict(input, asked) {
        if (axes !== undefined && input.vector?.length !== axes.width) return new Map()
        const row = columnsOf(input, scaler, axes)
        const sums = new Float64Array(leafNumbers)
        for (const root of roots) {
          const start = leafOf(nodes, root, row) * leafNumbers
          for (let index = 0; index < leafNumbers; index += 1) sums[index] = (sums[index] as number) + (leaves[start + index] as number)
        }
        const leafRows = (sums[models.length] as number) / roots.length
        const foretold = new Map<string, Prediction>()
        for (const [index, model] of models.entries()) {
          if (!asked.includes(model)) continue
          const evidence = (leafRows * (counts[index] as number)) / most
          foretold.set(model, { quality: (sums[index] as number) / roots.length, evidence })
        }
        return foretold
      },
    }
  },
}

function numbersIn({ text, features }: PredictorInput): number[] {
  return [...textFeatures(text), ...features]
}

function columnsOf(input: PredictorInput, scaler: Scaler, axes: Axes | undefined): Float32Array {
  const short = axes === undefined || input.vector === undefined ? [] : onAxes(axes, input.vector)
  return Float32Array.from([...scaled(scaler, numbersIn(input)), ...short])
}
