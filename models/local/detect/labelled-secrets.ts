import type { SecretFinding } from './secrets.ts'
import { ibanLength } from './spoilt-secrets.ts'

/*
 * What stands beside the name of a secret on a screen: "Kennwort: …", "API key" in one column and the key in the next. The name says what it
 * is, so that a number is found whose check digits were read wrong; what follows must still look like a value, since forms also say
 * "Password: at least 8 characters".
 */

interface Label {
  readonly kind: SecretFinding['kind']
  readonly group: SecretFinding['group']
  readonly name: string
  readonly value: string
  readonly accepts: (value: string, gap: string) => boolean
}

/** What parts a value from its name: a sign, a word, the gap between two columns (a tab), or a space alone. A frame may be read as a bar. */
const gap =
  '(?<gap>\\s{0,3}(?:[:=]|(?<![a-zA-Z])(?:[iI][sS][tT]?|lautet|es|est)(?![a-z])|\\t|是|为)[\\s=:>]{0,3}["\'|\\[(]{0,2}| ?[|\\[]|(?<=[A-Za-z\\p{sc=Han}])\\s{1,2}["\'(]?|(?<=[a-z])(?=[A-Z0-9])|(?<=\\p{sc=Han})(?=[A-Za-z0-9])|(?<=[A-Za-z])(?=\\d{3})|(?<=[a-z])(?=[A-Za-z0-9]{0,12}\\d))'

const secretName =
  '(?:pass ?(?:word|phrase|code|wort)|passwd|pwd|kenn ?wort|zugangs(?:code|kennwort)|contrase.{1,2}a|clave|mot ?de ?passe|senha|wachtwoord|has[lt]o|密 ?[码碼]|口令|' +
  '(?:api|access|secret|private|signing|encryption|master|admin|account|server|auth|service|session|security|client|maps|webhook|deploy|license|licence|product|activation|recovery|backup|wlan|wi-?fi|netzwerk|lizenz|produkt|api-?zugangs|zugriffs|[a-z]{0,8}herstellungs|sicherungs|geheimer|privater)[ _-]?(?:access[ _-]?)?(?:key|code|schl.{1,2}ssel|token|secret|password)(?: ?id)?|' +
  '(?<!public[ _-]?)(?<![a-zA-Z])key|(?:bot|npm|pypi|vault|refresh|bearer|id|personal)[ _-]?token|token|bearer|secret(?: ?id)?|credential|wallet ?key|schl.{1,2}ssel|密 ?钥|令 ?牌|恢复代码|恢复码)'

const codeName =
  '(?:(?<![a-zA-Z])(?:pin|puk|tan|otp|cvv2?|cvc2?)(?: ?code)?|(?:security|verification|confirmation|one-?time|access|login|sms)[ -]?(?:code|password|pin)|passcode|(?:bestatigungs|sicherheits|einmal|prufungs|pruf)(?:code|ziffer|passwort)|codigo(?: de verificacion| de seguridad)?|code de (?:verification|securite)|验 ?证 ?码|驗證碼|校验码|动态码)'

const cardName =
  '(?:(?:credit|debit|bank|kredit|giro|ec-?)? ?(?:card|karte)(?:n? ?(?:number|nummer|no\\.?|nr\\.?))?|pay with|visa|master ?card|amex|american express|diners(?: club)?|jcb|discover|maestro|union ?pay|carte(?: bancaire)?|tarjeta|carta di credito|卡 ?号|信用卡|银行卡|储蓄卡)'

const accountName = '(?:iban|konto(?:nummer)?|compte|rekening|cuenta|conto|account(?: number| no\\.?)?|bank ?account|账 ?号|银行账[号户])'

const personName =
  "(?<![A-Za-z])(?:passport|reisepass|passeport|pasaporte|passaporto|paspoort|护 ?照|driv(?:er|ing)(?:['’´`]? ?s)?['’]? ?licen[cs]e|f.{1,2}hrerschein|permis de conduire|驾驶证|" +
  '(?:national|identity|personal) ?(?:id|insurance|identity|card|number)|ausweis|personalausweis|id ?card|steuer-? ?(?:id|nummer|idnr\\.?|id-?nr\\.?|identifikationsnummer)|tax ?(?:id|payer id|number)|sozialversicherungs|versicherten|rentenversicherungs|krankenversicherungs|' +
  'dni|nie|nif|cpf|cnpj|pesel|bsn|ahv|nino|aadhaar|codice fiscale|henkilotunnus|personnummer|n° ?de ?securite ?sociale|numero de securite sociale|nhs|health insurance|medicare|ssn|social security|sin|tin|medical record|mrn|patient id|身 ?份 ?证|证件|社保)'
const numberName = '(?: ?(?:number|nummer|no\\.?|nr\\.?|num|id|号 ?码?|#))?'

