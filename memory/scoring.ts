import type { DocumentHit, StoredDocument } from './store.ts'

export interface Scored {
  readonly document: StoredDocument
  /** 0–1. */
  readonly score: number
}

const dayMs = 86_400_000

// On five people's conversations (`bench/recall.ts`) these find more than either part alone; from 0.3 to 0.4 for words little changes.
const weights = { meaning: 0.65, words: 0.35 }
/** What age can take from a score at most, half of it in 30 days: enough to prefer the newer of two that fit alike. */
const recencyShare = 0.1
const halfLifeDays = 30
/** Below it, texts have hardly more in common than any two. */
const minScore = 0.1

/** Best first. Without vectors (`hybrid: false`), words decide alone. */
export function rank(hits: readonly DocumentHit[], { query, now, hybrid }: { query: string; now: number; hybrid: boolean }): Scored[] {
  const asked = wordsOf(query)
  return hits
    .map(({ document, lexical, cosine }): Scored => {
      // BM25 only compares within a query; the share of the query's words that stand in the text compares over queries.
      const words = lexical * shareIn(document.text, asked)
      // A text that has no vector yet is not taken for one without meaning.
      const meaning = cosine ?? words / 2
      const score = hybrid ? weights.meaning * meaning + weights.words * words : words
      const freshness = 2 ** (-Math.max(0, now - document.createdAt) / dayMs / halfLifeDays)
      return { document, score: Math.min(1, score) * (1 - recencyShare + recencyShare * freshness) }
    })
    .filter((one) => one.score >= minScore)
    .toSorted((left, right) => right.score - left.score)
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

/** Leaves out what follows the largest gap between neighbours, if it is a large one: after it comes what only fills the list. */
export function cutAtGap(ranked: readonly Scored[]): Scored[] {
  const gaps = ranked.slice(1).map((one, index) => (ranked[index]?.score ?? 0) - one.score)
  const largest = Math.max(...gaps)
  const isLarge = gaps.length > 0 && largest >= gapFrom * (ranked[0]?.score ?? 0)
  return isLarge ? ranked.slice(0, gaps.indexOf(largest) + 1) : [...ranked]
}

/** Of the best score. Smaller gaps cut what was wanted off. */
const gapFrom = 0.35

function wordsOf(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])]
}

function shareIn(text: string, words: readonly string[]): number {
  const lower = text.toLowerCase()
  return words.length === 0 ? 0 : words.filter((word) => lower.includes(word)).length / words.length
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
