import { isIP } from 'node:net'
import { crc32 } from 'node:zlib'
import { nationalIds } from './national-ids.ts'
import { longestText, type Span } from './normalise.ts'

export type SecretKind =
  | 'aws-access-key'
  | 'github-token'
  | 'npm-token'
  | 'slack-token'
  | 'stripe-key'
  | 'google-key'
  | 'openai-key'
  | 'anthropic-key'
  | 'jwt'
  | 'private-key'
  | 'url-password'
  | 'assigned-secret'
  | 'service-key'

export type PersonalKind = 'card' | 'iban' | 'us-ssn' | 'national-id' | 'phone' | 'email' | 'ip-address'

/** Where something stands and what it is; the value itself is in no finding, so that none can leak through a message. */
export interface SecretFinding extends Span {
  readonly kind: SecretKind | PersonalKind
  readonly group: 'secret' | 'personal'
  /** Whether the form carries a checksum that was found right. Without one, the form alone speaks. */
  readonly checked: boolean
}

export interface SecretScan {
  readonly findings: readonly SecretFinding[]
  /** Whether a part was not read: of that part nothing is known. */
  readonly truncated: boolean
}

interface Format {
  readonly kind: SecretFinding['kind']
  readonly group: SecretFinding['group']
  readonly pattern: RegExp
  /** What of the match is meant, where only its beginning tells how long it is. */
  readonly cut?: ((value: string) => string) | undefined
  /** Decides on what the pattern found. `true` and `false` are a checksum's word; nothing means that there is none. */
  readonly accepts?: ((value: string) => 'checked' | 'formed' | undefined) | undefined
  /** What must stand shortly before it, where the form is one that much else has too. */
  readonly label?: RegExp | undefined
}

