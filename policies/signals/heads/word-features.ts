/**
 * Words and pairs of words as a sparse vector of unit length: each is hashed to a bucket (FNV-1a), its count dampened by a
 * logarithm and weighed by how rare it is in the training texts. What an embedder blurs (names, terms of a trade) stands here.
 */
export interface SparseVector {
  readonly buckets: Int32Array
  readonly values: Float32Array
}

export function wordFeatures(text: string, rarity: Float32Array): SparseVector {
  const counts = wordCounts(text, rarity.length)
  const buckets = Int32Array.from(counts.keys())
  const values = Float32Array.from(buckets, (bucket) => (1 + Math.log(counts.get(bucket) ?? 1)) * (rarity[bucket] ?? 0))
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
  return { buckets, values: norm === 0 ? values : values.map((value) => value / norm) }
}

/** The inverse document frequency of each bucket, smoothed: log((1+n)/(1+df)) + 1. */
export function rarityOf(texts: readonly string[], buckets: number): Float32Array {
  const seen = new Float64Array(buckets)
  for (const text of texts) for (const bucket of wordCounts(text, buckets).keys()) seen[bucket] = (seen[bucket] ?? 0) + 1
  return Float32Array.from(seen, (count) => Math.log((1 + texts.length) / (1 + count)) + 1)
}

/** Only so much of a text is read. */
const maxLength = 8000

function wordCounts(text: string, buckets: number): Map<number, number> {
  const words =
    text
      .slice(0, maxLength)
      .toLowerCase()
      .match(/[\p{L}\p{N}']+/gu) ?? []
  const counts = new Map<number, number>()
  const add = (term: string) => {
    const bucket = hashOf(term) % buckets
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  let before = ''
  for (const word of words) {
    add(word)
    if (before !== '') add(`${before} ${word}`)
    before = word
  }
  return counts
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
