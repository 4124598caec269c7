import { identifiersToWords } from '../../models/local/index.ts'

/**
 * The words of a text as the lexical index compares them: lower case, identifiers split, accents dropped, English endings
 * taken off, stop words left out. Scripts that are written without spaces give pairs of neighbouring characters.
 */
export function wordsOf(text: string): string[] {
  if (isAscii.test(text)) return asciiWordsOf(text)
  const plain = text.normalize('NFKD').replace(accents, '').replace(invisible, '').replace(hyphenatedLetter, '$1$2')
  const words: string[] = []
  for (const [run] of identifiersToWords(plain).normalize('NFC').matchAll(runs)) {
    if (startsUnspaced.test(run)) words.push(...pairsOf(run))
    else if (!stopWords.has(run)) words.push(stemOf(run))
  }
  return words
}

/** The same for what most descriptions are written in: a third of the work, and a start with thousands of tools reads them all. */
function asciiWordsOf(text: string): string[] {
  const words: string[] = []
  for (const run of identifiersToWords(text.replace(hyphenatedAsciiLetter, '$1$2')).match(asciiRuns) ?? []) {
    if (!stopWords.has(run)) words.push(stemOf(run))
  }
  return words
}

const isAscii = /^\p{ASCII}*$/u
const asciiRuns = /[a-z0-9]+/g
const hyphenatedAsciiLetter = /\b([a-z])-([a-z])/gi

const unspaced =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー'
const startsUnspaced = new RegExp(`^[${unspaced}]`, 'u')
/** Stretches of letters and digits, cut where a script without spaces begins or ends. */
const runs = new RegExp(`[${unspaced}\\p{M}]+|(?:(?![${unspaced}])[\\p{L}\\p{N}\\p{M}])+`, 'gu')
// Of Latin letters only: й is a letter of its own.
const accents = /(?<=\p{Script=Latin}[\u0300-\u036f]*)[\u0300-\u036f]/gu
const invisible = /\p{Cf}/gu
// `e-mail` and `email` are one word; a longer compound stays two.
const hyphenatedLetter = /\b(\p{L})-(\p{L})/gu

function pairsOf(run: string): string[] {
  const characters = [...run]
  if (characters.length === 1) return characters
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`)
}

/**
 * Takes off plural and verb endings, so that `queries`, `creating` and `creation` meet `query` and `create`.
 *
 * Light on purpose: different words hardly ever fall together. Only words of plain letters are touched, and no run of letters that is not a word.
 */
export function stemOf(word: string): string {
  const known = stems.get(word)
  if (known !== undefined) return known
  if (!/^[a-z]{4,40}$/.test(word)) return word
  const stem = withoutEndings(word)
  if (stems.size >= mostStems) stems.clear()
  stems.set(word, stem)
  return stem
}

/** A catalogue says the same few thousand words over and over. */
const stems = new Map<string, string>()
const mostStems = 20_000

function withoutEndings(word: string): string {
  let stem = word
  if (stem.endsWith('ies') && stem.length > 4) stem = `${stem.slice(0, -3)}y`
  else if (/(?:ss|x|ch|sh|z)es$/.test(stem)) stem = stem.slice(0, -2)
  else if (/[^siu]s$/.test(stem)) stem = stem.slice(0, -1)

  const verb = /^(.*[aeiouy].*)(?:ing|ed)$/.exec(stem)?.[1]
  if (verb !== undefined && verb.length > 2) stem = verb.replace(/([bdfgmnprt])\1$/, '$1')
  const noun = /^(.{3,}[ts])ion$/.exec(stem)?.[1]
  if (noun !== undefined) stem = noun
  return stem.length > 3 ? stem.replace(/e$/, '') : stem
}

/** Words that say how something is put, not what it is about. */
export const stopWords: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be because been before but by can could did do does doing for from had has have having he her here hers
  him his how i if in into is it its itself just let lets like ll make may me might more most must my myself need needs no nor not now of off on once only
  or other our ours out over own please re s same shall she should so some such t than that the their theirs them then there these they this those through
  to too under until up us use used uses using ve very via want wants was we were what when where which while who whom why will with would you your yours`.split(
    /\s+/,
  ),
)
