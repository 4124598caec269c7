import { crc32 } from 'node:zlib'
import { nationalIds } from '../../models/local/detect/national-ids.ts'
import type { Random } from './random.ts'

/*
 * Made-up values in the forms that keys and numbers have, and look-alikes. They are put together when they are asked for, so that no file
 * of the project holds what a scanner takes for a leaked key.
 */

type Make = (random: Random) => readonly [label: string, value: string]

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const lower = upper.toLowerCase()
const figures = '0123456789'
const base62 = figures + upper + lower
const hex = '0123456789abcdef'

const some = (random: Random, count: number, from: string) => Array.from({ length: count }, () => random.pick([...from])).join('')
const digits = (random: Random, count: number) => some(random, count, figures)
const letters = (random: Random, count: number) => some(random, count, base62)
const grouped = (text: string, by = 4, gap = ' ') => text.match(new RegExp(`.{1,${by}}`, 'g'))?.join(gap) ?? text

function withLuhn(body: string): string {
  const sum = [...body].toReversed().reduce((total, digit, index) => {
    const part = Number(digit) * (index % 2 === 0 ? 2 : 1)
    return total + (part > 9 ? part - 9 : part)
  }, 0)
  return `${body}${(10 - (sum % 10)) % 10}`
}

function card(random: Random, starts: readonly string[], length: number): string {
  const start = random.pick(starts)
  return withLuhn(start + digits(random, length - 1 - start.length))
}

function ibanOf(random: Random, country: string, bban: string): string {
  const numbers = [...`${bban}${country}00`].map((letter) => Number.parseInt(letter, 36)).join('')
  const whole = `${country}${String(98n - (BigInt(numbers) % 97n)).padStart(2, '0')}${bban}`
  return random.next() < 0.7 ? grouped(whole) : whole
}

/** By trying: one number of ten or so has the right check digit. */
function nationalId(country: string, make: () => string): string {
  const known = nationalIds.find((id) => id.country === country)
  if (known === undefined) throw new RangeError(`Cannot make a number of "${country}": none of its form is known`)
  for (;;) {
    const value = make()
    const isWhole = Array.from(value.matchAll(known.pattern)).some(({ 0: found }) => found === value)
    if (isWhole && known.isValid(value)) return value
  }
}

/** Tokens of GitHub and npm end in a checksum. */
function checkedToken(random: Random, prefix: string): string {
  const body = letters(random, 30)
  let [rest, sum] = [crc32(body), '']
  for (let index = 0; index < 6; index += 1) {
    sum = base62[rest % 62] + sum
    rest = Math.floor(rest / 62)
  }
  return prefix + body + sum
}

const json64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const day = (random: Random) => String(random.between(1, 28)).padStart(2, '0')
const month = (random: Random) => String(random.between(1, 12)).padStart(2, '0')
const date = (random: Random) => `${String(random.between(50, 99))}${month(random)}${day(random)}`

const words =
  'abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid acoustic acquire across act action actor actress actual adapt add addict address adjust admit adult advance advice aerobic affair afford afraid again age agent agree ahead aim air airport aisle alarm album alcohol alert alien all alley allow almost alone alpha already also alter always amateur amazing among amount'.split(
    ' ',
  )

const password = (random: Random) =>
  random.pick([
    () => some(random, random.between(8, 14), `${base62}!#$%&*?@_-+`),
    () =>
      `${random.pick(['Sommer', 'Blue', 'Tiger', 'winter', 'Kaffee', 'horse', 'River'])}${random.pick(['!', '#', '-', '_', '.', '@'])}${digits(random, 4)}`,
    () =>
      `${random.pick(['correct', 'purple', 'silent'])}-${random.pick(['horse', 'monkey', 'garden'])}-${random.pick(['battery', 'window', 'staple'])}-${digits(random, 2)}`,
    () => letters(random, 12),
    () => `${some(random, 4, lower)}${digits(random, 3)}${some(random, 2, upper)}!`,
  ])()

