import { datesIn, numbersIn, unitsIn } from './quantities.ts'
import { normalised, type Word, wordsOf } from './words.ts'

export type DifferenceKind =
  | 'number'
  | 'unit'
  | 'date'
  | 'negation'
  | 'direction'
  | 'code'
  | 'quotation'
  /** What is asked for: who, when, why, how much. */
  | 'question'
  /** When it is: what was, is or will be. */
  | 'tense'
  | 'person'
  /** Something is named in one of them alone. */
  | 'thing'

/** What a text says that must be the same in another one, if both are to have one answer. */
export interface Facts {
  readonly words: readonly Word[]
  readonly things: ReadonlySet<string>
  readonly facts: Readonly<Record<Exclude<DifferenceKind, 'thing' | 'direction'>, string>>
}

export function factsOf(text: string): Facts {
  const normal = normalised(text)
  const words = wordsOf(normal)
  return {
    words,
    things: new Set(words.filter(({ isContent }) => isContent).map(({ meaning }) => meaning)),
    facts: {
      number: numbersIn(normal).join(' '),
      unit: unitsIn(normal).join(' '),
      date: datesIn(normal).join(' '),
      negation: String(negationsIn(normal)),
      code: codeIn(text).join(' '),
      quotation: quotationsIn(text).join(' '),
      question: askedIn(normal),
      tense: tenseOf(normal),
      person: personOf(normal),
    },
  }
}

/** What keeps two texts from having one answer, as far as their words show it. Nothing found is no proof. */
export function differencesOf(one: Facts, other: Facts): Set<DifferenceKind> {
  const found = new Set<DifferenceKind>()
  for (const kind of Object.keys(one.facts) as (keyof Facts['facts'])[]) {
    if (one.facts[kind] === other.facts[kind]) continue
    // Where one of them does not say whose it is, nothing speaks against it.
    if (kind === 'person' && (one.facts.person === '' || other.facts.person === '')) continue
    found.add(kind)
  }
  // What asks for nothing that is named asks for what nobody sees here.
  if (one.things.size === 0 || one.things.symmetricDifference(other.things).size > 0) found.add('thing')
  if (isTurnedRound(one, other)) found.add('direction')
  return found
}

const negations =
  /\b(?:not|no|never|without|none|nobody|nothing|neither|nor|unable|except|unless|avoid|prevent|lack|lacks|lacking|isnt|dont|doesnt|cant|wont|non)\b/g

function negationsIn(normal: string): number {
  return normal.match(negations)?.length ?? 0
}

/** Names of programs: what has marks of code in it, and what is put between backticks. */
function codeIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.trim())
  const named = text.match(
    /[\p{L}_$][\p{L}\p{N}_$]*(?:(?:\.|::|->)[\p{L}_$][\p{L}\p{N}_$]*)+\b|\b\w+\(\)|\b\p{L}[\p{L}\p{N}]*_[\p{L}\p{N}_]+\b|\b\p{Ll}+\p{Lu}\w*\b|(?<!\w)--?[a-zA-Z][\w-]*|[/~][\w./-]{2,}|\b\p{Lu}{1,2}[+*−-](?![\p{L}\d])|[^\s\p{L}\p{M}\p{N}.,;:!?'"’“”«»()`…–—-]{2,}/gu,
  )
  return [...new Set([...quoted, ...(named ?? [])])].toSorted()
}

