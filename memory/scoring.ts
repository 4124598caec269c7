import type { Question } from './question.ts'
import { speakerOf, withoutSpeaker } from './sentences.ts'
import type { DocumentHit, StoredDocument } from './store.ts'

export interface Scored {
  readonly document: StoredDocument
  /** From 0; what its neighbours and signs add can bring it beyond 1. */
  readonly score: number
  /** What of it is the text's own; nothing of a question, which tells nothing however well it fits. */
  readonly own: number
}

const dayMs = 86_400_000

/**
 * Chosen on the tuned halves of `bench/recall.ts`, where each changes little within a third of its value. What a text says itself is
 * its meaning and the words it shares with the query: together they make 1.5 at most, which `whole` brings to 1.
 */
const weights = {
  /** BM25 beside the share of the words that are covered, which compares over queries. */
  bm25: 0.1,
  covers: 0.3,
  whole: 1 / 1.5,
  /** A question tells nothing. */
  question: -0.1,
  /** What its whole conversation is about. */
  thread: 0.4,
  /** Of the scores of what stands before and after: an answer makes no sense without its question, and shares no word with it. */
  before: [0.1, 0.05],
  after: [0.05, 0.05],
  /** Of the question that it answers, beside that. */
  answered: 0.3,
  /** For what was said by the person whom the query is about. */
  speaker: 0.2,
  /** For a text that holds the kind of thing that is asked for. */
  answerKind: 0.15,
  /** For what was said at the time that is named. */
  time: 0.2,
} as const

/** What age can take from a score at most, half of it in 30 days: enough to prefer the newer of two that fit alike. */
const recencyShare = 0.05
const halfLifeDays = 30
/** Below it, texts have hardly more in common than any two. */
const minScore = 0.1

/** How far around a text its neighbours count. */
export const windowSize = weights.before.length

/** What a text says itself, without regard to what stands around it. Without vectors (`hybrid: false`), words decide alone. */
export function ownScore({ document, lexical, covers, cosine, sentenceCosine = cosine }: DocumentHit, hybrid: boolean): number {
  // BM25 only compares within a query.
  const words = lexical * covers
  if (!hybrid) return words / weights.whole
  // A text that has no vector yet is not taken for one without meaning.
  const meaning = cosine === undefined ? words / 2 : (cosine + (sentenceCosine ?? cosine)) / 2
  return meaning + weights.bm25 * lexical + weights.covers * covers + (asksOnly(document) ? weights.question : 0)
}

/** Best first. */
export function rank(
  hits: readonly DocumentHit[],
  { question, now, hybrid }: { question: Question; now: number; hybrid: boolean },
): Scored[] {
  const own = new Map(hits.map((hit) => [hit.document.id, ownScore(hit, hybrid)]))
  const neighbours = neighboursOf(hits)
  const byId = new Map(hits.map((hit) => [hit.document.id, hit.document]))
  const around = (id: string): number => {
    const { before, after } = neighbours.get(id) ?? { before: [], after: [] }
    const of = (ids: readonly (string | undefined)[], shares: readonly number[]) =>
      shares.reduce((sum, share, index) => sum + share * (own.get(ids[index] ?? '') ?? 0), 0)
    const previous = byId.get(before[0] ?? '')
    const answered = previous !== undefined && endsInQuestion(previous.text) ? weights.answered * (own.get(previous.id) ?? 0) : 0
    return of(before, weights.before) + of(after, weights.after) + answered
  }
  const signs = ({ text, createdAt }: StoredDocument): number => {
    const speaker = question.speakers.length === 0 ? undefined : speakerOf(text)?.toLowerCase().split(' ')[0]
    return (
      (speaker !== undefined && question.speakers.includes(speaker) ? weights.speaker : 0) +
      (question.holdsAnswer?.(withoutSpeaker(text)) === true ? weights.answerKind : 0) +
      (question.isThen?.(createdAt) === true ? weights.time : 0)
    )
  }
  return hits
    .map(({ document, threadCosine = 0 }): Scored => {
      const said = own.get(document.id) ?? 0
      const raw = said + around(document.id) + weights.thread * threadCosine
      const freshness = 2 ** (-Math.max(0, now - document.createdAt) / dayMs / halfLifeDays)
      const score = (raw + signs(document)) * weights.whole
      return { document, score: score * (1 - recencyShare + recencyShare * freshness), own: asksOnly(document) ? 0 : said * weights.whole }
    })
    .filter((one) => one.score >= minScore)
    .toSorted((left, right) => right.score - left.score)
}

