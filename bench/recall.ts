import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createIndexer, createRecall, createThreads, openSqliteStore, type Recall, type Store } from '../memory/index.ts'
import type { Embedder } from '../models/embedder.ts'
import { createMiniLM } from '../models/local/index.ts'
import { aucOf } from './abstention/figures.ts'
import { type Question, type RecallSet, readBfclMemory, readConversations, readUpdates, type Update } from './recall/data.ts'

/**
 * How often recall finds what was said: on the memory part of the Berkeley Function Calling Leaderboard, and on conversations
 * between two people over many months that come along. What was chosen was chosen on the tuned halves.
 *
 * SIGNALBOX_DATA names the folder that holds `bfcl-memory/`; without it the first table is left out.
 */

const here = dirname(fileURLToPath(import.meta.url))
const published = join(resolve(process.env['SIGNALBOX_DATA'] ?? join(here, '..', '..', 'shared', 'data')), 'bfcl-memory')
const own = join(here, 'recall', 'data')
/** As for answers without a model (`bench/extractive.ts`). */
const tunedOn = new Set(['customer', 'student'])

const estimateTokens = (text: string) => Math.ceil(text.length / 4)
const embedder = createMiniLM()
try {
  const people = existsSync(join(published, 'turns.jsonl')) ? await readBfclMemory(published) : []
  if (people.length > 0) await measurePeople(people)
  else console.log(`Not measured: ${published} does not hold turns.jsonl and qa.jsonl (set SIGNALBOX_DATA)`)
  const tuned = await readConversations(own, 'tuned', ['maren-tobias', 'priya-luis'])
  const reported = await readConversations(own, 'reported', ['ingrid-kofi', 'hana-declan'])
  await measureConversations(tuned, reported)
  const all = [...people, tuned, reported]
  const isTuned = ({ memory }: RecallSet) => tunedOn.has(memory) || memory === 'tuned'
  await measureEvidence('fixed on these', all.filter(isTuned))
  await measureEvidence(
    'held out',
    all.filter((one) => !isTuned(one)),
  )
  const updates = await readUpdates(own)
  for (const half of ['tuned', 'reported'] as const)
    await measureUpdates(
      half,
      updates.filter((one) => one.half === half),
    )
} finally {
  await embedder.close()
}

async function measurePeople(sets: readonly RecallSet[]): Promise<void> {
  const { ways, close } = await fill(sets)
  const row = async (way: Way) => {
    const found = await Promise.all(sets.map((set) => findAll(set, way, 5)))
    const of = (isMeant: (set: RecallSet) => boolean) => found.filter((_, index) => isMeant(sets[index] as RecallSet)).flat()
    const all = of(() => true)
    return {
      'evidence@1': share(all, 1),
      'evidence@5': share(all, 5),
      '@1, held out': share(
        of(({ memory }) => !tunedOn.has(memory)),
        1,
      ),
      '@5, held out': share(
        of(({ memory }) => !tunedOn.has(memory)),
        5,
      ),
      'answer in top 5': round(mean(all.map(({ question, texts }) => (holdsAnswer(question, texts) ? 1 : 0)))),
      'items returned': round(mean(all.map(({ texts }) => texts.length))),
      'of other people': all.reduce((sum, one) => sum + one.foreign, 0),
    }
  }
  console.log(
    `Memory of BFCL: ${sets.flatMap((set) => set.questions).length} questions, ${turnsOf(sets)} turns of ${sets.length} people, limit 5`,
  )
  console.table({
    'words alone (BM25), as published with the data': { 'evidence@1': 0.811, 'evidence@5': 0.937, 'answer in top 5': 0.916 },
    ...(await rows(ways, row)),
    goal: { 'evidence@1': 0.9, 'evidence@5': 0.98 },
  })
  await close()
}

async function measureConversations(...halves: readonly RecallSet[]): Promise<void> {
  const { ways, close } = await fill(halves)
  for (const half of halves) {
    const row = async (way: Way) => {
      const found = await findAll(half, way, 10)
      const of = (isMeant: (kind: string) => boolean) =>
        share(
          found.filter(({ question }) => isMeant(question.kind)),
          10,
        )
      return {
        'evidence@10': of(() => true),
        'of one turn': of((kind) => kind === 'single'),
        'of a time': of((kind) => kind === 'temporal'),
        'of several turns': of((kind) => kind === 'multi'),
        'items returned': round(mean(found.map(({ texts }) => texts.length))),
      }
    }
    console.log(`Conversations, ${half.memory} half: ${half.questions.length} questions, ${turnsOf([half])} turns, limit 10`)
    console.table({ ...(await rows(ways, row)), goal: { 'evidence@10': 0.8, 'of several turns': 0.55 } })
  }
  await close()
}