export const secretMakers: Readonly<Record<string, Make>> = {
  'card-visa': (r) => [r.pick(['Card', 'Card number', 'Visa', 'Karte']), grouped(card(r, ['4'], 16))],
  'card-mastercard': (r) => [
    r.pick(['Card number', 'Mastercard', 'Kreditkarte']),
    grouped(card(r, ['51', '53', '55', '2221', '2540'], 16)),
  ],
  'card-dashes': (r) => [r.pick(['Card', 'Pay with', '信用卡']), grouped(card(r, ['4', '52', '54'], 16), 4, '-')],
  'card-plain': (r) => [r.pick(['Kartennummer', 'Card', '卡号']), card(r, ['4', '51', '53'], 16)],
  'card-amex': (r) => ['Amex', card(r, ['34', '37'], 15).replace(/(.{4})(.{6})(.{5})/, '$1 $2 $3')],
  'card-discover': (r) => ['Card', grouped(card(r, ['6011', '65'], 16))],
  'card-diners': (r) => ['Diners', card(r, ['36', '38', '305'], 14).replace(/(.{4})(.{6})(.{4})/, '$1 $2 $3')],
  'card-jcb': (r) => ['JCB', grouped(card(r, ['3530', '3566'], 16))],
  'card-unionpay': (r) => [r.pick(['银行卡', 'UnionPay']), r.next() < 0.5 ? grouped(card(r, ['62'], 16)) : card(r, ['62'], 19)],
  'iban-de': (r) => [r.pick(['IBAN', 'Konto']), ibanOf(r, 'DE', digits(r, 18))],
  'iban-gb': (r) => ['IBAN', ibanOf(r, 'GB', some(r, 4, upper) + digits(r, 14))],
  'iban-fr': (r) => [r.pick(['IBAN', 'Compte']), ibanOf(r, 'FR', digits(r, 23))],
  'iban-at': (r) => ['Konto', ibanOf(r, 'AT', digits(r, 16))],
  'iban-ch': (r) => ['IBAN', ibanOf(r, 'CH', digits(r, 17))],
  'iban-nl': (r) => ['Rekening', ibanOf(r, 'NL', r.pick(['INGB', 'ABNA', 'RABO', 'TRIO']) + digits(r, 10))],
  'iban-it': (r) => ['IBAN', ibanOf(r, 'IT', r.pick([...upper]) + digits(r, 22))],
  'iban-other': (r) => {
    const [country, length] = r.pick([
      ['ES', 20],
      ['BE', 12],
      ['PL', 24],
      ['SE', 20],
      ['NO', 11],
      ['DK', 14],
      ['FI', 14],
      ['PT', 21],
      ['CZ', 20],
    ] as const)
    return ['IBAN', ibanOf(r, country, digits(r, length))]
  },
  'iban-letters': (r) => ['IBAN', ibanOf(r, 'MT', `${some(r, 4, upper)}${digits(r, 5)}${some(r, 18, figures + upper)}`)],
  ssn: (r) => [r.pick(['SSN', 'Social security']), `${r.between(100, 660)}-${r.between(10, 99)}-${r.between(1000, 9999)}`],
  'cn-id': (r) => [
    r.pick(['身份证', '身份证号', 'ID']),
    nationalId('CN', () => `11010${r.between(1, 9)}19${date(r)}${digits(r, 3)}${r.pick([...'0123456789X'])}`),
  ],
  'fr-nir': (r) => [
    'N° de sécurité sociale',
    nationalId(
      'FR',
      () => `${r.between(1, 2)} ${r.between(50, 99)} ${month(r)} ${r.between(10, 95)} ${digits(r, 3)} ${digits(r, 3)} ${digits(r, 2)}`,
    ),
  ],
  'it-cf': (r) => [
    'Codice fiscale',
    nationalId(
      'IT',
      () =>
        `${some(r, 6, upper)}${r.between(50, 99)}${r.pick([...'ABCDEHLMPRST'])}${day(r)}${r.pick([...upper])}${digits(r, 3)}${r.pick([...upper])}`,
    ),
  ],
  'es-dni': (r) => ['DNI', nationalId('ES', () => `${digits(r, 8)}${r.pick([...'TRWAGMYFPDXBNJZSQVHLCKE'])}`)],
  'fi-hetu': (r) => [
    'Henkilötunnus',
    nationalId('FI', () => `${day(r)}${month(r)}${r.between(50, 99)}-${digits(r, 3)}${r.pick([...'0123456789ABCDEFHJKLMNPRSTUVWXY'])}`),
  ],
  'ch-ahv': (r) => ['AHV', nationalId('CH', () => `756.${digits(r, 4)}.${digits(r, 4)}.${digits(r, 2)}`)],
  'br-cpf': (r) => ['CPF', nationalId('BR', () => `${digits(r, 3)}.${digits(r, 3)}.${digits(r, 3)}-${digits(r, 2)}`)],
  'se-pnr': (r) => ['Personnummer', nationalId('SE', () => `${date(r)}-${digits(r, 4)}`)],
  'de-steuer': (r) => [
    r.pick(['Steuer-ID', 'Steuer-IdNr.']),
    nationalId('DE', () => grouped(`${r.between(1, 9)}${digits(r, 10)}`, 11).replace(/(..)(...)(...)(...)/, '$1 $2 $3 $4')),
  ],
  'pl-pesel': (r) => ['PESEL', nationalId('PL', () => `${date(r)}${digits(r, 5)}`)],
  'in-aadhaar': (r) => ['Aadhaar', nationalId('IN', () => grouped(`${r.between(2, 9)}${digits(r, 11)}`))],
  'uk-nino': (r) => [
    'National Insurance',
    `${some(r, 2, 'ABCEHJKLMPRSTWX')} ${digits(r, 2)} ${digits(r, 2)} ${digits(r, 2)} ${r.pick([...'ABCD'])}`,
  ],
  passport: (r) => [
    r.pick(['Passport', 'Passport number', 'Reisepass', '护照号']),
    `${r.pick([...'CFGHJKPXE'])}${some(r, 8, '0123456789')}`,
  ],
  'health-de': (r) => ['Versichertennummer', `${r.pick([...upper])}${digits(r, 9)}`],
  'driver-licence': (r) => [
    r.pick(["Driver's license", 'Führerschein']),
    `${r.pick([...upper])}${digits(r, 3)}-${digits(r, 4)}-${digits(r, 4)}`,
  ],
  openai: (r) => ['API key', `sk-${'proj'}-${letters(r, 20)}T3Blbk${'FJ'}${letters(r, 20)}`],
  anthropic: (r) => ['API key', `sk-${'ant'}-api03-${some(r, 93, `${base62}-_`)}AA`],
  github: (r) => ['Token', checkedToken(r, `gh${'p'}_`)],
  'github-pat': (r) => ['Token', `github${'_pat'}_11${some(r, 20, figures + upper)}_${letters(r, 59)}`],
  gitlab: (r) => ['Access token', `gl${'pat'}-${some(r, 20, `${base62}-_`)}`],
  npm: (r) => ['npm token', checkedToken(r, `np${'m'}_`)],
  slack: (r) => ['Bot token', `xox${'b'}-${digits(r, 12)}-${digits(r, 12)}-${letters(r, 24)}`],
  'slack-hook': (r) => [
    'Webhook',
    `https://hooks.${'slack'}.com/services/T${some(r, 8, upper + figures)}/B${some(r, 8, upper + figures)}/${letters(r, 24)}`,
  ],
  stripe: (r) => [r.pick(['Secret key', 'Stripe']), `${r.pick(['sk', 'rk'])}_${'live'}_${letters(r, 24)}`],
  google: (r) => ['Maps key', `AI${'za'}${some(r, 35, `${base62}-_`)}`],
  aws: (r) => ['Access key', `AK${'IA'}${some(r, 16, `${upper}234567`)}`],
  'aws-secret': (r) => [r.pick(['Secret access key', 'aws_secret_access_key']), some(r, 40, `${base62}+/`)],
  azure: (r) => ['Connection string', `AccountKey=[[${some(r, 86, `${base62}+/`)}==]]`],
  sendgrid: (r) => ['API key', `S${'G'}.${letters(r, 22)}.${some(r, 43, `${base62}-_`)}`],
  twilio: (r) => ['Auth token', some(r, 32, hex)],
  huggingface: (r) => ['Token', `h${'f'}_${some(r, 34, base62)}`],
  pypi: (r) => ['PyPI token', `py${'pi'}-AgEIcHlwaS5vcmc${some(r, 70, `${base62}-_`)}`],
  digitalocean: (r) => ['Token', `dop_${'v1'}_${some(r, 64, hex)}`],
  discord: (r) => ['Bot token', `M${letters(r, 23)}.${letters(r, 6)}.${some(r, 38, `${base62}-_`)}`],
  telegram: (r) => ['Bot token', `${digits(r, 10)}:AA${some(r, 33, `${base62}-_`)}`],
  shopify: (r) => ['Admin API access token', `shp${'at'}_${some(r, 32, hex)}`],
  square: (r) => ['Access token', `sq0${'atp'}-${some(r, 22, `${base62}-_`)}`],
  databricks: (r) => ['Token', `da${'pi'}${some(r, 32, hex)}`],
  linear: (r) => ['API key', `lin_${'api'}_${letters(r, 40)}`],
  notion: (r) => ['Integration secret', `nt${'n'}_${letters(r, 46)}`],
  postman: (r) => ['API key', `PM${'AK'}-${some(r, 24, hex)}-${some(r, 34, hex)}`],
  grafana: (r) => ['Service account token', `gl${'sa'}_${letters(r, 32)}_${some(r, 8, hex)}`],
  vault: (r) => ['Vault token', `hv${'s'}.${letters(r, 24)}`],
  docker: (r) => ['Access token', `dckr_${'pat'}_${some(r, 27, `${base62}-_`)}`],
  figma: (r) => ['Token', `fig${'d'}_${some(r, 40, `${base62}-_`)}`],
  groq: (r) => ['API key', `gs${'k'}_${letters(r, 52)}`],
  xai: (r) => ['API key', `xa${'i'}-${letters(r, 80)}`],
  openrouter: (r) => ['Key', `sk-${'or'}-v1-${some(r, 64, hex)}`],
  atlassian: (r) => ['API token', `ATA${'TT3'}x${some(r, 60, `${base62}-_`)}=${some(r, 8, '0123456789ABCDEF')}`],
  alibaba: (r) => ['AccessKey ID', `LT${'AI'}5t${letters(r, 18)}`],
  tencent: (r) => ['SecretId', `AK${'ID'}${letters(r, 32)}`],
  jwt: (r) => [
    r.pick(['Bearer', 'Session']),
    `${json64({ alg: 'HS256', typ: 'JWT' })}.${json64({ sub: digits(r, 6), name: 'made up' })}.${some(r, 43, `${base62}-_`)}`,
  ],
  'private-key': (r) => [
    'Key',
    `-----BEGIN ${r.pick(['', 'RSA ', 'EC ', 'OPENSSH '])}PRIVATE ${'KEY'}-----\n${grouped(some(r, 192, `${base62}+/`), 64, '\n')}\n-----END PRIVATE KEY-----`,
  ],
  'url-password': (r) => [
    r.pick(['DATABASE_URL', 'Connection']),
    `${r.pick(['postgres', 'mysql', 'redis', 'mongodb+srv'])}://app:${letters(r, 16)}@db.internal:5432/main`,
  ],
  'hex-key': (r) => [
    r.pick(['API key', 'Secret key', 'client_secret', 'Signing key', 'API-Schlüssel', '密钥']),
    some(r, r.pick([32, 40, 64]), hex),
  ],
  'generic-key': (r) => [
    r.pick(['API key', 'Secret', 'Access token', 'Client secret', 'Zugriffstoken', 'API 密钥']),
    letters(r, r.between(24, 44)),
  ],
  password: (r) => [
    r.pick(['Password', 'Passphrase', 'Temporary password', 'Wi-Fi password', 'Admin password', 'Root password']),
    password(r),
  ],
  'password-de': (r) => [r.pick(['Passwort', 'Kennwort', 'WLAN-Schlüssel', 'Ihr neues Passwort', 'Zugangskennwort']), password(r)],
  'password-zh': (r) => [r.pick(['密码', '登录密码', '初始密码', 'Wi-Fi 密码', '口令']), password(r)],
  'password-other': (r) => [r.pick(['Contraseña', 'Mot de passe', 'Senha', 'Wachtwoord']), password(r)],
  pin: (r) => [
    r.pick(['PIN', 'Security code', 'CVV', 'CVC', 'One-time code', 'Verification code', 'TAN', 'Sicherheitscode', '验证码', 'PUK']),
    digits(r, r.pick([3, 4, 6, 8])),
  ],
  'recovery-code': (r) => [
    r.pick(['Recovery code', 'Backup code', 'Wiederherstellungscode', '恢复代码']),
    `${some(r, 5, hex)}-${some(r, 5, hex)}`,
  ],
  'licence-key': (r) => [r.pick(['License key', 'Product key', 'Lizenzschlüssel']), grouped(some(r, 25, upper + figures), 5, '-')],
  'seed-phrase': (r) => [
    r.pick(['Seed phrase', 'Recovery phrase', 'Wallet backup']),
    Array.from({ length: 12 }, () => r.pick(words)).join(' '),
  ],
}

