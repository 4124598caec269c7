import { isQuestionWord, wordsOf } from '../models/extractive/words.ts'
import type { Question } from './question.ts'
import type { Scored } from './scoring.ts'
import type { HeldStatement } from './statement.ts'
import type { StoredDocument } from './store.ts'

/** A text that says what holds no longer, and the one that says what holds instead. */
export interface Succession {
  readonly past: HeldStatement
  readonly present: string
}

/** Whether a question is about what was. */
const aboutPast =
  /\b(?:used? to|previous(?:ly)?|former(?:ly)?|before|earlier|originally|original|in the past|back then|old|once|at first|(?:was|were|did)\b.*\b(?:then|when)|früher|vorher|damals|ehemals|zuerst)\b/i

/** How a relation is asked for whose own words seldom stand in the question. */
const cues: readonly { relation: RegExp; asked: RegExp }[] = [
  {
    relation: /^lives in$/,
    asked: /\b(?:liv(?:e|es|ed|ing)|home|based|resid\w*|mov(?:e|ed|ing)|city|town|country|address|wohn\w*|leb(?:e|en|st|t))\b/i,
  },
  { relation: /^works (?:at|as)$/, asked: /\b(?:work\w*|job|employ\w*|company|profession|occupation|career|arbeite\w*)\b/i },
  { relation: /^name$/, asked: /\b(?:names?|call(?:ed)?|heiße\w*)\b/i },
  { relation: /^age$/, asked: /\b(?:old|ages?|young|alt)\b/i },
  { relation: /^born$/, asked: /\b(?:born|birth\w*)\b/i },
  { relation: /^uses\b/, asked: /\b(?:us(?:e|es|ed|ing)|tools?|software|switch\w*)\b/i },
  { relation: /^marital status$/, asked: /\b(?:married|single|engaged|divorced|marital|wife|husband|spouse)\b/i },
]

export function asksForPast(question: Question, query: string): boolean {
  // Somebody's age is no past of theirs.
  return question.isThen !== undefined || aboutPast.test(query.replace(/\bhow old\b/gi, 'how aged'))
}

/** What is asked for, read once for all statements. */
export interface Asked {
  readonly query: string
  readonly stems: ReadonlySet<string>
}

export function askedIn(query: string): Asked {
  return { query, stems: new Set(stems(query)) }
}

/** Whether a question is about the relation of a statement: by its own words, or by those that ask for it. */
export function concerns({ subject, relation, value }: HeldStatement, { query, stems: asked }: Asked): boolean {
  // Of somebody else's it is only where they are named.
  const whose = stems(subject.replace(/^(?:user|we)\b/, ''))
  if (whose.some((stem) => !asked.has(stem))) return false
  if (cues.some((cue) => cue.relation.test(relation) && cue.asked.test(query))) return true
  return stems(relation).some((stem) => asked.has(stem)) || (relation === 'is' && stems(value).some((stem) => asked.has(stem)))
}

function stems(text: string): string[] {
  return wordsOf(text)
    .filter((word) => !isQuestionWord(word) && !/^(?:opinion|preference|uses?)$/.test(word.text))
    .map(({ stem }) => stem)
}

/** The last text of each chain: who ended a value may have been ended since. */
export function successions(statements: readonly HeldStatement[], asked: Asked): Succession[] {
  return statements
    .filter((one) => one.endedBy !== undefined && concerns(one, asked))
    .map((past) => ({ past, present: past.endedBy as string }))
}

/** What holds no longer has at most this share of the score of what holds instead, or the other way round. */
const behind = 0.9

/** Puts what holds before what held, or the other way round where that is asked for. Texts keep the better of their two scores. */
export function inOrderOfValidity(
  ranked: readonly Scored[],
  found: readonly Succession[],
  { documents, isPast }: { documents: ReadonlyMap<string, StoredDocument>; isPast: (one: HeldStatement) => boolean },
): Scored[] {
  const scores = new Map(ranked.map((one) => [one.document.id, one]))
  // The newest last: of a chain of three, the last one ends up first.
  for (const { past, present } of found.toSorted((left, right) => left.past.validFrom - right.past.validFrom)) {
    const old = scores.get(past.document)
    if (old === undefined || past.document === present) continue
    const document = documents.get(present)
    const held = scores.get(present) ?? (document && { document, score: 0, own: old.own })
    if (held === undefined) continue
    const top = Math.max(old.score, held.score)
    const [first, second] = isPast(past) ? [old, held] : [held, old]
    scores.set(first.document.id, { ...first, score: top })
    scores.set(second.document.id, { ...second, score: Math.min(second.score === 0 ? top : second.score, top * behind) })
  }
  return [...scores.values()].toSorted((left, right) => right.score - left.score)
}