/** First the firm ones: where two overlap, the earlier in this list is meant. */
const formats: readonly Format[] = [
  { kind: 'private-key', group: 'secret', pattern: /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g },
  { kind: 'aws-access-key', group: 'secret', pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g },
  {
    kind: 'github-token',
    group: 'secret',
    pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})(?![A-Za-z0-9_])/g,
    accepts: (value) => (value.startsWith('github_pat_') ? 'formed' : byChecksum(value)),
  },
  { kind: 'npm-token', group: 'secret', pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9_])/g, accepts: byChecksum },
  {
    kind: 'slack-token',
    group: 'secret',
    pattern:
      /(?<![A-Za-z0-9])(?:xox[abeoprs]-[A-Za-z0-9-]{20,250}|xapp-\d-[A-Za-z0-9-]{20,250})|hooks\.slack\.com\/(?:services|workflows)\/T[A-Z0-9]{6,12}\/[A-Z0-9]{6,12}\/[A-Za-z0-9/]{16,64}/g,
  },
  {
    kind: 'stripe-key',
    group: 'secret',
    pattern: /(?<![A-Za-z0-9])(?:(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9+/]{32,80})/g,
  },
  {
    kind: 'google-key',
    group: 'secret',
    pattern: /(?<![A-Za-z0-9])(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{28}|ya29\.[A-Za-z0-9_-]{30,250})(?![A-Za-z0-9])/g,
  },
  { kind: 'anthropic-key', group: 'secret', pattern: /(?<![A-Za-z0-9])sk-ant-[a-z]{3,8}\d{2}-[A-Za-z0-9_-]{80,120}/g },
  {
    kind: 'openai-key',
    group: 'secret',
    pattern:
      /(?<![A-Za-z0-9])sk-(?:[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}(?![A-Za-z0-9])|(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{40,200}|[A-Za-z0-9]{48}(?![A-Za-z0-9]))/g,
  },
  {
    kind: 'jwt',
    group: 'secret',
    pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{4,8000}\.[A-Za-z0-9_-]{0,2000}/g,
    accepts: (value) => (isJwt(value) ? 'formed' : undefined),
  },
  {
    kind: 'url-password',
    group: 'secret',
    pattern: /(?<=[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{1,64}:)[^\s:/@]{3,128}(?=@[A-Za-z0-9[])/g,
    accepts: (value) => (isPlaceholder(value) ? undefined : 'formed'),
  },
  {
    kind: 'assigned-secret',
    group: 'secret',
    pattern:
      /(?<=(?:api|access|secret|private|auth|client|encryption|signing)[_-]?(?:key|token|secret)["']?\s{0,3}[:=]\s{0,3}["']?|(?:password|passwd|passphrase|token|secret|pwd)["']?\s{0,3}[:=]\s{0,3}["']?|authorization["']?\s{0,3}[:=]\s{0,3}["']?bearer\s)[A-Za-z0-9!#$%&*+./=?@^_~-]{12,256}/gi,
    accepts: (value) => (isRandom(value) ? 'formed' : undefined),
  },
  {
    kind: 'card',
    group: 'personal',
    pattern:
      /(?<![\w.,-])(?:[2-6]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}|3\d{3}[ -]?\d{6}[ -]?\d{4,5}|(?:2131|1800)\d{11}|[2456]\d{11,18})(?![\w-]|\.\d)/g,
    accepts: (value) => (isCard(value.replace(/[ -]/g, '')) ? 'checked' : undefined),
  },
  {
    kind: 'iban',
    group: 'personal',
    pattern: /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{1,4}){3,8}(?![A-Za-z0-9])/gi,
    cut: cutIban,
    accepts: (value) => (isIban(value.replace(/[ -]/g, '').toUpperCase()) ? 'checked' : undefined),
  },
  {
    kind: 'us-ssn',
    group: 'personal',
    pattern: /(?<![\w-])(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])/g,
  },
  ...nationalIds.map(
    ({ pattern, isValid, label }): Format => ({
      kind: 'national-id',
      group: 'personal',
      pattern,
      accepts: (value) => (isValid(value) ? 'checked' : undefined),
      label,
    }),
  ),
  { kind: 'phone', group: 'personal', pattern: /(?<![\w.+])\+[1-9](?:[ ()./-]{0,2}\d){7,14}(?![\w-]|\.\d)/g },
  { kind: 'phone', group: 'personal', pattern: /(?<![\w.-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}-)[2-9]\d{2}-\d{4}(?![\w-])/g },
  {
    kind: 'phone',
    group: 'personal',
    pattern: /(?<![\w.,-])(?:0|[1-9])(?:[ ()/-]{0,2}\d){6,13}(?![\w-]|[.,]\d)/g,
    accepts: (value) => (/^(?:19|20)\d\d[ /-]\d{1,2}[ /-]\d{1,2}$/.test(value) ? undefined : 'formed'),
    label:
      /\b(?:phone|tel|telephone|mobile|cell|fax|call|telefon|handy|mobil|rufnummer|t[eé]l[eé]fono|m[oó]vil|t[eé]l[eé]phone|portable)\b|电话|手机|電話/i,
  },
  {
    kind: 'email',
    group: 'personal',
    pattern: /(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+-][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![A-Za-z0-9-])/g,
  },
  { kind: 'ip-address', group: 'personal', pattern: /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)/g, accepts: byAddress },
  {
    kind: 'ip-address',
    group: 'personal',
    pattern: /(?<![\w.:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:]|\.\d)/g,
    accepts: byAddress,
  },
]

/** Keys, tokens and personal numbers by their form, and by their checksum where they have one. */
export function findSecrets(text: string, { maxCharacters = longestText }: { maxCharacters?: number } = {}): SecretScan {
  const read = text.length > maxCharacters ? text.slice(0, maxCharacters) : text
  const findings: SecretFinding[] = []
  for (const { kind, group, pattern, cut, accepts, label } of formats) {
    for (const { index: start, 0: matched } of read.matchAll(pattern)) {
      if (label && !label.test(read.slice(Math.max(0, start - labelReach), start))) continue
      const value = cut ? cut(matched) : matched
      const end = kind === 'private-key' ? endOfKey(read, start, start + value.length) : start + value.length
      const verdict = accepts ? accepts(value) : 'formed'
      if (verdict) findings.push({ kind, group, start, end, checked: verdict === 'checked' })
    }
  }
  return { findings: withoutOverlaps(findings), truncated: read.length < text.length }
}

