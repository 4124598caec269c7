import type { DocumentHit, StoredDocument } from './store.ts'

export interface Scored {
  readonly document: StoredDocument
  /** 0–1. */
  readonly score: number
}

const dayMs = 86_400_000

const weights = { cosine: 0.7, words: 0.2, trigrams: 0.1 }
/** What age can take from a score at most, half of it in 30 days: enough to prefer the newer of two that fit alike. */
const recencyShare = 0.1
const halfLifeDays = 30

/** Best first. Meaning counts most, then rare words, then likeness of spelling. */
export function rank(hits: readonly DocumentHit[], { query, now, hybrid }: { query: string; now: number; hybrid: boolean }): Scored[] {
  const asked = trigrams(query)
  const words = wordsOf(query)
  return hits
    .map(({ document, lexical, cosine }): Scored => {
      const fresh = 2 ** (-Math.max(0, now - document.createdAt) / dayMs / halfLifeDays)
      const spelling = jaccard(asked, trigrams(document.text))
      // BM25 is relative to the best of the query: how many of the query's words are there makes it comparable over queries.
      const wording = lexical * share(words, document.text)
      const meaning = hybrid ? (cosine ?? wording / 2) : 0
      const score = hybrid
        ? weights.cosine * meaning + weights.words * lexical + weights.trigrams * spelling
        : (weights.words * wording + weights.trigrams * spelling) / (weights.words + weights.trigrams)
      return { document, score: Math.min(1, Math.max(0, score * (1 - recencyShare + recencyShare * fresh))) }
    })
    .filter((one) => one.score > 0)
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

/** Leaves out what follows the largest gap between neighbours, if it is a large one: after it comes what only fills the list. */
export function cutAtGap(ranked: readonly Scored[]): Scored[] {
  let largest = 0
  let end = ranked.length
  for (let index = 1; index < ranked.length; index += 1) {
    const gap = (ranked[index - 1]?.score ?? 0) - (ranked[index]?.score ?? 0)
    if (gap > largest && gap >= gapFrom) {
      largest = gap
      end = index
    }
  }
  return ranked.slice(0, end)
}

const gapFrom = 0.25

function wordsOf(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])]
}

function share(words: readonly string[], text: string): number {
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
