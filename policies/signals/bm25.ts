import { stemOf, wordsOf } from './words.ts'

const k1 = 1.2
const b = 0.75

/**
 * How well each phrase fits a text, as a document that the text asks for: the best Okapi BM25 score over the phrases, 0 when no word is shared.
 * A word that few phrases have counts more. Words count by their stems.
 */
export function createBm25(phrases: readonly string[]): (text: string) => number {
  const documents = phrases.map((phrase) => wordsOf(phrase).map(stemOf))
  const meanLength = documents.reduce((sum, { length }) => sum + length, 0) / documents.length
  const holders = new Map<string, Map<number, number>>()
  documents.forEach((words, document) => {
    for (const word of words) {
      const counts = holders.get(word) ?? new Map<number, number>()
      holders.set(word, counts.set(document, (counts.get(document) ?? 0) + 1))
    }
  })
  return (text) => {
    const scores = new Map<number, number>()
    for (const word of new Set(wordsOf(text).map(stemOf))) {
      const counts = holders.get(word)
      if (counts === undefined) continue
      const rarity = Math.log(1 + (documents.length - counts.size + 0.5) / (counts.size + 0.5))
      for (const [document, count] of counts) {
        const length = (documents[document]?.length ?? 0) / meanLength
        const weight = (count * (k1 + 1)) / (count + k1 * (1 - b + b * length))
        scores.set(document, (scores.get(document) ?? 0) + rarity * weight)
      }
    }
    return Math.max(0, ...scores.values())
  }
}