const labels: readonly Label[] = [
  {
    kind: 'card',
    group: 'personal',
    name: cardName,
    value: '[A-Za-z|]?[\\dOIlSBZ|](?:[ .-]{0,3}[\\dOIlSBZ|]){11,19}(?![A-Za-z0-9])',
    accepts: (value) => mostlyDigits(value) && /^[A-Za-z|]?[2-6]/.test(value),
  },
  {
    kind: 'iban',
    group: 'personal',
    name: accountName,
    value:
      '[A-Z0-9]{2} ?[0-9OQDIlSZB]{2}(?:[ .-]{0,2}[A-Z0-9](?:[A-Z0-9l|]{0,33}))(?:[ .-]{1,2}(?=[A-Z]{0,3}\\d|[A-Z]{4}(?![a-z]))[A-Z0-9l|]{1,34}){0,9}',
    accepts: (value) => {
      const signs = value.replaceAll(/[^A-Z0-9l|]/g, '').length
      const length = ibanLength(value.slice(0, 2))
      return length === undefined ? signs >= 14 && mostlyDigits(value.slice(4)) : Math.abs(signs - length) <= 1
    },
  },
  {
    kind: 'national-id',
    group: 'personal',
    name: personName + numberName,
    value: '(?=[A-Z0-9]*[ ./-]?[A-Z0-9]*\\d)[A-Z0-9](?:[A-Zl0-9]|[-./+ ]{1,2}(?=[A-Z]{0,2}\\d|[A-Z](?![A-Za-z]))){5,24}',
    accepts: (value) => (value.match(/\d/g) ?? []).length >= 5 && !isDay(value),
  },
  {
    kind: 'assigned-secret',
    group: 'secret',
    name: codeName,
    value: '\\d(?:[ -]?\\d){2,8}(?![\\w]|[.,]\\d)',
    accepts: (value) => !isPlain(value),
  },
  {
    kind: 'assigned-secret',
    group: 'secret',
    name: secretName,
    value: '[^\\s,;]{6,400}',
    accepts: (value, between) => {
      if (isPlain(value)) return false
      if (between === '') return isStrong(value) && value.length >= 10
      return /[:=\t|[是为]|is/i.test(between) ? isMixed(value) : isStrong(value)
    },
  },
  {
    kind: 'assigned-secret',
    group: 'secret',
    name: '(?:(?:seed|recovery|secret|backup|wallet|mnemonic)[ -]?(?:phrase|words?|backup)|mnemonic|wiederherstellungs(?:phrase|worter)|助记词|恢复短语)',
    value: '(?:\\d{0,2}[.)]? ?[a-z]{3,8}[ ,]{1,3}){4,23}[a-z]{3,8}(?![A-Za-z])',
    accepts: (value) => !/\b(?:the|and|you|your|are|for|with|this|that|not|was|has|can|will|must|these|from)\b/.test(value),
  },
]
/** What a letter of a name may be read as. */
const readAs: Readonly<Record<string, string>> = { o: 'oO0', i: 'iIl1', l: 'lLI1' }
const patterns = labels.map(({ name, value, ...label }) => ({
  ...label,
  // The name is looked for in any case; the value keeps its own.
  pattern: new RegExp(`${anyCase(name)}${gap}(?<value>${value})`, 'gdu'),
}))

export function findLabelled(text: string): SecretFinding[] {
  const folded = withoutMarks(text)
  return patterns.flatMap(({ kind, group, pattern, accepts }) =>
    Array.from(folded.matchAll(pattern)).flatMap(({ groups, indices }): SecretFinding[] => {
      const [start, end] = indices?.groups?.['value'] ?? [0, 0]
      const value = trimmed(text.slice(start, end))
      return accepts(value, groups?.['gap'] ?? '') ? [{ kind, group, start, end: start + value.length, checked: false }] : []
    }),
  )
}

/** Letters in both cases, outside of classes and escapes: a flag would hold for the value as well. Words may be tied, or run together. */
function anyCase(source: string): string {
  return source.replaceAll(/\\p\{[^}]*\}|\(\?<[a-z]+>|\\.|\[(?:\\.|[^\]\\])*\]|[a-z]| \??/g, (part) => {
    if (part.startsWith(' ')) return '[ _-]?'
    return /^[a-z]$/.test(part) ? `[${readAs[part] ?? part + part.toUpperCase()}]` : part
  })
}

const plain: Readonly<Record<string, string>> = { '：': ':', '＝': '=', ß: 's', ł: 'l', Ł: 'L', '’': "'" }

/** As long as it was: an umlaut whose dots were not read is the same letter. */
function withoutMarks(text: string): string {
  return text.replaceAll(/[^\p{ASCII}]/gu, (letter) => {
    const base = plain[letter] ?? letter.normalize('NFD').replaceAll(/\p{M}/gu, '')
    return base.length === letter.length ? base : letter
  })
}

function trimmed(value: string): string {
  return value.replace(/[.,:;!?)\]"'|]+$/, (end) => (/^[!?]$/.test(end) ? end : '')) || value
}

function mostlyDigits(value: string): boolean {
  const signs = value.replaceAll(/[^A-Za-z0-9|]/g, '')
  return (signs.match(/\d/g) ?? []).length >= 0.7 * signs.length
}

/** A day, an hour, a version, an address of a page, or dots: names stand before them as well. */
function isPlain(value: string): boolean {
  return isDay(value) || /^(?:\d{1,2}:\d\d(?::\d\d)?|v?\d+(?:\.\d+){1,3}|\W*[•*●·.…]{3}.{0,2}|x+|SHA\d*:.*|https?:.*)$/iu.test(value)
}

function isDay(value: string): boolean {
  return /^(?:(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}.{0,8}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d)$/.test(value)
}

function kindsOf(value: string): number {
  return [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\p{N}\s.…•*·●]/u].filter((kind) => kind.test(value)).length
}

/** No word of a sentence: "password: required" tells nothing. */
function isMixed(value: string): boolean {
  return /\d/.test(value)
    ? kindsOf(value) >= 2 || value.length >= 6
    : kindsOf(value) >= 3 || /[!#$%&*+=?@^_~]\p{L}|^\p{L}{3,}(?:[._-]\p{L}{3,}){2,}$/u.test(value)
}

/** Where nothing but a space stands between, a word with a number is not enough. */
function isStrong(value: string): boolean {
  const digits = (value.match(/\d/g) ?? []).length
  if (value.length < 8) return false
  return (digits >= 2 && kindsOf(value) >= 2 && digits < value.length) || (kindsOf(value) >= 3 && /\w[!#$%&*+=?@^~]\w/.test(value))
}
