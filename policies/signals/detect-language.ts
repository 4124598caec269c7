import { francAll } from 'franc'
import { functionWords } from './function-words.ts'
import { endsOf } from './words.ts'

/** What franc calls a language (ISO 639-3), for those that have a code of two letters. */
const codes: Readonly<Record<string, string>> = {
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
/** And without one small word of the language, in Latin script. */
const fewestLettersAlone = 40
const longestText = 2000
/** The part of all letters that the language's own script must have. */
const mainShare = 0.6
/** What a text made of small words alone adds, against 1 for the best profile of letters. */
const wordWeight = 1.2

const counters = Object.fromEntries(
  [...Object.values(ownScripts), ...sharedScripts, 'Han', 'Hiragana', 'Katakana'].map((script) => [
    script,
    new RegExp(`\\p{Script=${script}}`, 'gu'),
  ]),
)

/** By word, the languages that have it. */
const languagesByWord = new Map<string, string[]>()
for (const [language, words] of Object.entries(functionWords)) {
  for (const word of new Set(words.split(' '))) languagesByWord.set(word, [...(languagesByWord.get(word) ?? []), language])
}

/**
 * The language of a text by its script, its small words and its trigrams of letters (franc, MIT), with its lead over the next.
 *
 * Code, addresses and paths are left out first. The profiles were made from long texts, so a short text counts by its small words,
 * and one that has none and no clear lead is `unknown`.
 */
export function detectLanguage(given: string, margin: number): { language: string; lead: number } {
  const text = withoutCode(endsOf(given, longestText))
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  if (letters === 0) return unknown
  const share = (script: string) => (text.match(counters[script] ?? /$^/)?.length ?? 0) / letters
  const kana = share('Hiragana') + share('Katakana')
  const eastAsian = kana + share('Han')
  if (eastAsian >= mainShare) {
    if (kana >= 0.1) return { language: 'ja', lead: 1 }
    // A word or two of Han may be Japanese as well.
    return { language: 'zh', lead: letters >= 8 ? 1 : 0.6 }
  }
  for (const [language, script] of Object.entries(ownScripts)) if (share(script) >= mainShare) return { language, lead: 1 }
  const script = sharedScripts.find((one) => share(one) >= mainShare)
  if (script === undefined || letters < fewestLetters) return unknown
  return likeliest(text, { margin, needsWord: script === 'Latin' && letters < fewestLettersAlone })
}

const unknown = { language: 'unknown', lead: 0 }

function likeliest(text: string, { margin, needsWord }: { margin: number; needsWord: boolean }): { language: string; lead: number } {
  const scores = new Map<string, number>()
  const withWord = new Set<string>()
  for (const [code, score] of francAll(text, { only: Object.keys(codes), minLength: 1 })) {
    const language = codes[code]
    if (language !== undefined) scores.set(language, Math.max(score, scores.get(language) ?? 0))
  }
  const words = text.toLowerCase().match(/[\p{L}\p{M}'’]+/gu) ?? []
  for (const word of words) {
    for (const language of languagesByWord.get(word.replace('’', "'")) ?? []) {
      scores.set(language, (scores.get(language) ?? 0) + wordWeight / words.length)
      withWord.add(language)
    }
  }
  const [first, second] = [...scores].toSorted((left, right) => right[1] - left[1])
  if (first === undefined) return unknown
  const lead = Math.min(1, first[1] - (second?.[1] ?? 0))
  return lead >= margin && (!needsWord || withWord.has(first[0])) ? { language: first[0], lead } : unknown
}

function withoutCode(text: string): string {
  return text
    .replace(/```[^`]*(?:```|$)/g, ' ')
    .replace(/`[^`\n]{0,200}`/g, ' ')
    .replace(/https?:\/\/\S+/g, ' ')
    .replace(/\S*[/\\_=(){}[\];<>|$@#]\S*/g, ' ')
}
