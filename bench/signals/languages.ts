import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eld } from 'eld/extrasmall'
import { francAll } from 'franc'
import { codes, detectLanguage } from '../../policies/signals/detect-language.ts'
import { type LanguageProfiles, shippedProfiles } from '../../policies/signals/language-profiles.ts'
import { written } from '../../scripts/safety/rows.ts'
import { folder, read, string } from '../tool-search/data.ts'
import { figure, row, shareOf } from './figures.ts'

interface Sentence {
  readonly text: string
  readonly language: string
}

type Detector = (text: string) => string

/**
 * The language of single sentences, beside franc and ELD's smallest table. `languages.txt` was written for this: what people write to an
 * assistant, in 30 languages; weights were chosen on every other of its lines and on other texts. UDHR's text is what franc was made of.
 */
export async function benchLanguages(): Promise<void> {
  const profiles = await shippedProfiles()
  const detectors: [string, Detector][] = [
    ['franc', byFranc],
    ['ELD', byEld],
    ['shipped', (text) => detectLanguage(text, profiles, 0).language],
  ]
  const own = [...Map.groupBy(sentences(), ({ language }) => language)].flatMap(([language, ones]) =>
    ['unknown', 'mixed'].includes(language) ? [] : ones,
  )
  const large = new Set(own.map(({ language }) => language))
  row('language, mean of all languages', 'texts', ...detectors.map(([name]) => name), 'goal')
  const told = (name: string, rows: readonly Sentence[], goal = '') =>
    row(name, String(rows.length), ...detectors.map(([, detect]) => figure(meanOf(rows, detect))), goal)
  const [chosenOn, held] = [own.filter((_, place) => place % 2 === 0), own.filter((_, place) => place % 2 === 1)]
  told(`own sentences, ${large.size} languages, chosen on`, chosenOn)
  told('own sentences, the others', held, '>= .97')
  if (existsSync(join(folder, 'udhr-langid'))) {
    const all = read('udhr-langid/sentences.jsonl').map((one) => ({
      text: string(one['text']),
      language: one['lang'] === 'no' ? 'nb' : string(one['lang']),
      isShort: one['length'] === 'short',
    }))
    const whole = all.filter(({ isShort }) => !isShort)
    told(
      'UDHR, the same languages, sentences',
      whole.filter(({ language }) => large.has(language)),
      '>= .97',
    )
    told(
      'UDHR, the same languages, four words',
      all.filter(({ isShort, language }) => isShort && large.has(language)),
    )
    told('UDHR, all 59 languages, sentences', whole)
    for (const name of ['clinc150/val', 'banking77/test'])
      told(
        `English of ${name}`,
        read(`${name}.jsonl`).map((one) => ({ text: string(one['text']), language: 'en' })),
      )
  }
  const mixed = sentences()
    .filter(({ language }) => language === 'mixed')
    .map(({ text }) => ({ language: text.slice(0, 2), text: text.slice(3) }))
  const right = (rows: readonly Sentence[], detect: Detector) => figure(shareOf(rows, ({ text, language }) => detect(text) === language))
  row('own mixed texts, names, quotes: right', String(mixed.length), ...detectors.map(([, detect]) => right(mixed, detect)))
  const nothing = sentences().filter(({ language }) => language === 'unknown')
  row('commands, names, numbers: unknown', String(nothing.length), ...detectors.map(([, detect]) => right(nothing, detect)))
  const code = readFileSync(new URL('intents.ts', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim().length > 15 && !/^\s*(?:\/?\*|import)/.test(line))
    .map((text) => ({ text, language: 'unknown' }))
  row('lines of code: unknown', String(code.length), ...detectors.map(([, detect]) => right(code, detect)))
  console.log(`below .97 of own: ${weakest(own, profiles)}`)
}

function weakest(rows: readonly Sentence[], profiles: LanguageProfiles): string {
  return [...Map.groupBy(rows, ({ language }) => language)]
    .map(([language, ones]) => ({ language, share: shareOf(ones, ({ text }) => detectLanguage(text, profiles, 0).language === language) }))
    .filter(({ share }) => share < 0.97)
    .map(({ language, share }) => `${language} ${figure(share)}`)
    .join(', ')
}

function meanOf(rows: readonly Sentence[], detect: Detector): number {
  const shares = [...Map.groupBy(rows, ({ language }) => language)].map(([language, ones]) =>
    shareOf(ones, ({ text }) => detect(text) === language),
  )
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}

function byFranc(text: string): string {
  const [best] = francAll(text, { minLength: 1 })
  const [code = 'und'] = best ?? []
  return codes[code] ?? ({ ell: 'el', heb: 'he', kor: 'ko', tha: 'th', jpn: 'ja', cmn: 'zh', und: 'unknown' }[code] || code)
}

function byEld(text: string): string {
  const { language } = eld.detect(text)
  return language === 'no' ? 'nb' : language === 'ms' ? 'id' : language || 'unknown'
}

function sentences(): Sentence[] {
  return written(new URL('languages.txt', import.meta.url)).map(({ kind, text }) => ({ language: kind, text }))
}
