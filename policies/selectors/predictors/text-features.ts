/**
 * What a text looks like, in numbers: its length, its numbers, its sentences, its choices, its code, and words that tell kinds of
 * tasks and of reasoning apart. An embedding says what a text is about, and little of this.
 *
 * The first 8,000 characters are read; the length counts all of them. Each feature means something for any text, and none is of a
 * certain data set.
 */
export function textFeatures(whole: string): number[] {
  const text = whole.slice(0, readCharacters)
  const lower = text.toLowerCase()
  const words = lower.match(/[\p{L}']+/gu) ?? []
  const written = text.match(/[\p{L}']+/gu) ?? []
  const numbers = (text.match(/\d[\d,]*\.?\d*/g) ?? []).map((one) => Math.min(1e15, Number.parseFloat(one.replaceAll(',', ''))))
  const sentences = text.split(/(?<=[.!?])\s+|\n/).filter((one) => one.trim() !== '')
  const sentenceWords = sentences.map((one) => one.match(/[\p{L}\d]+/gu)?.length ?? 0)
  const [stem = '', ...choices] = text.split(/\n\(?[A-Ja-j1-9][.)]\s/)
  const choiceLengths = choices.length > 0 ? choices.map((one) => one.length) : [0]
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  const countWords = (pattern: RegExp) => lower.match(pattern)?.length ?? 0
  const perWord = (some: number) => some / Math.max(1, words.length)
  const perCharacter = (some: number) => some / Math.max(1, text.length)
  const wordsThat = (is: (word: string) => boolean) => words.reduce((sum, word) => sum + (is(word) ? 1 : 0), 0)

  return [
    Math.log1p(whole.length),
    Math.min(whole.length, 20_000) / 500,
    Math.log1p(words.length),
    new Set(words).size / Math.sqrt(Math.max(1, words.length)),
    perWord(new Set(words).size),
    mean(words.map((word) => word.length)),
    perWord(wordsThat((word) => commonWords.has(word))),
    perWord(wordsThat((word) => word.length >= 8)),
    perWord(wordsThat((word) => word.length >= 12)),
    Math.log1p(sentences.length),
    count(/[.!?](\s|$)/g),
    mean(sentenceWords),
    largest(sentenceWords),
    Math.log1p(sentenceWords.at(-1) ?? 0),
    Math.log1p(largest(sentences.map((one) => one.length))),

    numbers.length,
    Math.log1p(numbers.length),
    new Set(numbers).size,
    wordsThat((word) => numberWords.has(word)),
    Math.log1p(largest(numbers)),
    Math.log1p(numbers.length > 0 ? Math.min(...numbers) : 0),
    Math.log1p(numbers.reduce((sum, one) => sum + one, 0)),
    numbers.filter((one) => one > 100).length,
    numbers.filter((one) => !Number.isInteger(one)).length,
    count(/\d\/\d/g),
    count(/%/g),
    count(/\$/g),
    count(/[+\-*/=^<>]/g),
    perCharacter(count(/\d/g)),

    Math.log1p(stem.length),
    choices.length,
    Math.log1p(mean(choiceLengths)),
    Math.log1p(largest(choiceLengths) - Math.min(...choiceLengths)),
    choices.length > 0 ? choices.filter((one) => /\d/.test(one)).length / choices.length : 0,

    count(/\?/g),
    text.trimEnd().endsWith('?') ? 1 : 0,
    count(/\n/g),
    count(/[{}()[\];_\\`]/g),
    count(/\\[a-z]+|\$[^$\n]+\$/g),
    countWords(/\b(def|return|function|class|import|int|print|assert|list|string|array|tuple|python|code)\b/g),
    count(/_/g),
    count(/["“”]/g),
    count(/,/g),
    perWord(countWords(/, /g)),
    /^[\p{L}\d\s,-]+$/u.test(text) ? 1 : 0,
    perCharacter(count(/\p{Lu}/gu)),
    perWord(written.filter((word) => /^\p{Lu}/u.test(word)).length),
    perWord(10 * count(/(?<=[\p{Ll},] )\p{Lu}\p{Ll}+/gu)),
    perCharacter(count(/[^\p{ASCII}]/gu)),

    countWords(/\b(and|or|but|because|while|if|then|when|after|before|until|since|unless)\b/g),
    perWord(10 * countWords(/\b(he|she|his|her|they|their|him|them)\b/g)),
    countWords(/\b(not|except|never|no|false|incorrect|least)\b/g),
    countWords(/\b(twice|half|double|triple|third|quarter|times|fraction|percent\w*|ratio)\b|%/g),
    countWords(/\b(more|less|fewer|greater|older|younger|longer|taller|faster|than)\b/g),
    countWords(/\b(more|less|fewer|than|as many|times|each|per|every|left|remain\w*|total|average|percent|rest|other)\b/g),
    countWords(/\b(each|per|every|apiece)\b|\//g),
    countWords(/\b(hours?|minutes?|days?|weeks?|months?|years?|seconds?)\b/g),
    countWords(/\b(feet|foot|miles?|inches|pounds?|ounces?|gallons?|meters?|metres?|km|cm|kg|lit(er|re)s?|cups?)\b/g),
    countWords(/\b(dollars?|cents?|cost\w*|pay|paid|price|buy|bought|sold|sell|earn\w*|spen\w+)\b|\$/g),
    ...askingWords.map((word) => (lower.includes(word) ? 1 : 0)),
  ]
}

const readCharacters = 8000

const numberWords = new Set(
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half twice double triple thrice quarter third dozen first second'.split(
    ' ',
  ),
)

const commonWords = new Set(
  'the a an of to in and or is are was were be been it its that this these those for on with as by at from he she his her they their has have had not no if then than so but which who what how when where why many much will would can could does do did each per every all any some more most other into out up down over'.split(
    ' ',
  ),
)

const askingWords = [
  'what',
  'which',
  'how',
  'who',
  'when',
  'where',
  'why',
  'if ',
  'find',
  'calculate',
  'write',
  'let ',
  'the following',
  'true',
  'best',
  'most likely',
  'according',
  'below',
  'statement',
  'described',
  'above',
  'suppose',
  'given',
  'prove',
  'define',
  'compute',
  'evaluate',
  'explain',
  'summar',
  'translate',
  'fix',
]

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length
}

/** 0 when there are none. */
function largest(values: readonly number[]): number {
  return values.reduce((most, one) => Math.max(most, one), 0)
}
