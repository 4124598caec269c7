import { stemOf } from './stem.ts'
import { lightWords, meaningOf, stopWords } from './synonyms.ts'
import { unitOf } from './units.ts'

export interface Word {
  /** In lower case, without hyphens and apostrophes. */
  readonly text: string
  /** What it stands for: its stem, or the first of its synonyms. */
  readonly meaning: string
  /** Whether it says what is asked, and not only how. */
  readonly isContent: boolean
}

const ways = '(?:ways?|methods?|approach(?:es)?|means|procedures?|process|steps?)'
const asks =
  '(?:could you |can you |would you |will you |i want you to |i would like you to )?(?:please )?(?:tell|show|teach|explain to|help) me '
/** What is worded in several ways, in one. */
const wordings: readonly (readonly [RegExp, string])[] = [
  [/[’‘ʼ]/g, "'"],
  [/\bcan't\b|\bcannot\b/g, 'can not'],
  [/\bwon't\b/g, 'will not'],
  [/n't\b/g, ' not'],
  [/\b(what|who|where|how|when|why|that|there|it|he|she|let)'s\b/g, '$1 is'],
  [/'(re|ve|ll|m|d)\b/g, ' $1'],
  [/'s\b/g, ' '],
  [new RegExp(`\\b${asks}`, 'g'), ''],
  [/\b(?:can|could|would) (?:you|someone|anyone|anybody) (?:please )?(?:explain|describe|tell me|give me)\b/g, ''],
  [/\b(?:please )?(?:explain|describe)\b/g, ''],
  [/\b(?:does|do) (?:anyone|anybody|somebody|you) know\b|\bi (?:am |m )?(?:wondering|curious|wonder)(?: about| if)?\b/g, ''],
  [/\bi (?:need|want|would like|d like|wish|am trying|m trying|am looking|try|have) to (?:know )?/g, ''],
  [new RegExp(`\\b(?:fastest|quickest) ${ways}\\b`, 'g'), 'how quick'],
  [new RegExp(`\\b(?:easiest|simplest) ${ways}\\b`, 'g'), 'how easy'],
  [
    new RegExp(
      `\\bwhat (?:is|are|would be|will be) (?:the |an? |some )?(?:best |right |correct |proper |good |recommended )?${ways} (?:to|of|for|in)\\b`,
      'g',
    ),
    'how to',
  ],
  [new RegExp(`\\b(?:the |an? )?(?:best |right |correct |proper |good )?${ways} (?:to|of|for)\\b`, 'g'), 'how to'],
  [new RegExp(`\\bin (?:what|which) ${ways}\\b`, 'g'), 'how'],
  [/\bwhat (?:should|can|must|do|could|would) (?:i|we|you|one) (?:have to |need to )?do (?:to|in order to)\b/g, 'how to'],
  [
    /\bhow come\b|\bwhat (?:is|are|was|were) the (?:main )?(?:reasons?|causes?) (?:for|of|behind|why|that)\b|\bwhat causes?\b|\bfor what reason\b/g,
    'why',
  ],
  [/\bwhat (?:time|date|day|year)\b|\b(?:in|on|at) which (?:time|date|day|year)\b/g, 'when'],
  [/\bhow do(?:es)? (.{1,60}?) differ from\b/g, 'what is the difference $1 and'],
  [/\b(difference|differences|distinction|comparison) between\b/g, '$1'],
  [/\bhow many (?:people|persons|inhabitants) (?:live|reside|are living|are there) in\b/g, 'what is the population of'],
  [/\bwhat is the (?:current )?(?:price|cost) of\b|\bhow expensive (?:is|are)\b/g, 'how much cost'],
  [/\bwhat do(?:es)? (.{1,60}?) cost\b/g, 'how much does $1 cost'],
  [/\bwhat is the height of\b|\bhow high is\b/g, 'how tall is'],
  [/\bwhat is the length of\b/g, 'how long is'],
  [/\bwhat is the age of\b/g, 'how old is'],
  [/\bwhat is the speed of\b/g, 'how fast is'],
  [/\bwhat is the weight of\b|\bhow heavy is\b/g, 'how much does weigh'],
  [/\bwhat is the distance (?:from|between)\b/g, 'how far is'],
  [/\bwhere (?:can|do|could) (?:i|we|you|one) (?:find|get to|see)\b/g, 'where is'],
  [/\bwhat (?:is|are) the (?:number|amount|quantity) of\b/g, 'how many'],
  [/\b(?:in|at) (?:what|which) (?:place|location|country|city)\b/g, 'where'],
  [/\bis it possible (?:to|for me to|for (?:you|one) to)\b/g, 'can i'],
  [/\bin order to\b/g, 'to'],
  [/\b(information|info|details|facts|know|learn|tell me|read|more|something|anything) (?:about|on)\b/g, '$1'],
  [/\b(?:what|how) about\b/g, 'what'],
  [/\b(?:united states of america|united states|u\.s\.a\.?|u\.s\.|usa)(?!\w)/g, 'usa'],
  [/\b(?:united kingdom|u\.k\.|great britain)(?!\w)/g, 'uk'],
]

/** What is written in capitals is a name, though it looks like a word that says nothing: the US, IT, vitamin A, World War I. */
const names: readonly RegExp[] = [
  /\b(?:US|IT|WHO|AM|CAN|HE|SO|AS|BE|DO|ON|AN|ME|MY|HAS|WE)\b/g,
  /(?<=\p{L}\s)A\b(?=\s*(?:[?.!,;:)]|$|\p{Ll}))/gu,
  /(?<=\s\p{Lu}\p{L}+\s)I\b/gu,
  /(?<=\p{L}\s)[iI]\b(?=\s*(?:[?.!,;:)]|$))/gu,
]

function withNames(text: string): string {
  // Where all is in capitals they say nothing.
  if (!/\p{Ll}/u.test(text)) return text
  return names.reduce((result, pattern) => result.replace(pattern, (name) => (name === 'US' ? 'USA' : `${name}_`)), text)
}

/** In lower case, and with one wording for what is said in several. */
export function normalised(text: string): string {
  let result = ` ${withNames(text.normalize('NFKC')).toLowerCase()} `
  for (const [pattern, plain] of wordings) result = result.replace(pattern, plain)
  return result
}

const wordPattern = /[\p{L}\p{M}\p{N}_]+(?:[-'.@/][\p{L}\p{M}\p{N}_]+)*(?:\+\+|#)?/gu

/** Of a normalised text. */
export function wordsOf(normal: string): Word[] {
  return [...normal.matchAll(wordPattern)].map(([word]) => {
    const text = word.replace(/[-']/g, '')
    return { text, meaning: unitOf.get(text) ?? meaningOf(text, stemOf(text)), isContent: !stopWords.has(text) && !lightWords.has(text) }
  })
}
