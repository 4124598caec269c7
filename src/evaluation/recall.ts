import { z } from 'zod'
import { createIndexer, createRecall, createThreads, openSqliteStore, type Recall, type Store } from '../../memory/index.ts'
import type { Embedder } from '../../models/embedder.ts'
import { parseRows, refuse } from './labelled-rows.ts'
import { type Ranked, rankingOf, type Times, timesOf } from './measures.ts'

/** Something that was said, in the order of the file. */
export interface SaidTurn {
  readonly id: string
  readonly text: string
  readonly role: 'user' | 'assistant'
  /** Turns of one session stand in one thread. */
  readonly session: string
  /** Milliseconds since 1970. */
  readonly at: number | undefined
}

/** A question, and the turns that answer it. */
export interface LabelledQuestion {
  readonly query: string
  readonly gold: readonly string[]
}

const id = z.string().min(1).max(200)
const turnRow = z.looseObject({
  id,
  text: z.string().min(1).max(200_000),
  role: z.enum(['user', 'assistant']).default('user'),
  session: z.string().min(1).max(200).default('one'),
  at: z.iso.datetime({ offset: true, local: true }).or(z.iso.date()).optional(),
})
const questionRow = z.looseObject({ query: z.string().min(1).max(8000), gold: z.union([id, z.array(id).min(1)]) })

/**
 * JSON Lines of `{"id", "text", "role"?: "user" | "assistant", "session"?, "at"?: ISO 8601}`.
 *
 * @throws {LabelledDataError} With each faulty line.
 */
export function parseTurns(content: string, file: string): SaidTurn[] {
  const rows = parseRows(content, file, turnRow)
  const seen = new Set<string>()
  const faults = rows.flatMap(({ row, line }) => {
    const isTwice = seen.has(row.id)
    seen.add(row.id)
    return isTwice ? [`line ${line}: id "${row.id}" was there before`] : []
  })
  if (rows.length === 0) faults.push('it has no turn')
  refuse(file, faults)
  return rows.map(({ row: { id: named, text, role, session, at } }) => ({
    id: named,
    text,
    role,
    session,
    at: at === undefined ? undefined : Date.parse(at),
  }))
}

/**
 * JSON Lines of `{"query", "gold": ["id", ...]}`.
 *
 * @throws {LabelledDataError} With each faulty line, also where a turn is not there.
 */
export function parseQuestions(content: string, file: string, turns: readonly SaidTurn[]): LabelledQuestion[] {
  const known = new Set(turns.map((turn) => turn.id))
  const rows = parseRows(content, file, questionRow)
  const faults = rows.flatMap(({ row, line }) => {
    const missing = [row.gold].flat().filter((one) => !known.has(one))
    return missing.map((one) => `line ${line}: gold: no turn has the id "${one}"`)
  })
  if (rows.length === 0) faults.push('it has no question')
  refuse(file, faults)
  return rows.map(({ row: { query, gold } }) => ({ query, gold: [gold].flat() }))
}

export interface RecallEvaluation {
  readonly turns: number
  readonly sessions: number
  readonly questions: number
  readonly ways: readonly RecallColumn[]
}

export interface RecallColumn extends Ranked {
  readonly name: 'words' | 'embedding' | 'recall'
  readonly itemsReturned: number
  readonly ms: Times
}

interface EvaluateOptions {
  readonly embedder: Embedder
  readonly estimateTokens: (text: string) => number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, all: number) => void) | undefined
}

const limit = 10
const caller = 'evaluation'
const weekMs = 7 * 86_400_000

/** Puts the turns into a store of its own, in memory, and asks each question of it. Nothing of it is kept. */
export async function evaluateRecall(
  { turns, questions }: { turns: readonly SaidTurn[]; questions: readonly LabelledQuestion[] },
  { embedder, estimateTokens, signal, onProgress }: EvaluateOptions,
): Promise<RecallEvaluation> {
  let now = Date.now()
  const store = await openSqliteStore({ path: ':memory:', clock: () => now })
  const indexer = createIndexer(store, embedder)
  const asked = new Map<RecallColumn['name'], Way>([
    ['words', byOnePart(store, undefined)],
    ['embedding', byOnePart(store, embedder)],
    ['recall', byRecall(createRecall(store, { embedder, estimateTokens }))],
  ])
  try {
    const threads = createThreads(store, { estimateTokens })
    const named = new Map<string, string>()
    for (const turn of turns) {
      signal?.throwIfAborted()
      now = turn.at ?? now
      const { thread } = await threads.open(caller, turn.session)
      const content = [{ type: 'text' as const, text: turn.text }]
      const [kept] = await threads.append(caller, thread, [{ role: turn.role, content, trust: 'known' }])
      named.set(kept?.id ?? '', turn.id)
    }
    const last = turns.flatMap(({ at }) => at ?? []).reduce((latest, at) => Math.max(latest, at), 0)
    // Asked a week after the last of it was said.
    if (last > 0) now = last + weekMs
    await indexer.catchUp()
    let done = 0
    const columns: RecallColumn[] = []
    for (const [name, way] of asked) {
      const answers: { gold: readonly string[]; names: readonly string[]; ms: number }[] = []
      for (const { query, gold } of questions) {
        signal?.throwIfAborted()
        const startedAt = performance.now()
        const ids = await way(query, signal)
        // A long turn is found by its pieces.
        const names = [...new Set(ids.map((one) => named.get(one.split('.')[0] ?? one) ?? one))]
        answers.push({ gold, names, ms: performance.now() - startedAt })
        done += 1
        onProgress?.(done, asked.size * questions.length)
      }
      columns.push({
        name,
        ...rankingOf(answers.map(({ gold, names }) => ({ gold, names, confidence: 0 }))),
        itemsReturned: answers.reduce((sum, { names }) => sum + names.length, 0) / answers.length,
        ms: timesOf(answers.map(({ ms }) => ms)),
      })
    }
    const sessions = new Set(turns.map(({ session }) => session)).size
    return { turns: turns.length, sessions, questions: questions.length, ways: columns }
  } finally {
    await indexer.close()
    await store.close()
  }
}

/** Ids of what is found, best first. */
type Way = (query: string, signal: AbortSignal | undefined) => Promise<string[]>

function byRecall(recall: Recall): Way {
  return async (query, signal) => (await recall.recall(caller, { query, limit, signal })).items.map((item) => item.id)
}

function byOnePart(store: Pick<Store, 'documents'>, embedder: Embedder | undefined): Way {
  return async (text, signal) => {
    const [values] = embedder === undefined ? [] : await embedder.embed([text], { priority: 'query', signal })
    const vector = embedder && values && { embedderId: embedder.id, values }
    const hits = await store.documents.search({ principal: caller, text, vector, limit: 100 })
    const score = ({ lexical, cosine }: (typeof hits)[number]) => (embedder === undefined ? lexical : (cosine ?? 0))
    return hits
      .toSorted((left, right) => score(right) - score(left))
      .slice(0, limit)
      .map(({ document }) => document.id)
  }
}
