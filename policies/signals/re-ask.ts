import { z } from 'zod'
import { readOwnWords, type Step } from '../step.ts'
import { defineSignal } from './signal.ts'
import { endsOf, wordsOf } from './words.ts'

/** Of a long turn the beginning and end are compared. */
const longestText = 600

/**
 * Whether what the person said repeats an earlier turn of theirs, a sign that the answer was not what they wanted. Its
 * confidence is how like the two are: the larger of the share of words in common (Jaccard) and, where
 * words differ by slips alone, of characters that need no edit.
 *
 * What is too short to say anything (`yes`, `go on`) repeats nothing: fewer than `min_words` words and fewer than four times as many characters.
 */
export const reAsk = defineSignal({
  value: 'true or false',
  is: 'whether the person repeats one of their last turns: by words in common, or by letters where they differ by slips',
  options: {
    threshold: 'from what likeness on',
    turns: 'how many turns back',
    min_words: 'shorter turns are no repetition',
  },
  schema: z.strictObject({
    kind: z.literal('re_ask'),
    threshold: z.number().min(0).max(1).default(0.8),
    /** How many of the person's turns to look back. */
    turns: z.int().min(1).max(50).default(6),
    min_words: z.int().min(1).max(50).default(4),
  }),
  create: (name, { threshold, turns, min_words: minWords }) => ({
    name,
    cost: 'scan',
    type: 'bool',
    read(step) {
      const now = prepare(step.text)
      if (now.words.size < minWords && now.text.length < 4 * minWords) return { value: false, confidence: 1 }
      const best = Math.max(0, ...earlierTurns(step, turns).map((turn) => similarity(now, prepare(turn), threshold)))
      return { value: best >= threshold, confidence: best >= threshold ? best : 1 - best }
    },
  }),
})

interface Turn {
  readonly text: string
  readonly words: ReadonlySet<string>
}

function prepare(text: string): Turn {
  const words = wordsOf(endsOf(text, longestText))
  return { text: words.join(' '), words: new Set(words) }
}

/** The person's turns before the newest, newest first. */
function earlierTurns({ history, text }: Step, turns: number): string[] {
  const earlier: string[] = []
  let isPast = false
  for (let at = history.length - 1; at >= 0 && earlier.length < turns; at -= 1) {
    const message = history[at]
    if (message?.role !== 'user' || !message.content.some((part) => part.type === 'text')) continue
    const said = readOwnWords(message).text
    if (said === '') continue
    if (isPast) earlier.push(said)
    isPast ||= said === text
  }
  return earlier
}

function similarity(one: Turn, other: Turn, threshold: number): number {
  const shared = [...one.words].filter((word) => other.words.has(word)).length
  const jaccard = shared / Math.max(1, one.words.size + other.words.size - shared)
  if (jaccard >= threshold) return jaccard
  const likeness = editSimilarity(one.text, other.text, threshold)
  return Math.max(jaccard, likeness >= threshold && differBySlips(one.words, other.words) ? likeness : 0)
}

/** Whether each word that the other lacks is one of its words with a slip: another verb makes another question. */
function differBySlips(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const known = [...other]
  return [...one].every((word) => other.has(word) || known.some((near) => editSimilarity(word, near, 0.6) > 0))
}

/** 1 less the edits as a share of the longer text; 0 as soon as it cannot reach `threshold`. */
function editSimilarity(one: string, other: string, threshold: number): number {
  const longer = Math.max(one.length, other.length)
  const most = Math.floor((1 - threshold) * longer)
  if (Math.abs(one.length - other.length) > most) return 0
  let before = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row += 1) {
    const now = new Array<number>(other.length + 1).fill(longer)
    now[0] = row
    let lowest = row
    // Only near the diagonal can the way stay within so many edits.
    for (let column = Math.max(1, row - most); column <= Math.min(other.length, row + most); column += 1) {
      const replaced = (before[column - 1] ?? longer) + (one[row - 1] === other[column - 1] ? 0 : 1)
      const edits = Math.min(replaced, (before[column] ?? longer) + 1, (now[column - 1] ?? longer) + 1)
      now[column] = edits
      lowest = Math.min(lowest, edits)
    }
    if (lowest > most) return 0
    before = now
  }
  const edits = before[other.length] ?? longer
  return edits > most ? 0 : 1 - edits / Math.max(1, longer)
}
