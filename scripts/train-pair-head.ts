import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type LabelledPair, mockPairs, questionPairs } from '../bench/cache/data.ts'
import { createPrepared } from '../bench/learning/vectors.ts'
import { areaOf } from '../bench/signals/figures.ts'
import { createMiniLM } from '../models/local/index.ts'
import { type PairHead, pairFeatures, pairFeaturesOf, scorePair } from '../models/local/pairs/index.ts'

/*
 * Trains the head that tells whether two questions ask the same: `node scripts/train-pair-head.ts`. Of GPTCache's mock data
 * (SIGNALBOX_DATA names its folder) the pairs whose SHA-1(id) begins with 0 to 7 train it, of our own questions every second group;
 * `npm run bench -- cache` measures on the others.
 */
const file = fileURLToPath(new URL('../models/local/pairs/same-question.head', import.meta.url))
const penalty = 3
const rounds = 4000
const rate = 0.5

const embedder = createPrepared(createMiniLM())
const rows = [...mockPairs(), ...questionPairs()]
await embedder.prepare(
  'pairs',
  rows.flatMap(({ one, other }) => [one, other]),
)

async function featuresOf({ one, other }: LabelledPair): Promise<number[]> {
  const [left, right] = await embedder.embed([one, other])
  const cosine = (left as Float32Array).reduce((sum, value, index) => sum + value * (right?.[index] ?? 0), 0)
  return pairFeaturesOf(one, other, cosine)
}

function trained(examples: readonly { features: number[]; same: boolean }[]): Pick<PairHead, 'means' | 'scales' | 'weights' | 'bias'> {
  const { length } = pairFeatures
  const column = (at: number) => examples.map(({ features }) => features[at] as number)
  const means = Array.from({ length }, (_, at) => meanOf(column(at)))
  const scales = Array.from({ length }, (_, at) => Math.sqrt(meanOf(column(at).map((value) => (value - (means[at] as number)) ** 2))) || 1)
  const head = { means, scales, weights: new Array<number>(length).fill(0), bias: 0 }
  for (let round = 0; round < rounds; round += 1) {
    const gradient = head.weights.map((weight) => (penalty * weight) / examples.length)
    let biasGradient = 0
    for (const { features, same } of examples) {
      const error = (scorePair(head, features) - Number(same)) / examples.length
      biasGradient += error
      for (let at = 0; at < length; at += 1)
        gradient[at] = (gradient[at] as number) + (error * ((features[at] as number) - (means[at] as number))) / (scales[at] as number)
    }
    head.weights = head.weights.map((weight, at) => weight - rate * (gradient[at] as number))
    head.bias -= rate * biasGradient
  }
  return head
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const examples = []
for (const pair of rows) examples.push({ ...pair, features: await featuresOf(pair) })
const head = trained(examples.filter(({ isHeldOut }) => !isHeldOut))
const heldOut = examples.filter(({ isHeldOut }) => isHeldOut)
const scores = (same: boolean) => heldOut.filter((one) => one.same === same).map(({ features }) => scorePair(head, features))
const rounded = (values: readonly number[]) => values.map((value) => Math.round(value * 1e5) / 1e5)
const stored: PairHead = {
  format: 'signalbox-pair-head',
  version: 1,
  embedder: embedder.id,
  features: [...pairFeatures],
  means: rounded(head.means),
  scales: rounded(head.scales),
  weights: rounded(head.weights),
  bias: Math.round(head.bias * 1e5) / 1e5,
  trained_on: "GPTCache's examples/benchmark/mock_data.json, MIT; scripts/heads/same_question.jsonl, Apache-2.0",
  measured: { held_out_pairs: heldOut.length, auc: Math.round(areaOf(scores(true), scores(false)) * 1e4) / 1e4 },
}
writeFileSync(file, `${JSON.stringify(stored, null, 1)}\n`)
console.log(stored)
await embedder.close()
