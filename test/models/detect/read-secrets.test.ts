import { describe, expect, test } from 'vitest'
import { findReadSecrets, findSecrets } from '../../../models/local/detect/index.ts'
import { findKeys } from '../../../models/local/detect/keys.ts'

/** Put together here, so that no scanner takes this file for a leak. */
const random = 'Zk3vQ9xLmT7bR2nWc5YdH8sJfA1gPeZk3vQ9xLmT7bR2nWc5YdH8sJfA1gPe'
const hex = '6e3682fb107e37ba43530484a5680848'
const valuesOf = (text: string, findings: readonly { kind: string; start: number; end: number }[]) =>
  findings.map(({ kind, start, end }) => [kind, text.slice(start, end)])

describe('findSecrets() on numbers of persons', () => {
  test.each([
    'id 11010519491231002X',
    'DNI 12345678Z',
    'RSSMRA85T10A562S',
    'NHS number 943 476 5919',
    'Aadhaar 2341 2341 2346',
    'AHV 756.9217.0769.85',
    'CPF 529.982.247-25',
    'personnummer 811218-9876',
    'Steuer-ID 86 095 742 719',
    'PESEL 44051401359',
    'BSN 111222333',
    'SIN 046 454 286',
    '185057800608491',
  ])('finds %j by its check digit, and not with another digit', (text) => {
    const [finding] = findSecrets(text).findings
    const broken = text.replace(/(\d)(\D*)$/, (_, digit: string, rest: string) => `${(Number(digit) + 1) % 10}${rest}`)

    expect(finding).toMatchObject({ kind: 'national-id', group: 'personal', checked: true })
    expect(findSecrets(broken).findings.filter(({ kind }) => kind === 'national-id')).toEqual([])
  })

  test.each(['111222333', '943 476 5919', '046 454 286'])('%j without a word that says what it is, is only a number', (text) => {
    expect(findSecrets(text).findings).toEqual([])
  })

  test.each(['+49 30 1234567', '(415) 555-2671', '415-555-2671', 'Tel. 030 1234567'])('finds the phone number in %j', (text) => {
    expect(findSecrets(text).findings).toMatchObject([{ kind: 'phone', checked: false }])
  })

  test.each(['2026-11-29 10:30', 'version 2.3.4 build 123456789', 'total 1,234.56', 'order 100200300400'])('%j holds none', (text) => {
    expect(findSecrets(text).findings).toEqual([])
  })
})

describe('findKeys()', () => {
  test('finds the formats of services that the own table does not have', async () => {
    const key = `gl${'pat'}-${random.slice(0, 20)}`

    expect(
      valuesOf(
        key,
        (await findKeys(`use ${key}`)).findings.map((one) => ({ ...one, start: one.start - 4, end: one.end - 4 })),
      ),
    ).toEqual([['service-key', key]])
  })

  test('a text cannot tell it to look away', async () => {
    const { findings } = await findKeys(`/* secretlint-disable */ gl${'pat'}-${random.slice(0, 20)}`)

    expect(findings).toMatchObject([{ kind: 'service-key' }])
  })
})

