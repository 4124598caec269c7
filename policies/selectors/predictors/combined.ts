import { z } from 'zod'
import { foldsOf } from './folds.ts'
import { forest } from './forest.ts'
import { damaged, factsOf, numbersOf } from './kept.ts'
import { knn } from './knn.ts'
import { logistic } from './logistic.ts'
import { differencesOf, outcomesOf, vectorsOf } from './outcomes.ts'
import type { OutcomeRow, Prediction, Predictor, PredictorKind, TrainedPredictor, TrainingOptions } from './predictor.ts'
import { words } from './words.ts'

const innerFolds = 3
/** A part with less weight than this is not worth its time. */
const leastWeight = 0.05

const partSchema = z.strictObject({ kind: z.enum(['forest', 'logistic', 'knn', 'words']), weight: z.number(), facts: z.unknown() })
const factsSchema = z.strictObject({ models: z.array(z.string()).min(1), parts: z.array(partSchema).min(1) })

/** What may take part. Two logistic regressions, since how strongly weights must be held depends on the data. */
const parts: readonly {
  kind: PartKind
  needsVector: boolean
  train(rows: readonly OutcomeRow[], options: TrainingOptions): Promise<TrainedPredictor>
}[] = [
  { kind: 'forest', needsVector: false, train: forest.train },
  { kind: 'logistic', needsVector: false, train: (rows, options) => logistic.train(rows, { ...options, ridge: 3 }) },
  { kind: 'logistic', needsVector: false, train: (rows, options) => logistic.train(rows, { ...options, ridge: 40 }) },
  { kind: 'words', needsVector: false, train: words.train },
  { kind: 'knn', needsVector: true, train: (rows, options) => knn.train(rows, { ...options, neighbours: 100 }) },
]
type PartKind = z.output<typeof partSchema>['kind']
const open: Record<PartKind, (trained: TrainedPredictor) => Predictor> = {
  forest: forest.open,
  logistic: logistic.open,
  knn: knn.open,
  words: words.open,
}

/**
 * A weighted sum of forest, logistic regressions, words and nearest outcomes. The weights are those that best foretell, on prompts
 * that the parts were not trained on, what tells the models apart (least squares, none below 0).
 */
export const combined: PredictorKind = {
  kind: 'combined',

  async train(rows, { signal } = {}) {
    const outcomes = outcomesOf(rows)
    const usable = parts.filter(({ needsVector }) => !needsVector || vectorsOf(rows).length > 0)
    const folds = foldsOf(
      rows.map(({ text }) => text),
      innerFolds,
      'inner folds',
    )
    const differences = differencesOf(outcomes)
    const known = outcomes.scores.map((score) => (Number.isNaN(score) ? 0 : 1))
    const foretold: Float64Array[] = []
    for (const part of usable) {
      const cells = await outOfFold(rows, outcomes.models, folds, (some) => part.train(some, { signal }).then(open[part.kind]))
      foretold.push(apart(cells, outcomes.means, known))
    }
    const weights = weightsOf(foretold, differences, known)
    const chosen = usable.flatMap((part, index) =>
      (weights[index] ?? 0) >= leastWeight ? [{ part, weight: weights[index] as number }] : [],
    )
    const kept = chosen.length > 0 ? chosen : [{ part: usable[0] as (typeof usable)[number], weight: 1 }]
    const numbers: Record<string, Float32Array> = { means: outcomes.means }
    const written: z.output<typeof partSchema>[] = []
    for (const [index, { part, weight }] of kept.entries()) {
      const trained = await part.train(rows, { signal })
      written.push({ kind: part.kind, weight, facts: trained.facts })
      for (const [name, values] of Object.entries(trained.numbers)) numbers[`${index}.${name}`] = values
    }
    return { kind: 'combined', facts: { models: [...outcomes.models], parts: written } satisfies z.output<typeof factsSchema>, numbers }
  },

  open(trained) {
    const { models, parts: written } = factsOf(trained, 'combined', factsSchema)
    const means = new Map(
      numbersOf(trained, 'means', models.length)
        .entries()
        .map(([index, mean]) => [models[index] as string, mean]),
    )
    const opened = written.map(({ kind, weight, facts }, index) => {
      const own = Object.entries(trained.numbers).flatMap(([name, values]): [string, Float32Array][] =>
        name.startsWith(`${index}.`) ? [[name.slice(`${index}.`.length), values]] : [],
      )
      return { weight, predictor: open[kind]({ kind, facts, numbers: Object.fromEntries(own) }) }
    })
    const strange = opened.find(({ predictor }) => predictor.models.join('\n') !== models.join('\n'))
    if (strange !== undefined) throw damaged('combined', `its part "${strange.predictor.kind}" knows other models`)

    return {
      kind: 'combined',
      models,
      predict(input, asked) {
        const answers = opened.map(({ weight, predictor }) => ({ weight, answer: predictor.predict(input, asked) }))
        const foretold = new Map<string, Prediction>()
        for (const model of asked) {
          const mean = means.get(model)
          const said = answers.flatMap(({ weight, answer }) => {
            const one = answer.get(model)
            return one === undefined ? [] : [{ weight, ...one }]
          })
          if (mean === undefined || said.length < opened.length) continue
          const quality = said.reduce((sum, one) => sum + one.weight * (one.quality - mean), mean)
          foretold.set(model, { quality, evidence: Math.min(...said.map(({ evidence }) => evidence)) })
        }
        return foretold
      },
    }
  },
}

