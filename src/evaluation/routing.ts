import { setImmediate } from 'node:timers/promises'
import type { Embedder } from '../../models/embedder.ts'
import { foldsOf, plainOf } from '../../policies/selectors/predictors/folds.ts'
import { predictorKinds } from '../../policies/selectors/predictors/kinds.ts'
import type { OutcomeRow, Prediction } from '../../policies/selectors/predictors/predictor.ts'
import { stepFeatures } from '../../policies/selectors/predictors/step-features.ts'
import type { LabelledOutcome, OutcomeMatrix } from './labelled-outcomes.ts'
import { aiqOf, costAt, type Deferral, type DeferralMeasures, deferralOf, hullOf, type Point } from './routing-measures.ts'

export interface RoutingEvaluationRequest {
  readonly matrix: OutcomeMatrix
  /** Kinds of predictors. */
  readonly predictors: readonly string[]
  readonly folds: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: RoutingProgress) => void) | undefined
}

export interface RoutingProgress {
  readonly work: 'embedding' | 'learning'
  readonly done: number
  readonly total: number
}

export interface RoutingEvaluation {
  readonly rows: number
  /** Prompts that differ by more than case, spaces and punctuation; the others share a fold. */
  readonly prompts: number
  readonly folds: number
  readonly costsFrom: OutcomeMatrix['costsFrom']
  readonly singles: readonly (Point & { readonly model: string; readonly outcomes: number })[]
  /** The zero router mixes single models without looking at a prompt; the oracle knows all outcomes. */
  readonly baselines: readonly RoutingColumn[]
  readonly predictors: readonly RoutingColumn[]
  /** Of two models, the one with the lower mean score and the other; `undefined` of more. */
  readonly pair: { readonly weak: string; readonly strong: string } | undefined
}

export interface RoutingColumn {
  readonly name: string
  /** Mean quality of the hull from the cheapest to the dearest single model; `undefined` without costs. */
  readonly aiq: number | undefined
  /** The same from a cost of 0 on, where nothing below the cheapest choice counts as 0. */
  readonly aiqFromZero: number | undefined
  /** The share of what the oracle's AIQ adds to the zero router's. */
  readonly gapShare: number | undefined
  readonly bestQuality: number
  /** The least cost at the quality of the best single model, and that model's cost being 1. */
  readonly priceAtBestSingle: number | undefined
  readonly deferral: DeferralMeasures | undefined
  readonly hull: readonly Point[]
  /** Of one prediction, and of training one fold; of baselines none. */
  readonly predictMs?: { readonly p50: number; readonly p99: number } | undefined
  readonly trainMs?: number | undefined
}

type Qualities = (row: number) => ReadonlyMap<string, number>

/** From quality alone to cost alone. */
const willingnesses = [0, ...Array.from({ length: 160 }, (_, index) => 10 ** (-4 + (5 * index) / 159))]

/** Trains on all folds but one, foretells that one, and measures what would have been chosen at every trade of quality against cost. */
export async function evaluateRouting(request: RoutingEvaluationRequest, embedder: Embedder): Promise<RoutingEvaluation> {
  const { matrix, predictors, folds: count, signal, onProgress } = request
  const unknown = predictors.find((name) => predictorKinds.every(({ kind }) => kind !== name))
  if (unknown !== undefined) throw new RangeError(`Cannot evaluate: there is no predictor "${unknown}"`)
  const texts = matrix.rows.map(({ text }) => text)
  const folds = foldsOf(texts, count)
  const singles = matrix.models.map((model) => ({
    model,
    ...meanOf(matrix.rows.filter(({ scores }) => model in scores).map((row) => cell(row, model))),
    outcomes: matrix.rows.filter(({ scores }) => model in scores).length,
  }))
  const frame = frameOf(matrix, singles)
  const baselines = [
    frame.column('zero router', hullOf(singles), undefined),
    ...(frame.pair === undefined ? [] : [frame.byNeed('prompt length', (row) => row.text.length)]),
    frame.routed('oracle', (row) => new Map(Object.entries(matrix.rows[row]?.scores ?? {}))),
  ]
  const rows = await outcomeRows(matrix, embedder, { signal, onProgress })
  const columns: RoutingColumn[] = []
  for (const [index, name] of predictors.entries()) {
    const { qualities, predictMs, trainMs } = await outOfFold(name, rows, request, folds, (done) => {
      onProgress?.({ work: 'learning', done: index * count + done, total: predictors.length * count })
    })
    columns.push({ ...frame.routed(name, (row) => qualities[row] ?? new Map()), predictMs, trainMs })
  }
  return {
    rows: matrix.rows.length,
    prompts: new Set(texts.map(plainOf)).size,
    folds: count,
    costsFrom: matrix.costsFrom,
    singles,
    baselines,
    predictors: columns,
    pair: frame.pair,
  }
}

