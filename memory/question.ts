import type { DocumentStore } from './store.ts'
import { timeIn } from './time-words.ts'

/** What a query says of its answer beside its words and its meaning. */
export interface Question {
  /** Lower case; those who spoke, of the names in it. */
  readonly speakers: readonly string[]
  /** The query as it is embedded: a name would draw everything near in which somebody of that name is spoken to. */
  readonly meaning: string
  /** Whether a text holds the kind of thing that is asked for: a date, a place, a number. */
  readonly holdsAnswer: ((text: string) => boolean) | undefined
  /** Whether something was at the time that is named. */
  readonly isThen: ((at: number) => boolean) | undefined
}

const maxNames = 6

/** Reads a query. Names are of those who speak in this principal's memory. */
export async function readQuestion(documents: DocumentStore, principal: string, query: string, now: number): Promise<Question> {
  const names = [...new Set(query.match(/\p{Lu}[\p{L}\p{M}]+/gu) ?? [])].filter((name) => !asking.test(name)).slice(0, maxNames)
  const speakers = names.length === 0 ? [] : await documents.speakers(principal, names)
  const rest = speakers.reduce(
    (text, name) => text.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${name}(?:['’]s)?(?![\\p{L}\\p{N}])`, 'gu'), ' '),
    query,
  )
  const kind = kinds.find(({ asks }) => asks.test(query))
  return {
    speakers: speakers.map((name) => name.toLowerCase()),
    meaning: /[\p{L}\p{N}]/u.test(rest) ? rest.replace(/\s+/g, ' ').trim() : query,
    holdsAnswer: kind && ((text) => kind.holds.test(text)),
    isThen: timeIn(query, now),
  }
}

const asking =
  /^(who|whom|whose|what|when|where|which|why|how|did|does|do|is|are|was|were|has|have|had|can|could|will|would|should|the|in|on|at|and|tell|i)$/i

const number =
  '\\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million'
const ordinal =
  '(?:twenty-|thirty-)?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth'
const day =
  'january|february|march|april|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today|tomorrow|tonight|weekend|week|month|year|spring|summer|autumn|fall|winter'

/** What may stand before the word that asks. */
const opening =
  '^\\W*(?:(?:and|but|so|from|with|to|by|in|on|at|of|for|since|until|(?:please )?tell me|(?:do|can) you (?:know|remember|tell me)) )*'
const asks = (words: string) => new RegExp(`${opening}(?:${words})\\b`, 'i')

/** How a question begins, and what its answer holds. In English, which most of them are in; elsewhere nothing is added. */
const kinds: readonly { asks: RegExp; holds: RegExp }[] = [
  {
    asks: asks('how long'),
    holds: new RegExp(`\\b(?:${number})[\\w\\s-]{0,12}(?:second|minute|hour|day|week|month|year)s?\\b|\\band a half\\b`, 'i'),
  },
  {
    asks: asks('when|(?:what|which) (?:day|date|year|month|time)'),
    holds: new RegExp(
      `\\b(?:${day}|${ordinal})s?\\b|\\bMay\\b|\\b\\d{1,2}(?:st|nd|rd|th)\\b|\\b(?:19|20)\\d\\d\\b|\\b\\d{1,2}:\\d\\d\\b`,
      'i',
    ),
  },
  { asks: asks('how (?:many|much|old|often)|what (?:age|price|number)'), holds: new RegExp(`\\b(?:${number})\\b`, 'i') },
  {
    asks: asks('where|(?:what|which) (?:city|town|country|place|street|address)'),
    holds: /\b(?:in|at|to|from|near|outside|on) (?:the )?\p{Lu}/u,
  },
  { asks: asks('who|whom|whose'), holds: /[\p{Ll},;] (?!I\b)\p{Lu}\p{Ll}+/u },
]
