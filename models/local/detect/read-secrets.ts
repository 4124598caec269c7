import { findKeys } from './keys.ts'
import { findSecrets, type SecretFinding } from './secrets.ts'

/** The text with other characters, and for each of them where it stood. */
interface Variant {
  readonly text: string
  readonly at: readonly number[]
}

/**
 * Keys, tokens and personal numbers in a line that was read from a picture: letters that a reader takes for digits are digits where most
 * around them are, words that it ran together are parted before what looks like the beginning of a value, and on a screen a word such as
 * "PIN" says what the characters after it are.
 */
export async function findReadSecrets(line: string): Promise<SecretFinding[]> {
  const plain = parted({ text: line, at: Array.from({ length: line.length }, (_, index) => index) })
  const asDigits = { ...plain, text: withDigits(plain.text) }
  const found = (await findKeys(plain.text)).findings.map((one) => moved(one, plain))
  if (asDigits.text !== plain.text) {
    // Made of guesses: only a checksum, or a form that is hard to meet, makes one of them a finding.
    const guessed = findSecrets(asDigits.text).findings.filter(({ checked, kind }) => checked || kind === 'us-ssn' || kind === 'phone')
    found.push(...guessed.map((one) => moved(one, asDigits)))
  }
  const tight = tightened(plain)
  if (tight.text !== plain.text) found.push(...(await findKeys(tight.text)).findings.map((one) => moved(one, tight)))
  found.push(...[...labelled(plain.text), ...spoilt(plain.text)].map((one) => moved(one, plain)))
  return withoutInner(found)
}

const prefixes =
  'AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|npm_|xox[abeoprs]-|xapp-|sk-ant-|sk-proj-|sk-|sk_live_|sk_test_|rk_live_|whsec_|AIza|GOCSPX-|ya29\\.|eyJ[A-Za-z0-9_-]{8,}\\.eyJ|hf_|SG\\.|pypi-|dop_v1_'
const beginnings = new RegExp(
  `(?<=[A-Za-z:=])(?=(?:${prefixes})[A-Za-z0-9_-]{10})|(?<=\\p{L})(?=\\d{3,4}[- ]?\\d{2})|(?<=IBAN)(?=[A-Z]{2}\\d{2})`,
  'gu',
)

function parted({ text, at }: Variant): Variant {
  const places = [...text.matchAll(beginnings)]
    .map(({ index }) => index)
    // A letter before digits may as well be a part of them: AT61 1904.
    .filter((index) => !/(?:^|[^A-Za-z0-9])[A-Z]{1,2}$/.test(text.slice(0, index)) && !/[A-Z0-9_-]{12}$/i.test(text.slice(0, index)))
  let [result, last] = ['', 0]
  const from: number[] = []
  for (const place of [...places, text.length]) {
    result += text.slice(last, place)
    from.push(...at.slice(last, place))
    if (place < text.length) {
      result += ' '
      from.push(at[place] ?? 0)
    }
    last = place
  }
  return { text: result, at: from }
}

/** Without the spaces that a reader sees beside signs: "415 -44-1454". */
function tightened({ text, at }: Variant): Variant {
  const gone = new Set<number>()
  for (const { index, 0: spaces } of text.matchAll(
    /(?<=[A-Za-z0-9]) {1,2}(?=[-_.][A-Za-z0-9])|(?<=[A-Za-z0-9][-_.]) {1,2}(?=[A-Za-z0-9])/g,
  )) {
    for (let place = index; place < index + spaces.length; place += 1) gone.add(place)
  }
  return {
    text: text
      .split('')
      .filter((_, place) => !gone.has(place))
      .join(''),
    at: at.filter((_, place) => !gone.has(place)),
  }
}

const digitOf: Readonly<Record<string, string>> = {
  O: '0',
  o: '0',
  Q: '0',
  D: '0',
  l: '1',
  I: '1',
  i: '1',
  '|': '1',
  '!': '1',
  Z: '2',
  S: '5',
  B: '8',
}

