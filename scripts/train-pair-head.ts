import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type LabelledPair, mockPairs, questionPairs } from '../bench/cache/data.ts'
import { createPrepared } from '../bench/learning/vectors.ts'
import { areaOf } from '../bench/signals/figures.ts'
import { dot } from '../models/embedder.ts'
import { type FeatureNetwork, networkOdds } from '../models/local/feature-network.ts'
import { createMiniLM } from '../models/local/index.ts'
import { type PairHead, pairFeatures, pairFeaturesOf, scorePair } from '../models/local/pairs/index.ts'
import { type FeatureExample, fitFeatureNetwork } from './fit-feature-network.ts'

/*
 * Trains the head that tells whether two questions ask the same: `node scripts/train-pair-head.ts`. Of GPTCache's mock data
 * (SIGNALBOX_DATA names its folder) the pairs whose SHA-1(id) begins with 0 to 7 train it, of our own questions every second group;
 * `npm run bench -- cache` measures on the others.
 */
const file = fileURLToPath(new URL('../models/local/pairs/same-question.head', import.meta.url))
const size = { hidden: 16, members: 3, epochs: 80, batch: 64, start: 0.15 }

const embedder = createPrepared(createMiniLM())
const rows = [...mockPairs(), ...questionPairs()]
const texts = rows.flatMap(({ one, other }) => [one, other])
await embedder.prepare('pairs', texts)
await embedder.prepareWords(texts)

async function featuresOf({ one, other }: LabelledPair): Promise<number[]> {
  const [left, right] = await embedder.embed([one, other])
  const [words, otherWords] = await embedder.embedWords([one, other])
  if (left === undefined || right === undefined || words === undefined || otherWords === undefined)
    throw new TypeError('Cannot read a pair')
  return pairFeaturesOf({ text: one, words }, { text: other, words: otherWords }, dot(left, right))
}

const examples = []
for (const pair of rows) examples.push({ ...pair, features: await featuresOf(pair) })
const training = examples.filter(({ isHeldOut }) => !isHeldOut).map(({ features, same }) => ({ features, target: same, weight: 1 }))
const head = calibrated(fitFeatureNetwork(training, size), calibrationOf(oddsOfUnseen(training)))
const heldOut = examples.filter(({ isHeldOut }) => isHeldOut)
const scores = (same: boolean) => heldOut.filter((one) => one.same === same).map(({ features }) => scorePair(head, features))
const stored: PairHead = {
  format: 'signalbox-pair-head',
  version: 2,
  embedder: embedder.id,
  features: [...pairFeatures],
  ...head,
  trained_on: "GPTCache's examples/benchmark/mock_data.json, MIT; scripts/heads/same_question.jsonl, Apache-2.0",
  measured: { held_out_pairs: heldOut.length, auc: Math.round(areaOf(scores(true), scores(false)) * 1e4) / 1e4 },
}
writeFileSync(file, `${JSON.stringify(stored)}\n`)
console.log(stored.measured)
await embedder.close()

/** What networks that have not seen a pair's part of the file say of it, by five parts in turn. */
function oddsOfUnseen(rows: readonly FeatureExample[]): { odds: number; target: boolean }[] {
  const parts = 5
  const partOf = (index: number) => Math.floor((index * parts) / rows.length)
  return Array.from({ length: parts }, (_, part) => {
    const network = fitFeatureNetwork(
      rows.filter((_row, index) => partOf(index) !== part),
      size,
    )
    return rows
      .filter((_row, index) => partOf(index) === part)
      .map(({ features, target }) => ({ odds: networkOdds(network, features), target }))
  }).flat()
}

interface Calibration {
  readonly slope: number
  readonly offset: number
}

/** Platt's logistic regression of what is right on the odds, by Newton's way. */
function calibrationOf(rows: readonly { odds: number; target: boolean }[]): Calibration {
  let [slope, offset] = [1, 0]
  for (let step = 0; step < 30; step += 1) {
    let [bySlope, byOffset, a, b, c] = [0, 0, 1e-6, 0, 1e-6]
    for (const { odds, target } of rows) {
      const chance = 1 / (1 + Math.exp(-(slope * odds + offset)))
      const error = chance - Number(target)
      const weight = chance * (1 - chance)
      bySlope += error * odds
      byOffset += error
      a += weight * odds * odds
      b += weight * odds
      c += weight
    }
    const determinant = a * c - b * b
    slope -= (c * bySlope - b * byOffset) / determinant
    offset -= (a * byOffset - b * bySlope) / determinant
  }
  return { slope, offset }
}

function calibrated(network: FeatureNetwork, { slope, offset }: Calibration): FeatureNetwork {
  console.log(`Odds are taken ${slope.toFixed(3)} times, and ${offset.toFixed(3)} is added`)
  const last = network.outer.length - 1
  const outer = network.outer.map((weight, at) => Math.round((weight * slope + (at === last ? offset : 0)) * 1e5) / 1e5)
  return { ...network, outer }
}
