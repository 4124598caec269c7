import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { featureBits, featuresOf, hashOf, type RankOf } from '../models/local/detect/names/features.ts'
import { encodeNames, type NameTag, nameTags } from '../models/local/detect/names/tagger.ts'
import { type Token, tokensOf } from '../models/local/detect/names/tokens.ts'
import { classesOf } from '../models/local/detect/names/word-lists.ts'
import { fill, type LabelledText, pick, type Random, usePlainWords } from './names/fill.ts'
import { isForTraining, type PresidioRow } from './names/presidio.ts'
import { nobodys, templates } from './names/templates.ts'

/**
 * Trains what finds names, places and addresses: `node scripts/train-names.ts [--own] [--swap]`, with SIGNALBOX_DATA naming the open data.
 *
 * A conditional random field over five tags, by AdaGrad. It learns from the sentences in `scripts/names` with made-up values, from this
 * project's own documents and code, in which nobody stands, and, unless `--own` is given, from those rows of presidio-pii (MIT) whose
 * template has a SHA-1 that begins with 0 to 7; `npm run bench -- pii` measures on the others. With `--swap`, of both, the halves are exchanged. Ranks of words are those of the
 * embedder's vocabulary (Apache-2.0).
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const data = process.env['SIGNALBOX_DATA'] ?? join(root, '..', 'shared', 'data')
const ownAlone = process.argv.includes('--own')
const rounds = 6
const rate = 0.12
const decay = 2e-6
/** Of the hints of the word lists, so many are left out in training. */
const hintsLeftOut = 0.3
/** Of all features, so that none of them is relied on. */
const featuresLeftOut = 0.2

function createRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}

const random = createRandom(7)
const tagOf: Readonly<Record<string, NameTag>> = {
  PERSON: 'person',
  STREET_ADDRESS: 'address',
  ADDRESS: 'address',
  ZIP_CODE: 'address',
  GPE: 'place',
  LOCATION: 'place',
  ORGANIZATION: 'organisation',
}

function presidio(): LabelledText[] {
  return ['synth_v2_part', 'generated_large_sample'].flatMap((name) =>
    rowsOf<PresidioRow>(join(data, 'presidio-pii', `${name}.jsonl`))
      .filter(isForTraining)
      .map(({ text, spans }) => ({
        text,
        spans: spans.flatMap(({ type, start, end }) => (tagOf[type] === undefined ? [] : [{ start, end, tag: tagOf[type] }])),
      })),
  )
}

function rowsOf<Row>(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}

/** Lines of this project's documents and code. */
function ownLines(): string[] {
  const documents = readdirSync(join(root, 'docs')).map((name) => join('docs', name))
  const code = ['src/dispatch', 'src/gateway', 'models/providers', 'memory/sqlite'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  )
  const linesOf = (paths: readonly string[]) =>
    paths.flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .filter((line) => line.trim().length > 20 && line.length < 600),
    )
  const some = (lines: readonly string[], most: number) => lines.filter((_, index) => index % Math.ceil(lines.length / most) === 0)
  return [...some(linesOf(documents), 1500), ...some(linesOf(code), 700)]
}

interface Example {
  readonly tokens: readonly Token[]
  readonly gold: readonly number[]
}

function toExample({ text, spans }: LabelledText): Example {
  const tokens = tokensOf(text)
  return {
    tokens,
    gold: tokens.map(({ start, end }) => {
      const span = spans.find((one) => one.start < end && start < one.end)
      return span === undefined ? 0 : nameTags.indexOf(span.tag)
    }),
  }
}

/** From the ids of the embedder's vocabulary, which are in order of frequency. */
function readRanks(): Map<string, number> {
  const words = readFileSync(join(root, 'models/local/minilm/vocab.txt'), 'utf8').split('\n')
  const ranks = new Map<string, number>()
  for (const [id, word] of words.entries()) {
    if (!/^\p{L}{2,}$/u.test(word) || id < 1000) continue
    ranks.set(word, id < 2500 ? 0 : id < 3500 ? 1 : id < 6000 ? 2 : id < 12_000 ? 3 : 4)
  }
  return ranks
}

