import type { NameTag } from '../../models/local/detect/names/tagger.ts'
import { wordsOf } from '../../models/local/detect/names/word-lists.ts'

export interface LabelledSpan {
  readonly start: number
  readonly end: number
  readonly tag: NameTag
}

export interface LabelledText {
  readonly text: string
  readonly spans: readonly LabelledSpan[]
}

export type Random = () => number

const given = wordsOf('given')
const surnames = wordsOf('surname')
const cities = wordsOf('city')
const countries = wordsOf('country')
const regions = wordsOf('region').filter((word) => word.length > 2)
const states = wordsOf('region').filter((word) => word.length === 2)
const endings =
  'son sson sdóttir dóttir ov ova ev eva ovic ović ić enko chuk ski ska cki wicz czyk escu eanu idis akis opoulos oğlu yan ian shvili dze nen lainen mäki berg ström qvist gaard sen stad ez es ini ucci elli etti oni mann bauer meier hofer huber ková ák ek čík szky nagy fi moto yama gawa saki mura ndo wala nkwo eze ola adeh oud azi zadeh pour ullah singh preet nath swamy appa'.split(
    ' ',
  )
const townEndings =
  'ville burg ton ham stad heim by ovo grad holm hausen dorf bach feld kirchen minster borough mouth field worth wick thorpe berg dal vik fors köping lund bruck ingen hoven drecht beek court ières ac ano ello etta eira inho ów ice nice sk ovka var háza falva'.split(
    ' ',
  )
const streetEndings =
  'straße strasse str. weg gasse platz allee ring damm gade vej gata gatan vägen veien laan straat dreef kade plein katu tie'.split(' ')
const streetTypes =
  'Street St St. Road Rd Rd. Avenue Ave Lane Ln Drive Dr Court Ct Place Boulevard Blvd Way Close Crescent Terrace Square Parkway Highway Trail Hill Row Mews Grove Gardens Pass Park Loop Circle Alley Bypass Ridge Heights Hollow Cove Point Manor Springs Mall Meadows Crossing'.split(
    ' ',
  )
const streetPrefixes =
  'rue|rue de la|rue du|avenue de|boulevard|place de|chemin de|impasse|Rue|Avenue|Calle|Avenida|Av.|Paseo de|Plaza|Carrer|C/|Via|Viale|Corso|Piazza|Largo|Vicolo|Strada|Rua|Rua de|Avenida|Travessa|ul.|ulica|al.|os.|Str.|Bulevardul|Jalan|Am|An der|Im|Zum|Hinter der'.split(
    '|',
  )
const streetSuffixes = 'utca|u.|tér|út|körút|Sokak|Caddesi|nám.|ulice|ul.|prospekt'.split('|')
const orgEndings =
  'Inc|Inc.|LLC|Ltd|Ltd.|Corp|GmbH|AG|S.A.|B.V.|AB|Group|Holdings|Partners|Bank|Systems|Software|Labs|Consulting|& Co.|and Sons|Industries|Solutions|Foundation|Hospital|University'.split(
    '|',
  )
const orgWords =
  'Nova Blue Data Green Cloud Bright Global North First Prime Quantum Solar Pixel River Stone Apex Delta Vertex Open Smart Next Urban Swift Iron Clear'.split(
    ' ',
  )
const unitWords = 'Apt.|Apt|Apartment|Suite|Unit|Flat|Floor|#'.split('|')

export function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T
}

const capital = (word: string) => word.replace(/^./u, (letter) => letter.toUpperCase())
const digits = (count: number, random: Random) => Array.from({ length: count }, () => Math.floor(random() * 10)).join('')
const int = (most: number, random: Random) => String(1 + Math.floor(random() * most))

/** Half of the names are in no list: pieces of others, joined anew. */
function invented(list: readonly string[], ends: readonly string[], random: Random): string {
  const one = pick(list, random)
  const head = one.slice(0, 2 + Math.floor(random() * 3))
  if (random() < 0.5) return capital(head + pick(ends, random))
  const other = pick(list, random)
  return capital(head + other.slice(Math.max(1, other.length - 2 - Math.floor(random() * 3))))
}

