import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { encodeProfiles, hashOf } from '../policies/signals/language-profiles.ts'

/*
 * Packs the smallest table of ELD (https://github.com/nitotm/efficient-language-detector-js, Apache-2.0) for the signal `language`:
 * `node scripts/pack-languages.ts`. Loaded as it is, it takes 33 MB of heap and a second; packed, a third of a megabyte and no time. Of
 * languages that share no script with another one the script tells.
 */
interface Table {
  readonly languages: Readonly<Record<string, string>>
  readonly ngrams: Readonly<Record<string, Readonly<Record<string, number>>>>
}

const own = new Set('am bn el gu he hy ka kn ko lo ml or pa ta te th ja zh'.split(' '))
/** ELD's words for Norwegian, and for Malay and Indonesian together. */
const renamed: Readonly<Record<string, string>> = { no: 'nb', ms: 'id' }
/** Rarer groups are left out. */
const leastWeight = 20

const folder = new URL('../node_modules/eld/src/', import.meta.url)
const { ngramsData } = (await import(new URL('ngrams/extrasmall.js', folder).href)) as { ngramsData: Table }
const { dictionary } = (await import(new URL('dictionary.js', folder).href)) as { dictionary: readonly string[] }

const byteOf = new Map(dictionary.map((character, byte) => [character, byte]))
const languages = Object.entries(ngramsData.languages)
  .filter(([, code]) => !own.has(code))
  .map(([id, code]) => ({ id, code: renamed[code] ?? code }))

const groups = Object.entries(ngramsData.ngrams)
  .map(([written, weights]) => {
    const begins = written.startsWith(' ')
    const ends = written.length > 1 && written.endsWith(' ')
    const bytes = [...written.slice(begins ? 1 : 0, ends ? -1 : undefined)].map(
      (character) => byteOf.get(character) ?? character.charCodeAt(0),
    )
    const pairs = languages.flatMap(({ id }, place) => ((weights[id] ?? 0) >= leastWeight ? [[place, weights[id] as number] as const] : []))
    return { key: hashOf(Uint8Array.from(bytes), { begins, ends }), pairs }
  })
  .filter(({ pairs }) => pairs.length > 0)
  .toSorted((left, right) => left.key - right.key)

const pairs = groups.flatMap((group) =>
  group.pairs.flatMap(([place, weight], index) => [index === group.pairs.length - 1 ? place | 0x80 : place, weight]),
)
const bytes = encodeProfiles(
  { languages: languages.map(({ code }) => code), keys: Uint32Array.from(groups, ({ key }) => key), pairs: Uint8Array.from(pairs) },
  'n-grams of ELD 2.1.0 (extrasmall), Apache-2.0, copyright 2023 Nito T.M.',
)
writeFileSync(fileURLToPath(new URL('../policies/signals/trained/languages.head', import.meta.url)), bytes)
console.log(`${groups.length} groups of ${languages.length} languages, ${(bytes.length / 1000).toFixed(0)} KB`)