/** Lists whose words are ordinary ones as well. */
const neutral = new Set(['product', 'kin', 'says', 'org', 'unit', 'month'])

const tags = nameTags.length
const weights = new Float32Array(tags * 2 ** featureBits)
const gradients = new Float32Array(weights.length).fill(1e-4)
const transitions = new Float32Array(tags * tags)
const transitionGradients = new Float32Array(transitions.length).fill(1e-4)

function step(values: Float32Array, sums: Float32Array, at: number, gradient: number): void {
  sums[at] = (sums[at] as number) + gradient * gradient
  values[at] = (values[at] as number) * (1 - decay) + (rate * gradient) / Math.sqrt(sums[at] as number)
}

/** One step up the likelihood of one text. @returns The likelihood's logarithm. */
function learn({ tokens, gold }: Example, rankOf: RankOf): number {
  const leavesOut = () => random() < hintsLeftOut
  const rows = featuresOf(tokens, { rankOf, leavesOut }).map((row) => row.filter(() => random() > featuresLeftOut))
  const scores = rows.map((row) => {
    const sums = new Float64Array(tags)
    for (const feature of row)
      for (let tag = 0; tag < tags; tag += 1) sums[tag] = (sums[tag] as number) + (weights[feature * tags + tag] as number)
    return sums
  })
  const own = scores.map((row) => {
    const most = Math.max(...row)
    return row.map((value) => Math.exp(value - most))
  })
  const factors = Float64Array.from(transitions, Math.exp)
  const forward: Float64Array[] = []
  for (const [index, row] of own.entries()) {
    const before = forward[index - 1]
    const next = row.map((value, tag) => {
      if (before === undefined) return value
      let sum = 0
      for (let from = 0; from < tags; from += 1) sum += (before[from] as number) * (factors[from * tags + tag] as number)
      return value * sum
    })
    forward.push(normal(next))
  }
  const backward: Float64Array[] = new Array(own.length)
  backward[own.length - 1] = new Float64Array(tags).fill(1)
  for (let index = own.length - 2; index >= 0; index -= 1) {
    const [row, after] = [own[index + 1] as Float64Array, backward[index + 1] as Float64Array]
    const next = new Float64Array(tags)
    for (let from = 0; from < tags; from += 1) {
      for (let tag = 0; tag < tags; tag += 1)
        next[from] = (next[from] as number) + (factors[from * tags + tag] as number) * (row[tag] as number) * (after[tag] as number)
    }
    backward[index] = normal(next)
  }
  let likelihood = 0
  for (const [index, row] of rows.entries()) {
    const marginal = normal((forward[index] as Float64Array).map((value, tag) => value * (backward[index]?.[tag] as number)))
    const right = gold[index] as number
    likelihood += Math.log((marginal[right] as number) + 1e-12)
    for (let tag = 0; tag < tags; tag += 1) {
      const gradient = (tag === right ? 1 : 0) - (marginal[tag] as number)
      if (Math.abs(gradient) < 1e-3) continue
      for (const feature of row) step(weights, gradients, feature * tags + tag, gradient)
    }
    if (index === 0) continue
    const pair = new Float64Array(tags * tags)
    for (let from = 0; from < tags; from += 1) {
      for (let tag = 0; tag < tags; tag += 1) {
        const value = (forward[index - 1]?.[from] as number) * (factors[from * tags + tag] as number) * (own[index]?.[tag] as number)
        pair[from * tags + tag] = value * (backward[index]?.[tag] as number)
      }
    }
    const pairs = normal(pair)
    const rightPair = (gold[index - 1] as number) * tags + right
    for (let at = 0; at < pairs.length; at += 1)
      step(transitions, transitionGradients, at, (at === rightPair ? 1 : 0) - (pairs[at] as number))
  }
  return likelihood
}

function normal(row: Float64Array): Float64Array {
  let sum = 0
  for (const value of row) sum += value
  return row.map((value) => value / sum)
}