const batchTexts = 64

/** What predictors learn from: each row with the vector of its text. */
export async function outcomeRows(
  { rows }: OutcomeMatrix,
  embedder: Embedder,
  { signal, onProgress }: Pick<RoutingEvaluationRequest, 'signal' | 'onProgress'> = {},
): Promise<OutcomeRow[]> {
  const texts = [...new Set(rows.map(({ text }) => text))]
  const vectors = new Map<string, Float32Array>()
  for (let start = 0; start < texts.length; start += batchTexts) {
    const batch = texts.slice(start, start + batchTexts)
    const made = await embedder.embed(batch, { priority: 'index', signal })
    for (const [index, text] of batch.entries()) vectors.set(text, made[index] as Float32Array)
    onProgress?.({ work: 'embedding', done: Math.min(texts.length, start + batchTexts), total: texts.length })
  }
  return rows.map(({ text, scores, step }) => ({ text, scores, vector: vectors.get(text), features: stepFeatures(step) }))
}

async function outOfFold(
  name: string,
  rows: readonly OutcomeRow[],
  { matrix, folds: count, signal }: RoutingEvaluationRequest,
  folds: readonly number[],
  onFold: (done: number) => void,
) {
  const kind = predictorKinds.find((one) => one.kind === name)
  if (kind === undefined) throw new RangeError(`Cannot evaluate: there is no predictor "${name}"`)
  const qualities: ReadonlyMap<string, number>[] = []
  const times: number[] = []
  let trainMs = 0
  for (let fold = 0; fold < count; fold += 1) {
    const startedAt = performance.now()
    const predictor = kind.open(
      await kind.train(
        rows.filter((_, row) => folds[row] !== fold),
        { signal },
      ),
    )
    trainMs += (performance.now() - startedAt) / count
    for (const [index, row] of rows.entries()) {
      if (folds[index] !== fold) continue
      if (index % 100 === 0) await setImmediate()
      signal?.throwIfAborted()
      const askedAt = performance.now()
      const foretold = predictor.predict(row, matrix.models)
      times.push(performance.now() - askedAt)
      qualities[index] = new Map([...foretold].map(([model, { quality }]: [string, Prediction]) => [model, quality]))
    }
    onFold(fold + 1)
  }
  times.sort((left, right) => left - right)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { qualities, trainMs, predictMs: { p50: at(0.5), p99: at(0.99) } }
}

