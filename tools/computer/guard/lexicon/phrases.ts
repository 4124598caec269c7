import { normalise } from '../../../../models/local/detect/index.ts'

/**
 * Phrases of a lexicon, separated by `;`. A word ending in `*` is a stem, `[a|b c]` is one of several, `?` after a word or a bracket lets
 * it be missing, `..` stands for up to four words; `^` asks for the place of an imperative (the beginning of a label or of a clause) and
 * `$` for the end. Chinese, Japanese and Korean are written without limits of words: their phrases match within a word.
 */
export function compilePhrases(list: string): Phrases {
  const byStart = new Map<string, Beginning[]>()
  for (const phrase of list.split(';').map((one) => one.trim())) {
    if (phrase === '') continue
    const { source, starts } = compile(phrase)
    const pattern = new RegExp(source, 'y')
    for (const letters of new Set(starts)) {
      const [key] = letters.match(wordStarts) ?? []
      if (key !== undefined) byStart.set(key, [...(byStart.get(key) ?? []), { letters, pattern }])
    }
  }
  return {
    *matches({ words, starts }) {
      for (const { word, at } of starts) {
        // The more a phrase says, the more it covers.
        const end = (byStart.get(word) ?? []).reduce((most, phrase) => Math.max(most, endOf(phrase, words, at)), at)
        if (end > at) yield { start: at, end, words: words.slice(at, end).trim() }
      }
    },
  }
}

/** One of the words that a phrase begins with, as far as its letters are told. */
interface Beginning {
  readonly letters: string
  readonly pattern: RegExp
}

/** To compile a pattern takes a hundred times as long as a comparison of letters: only those that may match are tried. */
function endOf({ letters, pattern }: Beginning, words: string, at: number): number {
  if (!words.startsWith(letters, at)) return at
  pattern.lastIndex = at
  return pattern.test(words) ? pattern.lastIndex : at
}

export interface Phrases {
  /** At most one at each word, from left to right. */
  matches(text: ReadText): Iterable<PhraseMatch>
}

/** A folded text, read once for all lists that are looked up in it. */
export interface ReadText {
  /** As long as the text; letters and digits as they are, a point for each mark that ends a clause, a space for all else. */
  readonly words: string
  /** Where a phrase may begin, with the letters that it is looked up by. */
  readonly starts: readonly { readonly word: string; readonly at: number }[]
}

export function readText(folded: string): ReadText {
  const words = wordsOnly(folded)
  return { words, starts: Array.from(words.matchAll(wordStarts), ({ 0: word, index: at }) => ({ word, at })) }
}

/** With two characters in the place of classes of Unicode: patterns over them are small, and a thousand of them are compiled at once. */
function wordsOnly(folded: string): string {
  return folded.replace(/[,.;:!?()–—/&|•+>，。；：！？（）、]/g, '.').replace(/[^\p{L}\p{N}.]/gu, (mark) => ' '.repeat(mark.length))
}

export interface PhraseMatch {
  readonly start: number
  readonly end: number
  readonly words: string
}

/** A label or a sentence as phrases are compared with it: lower case, no accents, single spaces, the parts of an identifier apart. */
export function foldText(text: string): string {
  return fold(
    text
      .slice(0, longest)
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .replaceAll('_', ' ')
      // An amount is money, whichever sign it has and on whichever side.
      .replace(/[$€£¥₹₩]|(?<=\d)\s?[元円]/gu, ' money '),
  )
}

const longest = 2000

function fold(text: string): string {
  return (
    normalise(text)
      .text.replaceAll('ß', 'ss')
      // An elision parts two words; any other apostrophe stands within one.
      .replace(/(?<![\p{L}\p{N}])([cdjlmnst]|qu)['’](?=\p{L})/gu, '$1 ')
      .replace(/['’‘`´]/g, '')
      .replace(/\s+/g, ' ')
      .trim()
  )
}

const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u
const apart = '[ .]+'
/** What leads up to an imperative. */
const leads = 'and|to|then|or|yes|please|ok|okay|now|i|we|und|oder|ja|bitte|jetzt|y|o|si|et|ou|oui|e|sim|da'
const imperative = `(?<=^[ .]*|[.][ .]*|(?<![^ .])(?:${leads})[ .]+)`

/** One letter of a dense script, or the first two of a word. */
const wordStarts = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]|(?<![\p{L}\p{N}])[\p{L}\p{N}]{1,2}/gu

/** Of the first word all that stands before a `*`; of a dense script, words are not parted. */
const firstLetters = /[\p{L}\p{N}]+/u

function compile(phrase: string): { source: string; starts: string[] } {
  const anchored = phrase.startsWith('^')
  const ends = phrase.endsWith('$')
  const body = phrase.slice(anchored ? 1 : 0, ends ? -1 : undefined).trim()
  const dense = unspaced.test(body)
  const limits = dense ? { between: '[ .]*', gap: '.{0,12}?' } : { between: apart, gap: `${apart}(?:[^ .]+${apart}){0,4}?` }
  const starts: string[] = []
  let source = ''
  let before = ''
  let open = true
  for (const [token] of body.matchAll(/\[[^\]]*\]\??|\S+/g)) {
    if (token === '..') {
      before = limits.gap
      continue
    }
    const optional = token.endsWith('?')
    const words = wordsOf(optional ? token.slice(0, -1) : token)
    const one = `(?:${words.map(wordsSource).join('|')})`
    if (open) starts.push(...words.flatMap((word) => word.match(firstLetters) ?? []))
    // What may be missing takes with it what parts it from its neighbour.
    if (!optional) source += before + one
    else source += source === '' ? `(?:${one}${limits.between})?` : `(?:${before}${one})?`
    if (!optional || !open) before = limits.between
    open &&= optional
  }
  return {
    source: `${anchored ? imperative : ''}(?:${source})${ends ? '(?=[ .]*$)' : dense ? '' : '(?![^ .])'}`,
    starts,
  }
}

function wordsOf(token: string): string[] {
  return (token.startsWith('[') ? token.slice(1, -1).split('|') : [token]).map((words) => fold(words))
}

function wordsSource(words: string): string {
  return words
    .split(/[^\p{L}\p{N}*]+/u)
    .filter((word) => word !== '')
    .map((word) => word.replace('*', '[^ .]*'))
    .join(apart)
}