const accents: Readonly<Record<string, string>> = {
  a: 'áäåâãà',
  e: 'éèëêě',
  i: 'íîï',
  o: 'óöøôõ',
  u: 'úüûů',
  c: 'çčć',
  s: 'šś',
  z: 'žź',
  n: 'ñń',
  y: 'ý',
  l: 'ł',
  r: 'ř',
}
function accented(word: string, random: Random): string {
  return random() < 0.85 ? word : word.replace(/[aeioucsznylr]/, (letter) => pick([...(accents[letter] ?? letter)], random))
}

function givenName(random: Random): string {
  const name = accented(
    random() < 0.65
      ? capital(pick(given, random))
      : invented(given, ['ina', 'a', 'o', 'us', 'an', 'el', 'iko', 'esh', 'ette', 'slav', 'mir', 'ijn', 'ke', 'ine'], random),
    random,
  )
  return random() < 0.03 ? `${name}-${capital(pick(given, random))}` : name
}

function surname(random: Random): string {
  const name = accented(random() < 0.5 ? capital(pick(surnames, random)) : invented(surnames, endings, random), random)
  const chance = random()
  if (chance < 0.03) return `${name}-${capital(pick(surnames, random))}`
  if (chance < 0.05) return `O'${name}`
  if (chance < 0.09)
    return `${pick(['van', 'van der', 'de', 'von', 'di', 'del', 'da', 'dos', 'al', 'bin', 'Mc', 'Mac', 'la', 'le', 'ter'], random)} ${name}`.replace(
      /(Mc|Mac) /,
      '$1',
    )
  return name
}

function person(random: Random): string {
  const chance = random()
  const name = givenName(random)
  if (chance < 0.62) return `${name} ${surname(random)}`
  if (chance < 0.72) return `${name} ${capital(pick('abcdefghjklmnprst'.split(''), random))}${random() < 0.5 ? '.' : ''} ${surname(random)}`
  if (chance < 0.78) return `${surname(random)}, ${name}`
  if (chance < 0.83) return `${name} ${givenName(random)} ${surname(random)}`
  if (chance < 0.87) return `${capital(pick('abcdefghjklmnprst'.split(''), random))}. ${surname(random)}`
  if (chance < 0.9) return `${name} ${surname(random)} ${surname(random)}`
  return chance < 0.95 ? name : surname(random)
}

function town(random: Random): string {
  const chance = random()
  if (chance < 0.35) return capital(pick(cities, random))
  if (chance < 0.7) return accented(capital(invented(random() < 0.5 ? surnames : cities, townEndings, random)), random)
  const prefix = pick(
    [
      'San',
      'Santa',
      'Saint',
      'St.',
      'New',
      'Port',
      'El',
      'La',
      'Los',
      'Bad',
      'Upper',
      'Lower',
      'North',
      'Mount',
      'Villa',
      'Novi',
      'Stary',
      'Nový',
      'Old',
      'Great',
      'West',
      'East',
    ],
    random,
  )
  if (chance < 0.85) return `${prefix} ${capital(pick(given, random))}`
  return `${capital(invented(cities, townEndings, random))} ${pick(['am', 'de la', 'sur', 'upon', 'del', 'an der', 'di', 'de', 'do', 'le', 'nad'], random)} ${capital(invented(cities, townEndings, random))}`
}

function place(random: Random): string {
  const chance = random()
  const one = chance < 0.65 ? town(random) : chance < 0.92 ? capital(pick(countries, random)) : capital(pick(regions, random))
  return random() < 0.07 ? one.toUpperCase() : one
}

function street(random: Random): string {
  const chance = random()
  const base =
    random() < 0.5
      ? surname(random)
      : random() < 0.5
        ? givenName(random)
        : capital(
            pick(
              [
                'park',
                'church',
                'main',
                'mill',
                'high',
                'station',
                'school',
                'oak',
                'maple',
                'elm',
                'king',
                'queen',
                'victoria',
                'lake',
                'garden',
                'bridge',
                'first',
                'second',
                'market',
                'linden',
                'berg',
                'garten',
                'bahnhof',
                'kirch',
                'schul',
                'haupt',
              ],
              random,
            ),
          )
  if (chance < 0.4)
    return `${int(random() < 0.7 ? 999 : 19_999, random)} ${base}${random() < 0.15 ? ` ${surname(random)}` : ''} ${pick(streetTypes, random)}`
  if (chance < 0.62)
    return `${base.replaceAll(' ', '')}${pick(streetEndings, random)} ${int(199, random)}${random() < 0.15 ? pick(['a', 'b', 'c', ' A'], random) : ''}`
  if (chance < 0.85) {
    const number = int(299, random)
    const named = `${pick(streetPrefixes, random)} ${base}`
    return random() < 0.5 ? `${named} ${number}` : random() < 0.5 ? `${named}, ${number}` : `${number} ${named}`
  }
  if (chance < 0.93) return `${base} ${pick(streetSuffixes, random)} ${int(150, random)}${random() < 0.5 ? '.' : ''}`
  return `${base} ${int(150, random)}`
}

