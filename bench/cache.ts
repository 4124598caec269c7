import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createMiniLM } from '../models/local/index.ts'
import { differencesOf, factsOf, pairFeaturesOf, sameQuestionHead, scorePair } from '../models/local/pairs/index.ts'
import { chanceOf } from '../policies/index.ts'
import { dataFolder, intents, type LabelledPair, mockPairs, questionGroups, questionPairs } from './cache/data.ts'
import { lookAlikes } from './cache/look-alikes.ts'
import { type Asked, ask } from './cache/stream.ts'
import { createPrepared } from './learning/vectors.ts'
import { areaOf, figure, row } from './signals/figures.ts'

/*
 * Whether two questions ask the same: the head on the halves that it was not trained on, beside cosine and shared words; and what the
 * guards leave of it.
 */
const embedder = createPrepared(createMiniLM())

interface Scored extends LabelledPair {
  readonly cosine: number
  readonly words: number
  readonly head: number
  readonly guarded: number
}

async function scored(name: string, pairs: readonly LabelledPair[]): Promise<Scored[]> {
  await embedder.prepare(
    `cache-${name}`,
    pairs.flatMap(({ one, other }) => [one, other]),
  )
  await embedder.prepareWords(pairs.flatMap(({ one, other }) => [one, other]))
  const all: Scored[] = []
  for (const pair of pairs) {
    const [left, right] = await embedder.embed([pair.one, pair.other])
    const cosine = (left as Float32Array).reduce((sum, value, index) => sum + value * (right?.[index] ?? 0), 0)
    const [words, otherWords] = await embedder.embedWords([pair.one, pair.other])
    if (words === undefined || otherWords === undefined) throw new Error('The embedder gave no vectors of words')
    const head = scorePair(sameQuestionHead(), pairFeaturesOf({ text: pair.one, words }, { text: pair.other, words: otherWords }, cosine))
    const isGuarded = differencesOf(factsOf(pair.one), factsOf(pair.other)).size > 0
    all.push({ ...pair, cosine, words: sharedWords(pair), head, guarded: isGuarded ? 0 : head })
  }
  return all
}

/** Of the words of both, those that both have. */
function sharedWords({ one, other }: LabelledPair): number {
  const [left, right] = [one, other].map((text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu)))
  return left === undefined || right === undefined ? 0 : left.intersection(right).size / left.union(right).size
}

function recallAt(precision: number, pairs: readonly Scored[], score: (pair: Scored) => number): number {
  const ranked = pairs.toSorted((a, b) => score(b) - score(a))
  let right = 0
  let best = 0
  ranked.forEach((pair, index) => {
    right += Number(pair.same)
    if (score(pair) > score(ranked[index + 1] ?? pair) || index === ranked.length - 1) if (right / (index + 1) >= precision) best = right
  })
  return best / pairs.filter(({ same }) => same).length
}

function table(name: string, pairs: readonly Scored[]): void {
  const positives = pairs.filter(({ same }) => same)
  console.log(`${name}: ${positives.length} pairs that ask the same, ${pairs.length - positives.length} that do not\n`)
  row('', 'AUC', 'R@P.95', 'R@P.99')
  const ways = { 'shared words': 'words', cosine: 'cosine', 'the head': 'head' } as const
  for (const [label, key] of Object.entries(ways)) {
    const score = (pair: Scored) => pair[key]
    const area = areaOf(positives.map(score), pairs.filter(({ same }) => !same).map(score))
    row(label, figure(area), figure(recallAt(0.95, pairs, score)), figure(recallAt(0.99, pairs, score)))
  }
  const passed = pairs.filter(({ guarded }) => guarded > 0)
  const wrong = passed.filter(({ same }) => !same).length
  console.log(
    `\nThe guards let through ${passed.length - wrong} of ${positives.length} that ask the same, and ${wrong} of ${pairs.length - positives.length} that do not.\n`,
  )
}