/** The list is in order of firmness: what overlaps one that is already there is another reading of the same characters. */
function withoutOverlaps(findings: readonly SecretFinding[]): SecretFinding[] {
  const order = findings.map((finding, rank) => ({ finding, rank })).sort((a, b) => a.finding.start - b.finding.start || a.rank - b.rank)
  const kept: { finding: SecretFinding; rank: number }[] = []
  for (const next of order) {
    const last = kept.at(-1)
    if (!last || next.finding.start >= last.finding.end) kept.push(next)
    else if (next.rank < last.rank) kept[kept.length - 1] = next
  }
  return kept.map(({ finding }) => finding)
}

/** How far before a number the word may stand that says what it is. */
const labelReach = 40

const longestKey = 12_000

function endOfKey(text: string, start: number, head: number): number {
  const block = text.slice(start, start + longestKey)
  const close = /-----END [A-Z0-9 ]{1,40}-----/.exec(block)
  return close ? start + close.index + close[0].length : head
}

/** Not loopback and not "any": they point at nobody. */
function byAddress(value: string): 'formed' | undefined {
  return isIP(value) > 0 && value.length > 4 && !/^(?:0\.0\.0\.0|127\.|::1$)/.test(value) ? 'formed' : undefined
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** GitHub's and npm's tokens end in the CRC-32 of what follows the first `_`, in six digits of base 62. */
function byChecksum(token: string): 'checked' | undefined {
  const body = token.slice(token.indexOf('_') + 1)
  let rest = crc32(body.slice(0, -6))
  let digits = ''
  for (let index = 0; index < 6; index += 1) {
    digits = (base62[rest % 62] as string) + digits
    rest = Math.floor(rest / 62)
  }
  return body.endsWith(digits) ? 'checked' : undefined
}

function isJwt(value: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(value.split('.')[0] as string, 'base64url').toString('utf8'))
    return typeof header === 'object' && header !== null && 'alg' in header
  } catch {
    return false
  }
}

function isPlaceholder(value: string): boolean {
  return /^(?:[$<{[%]|\*+$|x{3,}|\.{3})|your|example|placeholder|changeme|password|redacted|dummy|sample|_here$|process\.env|os\.environ/i.test(
    value,
  )
}

/** Letters and digits mixed as only a machine mixes them. */
function isRandom(value: string): boolean {
  if (isPlaceholder(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return false
  const counts = new Map<string, number>()
  for (const letter of value) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length)
  return bits >= (value.length < 20 ? 3 : 3.5)
}

/** The Luhn check, and a number that an issuer uses: its beginning and its length. */
function isCard(digits: string): boolean {
  const length = digits.length
  const issued =
    (/^4/.test(digits) && (length === 13 || length === 16 || length === 19)) ||
    (/^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/.test(digits) && length === 16) ||
    (/^3[47]/.test(digits) && length === 15) ||
    (/^3(?:0[0-5]|095|[689])/.test(digits) && length >= 14 && length <= 19) ||
    (/^(?:2131|1800)/.test(digits) && length === 15) ||
    (/^35/.test(digits) && length >= 15 && length <= 19) ||
    (/^6(?:011|22|4[4-9]|5)/.test(digits) && length >= 16 && length <= 19) ||
    (/^(?:5[0678]|6)/.test(digits) && length >= 12 && length <= 19)
  if (!issued || /^(\d)\1+$/.test(digits)) return false
  let sum = 0
  for (let index = 0; index < length; index += 1) {
    const digit = Number(digits[length - 1 - index])
    sum += index % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

/** How long an IBAN is in each country that has them. */
const ibanLengths = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 ' +
    'GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 ' +
    'PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

/** Words that follow an IBAN look like more of its groups: the country says where it ends. */
function cutIban(matched: string): string {
  const length = ibanLengths.get(matched.slice(0, 2).toUpperCase()) ?? 0
  const whole = new RegExp(`^(?:[ -]?[A-Z0-9]){${length}}(?![A-Z0-9])`, 'i').exec(matched)
  return whole?.[0] ?? matched
}

function isIban(value: string): boolean {
  if (ibanLengths.get(value.slice(0, 2)) !== value.length) return false
  let rest = 0
  for (const letter of value.slice(4) + value.slice(0, 4)) {
    const digit = Number.parseInt(letter, 36)
    rest = (rest * (digit > 9 ? 100 : 10) + digit) % 97
  }
  return rest === 1
}
