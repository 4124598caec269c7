import type { SecretFinding } from './secrets.ts'

/*
 * Keys and numbers that a reader of pictures has spoilt: a letter taken for another, one left out, spaces lost. What has a form that is hard
 * to meet by chance is found by the rest of it.
 */

type Kind = SecretFinding['kind']

/** The length of an IBAN of its country. */
export function ibanLength(country: string): number | undefined {
  return places.get(country)?.length
}

export function findSpoilt(text: string): SecretFinding[] {
  return [...spoiltKeys(text), ...spoiltForms(text), ...spoiltIbans(text)]
}

/** One letter for those that are taken for each other; as long as the text, so that places are the same. */
function alike(text: string): string {
  return text.toLowerCase().replaceAll(/[i|1!o05s8z]/g, (letter) => {
    if ('i|1!'.includes(letter)) return 'l'
    return letter === '0' ? 'o' : letter === '5' ? 's' : letter === '8' ? 'b' : letter === 'z' ? '2' : letter
  })
}

/** How the keys of services begin, and the least that follows: a reader leaves letters out. */
const beginnings = Object.entries({
  ghp_: 28,
  gho_: 28,
  ghu_: 28,
  ghs_: 28,
  ghr_: 28,
  github_pat_: 40,
  'glpat-': 16,
  glsa_: 30,
  glc_: 30,
  npm_: 28,
  'xoxa-': 24,
  'xoxb-': 24,
  'xoxp-': 24,
  'xapp-': 24,
  'sk-': 24,
  'sk-proj-': 24,
  'sk-ant-': 40,
  'sk-or-v1-': 40,
  sk_live_: 16,
  sk_test_: 16,
  rk_live_: 16,
  rk_test_: 16,
  whsec_: 24,
  AIza: 28,
  'GOCSPX-': 20,
  'ya29.': 24,
  hf_: 26,
  'SG.': 40,
  'pypi-': 40,
  dop_v1_: 40,
  shpat_: 24,
  shpca_: 24,
  shpss_: 24,
  'sq0atp-': 18,
  'sq0csp-': 18,
  dapi: 28,
  lin_api_: 28,
  ntn_: 30,
  'PMAK-': 40,
  'hvs.': 20,
  dckr_pat_: 20,
  figd_: 30,
  gsk_: 30,
  'xai-': 50,
  'pplx-': 30,
  r8_: 30,
  ATATT3x: 40,
  LTAI: 16,
  AKID: 28,
  sbp_: 30,
  nfp_: 30,
  'NRAK-': 22,
  'dp.pt.': 30,
  'tskey-': 20,
  rzp_live_: 12,
  phx_: 30,
  pscale_tkn_: 24,
  'AGE-SECRET-KEY-': 40,
}).map(([beginning, least]) => ({ folded: alike(beginning), least }))

/** Signs end no key: a dot only goes on with one where a letter follows. */
const body = /(?:[A-Za-z0-9_+/=|\]!-]|\.(?=[A-Za-z0-9]))*/y

function* spoiltKeys(text: string): Generator<SecretFinding> {
  const folded = alike(text)
  for (const { folded: beginning, least } of beginnings) {
    for (let at = folded.indexOf(beginning); at >= 0; at = folded.indexOf(beginning, at + 1)) {
      // "Token" may have run into it: what is long enough may stand after letters.
      if (/[A-Za-z0-9_-]/.test(text[at - 1] ?? '') && beginning.length < 4) continue
      body.lastIndex = at + beginning.length
      const rest = body.exec(text)?.[0] ?? ''
      if (rest.length >= least && (/\d/.test(rest) || beginning.length > 3) && /[A-Za-z]/.test(rest)) {
        yield { kind: 'service-key', group: 'secret', start: at, end: at + beginning.length + rest.length, checked: false }
      }
    }
  }
}