/** What all columns are measured against. */
function frameOf({ rows, models, costsFrom }: OutcomeMatrix, singles: readonly (Point & { model: string })[]) {
  const best = singles.reduce((most, one) => (one.quality > most.quality ? one : most))
  const [cheapest, dearest] = [Math.min(...singles.map(({ cost }) => cost)), Math.max(...singles.map(({ cost }) => cost))]
  const ranked = singles.toSorted((left, right) => left.quality - right.quality)
  const pair = models.length === 2 ? { weak: ranked[0]?.model ?? '', strong: ranked[1]?.model ?? '' } : undefined
  const zero = hullOf(singles)
  const priced = costsFrom !== 'none' && dearest > cheapest
  const aiq = (hull: readonly Point[], from: number) => (priced ? aiqOf(hull, from, dearest) : undefined)
  const oracleAiq = aiq(hullOf(pointsOf(rows, models, (row) => new Map(Object.entries(rows[row]?.scores ?? {})))), cheapest)

  const column = (name: string, hull: readonly Point[], deferral: DeferralMeasures | undefined): RoutingColumn => {
    const [own, none] = [aiq(hull, cheapest), aiq(zero, cheapest)]
    const price = costAt(hull, best.quality)
    return {
      name,
      aiq: own,
      aiqFromZero: aiq(hull, 0),
      gapShare: own === undefined || none === undefined || oracleAiq === undefined ? undefined : (own - none) / (oracleAiq - none),
      bestQuality: hull.at(-1)?.quality ?? 0,
      priceAtBestSingle: !priced || price === undefined ? undefined : price / best.cost,
      deferral,
      hull,
    }
  }
  const deferred = (need: (row: LabelledOutcome, index: number) => number): DeferralMeasures | undefined => {
    if (pair === undefined) return undefined
    const both = rows.flatMap((row, index): Deferral[] => {
      const [weak, strong] = [row.scores[pair.weak], row.scores[pair.strong]]
      return weak === undefined || strong === undefined ? [] : [{ weak, strong, need: need(row, index) }]
    })
    return deferralOf(both)
  }
  const routed = (name: string, qualities: Qualities): RoutingColumn => {
    const need = (_: LabelledOutcome, index: number) => {
      const quality = qualities(index)
      return (quality.get(pair?.strong ?? '') ?? 0) - (quality.get(pair?.weak ?? '') ?? 0)
    }
    return column(name, hullOf(pointsOf(rows, models, qualities)), deferred(need))
  }
  /** Sends a growing share of prompts to the strong model. */
  const byNeed = (name: string, need: (row: LabelledOutcome) => number): RoutingColumn => {
    const most = Math.max(...rows.map(need))
    const share = (row: number) => need(rows[row] as LabelledOutcome) / (most || 1)
    const qualities: Qualities = (row) =>
      new Map([
        [pair?.weak ?? '', 0],
        [pair?.strong ?? '', share(row)],
      ])
    return column(name, hullOf(pointsOf(rows, models, qualities)), deferred(need))
  }
  return { pair, column, routed, byNeed }
}

/**
 * Mean cost and quality of what is chosen, for each trade: a cost counts beside the dearest of the row, as the selector `predicted` has
 * it. Only what has an outcome on a row can be chosen there.
 */
function pointsOf(rows: readonly LabelledOutcome[], models: readonly string[], qualities: Qualities): Point[] {
  const choices = rows.map((row, index) => {
    const foretold = qualities(index)
    const known = models.filter((model) => model in row.scores).map((model) => ({ model, ...cell(row, model) }))
    const dearest = Math.max(...known.map(({ cost }) => cost)) || 1
    return known.map((one) => ({ ...one, foretold: foretold.get(one.model) ?? 0, relative: one.cost / dearest }))
  })
  return willingnesses.map((willingness) =>
    meanOf(
      choices.map((known) =>
        known.reduce((best, one) => {
          const [left, right] = [best.foretold - willingness * best.relative, one.foretold - willingness * one.relative]
          return right > left || (right === left && one.cost < best.cost) ? one : best
        }),
      ),
    ),
  )
}

function cell(row: LabelledOutcome, model: string): Point {
  return { cost: row.costs[model] ?? 0, quality: row.scores[model] ?? 0 }
}

function meanOf(points: readonly Point[]): Point {
  const sum = (of: (point: Point) => number) => points.reduce((total, point) => total + of(point), 0) / Math.max(1, points.length)
  return { cost: sum(({ cost }) => cost), quality: sum(({ quality }) => quality) }
}