/** Several texts as one: what stands before and after a sentence is not always the same. */
function joined(parts: readonly LabelledText[], between: string): LabelledText {
  let text = ''
  const spans = []
  for (const part of parts) {
    if (text !== '') text += between
    for (const { start, end, tag } of part.spans) spans.push({ start: start + text.length, end: end + text.length, tag })
    text += part.text
  }
  return { text, spans }
}

/**
 * Sentences of clinc150 (CC BY 3.0), banking77 (CC BY 4.0) and metatool (MIT) in which nobody stands, as far as the lists and their
 * capital letters tell: none of their words is in a list of names, and those in capitals are common ones.
 */
function openNobodys(): string[] {
  const named = new Set(['given', 'surname', 'country', 'city', 'region', 'nationality', 'org', 'title', 'street'])
  const isOf = (text: string) =>
    tokensOf(text).every(({ text: word, folded }, index) => {
      if (!/\p{L}/u.test(word)) return true
      const isCommon = rankOf(folded) < 5
      if (/^\p{Lu}/u.test(word) && index > 0 && !isCommon) return false
      return word.length < 3 || rankOf(folded) < 2 || !classesOf(folded).some((one) => named.has(one))
    })
  const isForUs = (text: string) => Number.parseInt(createHash('sha1').update(text).digest('hex').slice(0, 1), 16) < 8
  const clinc = rowsOf<{ text: string }>(join(data, 'clinc150', 'train_20.jsonl')).map(({ text }) => text)
  const banking = rowsOf<{ text: string }>(join(data, 'banking77', 'train_20.jsonl')).map(({ text }) => text)
  const metatool = rowsOf<{ query: string }>(join(data, 'metatool', 'single_sample.jsonl')).map(({ query }) => query)
  return [...clinc, ...banking, ...metatool.filter(isForUs)].filter(isOf)
}

const ranks = readRanks()
const rankOf: RankOf = (word) => ranks.get(word) ?? 5
usePlainWords(
  [...ranks].flatMap(([word, rank]) => (rank < 4 && word.length > 2 && classesOf(word).every((one) => neutral.has(one)) ? [word] : [])),
)
const empty = (text: string): LabelledText => ({ text, spans: [] })
const one = () => fill(pick(random() < 0.75 ? templates : nobodys, random), random)
const made = Array.from({ length: 30 }, () =>
  templates.map((template) => {
    const filled = fill(template, random)
    const chance = random()
    if (chance < 0.5) return filled
    const parts = random() < 0.5 ? [filled, one()] : [one(), filled]
    return joined(chance < 0.8 ? parts : [...parts, one()], pick([' ', ' ', '\n', '\n\n'], random))
  }),
).flat()
const nobody = Array.from({ length: 12 }, () => nobodys.map((template) => fill(template, random))).flat()
const without = [...nobody, ...[...ownLines(), ...(ownAlone ? [] : openNobodys())].map(empty)]
const open = ownAlone ? [] : presidio()
const examples = [...made, ...without, ...open].map(toExample).filter(({ tokens }) => tokens.length > 0)
console.log(`${examples.length} texts, ${open.length} of them of presidio-pii; ${ranks.size} ranked words; ${hashOf('a') >>> 0}`)
for (let round = 1; round <= rounds; round += 1) {
  for (let index = examples.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1))
    ;[examples[index], examples[other]] = [examples[other] as Example, examples[index] as Example]
  }
  let sum = 0
  let count = 0
  for (const example of examples) {
    sum += learn(example, rankOf)
    count += example.tokens.length
  }
  console.log(`round ${round}: ${(-sum / count).toFixed(4)} nats a token`)
}
const notes = {
  trained_on: ownAlone
    ? "the project's own templates, documents and code"
    : "the project's own templates, documents and code; half of the templates of presidio-pii (MIT); ranks of the embedder's vocabulary (Apache-2.0)",
}
writeFileSync(join(root, 'models/local/detect/names/names.head'), encodeNames({ weights, transitions }, ranks, notes))
