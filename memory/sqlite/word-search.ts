import type { Connection } from './connection.ts'
import { wordsTable } from './principals.ts'
import { toTerms } from './words.ts'

/** What the words of a query say about one principal's documents. */
export interface AskedWords {
  /** The rarest of them, as a query of the full-text table; `undefined` when none of them tells. */
  readonly match: string | undefined
  /** Of the words that some document holds, each weighed by how rare it is, the share that stands in this document. */
  covers(document: number): number
  /** Documents that hold the commonest words, the newest first: all there is to go by where every word is a common one. */
  readonly newest: readonly number[]
}

/** A word that more documents hold says little about any of them, and to score them all takes 1.5 µs each. */
const maxMatches = 2000

export function askWords({ sql }: Connection, owner: number, text: string): AskedWords {
  const table = wordsTable(owner)
  const holding = sql<unknown[], { documents: string }>(
    `SELECT json_group_array(rowid) AS documents FROM (SELECT rowid FROM ${table} WHERE ${table} MATCH ? ORDER BY rowid DESC LIMIT ${maxMatches + 1})`,
  )
  const all = toTerms(text)
    .map((term) => ({ term, documents: JSON.parse(holding.get(term)?.documents ?? '[]') as number[] }))
    .filter(({ documents }) => documents.length > 0)
    .toSorted((left, right) => left.documents.length - right.documents.length)
  const telling = all.filter(({ documents }) => documents.length <= maxMatches)
  let matches = 0
  const kept = telling.filter(({ documents }, index) => {
    matches += documents.length
    return index === 0 || matches <= maxMatches
  })

  const total = sql<unknown[], { count: number }>(`SELECT count(*) AS count FROM ${table}_docsize`).get()?.count ?? 0
  const weighed = (telling.length > 0 ? telling : all).map(({ documents }) => ({ documents, weight: rarity(documents.length, total) }))
  const whole = weighed.reduce((sum, { weight }) => sum + weight, 0)
  return {
    match: kept.length === 0 ? undefined : kept.map(({ term }) => term).join(' OR '),
    newest: telling.length > 0 ? [] : (all[0]?.documents ?? []),
    covers: (document) =>
      weighed.reduce((sum, { documents, weight }) => (stands(document, documents) ? sum + weight : sum), 0) / (whole || 1),
  }
}

/** As BM25 has it. */
function rarity(holding: number, total: number): number {
  return Math.log(1 + (Math.max(0, total - holding) + 0.5) / (holding + 0.5))
}

/** In numbers that descend. */
function stands(wanted: number, numbers: readonly number[]): boolean {
  let [low, high] = [0, numbers.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = numbers[middle] as number
    if (found === wanted) return true
    if (found > wanted) low = middle + 1
    else high = middle - 1
  }
  return false
}