/** In words that are digits for the most part, letters that look like digits are. */
function withDigits(text: string): string {
  return text.replaceAll(/[\p{L}\p{N}|!]+/gu, (word) => {
    const digits = word.replaceAll(/\D/g, '').length
    const alike = [...word].filter((letter) => letter in digitOf).length
    return digits + alike === word.length && digits >= alike && digits > 0
      ? [...word].map((letter) => digitOf[letter] ?? letter).join('')
      : word
  })
}

/** The end of the text before a value: `is`, a colon, or the gap between two columns, which comes as a tab. */
const between = '\\s{0,3}(?:[:=：]|\\bis\\b|\\bist\\b|\\bes\\b|\\best\\b|\\t|是|为)\\s{0,3}'
const words = {
  phrase:
    '(?:pass ?(?:word|phrase|code)|pwd|passwort|kennwort|contrase(?:ñ|n)a|clave|mot ?de ?passe|密码|密碼|api ?key|secret(?: ?key)?|access ?token|token|recovery ?(?:code|key)|backup ?code|client ?secret|private ?key|lizenzschlüssel|license ?key)',
  code: '(?:\\bpin(?: ?code)?|cvv2?|cvc2?|security ?code|verification ?code|one-?time ?(?:code|password)|otp|passcode|bestätigungscode|sicherheitscode|c(?:ó|o)digo(?: de verificaci(?:ó|o)n)?|code de v(?:é|e)rification|验证码|驗證碼)',
}
const phrases = new RegExp(`(?<=${words.phrase}${between})[^\\s,;]{6,120}`, 'gi')
const codes = new RegExp(`(?<=${words.code}(?:${between}|\\s))\\d(?:[ -]?\\d){2,8}(?![\\w])`, 'gi')

function labelled(text: string): SecretFinding[] {
  const finding = (start: number, value: string): SecretFinding => ({
    kind: 'assigned-secret',
    group: 'secret',
    start,
    end: start + value.length,
    checked: false,
  })
  const found: SecretFinding[] = []
  for (const { index, 0: value } of text.matchAll(phrases)) if (isMixed(value)) found.push(finding(index, value))
  for (const { index, 0: value } of text.matchAll(codes)) found.push(finding(index, value))
  return found
}

/** Forms that are hard to meet by chance, with the letters that a reader takes for others: `eyJ` as `eyj`, a zero in a key that has none. */
const spoiltForms: readonly (readonly [SecretFinding['kind'], RegExp])[] = [
  ['jwt', /(?<![\w-])[eE]y[JjIl1\]|][\w\-\]|]{8,4000}\.[eE]y[JjIl1\]|][\w\-\]|]{4,8000}(?:\.[\w-]{0,2000})?/g],
  ['aws-access-key', /(?<![A-Za-z0-9])A[KS][Il1|]A(?=[A-Z0-9]*\d)[A-Z0-9]{16}(?![A-Za-z0-9])/g],
]

function spoilt(text: string): SecretFinding[] {
  return spoiltForms.flatMap(([kind, form]) =>
    Array.from(text.matchAll(form), ({ index, 0: value }) => ({
      kind,
      group: 'secret' as const,
      start: index,
      end: index + value.length,
      checked: false,
    })),
  )
}

/** No word of a sentence: "password: required" tells nothing. */
function isMixed(value: string): boolean {
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\p{N}\s.…•*·●]/u].filter((kind) => kind.test(value)).length
  return /\d/.test(value) ? kinds >= 2 : kinds >= 3
}

function moved(finding: SecretFinding, { at }: Variant): SecretFinding {
  return { ...finding, start: at[finding.start] ?? 0, end: (at[finding.end - 1] ?? 0) + 1 }
}

/** What another finding holds whole is the same value once more. */
function withoutInner(findings: readonly SecretFinding[]): SecretFinding[] {
  const order = findings.toSorted((a, b) => b.end - b.start - (a.end - a.start) || Number(b.checked) - Number(a.checked))
  const kept: SecretFinding[] = []
  for (const one of order) if (!kept.some(({ start, end }) => start <= one.start && end >= one.end)) kept.push(one)
  return kept.toSorted((a, b) => a.start - b.start)
}
