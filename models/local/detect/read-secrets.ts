import { findKeys } from './keys.ts'
import { findLabelled } from './labelled-secrets.ts'
import { findSecrets, type SecretFinding } from './secrets.ts'
import { findSpoilt } from './spoilt-secrets.ts'

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
export async function findReadSecrets(read: string): Promise<SecretFinding[]> {
  // A zero with a stroke, as fonts for code have it.
  const line = read.replaceAll(/[θΘØø]|(?<=\d)@(?=\d| |$)/g, '0')
  const plain = parted({ text: line, at: Array.from({ length: line.length }, (_, index) => index) })
  const asDigits = { ...plain, text: withDigits(plain.text) }
  const found = (await findKeys(plain.text)).findings.map((one) => moved(one, plain))
  if (asDigits.text !== plain.text) {
    // Made of guesses: only a checksum, or a form that is hard to meet, makes one of them a finding.
    const guessed = findSecrets(asDigits.text).findings.filter(({ checked, kind }) => checked || kind === 'us-ssn' || kind === 'phone')
    found.push(...guessed.map((one) => moved(one, asDigits)))
  }
  const tight = tightened(plain)
  if (tight.text !== plain.text) {
    found.push(
      ...[...(await findKeys(tight.text)).findings, ...findSpoilt(tight.text), ...findLabelled(tight.text)].map((one) => moved(one, tight)),
    )
  }
  found.push(...[...findLabelled(plain.text), ...findSpoilt(plain.text)].map((one) => moved(one, plain)))
  // A key of many digits is no word that ran into a number: it is looked for in the line as it came, too.
  found.push(...findLabelled(line), ...findSpoilt(line))
  return withoutInner(found.map((one) => withTail(withScheme(one, line), line)))
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
    /(?<=[A-Za-z0-9]) {1,2}(?=[-_.:] ?[A-Za-z0-9])|(?<=[A-Za-z0-9] ?[-_.:]) {1,2}(?=[-_.]?[A-Za-z0-9])/g,
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

function moved(finding: SecretFinding, { at }: Variant): SecretFinding {
  return { ...finding, start: at[finding.start] ?? 0, end: (at[finding.end - 1] ?? 0) + 1 }
}

/** An address that is a key is one as a whole. */
function withScheme(finding: SecretFinding, line: string): SecretFinding {
  const scheme = finding.kind === 'slack-token' ? /https?: ?\/{1,2}$/.exec(line.slice(0, finding.start)) : null
  return scheme ? { ...finding, start: scheme.index } : finding
}

/** A key goes on after a space that a reader saw in it, where what follows is no word. */
function withTail(finding: SecretFinding, line: string): SecretFinding {
  if (finding.group !== 'secret' || /\s/.test(line.slice(finding.start, finding.end)) || finding.end - finding.start < 10) return finding
  const tail = /^(?: (?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9_-]{2,90}(?= |$)){1,4}/.exec(line.slice(finding.end))
  return tail ? { ...finding, end: finding.end + tail[0].length } : finding
}

/** What another finding holds whole is the same value once more. */
function withoutInner(findings: readonly SecretFinding[]): SecretFinding[] {
  const order = findings.toSorted((a, b) => b.end - b.start - (a.end - a.start) || Number(b.checked) - Number(a.checked))
  const kept: SecretFinding[] = []
  for (const one of order) if (!kept.some(({ start, end }) => start <= one.start && end >= one.end)) kept.push(one)
  return kept.toSorted((a, b) => a.start - b.start)
}