function address(random: Random): string {
  const chance = random()
  if (chance < 0.05)
    return `${pick(['P.O. Box', 'PO Box', 'Postfach', 'Apartado', 'Unit', 'PSC'], random)} ${digits(4, random)}${random() < 0.5 ? `, ${town(random)}` : ` Box ${digits(4, random)}\n${pick(['APO', 'FPO', 'DPO'], random)} ${pick(['AA', 'AE', 'AP'], random)} ${digits(5, random)}`}`
  const between = pick([', ', ', ', ', ', '\n', '\n', ' ', '\n ', '\n\n', '\n> ', ' - '], random)
  const parts = [street(random)]
  if (random() < 0.3) parts[random() < 0.8 ? 'push' : 'unshift'](`${pick(unitWords, random)} ${int(900, random)}`)
  if (random() < 0.08) parts.unshift(digits(2 + Math.floor(random() * 3), random))
  if (random() < 0.7) {
    const city = random() < 0.12 ? town(random).toUpperCase() : town(random)
    const zip = digits(pick([4, 5, 5, 5, 6], random), random)
    const form = random()
    if (form < 0.3) parts.push(`${city}, ${pick(states, random).toUpperCase()} ${zip}`)
    else if (form < 0.6) parts.push(`${zip} ${city}`)
    else if (form < 0.75) parts.push(city)
    else if (form < 0.9) parts.push(`${city} ${zip}`)
    else parts.push(city, capital(pick(regions, random)))
    if (random() < 0.35) parts.push(capital(pick(countries, random)) + (random() < 0.2 ? ` ${zip}` : ''))
  }
  return parts.join(between)
}

function organisation(random: Random): string {
  const chance = random()
  if (chance < 0.35) return `${surname(random)} ${pick(orgEndings, random)}`
  if (chance < 0.5) return `${surname(random)}, ${surname(random)} and ${surname(random)}`
  if (chance < 0.6) return `${surname(random)}-${capital(pick(surnames, random))}`
  if (chance < 0.8)
    return `${pick(orgWords, random)}${random() < 0.5 ? ' ' : ''}${pick(['Works', 'Soft', 'Tech', 'Data', 'Net', 'Analytics', 'Media', 'Health', 'Energy'], random)}${random() < 0.5 ? ` ${pick(orgEndings, random)}` : ''}`
  if (chance < 0.9) return Array.from({ length: 3 }, () => pick('ABCDEFGHIKLMNOPRSTVW'.split(''), random)).join('')
  return `${pick(['Bank of', 'University of', 'City of', 'Institute of', 'Ministry of'], random)} ${town(random)}`
}

/** Words that are in no list of names, for texts in which nobody stands; the trainer gives them. */
let plainWords: readonly string[] = []
export function usePlainWords(words: readonly string[]): void {
  plainWords = words
}
const plain = (random: Random) => pick(plainWords, random)
const joinedWords = (random: Random) => plain(random) + capital(plain(random))

const titles =
  'Mr Mr. Mrs Mrs. Ms Ms. Miss Dr Dr. Doctor Prof. Professor Sir Judge Captain Coach Nurse Officer Senator Father Sister Uncle Aunt Herr Frau Monsieur Madame Señor Señora Signor Signora'.split(
    ' ',
  )
const products = wordsOf('product')
const monthNames = wordsOf('month').slice(0, 12).map(capital)
interface Made {
  /** Where parts of an address on lines of their own are places: its town and its country. */
  readonly places: readonly { readonly start: number; readonly end: number }[]
}

