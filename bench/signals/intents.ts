import { dot } from '../../models/embedder.ts'
import { nearestCentroid } from '../../policies/signals/heads/cross-validate.ts'
import { type Example, fitHead } from '../../policies/signals/heads/fit.ts'
import { judge } from '../../policies/signals/heads/head.ts'
import { rarityOf, type SparseVector, wordFeatures } from '../../policies/signals/heads/word-features.ts'
import type { PreparedEmbedder } from '../learning/vectors.ts'
import { isHeldOut, read, string } from '../tool-search/data.ts'
import { areaOf, figure, row, shareOf } from './figures.ts'

const outOfScope = 'oos'

/**
 * Twenty examples an intent, the shape of a signal with examples of a policy's author. Nothing was chosen on the test texts: the
 * kernel's width and ridge come of cross-validation inside the training examples.
 */
export async function benchIntents(embedder: PreparedEmbedder): Promise<void> {
  row('intents, 20 examples each', 'texts', 'words', 'centroid', 'nearest', 'learned', 'goal')
  await intents('CLINC150', 'clinc150/train_20.jsonl', 'clinc150/val.jsonl', ['>= .92', '>= .97'], embedder)
  await intents('BANKING77', 'banking77/train_20.jsonl', 'banking77/test.jsonl', ['>= .90', ''], embedder)
}

async function intents(name: string, training: string, test: string, goals: readonly [string, string], embedder: PreparedEmbedder) {
  const examples = await examplesOf(`${name}-train`, training, embedder)
  const asked = await examplesOf(`${name}-test`, test, embedder)
  const startedAt = performance.now()
  const head = await fitHead(examples, { embedder: embedder.id })
  const fitMs = performance.now() - startedAt
  const centroid = nearestCentroid(examples)
  const words = nearestWords(examples)
  const judgedAt = performance.now()
  const learned = asked.map(({ text, vector }) => judge(head, text, vector))
  const judgeMs = (performance.now() - judgedAt) / asked.length
  const told = asked.map((one, place) => ({
    ...one,
    learned: learned[place] as (typeof learned)[number],
    words: words(one.text),
    centroid: centroid(one.vector),
    nearest: nearestExample(examples, one.vector),
  }))
  for (const [half, rows] of [
    ['all', told],
    ['second half', told.filter(({ id }) => isHeldOut(id))],
  ] as const) {
    const inScope = rows.filter(({ label }) => label !== outOfScope)
    const strange = rows.filter(({ label }) => label === outOfScope)
    const right = (of: (one: (typeof rows)[number]) => string) => figure(shareOf(inScope, (one) => of(one) === one.label))
    const cells = [
      right((one) => one.words.label),
      right((one) => one.centroid),
      right((one) => one.nearest.label),
      right((one) => one.learned.label),
    ]
    row(`${name}, ${half}: right label`, String(inScope.length), ...cells, goals[0])
    if (strange.length === 0) continue
    const area = (of: (one: (typeof rows)[number]) => number) => figure(areaOf(inScope.map(of), strange.map(of)))
    row(
      `${name}, ${half}: out of scope, AUC`,
      String(strange.length),
      area((one) => one.words.cosine),
      '',
      area((one) => one.nearest.cosine),
      area((one) => one.learned.score),
      goals[1],
    )
    const kept = shareOf(inScope, (one) => one.learned.confidence >= 0.15)
    const caught = shareOf(strange, (one) => one.learned.confidence < 0.15)
    row(`${name}, ${half}: kept / turned away at .15`, '', '', '', '', `${figure(kept)}/${figure(caught)}`)
  }
  row(`${name}: fitting, s / a text, ms`, '', '', '', '', `${(fitMs / 1000).toFixed(1)}/${judgeMs.toFixed(1)}`)
}

async function examplesOf(name: string, file: string, embedder: PreparedEmbedder): Promise<(Example & { id: string })[]> {
  const rows = read(file)
  const texts = rows.map((one) => string(one['text']))
  await embedder.prepare(`signals-${name}`, texts)
  const vectors = await embedder.embed(texts)
  return rows.map((one, place) => ({
    id: string(one['id']),
    text: texts[place] as string,
    label: string(one['intent']),
    vector: vectors[place] as Float32Array,
  }))
}

function nearestExample(examples: readonly Example[], vector: Float32Array): { label: string; cosine: number } {
  return examples.reduce(
    (best, one) => {
      const cosine = dot(one.vector, vector)
      return cosine > best.cosine ? { label: one.label, cosine } : best
    },
    { label: '', cosine: -1 },
  )
}

/** The baseline without an embedder: the label whose mean of weighed words is nearest. */
function nearestWords(examples: readonly Example[]): (text: string) => { label: string; cosine: number } {
  const buckets = 16_384
  const rarity = rarityOf(
    examples.map(({ text }) => text),
    buckets,
  )
  const centres = [...Map.groupBy(examples, ({ label }) => label)].map(([label, ones]) => {
    const sum = new Float32Array(buckets)
    for (const { text } of ones) add(sum, wordFeatures(text, rarity))
    const norm = Math.sqrt(dot(sum, sum))
    return { label, centre: sum.map((value) => value / norm) }
  })
  return (text) => {
    const features = wordFeatures(text, rarity)
    return centres.reduce(
      (best, { label, centre }) => {
        const cosine = features.buckets.reduce((sum, bucket, place) => sum + (features.values[place] ?? 0) * (centre[bucket] ?? 0), 0)
        return cosine > best.cosine ? { label, cosine } : best
      },
      { label: '', cosine: -1 },
    )
  }
}

function add(sum: Float32Array, { buckets, values }: SparseVector): void {
  for (const [place, bucket] of buckets.entries()) sum[bucket] = (sum[bucket] as number) + (values[place] as number)
}