export const decoyMakers: Readonly<Record<string, Make>> = {
  order: (r) => [r.pick(['Order', 'Bestellung', '订单号']), `${digits(r, 4)}-${digits(r, 8)}`],
  date: (r) => [r.pick(['Date', 'Datum', '日期']), `2026-${month(r)}-${day(r)}`],
  time: (r) => ['Last sign-in', `2026-${month(r)}-${day(r)} ${r.between(10, 23)}:${r.between(10, 59)}`],
  version: (r) => ['Version', `${r.between(1, 20)}.${r.between(0, 99)}.${r.between(0, 30)}`],
  sha: (r) => ['Commit', some(r, r.pick([7, 12, 40]), hex)],
  uuid: (r) => [
    r.pick(['Request', 'Trace id', 'Device']),
    `${some(r, 8, hex)}-${some(r, 4, hex)}-4${some(r, 3, hex)}-a${some(r, 3, hex)}-${some(r, 12, hex)}`,
  ],
  'file-hash': (r) => ['SHA-256', some(r, 64, hex)],
  'iban-wrong': (r) => ['Reference', grouped(`DE00${digits(r, 18)}`)],
  amount: (r) => [r.pick(['Total', 'Betrag', '金额']), `${r.pick(['€', '$', '¥'])}${r.between(10, 9999)}.${digits(r, 2)}`],
  counter: (r) => [r.pick(['Views', 'Bytes', 'Aufrufe']), `${r.between(1, 99)},${digits(r, 3)},${digits(r, 3)}`],
  tracking: (r) => [r.pick(['Tracking', 'Sendung']), `1Z${some(r, 6, upper + figures)}${digits(r, 10)}`],
  serial: (r) => [r.pick(['Serial', 'Model', 'Artikel']), `${some(r, 3, upper)}-${digits(r, 5)}-${some(r, 2, upper)}`],
  invoice: (r) => ['Invoice', `INV-2026-${digits(r, 5)}`],
  isbn: (r) => ['ISBN', `978-3-${digits(r, 3)}-${digits(r, 5)}-${digits(r, 1)}`],
  'last-four': (r) => ['Card', `•••• •••• •••• ${digits(r, 4)}`],
  hidden: (r) => [r.pick(['Password', 'API key']), r.pick(['••••••••', '********', '••••••••••••'])],
  'password-rule': (r) => [
    r.pick(['Password', 'Passwort', '密码']),
    r.pick([
      'must have at least 8 characters',
      'changed 3 days ago',
      'Change',
      'last changed on 12 May 2026',
      'forgotten?',
      'Required',
      'zurücksetzen',
      'mindestens 12 Zeichen',
      '至少八个字符',
      'Strong',
      'not set',
    ]),
  ],
  'key-rule': (r) => [
    r.pick(['API key', 'Token', 'Access key', 'Secret']),
    r.pick([
      'none created yet',
      'expires in 30 days',
      'rotated yesterday',
      'Create new',
      'required',
      'read-only',
      'created 2026-03-12',
      'revoked',
      '3 active',
    ]),
  ],
  coordinates: (r) => ['Location', `${r.between(10, 80)}.${digits(r, 5)}, ${r.between(5, 120)}.${digits(r, 5)}`],
  fingerprint: (r) => ['Fingerprint', `SHA256:${letters(r, 43)}`],
  resolution: (r) => ['Size', `${r.between(600, 4000)} x ${r.between(600, 4000)}`],
  ticket: (r) => ['Ticket', `#${digits(r, 6)}`],
  path: () => ['File', '/srv/app/releases/20260312141502/current.tar.gz'],
  build: (r) => ['Build', `${digits(r, 5)} (${some(r, 8, hex)})`],
  meter: (r) => [r.pick(['Meter reading', 'Zählerstand']), `${digits(r, 6)} kWh`],
  customer: (r) => [r.pick(['Customer no.', 'Kundennummer', '客户编号']), digits(r, 8)],
  barcode: (r) => ['EAN', digits(r, 13)],
  prose: (r) => [
    'Note',
    r.pick([
      'Meet at the north gate at 9:30, bring 12 chairs',
      'The token ring was replaced in 1998',
      'Pin the photo to the board in room 204',
      'Key findings of the survey: 48 of 60 agreed',
    ]),
  ],
}