/** Of each cell, what a predictor foretells that was not trained on its fold. */
async function outOfFold(
  rows: readonly OutcomeRow[],
  models: readonly string[],
  folds: readonly number[],
  train: (rows: readonly OutcomeRow[]) => Promise<Predictor>,
): Promise<Float64Array> {
  const cells = new Float64Array(rows.length * models.length).fill(Number.NaN)
  for (let fold = 0; fold < innerFolds; fold += 1) {
    const predictor = await train(rows.filter((_, row) => folds[row] !== fold))
    for (const [row, input] of rows.entries()) {
      if (folds[row] !== fold) continue
      const answer = predictor.predict(input, models)
      for (const [column, model] of models.entries()) cells[row * models.length + column] = answer.get(model)?.quality ?? Number.NaN
    }
  }
  return cells
}

/** As `differencesOf`, of what was foretold: less the model's mean, and what the known cells of the row have in common. */
function apart(cells: Float64Array, means: Float32Array, known: Float32Array): Float64Array {
  const width = means.length
  const differences = new Float64Array(cells.length)
  for (let start = 0; start < cells.length; start += width) {
    let sum = 0
    let count = 0
    for (let column = 0; column < width; column += 1) {
      const cell = start + column
      const value = (cells[cell] as number) - (means[column] as number)
      differences[cell] = known[cell] === 0 || Number.isNaN(value) ? 0 : value
      sum += differences[cell] as number
      count += known[cell] as number
    }
    if (width === 1 || count < 2) continue
    for (let column = 0; column < width; column += 1) {
      if (known[start + column] === 1) differences[start + column] = (differences[start + column] as number) - sum / count
    }
  }
  return differences
}

/** Least squares with no weight below 0, by coordinate descent. */
function weightsOf(foretold: readonly Float64Array[], actual: Float32Array, known: Float32Array): number[] {
  const product = (left: ArrayLike<number>, right: ArrayLike<number>) => {
    let sum = 0
    for (let cell = 0; cell < known.length; cell += 1) sum += (known[cell] as number) * (left[cell] as number) * (right[cell] as number)
    return sum
  }
  const among = foretold.map((left) => foretold.map((right) => product(left, right)))
  const towards = foretold.map((one) => product(one, actual))
  const weights = foretold.map(() => 0)
  for (let round = 0; round < 1000; round += 1) {
    for (const [index, row] of among.entries()) {
      const own = row[index] as number
      if (own < 1e-9) continue
      const others = row.reduce((sum, value, other) => sum + (other === index ? 0 : value * (weights[other] as number)), 0)
      weights[index] = Math.max(0, ((towards[index] as number) - others) / own)
    }
  }
  return weights
}
