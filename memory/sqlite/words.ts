/** Scripts that put no space between words: each character becomes a word, and a query asks for neighbours. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu
const runs = /[\p{L}\p{N}\p{M}\p{Co}]+/gu
const parts = new RegExp(`(?:${unspaced.source})+|(?:(?!${unspaced.source})[\\p{L}\\p{N}\\p{M}\\p{Co}])+`, 'gu')

const maxTerms = 32

/** Words that nearly every English text holds. They cost most of a search and tell nothing, so they count only where a query has no others. */
const commonWords = new Set(
  (
    'a about am an and are as at be been but by can could did do does for from get had has have he her him his how i if in into is it its me ' +
    'my of on or our out she should so some than that the their them then there these they this to up us was we were what when where which ' +
    'who why will with would you your'
  ).split(' '),
)

/**
 * A text as the full-text table gets it: its words alone, since SQLite knows fewer signs than there are and would take an
 * unknown one for a letter.
 *
 * The table keeps no text of its own and forgets a document only when it is shown exactly these words again, so a change
 * of this function needs a migration that fills the tables anew.
 */
export function toWords(text: string): string {
  return runsOf(text).join(' ').replace(unspaced, ' $& ')
}

/**
 * The words of any text, each as a query of the full-text table.
 *
 * Only letters, digits and marks are taken over, each word in quotes: nothing in the text is read as query syntax.
 */
export function toTerms(text: string): string[] {
  const terms = new Set<string>()
  for (const run of runsOf(text)) {
    for (const [part] of run.matchAll(parts)) {
      for (const term of termsOf(part)) terms.add(term)
    }
  }
  const all = [...terms].filter((term) => /[\p{L}\p{N}\p{Co}]/u.test(term))
  const telling = all.filter((term) => !commonWords.has(term))
  // A long word is likely a rare one: of a long query, the words that tell most are kept.
  const kept = (telling.length > 0 ? telling : all).toSorted((left, right) => right.length - left.length).slice(0, maxTerms)
  return kept.map((term) => `"${term}"`)
}

function runsOf(text: string): string[] {
  return text.normalize('NFC').toLowerCase().match(runs) ?? []
}

function termsOf(part: string): string[] {
  if (part.search(unspaced) === -1) return [part]
  const characters = [...part]
  if (characters.length === 1) return characters
  return characters.slice(1).map((character, index) => `${characters[index]} ${character}`)
}
