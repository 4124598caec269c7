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

/** Which documents hold which words, and how much each counts there: all of an index, to be kept and taken up again. */
export interface WordIndex {
  readonly documents: number
  readonly words: readonly string[]
  /** The documents of the word at a place begin here, and end where the next one's begin. */
  readonly starts: Int32Array
  readonly positions: Int32Array
  readonly counts: Float64Array
}

interface Posting {
  documents: number[]
  counts: number[]
}

export function createBm25(documents: readonly (readonly (readonly string[])[])[], weights: readonly number[]): Bm25 {
  return readBm25(indexWords(documents, weights))
}

/**
 * BM25F: `documents` holds the words of each field of each document, repetitions included, and `weights` how much a word of each field
 * counts. The counts of a word in all fields are added before they are damped, so a word that stands in two is not paid twice.
 */
export function indexWords(documents: readonly (readonly (readonly string[])[])[], weights: readonly number[]): WordIndex {
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
  const starts = new Int32Array(postings.size + 1)
  const lists = [...postings.values()]
  for (const [place, { documents: own }] of lists.entries()) starts[place + 1] = (starts[place] as number) + own.length
  const positions = new Int32Array(starts[lists.length] as number)
  const counts = new Float64Array(positions.length)
  for (const [place, own] of lists.entries()) {
    positions.set(own.documents, starts[place])
    counts.set(own.counts, starts[place])
  }
  return { documents: documents.length, words: [...postings.keys()], starts, positions, counts }
}

export function readBm25({ documents, words, starts, positions, counts }: WordIndex): Bm25 {
  const places = new Map(words.map((word, place) => [word, place]))
  const worth = (found: number) => Math.log(1 + (documents - found + 0.5) / (found + 0.5))

  return {
    rareWord: worth(Math.min(1, documents)),
    scores(query) {
      const scores = new Float64Array(documents)
      for (const word of new Set(query)) {
        const place = places.get(word)
        if (place === undefined) continue
        const [start, end] = [starts[place] as number, starts[place + 1] as number]
        const weight = worth(end - start) * (k1 + 1)
        for (let at = start; at < end; at += 1) {
          const [position, count] = [positions[at] as number, counts[at] as number]
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
