import { dot, type WordVectors } from '../embedder.ts'
import { stopWords } from './pairs/synonyms.ts'

/** What `alignWords` tells of a text, in this order. */
export const alignmentFeatures = [
  'aligned_worst',
  'aligned_second_worst',
  'aligned_content',
  'aligned_all',
  'aligned_worst_of_all',
  'aligned_new_worst',
  'aligned_new',
  'aligned_same_worst',
  'aligned_same',
] as const

/**
 * How near each word of a text comes to the nearest word of another one, both as they stand there: a word that means something else
 * stays far from all, and one that says the same in other letters comes near.
 */
export function alignWords(text: WordVectors, other: WordVectors): number[] {
  const places = Map.groupBy(other.words.keys(), (at) => other.words[at])
  const found = text.words.map((word, at) => {
    const cosines = other.vectors.map((vector) => dot(text.vectors[at] as Float32Array, vector))
    const same = places.get(word)
    return {
      nearest: most(cosines),
      same: same && most(same.map((place) => cosines[place] ?? 0)),
      isContent: !stopWords.has(word),
    }
  })
  const content = found.some(({ isContent }) => isContent) ? found.filter(({ isContent }) => isContent) : found
  const ranked = content.map(({ nearest }) => nearest).toSorted((a, b) => a - b)
  const all = found.map(({ nearest }) => nearest)
  const fresh = content.flatMap(({ same, nearest }) => (same === undefined ? [nearest] : []))
  const kept = content.flatMap(({ same }) => (same === undefined ? [] : [same]))
  const worst = ranked[0] ?? 0
  return [
    worst,
    ranked[1] ?? worst,
    mean(ranked, 0),
    mean(all, 0),
    all.length === 0 ? 0 : Math.min(...all),
    fresh.length === 0 ? 1 : Math.min(...fresh),
    mean(fresh, 1),
    kept.length === 0 ? 0.5 : Math.min(...kept),
    mean(kept, 0.5),
  ]
}

function most(values: readonly number[]): number {
  return values.reduce((highest, value) => Math.max(highest, value), -1)
}

function mean(values: readonly number[], ofNone: number): number {
  return values.length === 0 ? ofNone : values.reduce((sum, value) => sum + value, 0) / values.length
}
