import { parentPort, workerData } from 'node:worker_threads'
import { openSqliteStore } from '../../memory/index.ts'
import type { Embedder } from '../../models/embedder.ts'
import { withCache } from '../../models/local/index.ts'
import {
  createLearned,
  type LearnedModel,
  type LearnedRanking,
  type LearningBase,
  learn,
  promote,
  type Verdict,
} from '../../tools/learning/learned.ts'
import { createToolSearch, wordsOf } from '../../tools/search.ts'
import type { LearnMessage, LearnSettings, Learnt, ToolMove } from './learn-job.ts'
import { readTeachingOutcomes, type TeachingOutcome } from './teaching-outcomes.ts'

const { databasePath, embedder, tools, current, now } = workerData as LearnSettings
const post = (message: LearnMessage) => parentPort?.postMessage(message)
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** Outcomes teach for so long: what people need changes. */
const teachingMs = 90 * 86_400_000
/** Fewer outcomes that came after a model say nothing against it. */
const leastNewer = 20
/** Of what is told of moves: enough to see where each goes. */
const mostMoves = 3000
const mostPairs = 100

const store = await openSqliteStore({ path: databasePath })
const search = createToolSearch({ embedder: withCache(keptVectors(), store.vectors), log: silent })
try {
  search.index({ tools, prompts: [], resources: [], templates: [], hash: 'learning' })
  await search.settled()
  const state = search.state()
  if (state.embedded < state.tools) throw new Error(`${state.tools - state.embedded} of ${state.tools} tools have no vectors yet`)
  const publicWords = new Set(tools.flatMap(({ server, tool, description }) => wordsOf(`${server} ${tool} ${description}`)))
  const { outcomes, principals } = await readTeachingOutcomes({
    logs: store.logs,
    embedder,
    since: now - teachingMs,
    publicWords,
  })
  const base = search.base()
  const taught = outcomes.filter(({ isHeldBack }) => !isHeldBack)
  const heldBack = outcomes.filter(({ isHeldBack }) => isHeldBack)
  const candidate = await learn(taught, base, { onProgress: (share) => post({ kind: 'progress', share }) })
  const verdict = (await lostSince(base, outcomes)) ?? (await promote(candidate, current?.model, heldBack, base))
  const moves = await movesOf(outcomes.slice(-mostMoves), base, createLearned(candidate))
  post({
    kind: 'learnt',
    learnt: {
      candidate,
      verdict,
      principals,
      outcomes: outcomes.length,
      heldBack: heldBack.length,
      tools: moves,
      together: pairsOf(candidate),
      togetherSay: candidate.facts.settings.together,
    },
  })
} finally {
  search.close()
  await store.close()
}

/** The vectors of tools stand in the store: nothing is embedded here. */
function keptVectors(): Embedder {
  return {
    ...embedder,
    runtime: undefined,
    embed: () => Promise.reject(new Error('A vector is not kept')),
    close: async () => undefined,
  }
}

/** What ranks now is judged by all that came after it as well: it goes when it does worse there than the order without it. */
async function lostSince(base: LearningBase, outcomes: readonly TeachingOutcome[]): Promise<Verdict | undefined> {
  if (current === undefined) return undefined
  const newer = outcomes.filter(({ at }) => at > current.learnedAt)
  const verdict = await promote(current.model, undefined, newer, base)
  const { candidate, static: unlearned } = verdict.gains
  if (verdict.compared < leastNewer || candidate >= unlearned) return undefined
  return {
    decision: 'rollback',
    compared: verdict.compared,
    gains: { static: unlearned, current: candidate, candidate },
    reason: 'What ranks now loses against the static order on newer outcomes',
  }
}

async function movesOf(outcomes: readonly TeachingOutcome[], base: LearningBase, learned: LearnedRanking): Promise<ToolMove[]> {
  const places = new Map(base.tools.map((tool, place) => [tool.name, place]))
  const moves = new Map<string, { accepted: number; failed: number; other: number; before: number; after: number; served: number }>()
  for (const { tool, need, class: kind, previousTool } of outcomes) {
    const move = moves.get(tool) ?? { accepted: 0, failed: 0, other: 0, before: 0, after: 0, served: 0 }
    moves.set(tool, move)
    if (kind === 'accepted') move.accepted += 1
    else if (kind === 'tool_error' || kind === 'edited' || kind === 'schema') move.failed += 1
    else move.other += 1
    const place = places.get(tool)
    if (kind !== 'accepted' || place === undefined) continue
    const scores = await base.scores(need)
    const query = { ...need, used: previousTool === undefined ? [] : [previousTool] }
    move.before += placeIn(scores, place)
    move.after += placeIn(learned.rescore(query, base.tools, scores), place)
    move.served += 1
  }
  return [...moves]
    .map(([name, { accepted, failed, other, before, after, served }]) => ({
      name,
      accepted,
      failed,
      other,
      ...(served > 0 && { before: before / served, after: after / served }),
    }))
    .toSorted((a, b) => movedBy(b) - movedBy(a) || (a.name < b.name ? -1 : 1))
}

function pairsOf({ facts }: LearnedModel): Learnt['together'] {
  const nameOf = (place: number) => facts.tools[place]?.name ?? ''
  return facts.together
    .map(({ from, to, lower }) => ({ tool: nameOf(from), along: nameOf(to), lower }))
    .toSorted((a, b) => b.lower - a.lower || (a.tool < b.tool ? -1 : 1))
    .slice(0, mostPairs)
}

function movedBy({ before = 0, after = 0 }: ToolMove): number {
  return Math.abs(before - after)
}

function placeIn(scores: Float64Array, place: number): number {
  const score = scores[place] as number
  let at = 1
  for (const [other, value] of scores.entries()) if (value > score || (value === score && other < place)) at += 1
  return at
}
