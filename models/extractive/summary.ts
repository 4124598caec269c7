import type { Candidate, Selection } from './passage.ts'
import { isNumber, isQuestionWord } from './words.ts'

const mostThemes = 12

export function asksForSummary(question: string): boolean {
  return /\b(?:summar\w+|tl;?dr|overview|gist|key points|main points|outline)\b/i.test(question)
}

/** The sentences that hold most of what the text comes back to; of a text that comes back to nothing, the first ones. */
export function summarise(candidates: readonly Candidate[]): Selection {
  const themes = themesOf(candidates)
  const passages = candidates
    .map(({ source, text, position, words }) => {
      const held = [...new Set(words.map((word) => word.stem))].reduce((sum, stem) => sum + (themes.get(stem) ?? 0), 0)
      return { source, text, position, score: themes.size === 0 ? 1 : held, fit: 1 }
    })
    .filter(({ score }) => score > 0)
    .toSorted((left, right) => right.score - left.score || left.position - right.position)
  return { passages, fits: passages.length > 0 }
}

/** Words that stand in several sentences, with how many. */
function themesOf(candidates: readonly Candidate[]): Map<string, number> {
  const sentences = new Map<string, number>()
  for (const { words } of candidates) {
    const content = words.filter((word) => !isQuestionWord(word) && !isNumber(word))
    for (const stem of new Set(content.map((word) => word.stem))) sentences.set(stem, (sentences.get(stem) ?? 0) + 1)
  }
  const repeated = [...sentences].filter(([, count]) => count > 1).toSorted(([, left], [, right]) => right - left)
  return new Map(repeated.slice(0, mostThemes))
}