/** Whether what somebody said last comes before what it replaces, and after it where the past is asked for. */
async function measureUpdates(half: string, updates: readonly Update[]): Promise<void> {
  const said = (name: string, month: number, texts: readonly string[]) => ({
    name,
    at: Date.UTC(2026, month, 1, 12),
    turns: texts.map((text) => ({ id: text, text })),
  })
  const set: RecallSet = {
    memory: half,
    sessions: [
      said(
        'first',
        0,
        updates.map((one) => one.old),
      ),
      said('second', 2, updates.map((one) => one.new).toReversed()),
    ],
    questions: [],
  }
  const { ways, close } = await fill([set])
  const row = async (way: Way) => {
    const placesOf = async (query: string, one: Update) => {
      const ids = (await way(half, query, 5)).map(({ id }) => id.slice(half.length + 1))
      const place = (text: string) => (ids.includes(text) ? ids.indexOf(text) : Number.POSITIVE_INFINITY)
      return { old: place(one.old), new: place(one.new) }
    }
    const now = await Promise.all(updates.map((one) => placesOf(one.now, one)))
    const past = await Promise.all(updates.map((one) => placesOf(one.past, one)))
    const of = (places: typeof now, isRight: (one: (typeof now)[number]) => boolean) =>
      round(mean(places.map((one) => Number(isRight(one)))))
    return {
      'what holds, first of all': of(now, (one) => one.new === 0),
      'what holds, before the older': of(now, (one) => one.new < one.old),
      'what held, first of all': of(past, (one) => one.old === 0),
      'what held, before the newer': of(past, (one) => one.old < one.new),
    }
  }
  console.log(`Values that changed, ${half} half: ${updates.length} said twice, ${2 * updates.length} questions, limit 5`)
  console.table(await rows(ways, row))
  await close()
}

/**
 * How surely recall says that it has found what was asked for: each question once as it is, once with its evidence left out, and a
 * quarter of the questions that are asked of others' memories.
 */
async function measureEvidence(name: string, sets: readonly RecallSet[]): Promise<void> {
  const { sure, close } = await fill(sets)
  const judged: { value: number; score: number; fits: boolean; kind: string }[] = []
  for (const { memory, questions } of sets) {
    const foreign = sets.filter((one) => one.memory !== memory).flatMap((one) => one.questions.filter((_, index) => index % 4 === 0))
    for (const { question, evidence } of questions) {
      if (evidence.length === 0) continue
      for (const without of [[], evidence]) {
        const { evidence: value, ids, score } = await sure(memory, question, without)
        const fits = without.length === 0 && ids.slice(0, 5).some((id) => evidence.includes(id))
        judged.push({ value, score, fits, kind: without.length === 0 ? 'said' : 'left out' })
      }
    }
    for (const { question } of foreign) {
      const { evidence: value, score } = await sure(memory, question, [])
      judged.push({ value, score, fits: false, kind: 'of others' })
    }
  }
  const hard = judged.filter(({ kind }) => kind !== 'of others')
  const auc = (of: typeof judged, value: (one: (typeof judged)[number]) => number) =>
    round(aucOf(of.map((one) => ({ value: value(one), fits: one.fits }))))
  const within = (from: number, to: number) => judged.filter(({ value }) => value >= from && value < to)
  const row = (of: typeof judged) => ({
    questions: of.length,
    said: round(mean(of.map(({ value }) => value))),
    found: round(mean(of.map(({ fits }) => Number(fits)))),
  })
  console.log(
    `How sure recall is, ${name}: ${judged.filter(({ fits }) => fits).length} of ${judged.length} questions whose evidence was found`,
  )
  console.table({
    'AUC, all': { score: auc(judged, ({ score }) => score), evidence: auc(judged, ({ value }) => value) },
    'AUC, without those of others': { score: auc(hard, ({ score }) => score), evidence: auc(hard, ({ value }) => value) },
  })
  console.table({
    'below a fifth': row(within(0, 0.2)),
    'from there to a half': row(within(0.2, 0.5)),
    'from there to four fifths': row(within(0.5, 0.8)),
    above: row(within(0.8, 1.01)),
  })
  await close()
}

interface Found {
  question: Question
  /** Of turns, best first. */
  ids: (string | undefined)[]
  texts: string[]
  foreign: number
}

/** The best so many texts with their ids in the data set. */
type Way = (memory: string, query: string, limit: number) => Promise<{ id: string; text: string }[]>

/** How surely recall has found an answer, with these turns left out; the ids in the data set of what it has found, and the best score. */
type Sure = (memory: string, query: string, without: readonly string[]) => Promise<{ evidence: number; ids: string[]; score: number }>

