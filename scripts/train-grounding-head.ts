import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { groundingExamples } from '../bench/grounding/data.ts'
import { type ReadExample, readExamples } from '../bench/grounding/read.ts'
import { createPrepared } from '../bench/learning/vectors.ts'
import { areaOf } from '../bench/signals/figures.ts'
import { claimFeatures } from '../models/local/grounding/features.ts'
import { type GroundingHead, scoreClaim } from '../models/local/grounding/head.ts'
import { createMiniLM } from '../models/local/index.ts'
import { seededRandom, shuffled } from '../policies/signals/heads/landmarks.ts'
import { calibrateOdds, normalOf } from './safety/fit-network.ts'

/*
 * Trains the head that tells whether a claim is borne by its sources: `node scripts/train-grounding-head.ts`. By SHA-1 of their source,
 * half of the examples train it and a quarter fixes its threshold and calibration; `npm run bench -- grounding` measures on the rest.
 * SIGNALBOX_DATA names the folder of the open data.
 */
const file = fileURLToPath(new URL('../models/local/grounding/grounding.head', import.meta.url))
const hidden = 24
const epochs = 60
const batch = 128
const dropout = 0.15
const noise = 0.1
const decay = 0.02
/** Of sentences that are borne, so many may be flagged where the threshold is fixed. */
const flaggedAtMost = 0.1

type Weights = Pick<GroundingHead, 'means' | 'scales' | 'inner' | 'outer'>

function weightsOf(examples: readonly ReadExample[]): number[] {
  const keyOf = ({ set, isBorne }: ReadExample) => `${set} ${isBorne}`
  const sizes = new Map<string, number>()
  for (const one of examples) sizes.set(keyOf(one), (sizes.get(keyOf(one)) ?? 0) + 1)
  // Many examples of one kind do not drown the others, and both sides weigh alike.
  const raw = examples.map((one) => 1 / Math.sqrt(sizes.get(keyOf(one)) ?? 1))
  const sum = (isBorne: boolean) => raw.reduce((total, weight, at) => total + (examples[at]?.isBorne === isBorne ? weight : 0), 0)
  const sums = { true: sum(true), false: sum(false) }
  return raw.map((weight, at) => (0.5 * examples.length * weight) / sums[`${examples[at]?.isBorne === true}`])
}

function fitted(examples: readonly ReadExample[], seed: number): Weights {
  const random = seededRandom(seed)
  const normal = normalOf(random)
  const width = claimFeatures.length
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const column = (at: number) => examples.map(({ reading }) => reading.features[at] ?? 0)
  const means = claimFeatures.map((_, at) => mean(column(at)))
  const scales = claimFeatures.map((_, at) => Math.sqrt(mean(column(at).map((value) => (value - (means[at] ?? 0)) ** 2))) || 1)
  const inputs = examples.map(({ reading }) => reading.features.map((value, at) => (value - (means[at] ?? 0)) / (scales[at] ?? 1)))
  const weights = weightsOf(examples)
  // One row for each unit with its bias last, then the outer weights with theirs.
  const row = width + 1
  const values = Float64Array.from({ length: hidden * row + hidden + 1 }, (_, at) =>
    at % row === width && at < hidden * row ? 0 : normal() / 5,
  )
  const [slope, square] = [new Float64Array(values.length), new Float64Array(values.length)]
  const outerAt = hidden * row
  let steps = 0
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const rate = 3e-3 * (1 - epoch / epochs) + 1e-5
    const order = shuffled(examples.length, random)
    for (let start = 0; start < order.length; start += batch) {
      const rows = order.slice(start, start + batch)
      const gradient = new Float64Array(values.length)
      for (const place of rows) {
        const input = (inputs[place] ?? []).map((value) => value + noise * normal())
        const units = Array.from({ length: hidden }, (_, unit) => {
          const sum = input.reduce((total, value, at) => total + value * (values[unit * row + at] ?? 0), values[unit * row + width] ?? 0)
          return sum > 0 && random() >= dropout ? sum / (1 - dropout) : 0
        })
        const odds = units.reduce((total, value, unit) => total + value * (values[outerAt + unit] ?? 0), values[outerAt + hidden] ?? 0)
        const error = ((1 / (1 + Math.exp(-odds)) - Number(examples[place]?.isBorne)) * (weights[place] ?? 1)) / rows.length
        const add = (at: number, amount: number) => {
          gradient[at] = (gradient[at] ?? 0) + amount
        }
        add(outerAt + hidden, error)
        for (const [unit, value] of units.entries()) {
          if (value === 0) continue
          add(outerAt + unit, error * value)
          const back = (error * (values[outerAt + unit] ?? 0)) / (1 - dropout)
          for (const [at, one] of input.entries()) add(unit * row + at, back * one)
          add(unit * row + width, back)
        }
      }
      steps += 1
      for (let at = 0; at < values.length; at += 1) {
        slope[at] = 0.9 * (slope[at] ?? 0) + 0.1 * (gradient[at] ?? 0)
        square[at] = 0.999 * (square[at] ?? 0) + 0.001 * (gradient[at] ?? 0) ** 2
        const step = (slope[at] ?? 0) / (1 - 0.9 ** steps) / (Math.sqrt((square[at] ?? 0) / (1 - 0.999 ** steps)) + 1e-8)
        values[at] = (values[at] ?? 0) - rate * (step + decay * (values[at] ?? 0))
      }
    }
  }
  const inner = Array.from({ length: hidden }, (_, unit) => [...values.slice(unit * row, (unit + 1) * row)])
  return { means, scales, inner, outer: [...values.slice(outerAt)] }
}

