import { wordsOf } from './words.ts'

/**
 * How near any stretch of a text comes to any of the phrases, letters swapped or lost: the best Jaccard share of n-grams of characters, over
 * stretches of as many words as the phrase has. 0–1.
 */
export function createNGramMatch(phrases: readonly string[], arity: number): (text: string) => number {
  const prepared = phrases.map((phrase) => {
    const words = wordsOf(phrase)
    return { grams: gramsOf(words.join(' '), arity), length: words.length }
  })
  const lengths = [...new Set(prepared.map(({ length }) => length))].filter((length) => length > 0)
  const holders = new Map<string, number[]>()
  prepared.forEach(({ grams }, phrase) => {
    for (const gram of grams) holders.set(gram, [...(holders.get(gram) ?? []), phrase])
  })
  return (text) => {
    const words = wordsOf(text)
    const seen = new Set<string>()
    let best = 0
    for (const length of lengths) {
      for (let at = 0; at + length <= words.length; at += 1) {
        const stretch = words.slice(at, at + length).join(' ')
        if (seen.has(stretch)) continue
        seen.add(stretch)
        best = Math.max(best, nearest(gramsOf(stretch, arity), length))
      }
    }
    return best
  }

  function nearest(grams: ReadonlySet<string>, length: number): number {
    const shared = new Map<number, number>()
    for (const gram of grams) for (const phrase of holders.get(gram) ?? []) shared.set(phrase, (shared.get(phrase) ?? 0) + 1)
    let best = 0
    for (const [phrase, count] of shared) {
      const one = prepared[phrase]
      if (one?.length === length) best = Math.max(best, count / (grams.size + one.grams.size - count))
    }
    return best
  }
}

/** With the edges of the text as characters of their own, so that a beginning counts as one. */
function gramsOf(text: string, arity: number): Set<string> {
  const padded = `${' '.repeat(arity - 1)}${text}${' '.repeat(arity - 1)}`
  const grams = new Set<string>()
  for (let at = 0; at + arity <= padded.length; at += 1) grams.add(padded.slice(at, at + arity))
  return grams
}