function quotationsIn(text: string): string[] {
  return [...text.matchAll(/["“”«]([^"“”«»]{1,200})["“”»]/g)].map(([, said = '']) => said.toLowerCase().trim()).toSorted()
}

const asked: readonly (readonly [string, RegExp])[] = [
  ['how many', /\bhow (?:many|much)\b/],
  ['how long', /\bhow long\b/],
  ['how far', /\bhow far\b/],
  ['how often', /\bhow often\b/],
  ['how old', /\bhow old\b/],
  ['who', /\bwho(?:m|se)?\b/],
  ['when', /\bwhen\b/],
  ['where', /\bwhere\b/],
  ['why', /\bwhy\b/],
  ['how', /\bhow\b/],
]

const advises = /\b(?:should|must|ought|shall)\b/

function askedIn(normal: string): string {
  const found = asked.find(([, pattern]) => pattern.test(normal))?.[0]
  // How one should do something is how one does it; when one should is not when one does.
  if (found === 'how') return found
  if (found !== undefined) return advises.test(normal) ? `${found} should` : found
  const modal =
    /^\s*(?:so |and |but |then |well )*(can|could|may|might|should|must|shall|will|would|is|are|was|were|do|does|did|has|have|had|am)\b/.exec(
      normal,
    )?.[1]
  if (modal === undefined) return advises.test(normal) ? 'what should' : 'what'
  if (['can', 'could', 'may', 'might'].includes(modal)) return 'whether it can'
  if (['should', 'must', 'shall'].includes(modal)) return 'whether it should'
  return 'whether'
}

function tenseOf(normal: string): string {
  const past = /\b(?:was|were|did|had)\b/.test(normal)
  const future = /\b(?:will|going to)\b/.test(normal)
  return past ? 'past' : future ? 'future' : 'present'
}

function personOf(normal: string): string {
  const found = new Set(normal.match(/\b(?:my|our|your|his|her|their)\b|\b(?:am i|i am|are you|you are)\b/g))
  return [...found]
    .map((one) => (/our$|am|\bi\b/.test(one) && one !== 'your' ? 'my' : /you/.test(one) ? 'your' : one))
    .toSorted()
    .join(' ')
}

/** Words before a thing that say which part it has, with those that say the same. */
/** They say something even where the other text has nothing in their place. */
const telling = new Set(['about', 'with', 'by'])
const weak = new Set(['of', 'in', 'on', 'at', 'as'])
const directed: ReadonlyMap<string, string> = new Map(
  [
    'from',
    'to into onto toward towards for',
    'than',
    'before',
    'after',
    'over',
    'under',
    'above',
    'below',
    'against',
    'by',
    'with',
    'about',
    'until',
    'since',
    'off',
    'out',
  ]
    .map((line) => line.split(' '))
    .flatMap((line) => line.map((word) => [word, line[0] ?? word] as const)),
)

/** Whether a thing has another part in one of them than in the other: from A to B, A before B, for A or from A; or whether A and B change sides. */
function isTurnedRound(one: Facts, other: Facts): boolean {
  const [places, otherPlaces] = [placesOf(one.words), placesOf(other.words)]
  for (const [word, place] of places) {
    const there = otherPlaces.get(word)
    if (there === undefined || there === place) continue
    // A gift from somebody is none for them; a book about somebody is none of theirs.
    if ((isStrong(place) && isStrong(there)) || telling.has(place) || telling.has(there)) return true
    for (const [second, secondPlace] of places) {
      if (second !== word && secondPlace !== place && otherPlaces.get(second) === place) return true
    }
  }
  return isMirrored(one.words, other.words)
}

function isStrong(place: string): boolean {
  return place !== '' && !weak.has(place)
}

/** The word that stands before each thing and says which part it has; '' where none does. */
function placesOf(words: readonly Word[]): Map<string, string> {
  const places = new Map<string, string>()
  let place = ''
  for (const { text, meaning, isContent } of words) {
    const own = directed.get(text) ?? (weak.has(text) ? text : undefined)
    if (isContent && own === undefined) {
      if (!places.has(meaning)) places.set(meaning, place)
      place = ''
    } else if (own !== undefined) place = own
  }
  return places
}

/** x does y, and y does x: the same word between the same two, which changed sides; or one is what the other did, with both where they were. */
function isMirrored(one: readonly Word[], other: readonly Word[]): boolean {
  const [left, right] = [things(one), things(other)]
  const isPassive = one.some(({ text }) => text === 'by') !== other.some(({ text }) => text === 'by')
  for (let at = 1; at < left.length - 1; at += 1) {
    const middle = right.indexOf(left[at] ?? '')
    if (middle < 1 || middle === right.length - 1) continue
    const [before, after] = [new Set(left.slice(0, at)), new Set(left.slice(at + 1))]
    const [first, last] = [right.slice(0, middle), right.slice(middle + 1)]
    if (!isPassive && first.some((word) => after.has(word)) && last.some((word) => before.has(word))) return true
    if (isPassive && left.length === 3 && right.length === 3 && before.has(first[0] ?? '') && after.has(last[0] ?? '')) return true
  }
  return false
}

function things(words: readonly Word[]): string[] {
  return words.filter(({ isContent }) => isContent).map(({ meaning }) => meaning)
}