const embedder = createPrepared(createMiniLM())
const read = await readExamples(
  groundingExamples().filter(({ part }) => part !== 'held out'),
  embedder,
)
const rounded = (values: readonly number[]) => values.map((value) => Math.round(value * 1e5) / 1e5)
const found = fitted(
  read.filter(({ part }) => part === 'training'),
  1,
)
const weights = {
  means: rounded(found.means),
  scales: rounded(found.scales),
  inner: found.inner.map(rounded),
  outer: rounded(found.outer),
}
const development = read.filter(({ part }) => part === 'development')
const plain = { slope: 1, offset: 0 }
const oddsOf = ({ reading }: ReadExample) => {
  const chance = Math.min(1 - 1e-9, Math.max(1e-9, scoreClaim({ ...weights, calibration: plain }, reading.features)))
  return Math.log(chance / (1 - chance))
}
const odds = calibrateOdds(development.map((one) => ({ odds: oddsOf(one), isNone: !one.isBorne })))
const calibration = { slope: Math.round(odds.slope * 1e4) / 1e4, offset: Math.round(odds.offset * 1e4) / 1e4 }
const scored = development.map((one) => ({ ...one, score: scoreClaim({ ...weights, calibration }, one.reading.features) }))
// What an assistant said of its tools' results nobody has checked: it fixes no threshold.
const borne = scored.flatMap(({ set, isBorne, score }) => (isBorne && set !== 'tools' ? [score] : [])).toSorted((one, other) => one - other)
const threshold = Math.round((borne[Math.floor(flaggedAtMost * borne.length)] ?? 0.5) * 1000) / 1000
const areas = Map.groupBy(scored, ({ set }) => set)
const head: GroundingHead = {
  format: 'signalbox-grounding-head',
  version: 1,
  embedder: embedder.id,
  features: [...claimFeatures],
  ...weights,
  calibration,
  threshold,
  trained_on:
    "GPTCache's examples/benchmark/mock_data.json, MIT; BFCL's memory conversations, Apache-2.0; τ-bench's trajectories, MIT; scripts/grounding/written.jsonl, Apache-2.0",
  measured: Object.fromEntries(
    [...areas].map(([set, all]) => {
      const of = (isBorne: boolean) => all.filter((one) => one.isBorne === isBorne).map(({ score }) => score)
      return [`development_auc_${set}`, Math.round(areaOf(of(true), of(false)) * 1e4) / 1e4]
    }),
  ),
}
writeFileSync(file, `${JSON.stringify(head)}\n`)
console.log({ ...head, features: undefined, means: undefined, scales: undefined, inner: undefined, outer: undefined })
await embedder.close()