if (existsSync(join(dataFolder, 'gptcache-mock'))) {
  const mock = await scored('mock', mockPairs())
  table(
    "GPTCache's mock data, held-out half",
    mock.filter(({ isHeldOut }) => isHeldOut),
  )
} else console.log(`No open data in ${dataFolder}: set SIGNALBOX_DATA to the folder that holds gptcache-mock.\n`)
const own = await scored('own', questionPairs())
table(
  'our own questions and those that look like them, held-out half',
  own.filter(({ isHeldOut }) => isHeldOut),
)
const heldOut = questionGroups().filter(({ isHeldOut }) => isHeldOut)
const alike = lookAlikes()
const bait = existsSync(join(dataFolder, 'banking77')) ? [...intents('banking77/test.jsonl'), ...intents('clinc150/val.jsonl')] : []
await embedder.prepare('cache-streams', [
  ...heldOut.flatMap(({ same, other }) => [...same, ...other]),
  ...alike.flatMap(({ one, other }) => [one, other]),
  ...bait.map(({ text }) => text),
])

console.log('Streams of questions over a line, each asked once, in an order of chance; a model answers each meaning in words of its own\n')
row('', 'asked', 'hits', 'hit rate', 'wrong', 'precision')
const paraphrases = heldOut.flatMap(({ same, other }, index) => [
  ...same.map((text) => ({ text, meaning: `group ${index}` })),
  ...other.map((text, at) => ({ text, meaning: `group ${index} other ${at}` })),
])
await stream('our own questions and look-alikes, held-out half', paraphrases)
for (const [kind, pairs] of Map.groupBy(alike, (one) => one.kind)) {
  const texts = [...new Set(pairs.flatMap(({ one, other }) => [one, other]))]
  await stream(
    `look-alikes: another ${kind}`,
    texts.map((text) => ({ text, meaning: text })),
  )
}
for (const name of ['banking77/test.jsonl', 'clinc150/val.jsonl']) {
  const rows = bait.filter(({ source }) => source === name)
  if (rows.length > 0) await stream(`${name}: hits within the intent, and across`, rows)
  if (rows.length > 0) cosineAt(name, rows, 0.1, await vectors(rows))
}

const chance = chanceOf('callers')
const operations = Array.from({ length: 10_000 }, () => ({
  principal: `caller ${Math.floor(chance() * 50)}`,
  ...(paraphrases[Math.floor(chance() * paraphrases.length)] as Asked),
}))
const { asked, exact, semantic, leaked } = await ask(operations, embedder, {})
console.log(
  `\n${asked} questions of 50 callers in turn: ${exact} exact and ${semantic} semantic hits, ${leaked} of another caller's answer`,
)

async function stream(name: string, questions: readonly Asked[]): Promise<void> {
  const order = shuffled(questions)
  const { asked, semantic, wrong } = await ask(order, embedder, { target_error: 0.02, volatile_ttl_s: 86_400, entries: 10_000 })
  const precision = semantic === 0 ? Number.NaN : 1 - wrong.length / semantic
  row(name, String(asked), String(semantic), figure(semantic / asked), String(wrong.length), figure(precision))
  for (const { text, given } of wrong) if (process.argv.includes('--wrong')) console.log(`    ${text} <- ${given}`)
}

async function vectors(questions: readonly Asked[]): Promise<Float32Array[]> {
  return embedder.embed(questions.map(({ text }) => text))
}

/** The nearest earlier question by cosine alone, at the threshold that gives so many hits. */
function cosineAt(name: string, questions: readonly Asked[], rate: number, all: readonly Float32Array[]): void {
  const places = shuffled(questions.map((_, index) => index))
  const nearest = places.map((place, at) => {
    let best = { cosine: -1, right: false }
    for (const before of places.slice(0, at)) {
      const cosine = (all[place] as Float32Array).reduce((sum, value, index) => sum + value * (all[before]?.[index] ?? 0), 0)
      if (cosine > best.cosine) best = { cosine, right: questions[before]?.meaning === questions[place]?.meaning }
    }
    return best
  })
  const hits = nearest.toSorted((one, other) => other.cosine - one.cosine).slice(0, Math.round(rate * questions.length))
  const wrong = hits.filter(({ right }) => !right).length
  row(
    `  cosine alone at that rate (${name.split('/')[0]})`,
    String(questions.length),
    String(hits.length),
    figure(rate),
    String(wrong),
    figure(1 - wrong / hits.length),
  )
}

function shuffled<T>(all: readonly T[]): T[] {
  const chance = chanceOf('order')
  return all
    .map((one) => ({ one, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one)
}

await embedder.close()
