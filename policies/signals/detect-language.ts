import { francAll } from 'franc'
import { functionWords } from './function-words.ts'
import { alphabets } from './language-alphabets.ts'
import { type LanguageProfiles, profileScores } from './language-profiles.ts'
import { endsOf } from './words.ts'

/** What franc calls a language (ISO 639-3), for those that have a code of two letters. */
export const codes: Readonly<Record<string, string>> = {
  ...{ eng: 'en', deu: 'de', fra: 'fr', spa: 'es', por: 'pt', ita: 'it', nld: 'nl', swe: 'sv', dan: 'da', nob: 'nb', fin: 'fi', isl: 'is' },
  ...{ pol: 'pl', ces: 'cs', slk: 'sk', hun: 'hu', ron: 'ro', tur: 'tr', ind: 'id', vie: 'vi', cat: 'ca', hrv: 'hr', slv: 'sl', est: 'et' },
  ...{ lav: 'lv', lvs: 'lv', lit: 'lt', swh: 'sw', tgl: 'tl', afr: 'af', eus: 'eu', glg: 'gl', cym: 'cy', gle: 'ga', als: 'sq', zlm: 'ms' },
  ...{
    rus: 'ru',
    ukr: 'uk',
    bul: 'bg',
    srp: 'sr',
    mkd: 'mk',
    kaz: 'kk',
    bel: 'be',
    arb: 'ar',
    pes: 'fa',
    urd: 'ur',
    hin: 'hi',
    mar: 'mr',
    nep: 'ne',
  },
}

/** Scripts that one language is written in, and those whose writing alone tells. */
const ownScripts = {
  ko: 'Hangul',
  th: 'Thai',
  el: 'Greek',
  he: 'Hebrew',
  hy: 'Armenian',
  ka: 'Georgian',
  ta: 'Tamil',
  te: 'Telugu',
  gu: 'Gujarati',
  pa: 'Gurmukhi',
  bn: 'Bengali',
  kn: 'Kannada',
  ml: 'Malayalam',
  si: 'Sinhala',
  km: 'Khmer',
  lo: 'Lao',
  my: 'Myanmar',
  am: 'Ethiopic',
} as const

const sharedScripts = ['Latin', 'Cyrillic', 'Arabic', 'Devanagari'] as const

/** Letters that a text must have: fewer say nothing in a script of many languages. */
const fewestLetters = 6
const longestText = 600
/** The part of all letters that the language's own script must have: one of Latin letters may be names of programs. */
const mainShare = 0.5
/** What a letter of a script counts whose letters are syllables or words. */
const wideLetter = 2.5
/** From where a profile says that these are words of the language, and without one of its small words. */
const leastScore = 0.55
const leastScoreAlone = 0.65
/** What a text made of small words alone adds, and what the best of franc's profiles does. */
const wordWeight = 0.1
const francWeight = 0.05
/** Franc's first choice, where no other profile knows that language, of so many letters. */
const francAlone = { weight: 0.95, letters: 40 }
/** What each letter takes off that the language does not have, three at most. */
const strangeLetter = 0.1
const mostStrangeLetters = 3
/** ELD knows Malay and Indonesian as one language: small words tell them apart, else it is the larger one. */
const largerTwin = 0.02
/** Where so much of a text looks like code, and few words are left, nothing is said of it. */
const codeShare = 0.3
const wordsBesideCode = 20

const counters = Object.fromEntries(
  [...Object.values(ownScripts), ...sharedScripts, 'Han', 'Hiragana', 'Katakana'].map((script) => [
    script,
    new RegExp(`\\p{Script=${script}}`, 'gu'),
  ]),
)

const wordsOf = Object.fromEntries(
  sharedScripts.map((script) => [script, new RegExp(`\\p{Script=${script}}[\\p{Script=${script}}\\p{M}'’\`]*`, 'gu')]),
) as Record<(typeof sharedScripts)[number], RegExp>

/** By word, the languages that have it. */
const languagesByWord = new Map<string, string[]>()
for (const [language, words] of Object.entries(functionWords)) {
  for (const word of new Set(words.split(' '))) languagesByWord.set(word, [...(languagesByWord.get(word) ?? []), language])
}

/** What a line for a shell begins with. */
const programs =
  /^(?:npm|npx|pnpm|yarn|bun|node|git|gh|docker|podman|kubectl|helm|pip|pipx|python|cargo|go|make|sudo|apt|brew|curl|ssh|cd|ls)\s/

const alphabetOf = new Map(Object.entries(alphabets).map(([language, letters]) => [language, new Set(letters)]))

/**
 * The language of a text by its script, by groups of letters in its words (profiles of ELD, a little of franc), by its small words and
 * by letters that a language does not have; with its lead over the next.
 *
 * Code, addresses and paths are left out first. A text that looks like no language is `unknown`, and so is one whose lead is below `margin`.
 */