describe('findReadSecrets()', () => {
  test.each([
    ['Card4111 1111 1111 1111', 'card', '4111 1111 1111 1111'],
    ['Card number 4l11 1ll1 11I1 1111', 'card', '4l11 1ll1 11I1 1111'],
    ['IBANDE89 37O4 0044 0532 0130 00', 'iban', 'DE89 37O4 0044 0532 0130 00'],
    [`API key:sk_${'live'}_${random.slice(0, 24)}`, 'stripe-key', `sk_${'live'}_${random.slice(0, 24)}`],
    ['Password\thunter22!', 'assigned-secret', 'hunter22!'],
    ['Ihr Passwort ist Xy7kQ2', 'assigned-secret', 'Xy7kQ2'],
    ['PIN: 4821', 'assigned-secret', '4821'],
    ['SSN 415 -44-1454', 'us-ssn', '415 -44-1454'],
    ['验证码：482913', 'assigned-secret', '482913'],
    ['PUK 4821', 'assigned-secret', '4821'],
    // A letter where only a letter can stand, and a name that says what a number with wrong check digits is.
    ['GB82 WEST l234 5698 7654 32', 'iban', 'GB82 WEST l234 5698 7654 32'],
    ['NL91 A8NA 0417 1643 00', 'iban', 'NL91 A8NA 0417 1643 00'],
    ['IBAN: DE89 3704 0044 0532 0130 01', 'iban', 'DE89 3704 0044 0532 0130 01'],
    ['Karte\t4111 1111 1111 1112', 'card', '4111 1111 1111 1112'],
    ['Mastercard 2223 0031 2200 3222', 'card', '2223 0031 2200 3222'],
    ['PASSP0RT_NUMBER = K48484476', 'national-id', 'K48484476'],
    ['Fuhrerschein: B072RRE2I55', 'national-id', 'B072RRE2I55'],
    ['National insurance: AB 12 34 56 C', 'national-id', 'AB 12 34 56 C'],
    ['110105194912310021', 'national-id', '110105194912310021'],
    [`Key: sk-0r-v1-${hex}${hex}`, 'service-key', `sk-0r-v1-${hex}${hex}`],
    [`npm_${random.slice(0, 34)}`, 'service-key', `npm_${random.slice(0, 34)}`],
    [`Alza${random.slice(0, 34)}`, 'service-key', `Alza${random.slice(0, 34)}`],
    [`sk - ant -apiθ3 - ${random.slice(0, 60)}`, 'service-key', `sk - ant -apiθ3 - ${random.slice(0, 60)}`],
    [`client_secret is ${hex}, thanks`, 'assigned-secret', hex],
    ['Wi-Fi password: lantern.velvet.nordwind', 'assigned-secret', 'lantern.velvet.nordwind'],
    [
      'DB: mongodb: //app:FvsMVcGCbdlzA3@db-4 .internal:27017/shop',
      'url-password',
      'mongodb: //app:FvsMVcGCbdlzA3@db-4 .internal:27017/shop',
    ],
    ['Kennwort Kaffee!2041', 'assigned-secret', 'Kaffee!2041'],
    ['登录密码: aOfJE4ZCLQem', 'assigned-secret', 'aOfJE4ZCLQem'],
    ['Lizenzschlussel\tLJ25N-26KM9-96DKM-FJSG4', 'assigned-secret', 'LJ25N-26KM9-96DKM-FJSG4'],
    ['Auth token|c62446090d4814f8a578f60d', 'assigned-secret', 'c62446090d4814f8a578f60d'],
    ['Recovery phrase: aisle alpha already account accident acquire', 'assigned-secret', 'aisle alpha already account accident acquire'],
    [
      `Webhook: https: //hooks.${'slack'}.com/services/T0AAAAAA1/B0AAAAAA1/${random.slice(0, 24)}`,
      'slack-token',
      `https: //hooks.${'slack'}.com/services/T0AAAAAA1/B0AAAAAA1/${random.slice(0, 24)}`,
    ],
  ])('finds in %j a %s', async (line, kind, value) => {
    expect(valuesOf(line, await findReadSecrets(line))).toContainEqual([kind, value])
  })

  test.each([
    'Password must have at least 8 characters',
    'Password: required',
    'Passwort\t••••••••',
    'Forgot password? Reset it',
    'Your PIN is on the back of the card',
    'Order 2026-004211, invoice 10/2026',
    'Room B205, 3 guests, 2 nights',
    'Password: changed 3 days ago',
    'API key: created 2026-03-12',
    'Token\t2026-03-12',
    'Access key version 2.10.3',
    'API key: *....0',
    'See https://user:<password>@db.example',
    'Password: two-step',
    'Recovery phrase: write down these words and keep them safe',
    'Reference: DE54 5037 9222 8588 9238 67',
    'Key findings of the survey: 48 of 60 agreed',
    'Pin the photo to the board in room 204',
    'Kundennummer 99314362',
    'Card: •••• •••• •••• 4242',
    'SHA-256: 3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea',
    'Public key: SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8',
  ])('%j holds none', async (line) => {
    expect(await findReadSecrets(line)).toEqual([])
  })
})
