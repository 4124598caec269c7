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

/**
 * BM25F: `documents` holds the words of each field of each document, repetitions included, and `weights` how much a word of each field
 * counts. The counts of a word in all fields are added before they are damped, so a word that stands in two is not paid twice.
 */
export function createBm25(documents: readonly (readonly (readonly string[])[])[], weights: readonly number[]): Bm25 {
  const postings = new Map<string, Posting>()
  const means = weights.map((_, field) => {
    const total = documents.reduce((sum, document) => sum + (document[field]?.length ?? 0), 0)
    return Math.max(1, total / Math.max(1, documents.length))
  })
  for (const [position, document] of documents.entries()) {
    for (const [field, words] of document.entries()) {
      const count = (weights[field] ?? 0) / (1 - b + (b * words.length) / (means[field] ?? 1))
      for (const word of words) add(postings, word, position, count)
    }
  }
  const worth = (found: number) => Math.log(1 + (documents.length - found + 0.5) / (found + 0.5))

  return {
    rareWord: worth(Math.min(1, documents.length)),
    scores(query) {
      const scores = new Float64Array(documents.length)
      for (const word of new Set(query)) {
        const posting = postings.get(word)
        if (!posting) continue
        const weight = worth(posting.documents.length) * (k1 + 1)
        for (let index = 0; index < posting.documents.length; index += 1) {
          const [position, count] = [posting.documents[index] as number, posting.counts[index] as number]
          scores[position] = (scores[position] ?? 0) + (weight * count) / (count + k1)
        }
      }
      return scores
    },
  }
}

function add(postings: Map<string, Posting>, word: string, position: number, count: number): void {
  const posting = postings.get(word)
  if (!posting) {
    postings.set(word, { documents: [position], counts: [count] })
    return
  }
  const last = posting.documents.length - 1
  if (posting.documents[last] === position) posting.counts[last] = (posting.counts[last] ?? 0) + count
  else {
    posting.documents.push(position)
    posting.counts.push(count)
  }
}
