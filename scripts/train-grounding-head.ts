import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { groundingExamples } from '../bench/grounding/data.ts'
import { type ReadExample, readExamples } from '../bench/grounding/read.ts'
import { createPrepared } from '../bench/learning/vectors.ts'
import { areaOf } from '../bench/signals/figures.ts'
import { networkOdds } from '../models/local/feature-network.ts'
import { claimFeatures } from '../models/local/grounding/features.ts'
import { type GroundingHead, scoreClaim } from '../models/local/grounding/head.ts'
import { createMiniLM } from '../models/local/index.ts'
import { fitFeatureNetwork } from './fit-feature-network.ts'
import { calibrateOdds } from './safety/fit-network.ts'

/*
 * Trains the head that tells whether a claim is borne by its sources: `node scripts/train-grounding-head.ts`. By SHA-1 of their source,
 * half of the examples train it and a quarter fixes its threshold and calibration; `npm run bench -- grounding` measures on the rest.
 * SIGNALBOX_DATA names the folder of the open data.
 */
const file = fileURLToPath(new URL('../models/local/grounding/grounding.head', import.meta.url))
const size = { hidden: 24, members: 3, epochs: 60, batch: 128, start: 0.2 }
/** Of sentences that are borne, so many may be flagged where the threshold is fixed. */
const flaggedAtMost = 0.1

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

const embedder = createPrepared(createMiniLM())
const read = await readExamples(
  groundingExamples().filter(({ part }) => part !== 'held out'),
  embedder,
)
const training = read.filter(({ part }) => part === 'training')
const weighed = weightsOf(training)
const weights = fitFeatureNetwork(
  training.map(({ reading, isBorne }, at) => ({ features: reading.features, target: isBorne, weight: weighed[at] ?? 1 })),
  size,
)
const development = read.filter(({ part }) => part === 'development')
const odds = calibrateOdds(development.map((one) => ({ odds: networkOdds(weights, one.reading.features), isNone: !one.isBorne })))
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
