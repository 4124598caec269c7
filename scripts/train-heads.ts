import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPrepared } from '../bench/learning/vectors.ts'
import { complexityRows, domainRows, type LabelledText } from '../bench/signals/data.ts'
import { createMiniLM } from '../models/local/index.ts'
import { crossValidate, nearestCentroid } from '../policies/signals/heads/cross-validate.ts'
import { encodeHead } from '../policies/signals/heads/file.ts'
import { type Example, type FitOptions, fitHead } from '../policies/signals/heads/fit.ts'
import { judge } from '../policies/signals/heads/head.ts'

/*
 * Trains the heads that are shipped in `policies/signals/trained`: `node scripts/train-heads.ts [domain] [complexity] [feedback] [fact_check]`.
 *
 * Domain and complexity come of open data (SIGNALBOX_DATA names its folder), each without the rows whose SHA-1(id) begins with 0, 1
 * or 2: on those the accuracy in the file's first line is measured, and `npm run bench -- signals` measures it again. Feedback and
 * fact_check come of the sentences in `scripts/heads`, written for this project; their figures are cross-validated.
 * How much short questions lean on centres was chosen on the sentences of `domain_short.jsonl` and on the training rows whose SHA-1(id)
 * begins with 3, 4 or 5, by a head without those.
 */
const folder = fileURLToPath(new URL('../policies/signals/trained', import.meta.url))
const sentences = fileURLToPath(new URL('heads', import.meta.url))
const routellm = 'RouteLLM evaluation files, Apache-2.0; questions of MMLU, MIT'

const embedder = createPrepared(createMiniLM())

async function fromOpenData(signal: string, rows: readonly LabelledText[], options: Partial<FitOptions>, trainedOn: string): Promise<void> {
  await embedder.prepare(
    `signals-${signal}`,
    rows.map(({ text }) => text),
  )
  const examples = await withVectors(rows)
  const training = examples.filter((_, place) => rows[place]?.isHeldOut === false)
  const heldOut = examples.filter((_, place) => rows[place]?.isHeldOut === true)
  const head = await fitHead(training, { embedder: embedder.id, ...options })
  const centroid = nearestCentroid(training)
  const right = (tell: (one: Example) => string) => rounded(heldOut.filter((one) => tell(one) === one.label).length / heldOut.length)
  const measured = {
    held_out_rows: heldOut.length,
    accuracy: right(({ text, vector }) => judge(head, text, vector).label),
    nearest_centroid: right(({ vector }) => centroid(vector)),
  }
  save(signal, { head, signal, trained_on: `${training.length} rows of ${trainedOn}`, measured })
}

interface Sentence {
  readonly text: string
  readonly label: string
  /** Where such texts come from, if there are several such places. */
  readonly source?: string
}

async function fromSentences(signal: string, given: Partial<FitOptions> = {}): Promise<void> {
  const rows = readFileSync(join(sentences, `${signal}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Sentence)
  const examples = await withVectors(rows)
  const options = { embedder: embedder.id, ...given }
  const { accuracy, nearestCentroid: baseline, folds } = await crossValidate(examples, options)
  const head = await fitHead(examples, options)
  const measured = {
    rows: rows.length,
    folds,
    cross_validated_accuracy: rounded(accuracy),
    nearest_centroid: rounded(baseline),
    ...(rows.some(({ source }) => source !== undefined) ? await withoutEachSource(rows, examples, options) : {}),
  }
  save(signal, { head, signal, trained_on: `${rows.length} sentences of scripts/heads/${signal}.jsonl, Apache-2.0`, measured })
}

/** Each source judged by a head that has seen none of its sentences: right labels, and right about satisfied or not where either is said. */
async function withoutEachSource(rows: readonly Sentence[], examples: readonly Example[], options: FitOptions) {
  const told: { label: string; learned: string; nearest: string }[] = []
  for (const source of new Set(rows.map((one) => one.source))) {
    const training = examples.filter((_, place) => rows[place]?.source !== source)
    const head = await fitHead(training, options)
    const centroid = nearestCentroid(training)
    for (const one of examples.filter((_, place) => rows[place]?.source === source))
      told.push({ label: one.label, learned: judge(head, one.text, one.vector).label, nearest: centroid(one.vector) })
  }
  const saying = told.filter(({ label }) => label !== 'none')
  const isSatisfied = (label: string) => label === 'satisfied'
  const share = (ones: typeof told, isRight: (one: (typeof told)[number]) => boolean) => rounded(ones.filter(isRight).length / ones.length)
  return {
    source_left_out_accuracy: share(told, (one) => one.learned === one.label),
    source_left_out_satisfied_or_not: share(saying, (one) => isSatisfied(one.learned) === isSatisfied(one.label)),
    source_left_out_satisfied_or_not_nearest_centroid: share(saying, (one) => isSatisfied(one.nearest) === isSatisfied(one.label)),
  }
}

async function withVectors(rows: readonly { text: string; label: string; class?: string | undefined }[]): Promise<Example[]> {
  const vectors = await embedder.embed(rows.map(({ text }) => text))
  return rows.map(({ text, label, class: finer }, place) => ({ text, label, class: finer, vector: vectors[place] as Float32Array }))
}

function save(signal: string, stored: Parameters<typeof encodeHead>[0]): void {
  const bytes = encodeHead(stored)
  writeFileSync(join(folder, `${signal}.head`), bytes)
  console.log(`${signal}: ${(bytes.length / 1000).toFixed(0)} KB, ${stored.trained_on}, ${JSON.stringify(stored.measured)}`)
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000
}

const trainers: Record<string, () => Promise<void>> = {
  domain: () =>
    fromOpenData(
      'domain',
      domainRows(),
      { maxLandmarks: 1024, wordBuckets: 8192, gamma: 0.75, centres: { weight: 3, words: 7 } },
      routellm,
    ),
  complexity: () => fromOpenData('complexity', complexityRows(), { maxLandmarks: 512, wordBuckets: 2048 }, `${routellm} and GSM8K, MIT`),
  feedback: () => fromSentences('feedback', { wordBuckets: 2048 }),
  fact_check: () => fromSentences('fact_check'),
}

const asked = process.argv.slice(2)
for (const name of asked.length > 0 ? asked : Object.keys(trainers)) {
  const train = trainers[name]
  if (train === undefined) throw new Error(`Cannot train "${name}": the heads are ${Object.keys(trainers).join(', ')}`)
  if (!existsSync(sentences)) throw new Error(`Cannot train: ${sentences} is not there`)
  await train()
}
await embedder.close()