function placesIn(value: string): Made['places'] {
  if (!value.includes('\n')) return []
  const lines = [...value.matchAll(/[^\n]+/g)].slice(1)
  return lines.flatMap(({ index, 0: line }) => {
    const words = /\p{L}[\p{L}\p{M}'’. -]*\p{L}/u.exec(line)
    if (words === null || /^(?:Apt|Apartment|Suite|Unit|Flat|Floor|APO|FPO|DPO|AA|AE|AP)\b/.test(words[0]) || /^\s*\d+ .*\d|#/.test(line))
      return []
    return [{ start: index + words.index, end: index + words.index + words[0].length }]
  })
}

const makers: Readonly<Record<string, readonly [NameTag, (random: Random) => string]>> = {
  person: ['person', person],
  given: ['person', givenName],
  surname: ['person', surname],
  address: ['address', address],
  place: ['place', place],
  org: ['organisation', organisation],
  street: ['address', street],
  unit: ['address', (random) => `${pick(unitWords, random)} ${int(900, random)}`],
  product: [
    'none',
    (random) => pick([capital, (word: string) => word, (word: string) => word.toUpperCase()], random)(pick(products, random)),
  ],
  acronym: [
    'none',
    (random) =>
      Array.from({ length: 2 + Math.floor(random() * 5) }, () => pick('ABCDEFGHIKLMNOPRSTVW'.split(''), random)).join('') +
      (random() < 0.2 ? 's' : ''),
  ],
  version: [
    'none',
    (random) =>
      `${random() < 0.3 ? 'v' : ''}${pick([int(20, random), `20${digits(2, random)}`], random)}.${int(20, random)}${random() < 0.6 ? `.${int(30, random)}` : ''}`,
  ],
  hash: [
    'none',
    (random) => Array.from({ length: pick([7, 8, 12, 40], random) }, () => pick('0123456789abcdef'.split(''), random)).join(''),
  ],
  title: ['none', (random) => pick(titles, random)],
  hex: ['none', (random) => Array.from({ length: 6 }, () => pick('0123456789abcdef'.split(''), random)).join('')],
  word: ['none', plain],
  Word: ['none', (random) => capital(plain(random))],
  WORD: ['none', (random) => plain(random).toUpperCase()],
  camel: ['none', joinedWords],
  Camel: ['none', (random) => capital(joinedWords(random))],
  code: [
    'none',
    (random) =>
      `${Array.from({ length: Math.floor(random() * 4) }, () => pick('ABCDEFGHKLMNPRST'.split(''), random)).join('')}${random() < 0.3 ? '-' : ''}${digits(3 + Math.floor(random() * 7), random)}`,
  ],
  number: [
    'none',
    (random) =>
      pick(
        [
          digits(3, random),
          digits(6, random),
          `${int(99, random)}:${digits(2, random)}`,
          `$${int(999, random)}`,
          `+${int(99, random)} ${digits(3, random)} ${digits(6, random)}`,
        ],
        random,
      ),
  ],
  date: [
    'none',
    (random) =>
      pick(
        [
          `20${digits(2, random)}-0${int(9, random)}-1${digits(1, random)}`,
          `${int(28, random)} ${pick(monthNames, random)} 20${digits(2, random)}`,
          `${pick(monthNames, random)} ${int(28, random)}`,
          `19${digits(2, random)}`,
        ],
        random,
      ),
  ],
  email: ['none', (random) => `${pick(given, random)}.${pick(surnames, random)}@${pick(['mail', 'post', 'corp'], random)}.example`],
}

/** A template with made-up values, and where they stand. Some texts are all in small letters, as people type them. */
export function fill(template: string, random: Random): LabelledText {
  let text = ''
  const spans: LabelledSpan[] = []
  let from = 0
  for (const { index, 0: whole, 1: name = '' } of template.matchAll(/\{(\w+)\}/g)) {
    const maker = makers[name]
    if (maker === undefined) throw new Error(`The template has an unknown place ${whole}: ${template}`)
    text += template.slice(from, index)
    const own = maker[1](random)
    const upper = own.toUpperCase()
    // Forms are often filled in in capitals.
    const value = maker[0] !== 'none' && upper.length === own.length && random() < 0.04 ? upper : own
    let done = text.length
    for (const { start, end } of maker[0] === 'address' ? placesIn(value) : []) {
      spans.push(
        { start: done, end: text.length + start, tag: 'address' },
        { start: text.length + start, end: text.length + end, tag: 'place' },
      )
      done = text.length + end
    }
    if (maker[0] !== 'none') spans.push({ start: done, end: text.length + value.length, tag: maker[0] })
    text += value
    from = index + whole.length
  }
  text += template.slice(from)
  const lower = text.toLowerCase()
  return random() < 0.13 && lower.length === text.length ? { text: lower, spans } : { text, spans }
}