export function detectLanguage(given: string, profiles: LanguageProfiles, margin: number): { language: string; lead: number } {
  const { text, isCode } = withoutCode(endsOf(given, longestText).normalize('NFC'))
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  if (letters === 0) return unknown
  const count = (script: string) => text.match(counters[script] ?? /$^/)?.length ?? 0
  const kana = count('Hiragana') + count('Katakana')
  const eastAsian = kana + count('Han')
  const wide = eastAsian + count('Hangul')
  const all = letters + wide * (wideLetter - 1)
  if (eastAsian * wideLetter >= mainShare * all) {
    if (kana >= 0.1 * eastAsian) return { language: 'ja', lead: 1 }
    // A word or two of Han may be Japanese as well.
    return { language: 'zh', lead: letters >= 8 ? 1 : 0.6 }
  }
  const share = (script: string) => (count(script) * (script === 'Hangul' ? wideLetter : 1)) / all
  for (const [language, script] of Object.entries(ownScripts)) if (share(script) >= mainShare) return { language, lead: 1 }
  const script = sharedScripts.find((one) => share(one) >= mainShare)
  if (letters < fewestLetters || isCode || script === undefined) return unknown
  // Words of another script are names, of people or programs.
  const words = text.match(wordsOf[script]) ?? []
  const found = likeliest(words.join(' '), profiles, letters)
  return found.lead >= margin ? found : unknown
}

const unknown = { language: 'unknown', lead: 0 }

function likeliest(text: string, profiles: LanguageProfiles, letters: number): { language: string; lead: number } {
  const lower = text.toLowerCase()
  const byProfile = profileScores(profiles, lower.match(/\p{L}+(?:['’`]\p{L}+)*/gu) ?? [])
  const scores = new Map(byProfile)
  const add = (language: string, score: number) => void scores.set(language, (scores.get(language) ?? 0) + score)
  const twin = scores.get('id')
  if (twin !== undefined) scores.set('ms', twin).set('id', twin + largerTwin)
  const profiled = new Set([...profiles.languages, 'ms'])
  for (const [code, score] of francAll(text, { only: Object.keys(codes), minLength: 1 })) {
    const language = codes[code]
    if (language === undefined) continue
    add(language, score * francWeight)
    if (score === 1 && letters >= francAlone.letters && !profiled.has(language)) add(language, francAlone.weight)
  }
  const words = lower.match(/[\p{L}\p{M}'’]+/gu) ?? []
  const withWord = new Set<string>()
  for (const word of words) {
    for (const language of languagesByWord.get(word.replace('’', "'")) ?? []) {
      add(language, wordWeight / words.length)
      withWord.add(language)
    }
  }
  const marked = strangeLetters(text)
  for (const [language, alphabet] of alphabetOf) {
    const strange = marked.filter((letter) => !alphabet.has(letter)).length
    if (scores.has(language)) add(language, -strangeLetter * Math.min(mostStrangeLetters, strange))
  }
  const [first, second] = [...scores].toSorted((left, right) => right[1] - left[1])
  if (first === undefined) return unknown
  const [language, score] = first
  const looksLike = profiled.has(language) ? (byProfile.get(language === 'ms' ? 'id' : language) ?? 0) : score
  if (looksLike < (withWord.has(language) ? leastScore : leastScoreAlone)) return unknown
  if (!withWord.has(language) && programs.test(lower)) return unknown
  return { language, lead: Math.min(1, score - (second?.[1] ?? 0)) }
}

/** Letters beside a to z, but for those of words with a capital: names keep theirs in every language. */
function strangeLetters(text: string): string[] {
  const words = text.match(/(?<!\p{L})\p{Ll}\p{L}*/gu) ?? []
  const letters = new Set(words.join('').match(/[\p{Script=Latin}\p{Script=Cyrillic}]/gu))
  return [...letters].filter((letter) => !/[a-z]/.test(letter))
}

/** The text without code in fences, addresses, paths and words with signs of code, and whether there was too much of the latter. */
function withoutCode(given: string): { text: string; isCode: boolean } {
  const text = withoutQuotes(given)
    .replace(/```[^`]*(?:```|$)/g, ' ')
    .replace(/`[^`\n]{0,200}`/g, ' ')
    .replace(/https?:\/\/\S+/g, ' ')
  const words = text.trim().split(/\s+/)
  const signs = words.filter(isCodeWord).length
  return {
    text: text.replace(/\S*[/\\_=(){}[\];<>|$@#]\S*/g, ' '),
    isCode: signs >= codeShare * words.length && words.length - signs < wordsBesideCode,
  }
}

/** What somebody else said, where enough is left of the person's own words. */
function withoutQuotes(text: string): string {
  const rest = text.replace(/(?:"[^"\n]{12,400}"|“[^”\n]{12,400}”|„[^“”\n]{12,400}[“”]|«[^»\n]{12,400}»)/g, ' ')
  return (rest.match(/\p{L}+/gu)?.length ?? 0) >= 4 ? rest : text
}

function isCodeWord(word: string): boolean {
  const bare = word.replace(/^["(]+|[)",.?]+$/g, '')
  return /[/\\_=(){}[\];<>|$@#+&*"]|^-/.test(bare) || /\w[.:]\w/.test(bare)
}
