import type { WordVectors } from '../../embedder.ts'
import { alignmentFeatures, alignWords } from '../word-alignment.ts'
import { differencesOf, factsOf } from './differences.ts'
import type { Word } from './words.ts'

/** What the head weighs, in this order. */
export const pairFeatures = [
  'cosine',
  'cosine_squared',
  'cosine_fourth',
  'shared_of_all',
  'shared_of_fewer',
  'shared_of_more',
  'letters_of_3',
  'letters_of_5',
  'word_pairs',
  'length_ratio',
  'length',
  'fewer_unshared',
  'more_unshared',
  'unshared_share',
  'shared_and_cosine',
  'numbers_differ',
  'negation_differs',
  'code_differs',
  'code_is_there',
  'question_differs',
  'dates_differ',
  'direction_differs',
  'nothing_differs',
  'is_question',
  'questions_unshared',
  ...alignmentFeatures.map((name) => `${name}_less` as const),
  ...alignmentFeatures.map((name) => `${name}_more` as const),
] as const

/** A text with the vectors of its words. */
interface ReadText {
  readonly text: string
  readonly words: WordVectors
}

/** Two texts beside each other: what they share in words, letters and meaning, and what of their facts differs. */
export function pairFeaturesOf({ text: one, words }: ReadText, { text: other, words: otherWords }: ReadText, cosine: number): number[] {
  const [left, right] = [factsOf(one), factsOf(other)]
  const differences = differencesOf(left, right)
  const shared = left.things.intersection(right.things).size
  const all = left.things.union(right.things).size
  const fewer = Math.min(left.things.size, right.things.size)
  const unshared = [left.things.size - shared, right.things.size - shared].toSorted((a, b) => a - b)
  const [normal, otherNormal] = [lettersOf(left.words), lettersOf(right.words)]
  const lengths = [left.words.length || 1, right.words.length || 1] as const
  const sharedShare = all === 0 ? 1 : shared / all
  const isQuestion =
    [one, other].every((text) => text.trimEnd().endsWith('?')) || [left, right].every(({ facts }) => facts.question !== 'what')
  const [forth, back] = [alignWords(words, otherWords), alignWords(otherWords, words)]
  const differs = (kind: Parameters<typeof differences.has>[0]) => Number(differences.has(kind))
  return [
    cosine,
    cosine ** 2,
    cosine ** 4,
    sharedShare,
    fewer === 0 ? 1 : shared / fewer,
    shared / Math.max(1, left.things.size, right.things.size),
    dice(gramsOf(normal, 3), gramsOf(otherNormal, 3)),
    dice(gramsOf(normal, 5), gramsOf(otherNormal, 5)),
    dice(pairsOf(left.words), pairsOf(right.words)),
    Math.abs(Math.log(lengths[0] / lengths[1])),
    Math.log(lengths[0] + lengths[1]),
    unshared[0] ?? 0,
    unshared[1] ?? 0,
    (unshared[0] ?? 0) / Math.max(1, fewer),
    sharedShare * cosine,
    differs('number'),
    differs('negation'),
    differs('code'),
    Number(left.facts.code !== '' || right.facts.code !== ''),
    differs('question'),
    differs('date'),
    differs('direction'),
    Number(differences.size === 0),
    Number(isQuestion),
    isQuestion ? (unshared[1] ?? 0) : 0,
    ...forth.map((value, at) => Math.min(value, back[at] ?? value)),
    ...forth.map((value, at) => Math.max(value, back[at] ?? value)),
  ]
}

function lettersOf(words: readonly Word[]): string {
  return ` ${words.map(({ text }) => text).join(' ')} `
}

function gramsOf(text: string, length: number): Map<string, number> {
  return counted(Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) => text.slice(at, at + length)))
}

function pairsOf(words: readonly Word[]): Map<string, number> {
  const content = words.filter(({ isContent }) => isContent).map(({ meaning }) => meaning)
  return counted(content.slice(1).map((word, index) => `${content[index]} ${word}`))
}

function counted(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

/** The share of both that both have. */
function dice(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  let shared = 0
  let all = 0
  for (const [key, count] of one) {
    shared += Math.min(count, other.get(key) ?? 0)
    all += count
  }
  for (const count of other.values()) all += count
  return all === 0 ? 1 : (2 * shared) / all
}