/** The last three by what stands in them: a bot's number before its token, a header of a key, a date of birth in a number of a citizen. */
const forms: readonly (readonly [Kind, SecretFinding['group'], RegExp])[] = [
  [
    'jwt',
    'secret',
    /(?<![\w-])[eE]y[JjIl1\]|][\w\-\]|]{8,4000}(?: [\w\-\]|]{4,400})?\. ?[eE]y[JjIl1\]|][\w\-\]|]{4,8000}(?:\.[\w-]{0,2000})?/g,
  ],
  ['aws-access-key', 'secret', /(?<![A-Za-z0-9])A[KS][Il1|]A(?=[A-Z0-9]*\d)[A-Z0-9]{14,17}(?![A-Za-z0-9])/g],
  ['service-key', 'secret', /(?<![\w-])[MNO][\w-]{22,27}\.[\w-]{5,7}\.[\w-]{26,42}/g],
  ['service-key', 'secret', /(?<![\w-])\d{8,10}:AA[\w-]{28,36}/g],
  ['slack-token', 'secret', /(?:https? ?: ?\/{1,2} ?)?hooks ?\. ?s[l1I]ack ?\. ?com ?\/ ?services ?\/[\w/]{20,80}/gi],
  // A reader sees spaces beside its signs. The name and the server belong to the key that it is.
  [
    'url-password',
    'secret',
    /(?<![\w])[a-z][a-z0-9+]{1,20} ?: ?\/{1,2} ?[^\s:/@<{$]{1,64} ?: ?[^\s/@<{$*]{3,128} ?@[A-Za-z0-9[][^\s,;]*(?: ?[.:/][^\s,;]+)*/g,
  ],
  ['private-key', 'secret', /[-—–.·_]{0,8} ?BEG[Il1]N[A-Z0-9 ]{0,24}PR[Il1]VATE ?KEY[A-Z ]{0,8} ?[-—–.·_]{0,8}/g],
  [
    'national-id',
    'personal',
    /(?<![A-Za-z0-9])[1-8]\d{5}(?:19[3-9]\d|20[0-2]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![A-Za-z0-9])/g,
  ],
]

function spoiltForms(text: string): SecretFinding[] {
  return forms.flatMap(([kind, group, form]) =>
    Array.from(text.matchAll(form), ({ index, 0: value }) => ({ kind, group, start: index, end: index + value.length, checked: false })),
  )
}

/** What stands where in the numbers of a country, after its two check digits: `n` digits, `a` letters, `c` either. */
const structures: Readonly<Record<string, string>> = {
  AT: '16n',
  BE: '12n',
  BG: '4a6n8c',
  CH: '5n12c',
  CY: '8n16c',
  CZ: '20n',
  DE: '18n',
  DK: '14n',
  EE: '16n',
  ES: '20n',
  FI: '14n',
  FR: '10n11c2n',
  GB: '4a14n',
  GR: '7n16c',
  HR: '17n',
  HU: '24n',
  IE: '4a14n',
  IS: '22n',
  IT: '1a10n12c',
  LI: '5n12c',
  LT: '16n',
  LU: '3n13c',
  LV: '4a13c',
  MC: '10n11c2n',
  MT: '4a5n18c',
  NL: '4a10n',
  NO: '11n',
  PL: '24n',
  PT: '21n',
  RO: '4a16c',
  SE: '20n',
  SI: '15n',
  SK: '20n',
  SM: '1a10n12c',
  TR: '6n16c',
  UA: '6n19c',
}
const places = new Map(
  Object.entries(structures).map(([country, structure]) => [
    country,
    `aann${structure.replaceAll(/(\d+)([nac])/g, (_, count: string, kind: string) => kind.repeat(Number(count)))}`,
  ]),
)

const digitFor: Readonly<Record<string, string>> = {
  O: '0',
  Q: '0',
  D: '0',
  I: '1',
  L: '1',
  '|': '1',
  '!': '1',
  Z: '2',
  S: '5',
  G: '6',
  B: '8',
}
const letterFor: Readonly<Record<string, string>> = { '0': 'O', '1': 'I', '|': 'I', '2': 'Z', '5': 'S', '6': 'G', '8': 'B' }

/** Each beginning of a word with two signs for a country and two for digits, as far as the country's numbers go. */
function* spoiltIbans(text: string): Generator<SecretFinding> {
  for (const { index: start } of text.matchAll(/(?<![A-Za-z0-9|])[A-Za-z0-9]{2} ?[0-9OQDIlSZB|]{2}[ .-]{0,2}[A-Za-z0-9|]/g)) {
    const country = [...text.slice(start, start + 2).toUpperCase()].map((letter) => letterFor[letter] ?? letter).join('')
    const expected = places.get(country)
    if (expected === undefined) continue
    let [signs, end] = ['', start]
    for (; end < text.length && signs.length < expected.length; end += 1) {
      const sign = text[end] ?? ''
      if (/[A-Za-z0-9|!]/.test(sign)) signs += sign.toUpperCase()
      else if (!/[ .-]/.test(sign)) break
    }
    if (signs.length < expected.length || /[A-Za-z0-9]/.test(text[end] ?? '')) continue
    const mended = [...signs].map((sign, place) => {
      if (expected[place] === 'n') return digitFor[sign] ?? sign
      return expected[place] === 'a' ? (letterFor[sign] ?? sign) : sign
    })
    const asDigits = mended.map((sign, place) => (expected[place] === 'c' ? (digitFor[sign] ?? sign) : sign))
    if ([mended, asDigits].some((one) => isRight(one.join('')))) yield { kind: 'iban', group: 'personal', start, end, checked: true }
  }
}

function isRight(iban: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(iban)) return false
  let rest = 0
  for (const letter of iban.slice(4) + iban.slice(0, 4)) {
    const digit = Number.parseInt(letter, 36)
    rest = (rest * (digit > 9 ? 100 : 10) + digit) % 97
  }
  return rest === 1
}