/** One store with everything in it, and the ways in which it is searched. */
async function fill(sets: readonly RecallSet[]): Promise<{ ways: Record<string, Way>; sure: Sure; close: () => Promise<void> }> {
  let now = Date.now()
  const store = await openSqliteStore({ path: ':memory:', clock: () => now })
  const threads = createThreads(store, { estimateTokens })
  const places = new Map<string, string>()
  for (const { memory, sessions } of sets) {
    for (const session of sessions) {
      now = session.at ?? now
      const { thread } = await threads.open(memory, session.name)
      for (const { id, text } of session.turns) {
        const [turn] = await threads.append(memory, thread, [{ role: 'user', content: [{ type: 'text', text }], trust: 'known' }])
        places.set(turn?.id ?? '', `${memory} ${id}`)
      }
    }
  }
  const lastAt = Math.max(...sets.flatMap(({ sessions }) => sessions.map(({ at }) => at ?? 0)))
  now = lastAt > 0 ? lastAt + 7 * 86_400_000 : now
  const indexer = createIndexer(store, embedder)
  await indexer.catchUp()

  const named = (items: readonly { id: string; text: string }[]) =>
    items.map(({ id, text }) => ({ id: places.get(id.split('.')[0] ?? id) ?? id, text }))
  const by = (recall: Recall): Way => {
    return async (memory, query, limit) => named((await recall.recall(memory, { query, limit })).items)
  }
  const sureOf =
    (recall: Recall): Sure =>
    async (memory, query, without) => {
      const left = new Set(without.map((id) => `${memory} ${id}`))
      const exclude = [...places].flatMap(([turn, place]) => (left.has(place) ? [turn] : []))
      const { items, evidence } = await recall.recall(memory, { query, limit: 8, exclude })
      return { evidence, ids: named(items).map(({ id }) => id.slice(memory.length + 1)), score: items[0]?.score ?? 0 }
    }
  return {
    sure: sureOf(createRecall(store, { embedder, estimateTokens })),
    ways: {
      'words alone (BM25)': async (memory, query, limit) => named(await byOnePart(store, memory, query, limit, undefined)),
      'meaning alone (MiniLM)': async (memory, query, limit) => named(await byOnePart(store, memory, query, limit, embedder)),
      'recall without an embedder': by(createRecall(store, { embedder: undefined, estimateTokens })),
      'recall with MiniLM, without facts': by(createRecall(withoutStatements(store), { embedder, estimateTokens })),
      'recall with MiniLM': by(createRecall(store, { embedder, estimateTokens })),
    },
    async close() {
      await indexer.close()
      await store.close()
    },
  }
}

function withoutStatements(store: Store): Store {
  return { ...store, documents: { ...store.documents, statements: async () => [] } }
}

async function byOnePart(store: Store, principal: string, text: string, limit: number, by: Embedder | undefined) {
  const [values] = by === undefined ? [] : await by.embed([text])
  const vector = by && values && { embedderId: by.id, values }
  const hits = await store.documents.search({ principal, text, vector, limit: 100 })
  const score = ({ lexical, cosine }: (typeof hits)[number]) => (by === undefined ? lexical : (cosine ?? 0))
  return hits
    .toSorted((left, right) => score(right) - score(left))
    .slice(0, limit)
    .map(({ document }) => document)
}

async function rows<T>(ways: Record<string, Way>, row: (way: Way) => Promise<T>): Promise<Record<string, T>> {
  const made: Record<string, T> = {}
  for (const [name, way] of Object.entries(ways)) made[name] = await row(way)
  return made
}

async function findAll({ memory, questions }: RecallSet, way: Way, limit: number): Promise<Found[]> {
  const all: Found[] = []
  for (const question of questions) {
    const items = await way(memory, question.question, limit)
    const isOwn = ({ id }: { id: string }) => id.startsWith(`${memory} `)
    all.push({
      question,
      ids: items.map(({ id }) => id.slice(memory.length + 1)),
      texts: items.map(({ text }) => text),
      foreign: items.filter((item) => !isOwn(item)).length,
    })
  }
  return all
}

/** Of each question's evidence the share that stands among the first so many; questions whose evidence is not known are left out. */
function share(found: readonly Found[], first: number): number {
  const known = found.filter(({ question }) => question.evidence.length > 0)
  return round(
    mean(
      known.map(({ question: { evidence, kind }, ids }) => {
        const there = evidence.filter((id) => ids.slice(0, first).includes(id)).length
        // Where one turn is enough, any of them will do.
        return kind === 'multi' ? there / evidence.length : Math.min(1, there)
      }),
    ),
  )
}

function holdsAnswer({ answers }: Question, texts: readonly string[]): boolean {
  const whole = texts.join('\n').toLowerCase()
  return answers.some((answer) => whole.includes(answer.toLowerCase()))
}

function turnsOf(sets: readonly RecallSet[]): number {
  return sets.flatMap(({ sessions }) => sessions.flatMap(({ turns }) => turns)).length
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