/** What stands before and after each text, the nearest first, as far as any of the hits tells. */
function neighboursOf(hits: readonly DocumentHit[]): Map<string, { before: (string | undefined)[]; after: (string | undefined)[] }> {
  const found = new Map<string, { before: (string | undefined)[]; after: (string | undefined)[] }>()
  for (const { document, around } of hits) {
    if (around === undefined) continue
    const run = [...around.before.toReversed(), document.id, ...around.after]
    run.forEach((id, at) => {
      const known = found.get(id) ?? { before: [], after: [] }
      for (let step = 0; step < windowSize; step += 1) {
        known.before[step] ??= run[at - 1 - step]
        known.after[step] ??= run[at + 1 + step]
      }
      found.set(id, known)
    })
  }
  return found
}

function endsInQuestion(text: string): boolean {
  return /[?？]["')\]»”]*\s*$/.test(text)
}

function asksOnly({ text }: StoredDocument): boolean {
  return endsInQuestion(text) && (text.match(/[.!?。！？]+/g)?.length ?? 0) <= 1
}

/** The best so many, without those that say nearly the same as a better one. */
export function withoutDoubles(ranked: readonly Scored[], limit: number): Scored[] {
  const kept: { scored: Scored; trigrams: ReadonlySet<string> }[] = []
  for (const scored of ranked) {
    if (kept.length >= limit) break
    const own = trigrams(scored.document.text)
    if (!kept.some((other) => jaccard(own, other.trigrams) >= sameFrom)) kept.push({ scored, trigrams: own })
  }
  return kept.map((one) => one.scored)
}

const sameFrom = 0.9

/** Whether a text says hardly more than the query does. */
export function saysNoMore(text: string, query: string): boolean {
  const own = trigrams(text)
  const asked = trigrams(query)
  return [...own].filter((one) => asked.has(one)).length >= echoFrom * own.size
}

const echoFrom = 0.7

/**
 * Leaves out what falls far behind the best text, which only fills the list. What the best one says itself is what counts: what
 * stands next to a question that was asked before has a high score whatever it says.
 */
export function withoutFiller(ranked: readonly Scored[]): Scored[] {
  const best = Math.max(0, ...ranked.map((one) => one.own))
  return ranked.filter((one) => one.score >= keptFrom * best)
}

/** Less leaves filler in, more takes away what was wanted. */
const keptFrom = 0.5

/**
 * Best first. A summary stands for what was said where none of that is found itself: it takes the place of no turn of its thread, and
 * a thread has one at most.
 */
export function withSummaries(best: readonly Scored[], summaries: readonly Scored[], limit: number): Scored[] {
  const threads = new Set(best.map(({ document }) => document.thread))
  const added = summaries.filter(({ document: { thread } }) => {
    const isNew = !threads.has(thread)
    threads.add(thread)
    return isNew
  })
  const [own, others] = [Math.max(0, ...best.map((one) => one.own)), new Set(best)]
  return [...best, ...added]
    .filter((one) => others.has(one) || one.score >= keptFrom * own)
    .toSorted((left, right) => right.score - left.score)
    .slice(0, limit)
}

function trigrams(text: string): Set<string> {
  const line = text.toLowerCase().replace(/\s+/g, ' ').trim()
  const found = new Set<string>()
  for (let index = 0; index + 3 <= line.length; index += 1) found.add(line.slice(index, index + 3))
  return found
}

function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  if (left.size === 0 || right.size === 0) return 0
  const [smaller, larger] = left.size < right.size ? [left, right] : [right, left]
  let common = 0
  for (const one of smaller) if (larger.has(one)) common += 1
  return common / (left.size + right.size - common)
}
