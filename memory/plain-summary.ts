import { splitSentences } from '../models/extractive/sentences.ts'
import { summarise } from '../models/extractive/summary.ts'
import { wordsOf } from '../models/extractive/words.ts'
import { textOf } from '../models/message.ts'
import type { Turn } from './threads.ts'

const mostCharacters = 1500
/** Of a turn that is one long text, so that it does not fill the summary alone. */
const mostOfTurn = 2
const leastWords = 4

/** A summary without a model: the sentences that hold most of what the turns come back to, in their order, word for word. */
export function toPlainSummary(turns: readonly Turn[]): string {
  const candidates = turns
    .flatMap(({ sequence, role, speaker, content }) =>
      splitSentences(textOf(content)).map((text) => ({ source: `${sequence} ${speaker ?? role}`, text })),
    )
    .map((one, position) => ({ ...one, position, words: wordsOf(one.text) }))
    .filter(({ words, text }) => words.length >= leastWords && text.length <= mostCharacters / 3)
  const ofTurn = new Map<string, number>()
  let left = mostCharacters
  return summarise(candidates)
    .passages.filter(({ source, text }) => {
      const taken = ofTurn.get(source) ?? 0
      if (taken >= mostOfTurn || text.length > left) return false
      ofTurn.set(source, taken + 1)
      left -= text.length
      return true
    })
    .toSorted((one, other) => one.position - other.position)
    .map(({ source, text }) => `${source}: ${text}`)
    .join('\n')
}
