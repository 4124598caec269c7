// The usual constants of Robertson's BM25.
const k1 = 1.2
const b = 0.75

/** Scores documents by the words that they share with a query. A document goes by its position. */
export interface Bm25 {
  /** One score a document, 0 without a common word. */
  scores(query: readonly string[]): Float64Array
  /** What a word of one document alone is worth: the unit in which evidence is measured, whatever the number of documents. */
  readonly rareWord: number
}

interface Posting {
  documents: number[]
  counts: number[]
}

/** `documents` holds the words of each document, repetitions included. */
export function createBm25(documents: readonly (readonly string[])[]): Bm25 {
  const postings = new Map<string, Posting>()
  let total = 0
  for (const [position, words] of documents.entries()) {
    total += words.length
    for (const word of words) add(postings, word, position)
  }
  const mean = Math.max(1, total / Math.max(1, documents.length))
  const norms = Float64Array.from(documents, (words) => k1 * (1 - b + (b * words.length) / mean))
  const worth = (found: number) => Math.log(1 + (documents.length - found + 0.5) / (found + 0.5))

  return {
    rareWord: worth(Math.min(1, documents.length)),
    scores(query) {
      const scores = new Float64Array(documents.length)
      for (const word of new Set(query)) {
        const posting = postings.get(word)
        if (!posting) continue
        const weight = worth(posting.documents.length) * (k1 + 1)
        for (const [index, position] of posting.documents.entries()) {
          const count = posting.counts[index] ?? 0
          scores[position] = (scores[position] ?? 0) + (weight * count) / (count + (norms[position] ?? k1))
        }
      }
      return scores
    },
  }
}

function add(postings: Map<string, Posting>, word: string, position: number): void {
  const posting = postings.get(word)
  if (!posting) {
    postings.set(word, { documents: [position], counts: [1] })
    return
  }
  const last = posting.documents.length - 1
  if (posting.documents[last] === position) posting.counts[last] = (posting.counts[last] ?? 0) + 1
  else {
    posting.documents.push(position)
    posting.counts.push(1)
  }
}
