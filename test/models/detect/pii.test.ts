import { expect, test } from 'vitest'
import { findPii } from '../../../models/local/detect/index.ts'

const found = (text: string) => findPii(text).findings.map(({ type, start, end }) => [type, text.slice(start, end)])

test.each([
  [
    'Mail jörg.haß@müller.example or bob [at] shop [dot] example',
    [
      ['email', 'jörg.haß@müller.example'],
      ['email', 'bob [at] shop [dot] example'],
    ],
  ],
  [
    'You can reach me at 449 4898 or (37) 788-063 (fax)',
    [
      ['phone', '449 4898'],
      ['phone', '(37) 788-063'],
    ],
  ],
  ['Meine Handynummer ist 0171 555 01 23', [['phone', '0171 555 01 23']]],
  ['the number is 828-635-2307x09667', [['phone', '828-635-2307x09667']]],
  ['Order 555 0199 22 was sent on 2024-05-17 for 1,299.00', []],
  ['git show 4f2a91c at line 1200, build 2024.11.3', []],
  [
    'IBAN GB82 WEST 1234 5698 7654 32, BIC: DEUTDEFF',
    [
      ['iban', 'GB82 WEST 1234 5698 7654 32'],
      ['bank_account', 'DEUTDEFF'],
    ],
  ],
  ['card 4111111111111111, not 4111111111111112', [['card', '4111111111111111']]],
  ['SSN: 123 45 6789', [['us_ssn', '123 45 6789']]],
  ['My credit card number is 4532-1234-5678-9010', [['card', '4532-1234-5678-9010']]],
  [
    'Your username is Elin_Roga38 and your password is 5cFxfhNwJ2Eg.',
    [
      ['username', 'Elin_Roga38'],
      ['secret', '5cFxfhNwJ2Eg'],
    ],
  ],
  ['const password = process.env.PASSWORD1; the username is required', []],
  ["my driver's license number is D123-4567-8901", [['driver_license', 'D123-4567-8901']]],
  ['Reisepass C01X00T47', [['passport', 'C01X00T47']]],
  ['DNI: 12345678Z', [['national_id', '12345678Z']]],
  ['born on 12 March 1980, hired on 1 June 2001', [['date_of_birth', '12 March 1980']]],
  [
    '00:1B:44:11:3A:B7 has 4.2.2.9',
    [
      ['mac_address', '00:1B:44:11:3A:B7'],
      ['ip_address', '4.2.2.9'],
    ],
  ],
  ['postgres://ann:hunter2go@db.example/x', [['url_login', 'ann:hunter2go']]],
  [
    'send it to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, not 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb',
    [['crypto_address', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa']],
  ],
  ['bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq', [['crypto_address', 'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq']]],
  ['lives at 7B Rosebery Gardens, London N8 8SH.', [['address', '7B Rosebery Gardens, London N8 8SH']]],
  [
    'London SW1A 1AA, my zip code is 94107',
    [
      ['postcode', 'SW1A 1AA'],
      ['postcode', '94107'],
    ],
  ],
])('findPii() finds in %j', (text, expected) => expect(found(text).filter(([type]) => type !== 'place')).toEqual(expected))

test('findPii() reads long texts in pieces, and says when it has not read all', () => {
  const text = `${'word '.repeat(19_999)} a.b@c.example ${'word '.repeat(30_000)} d.e@f.example`

  expect(found(text).filter(([type]) => type === 'email')).toHaveLength(2)
  expect(findPii(text, { maxCharacters: 150_000 })).toMatchObject({ truncated: true, findings: [{ type: 'email' }] })
})

test('findPii() looks for the types that are wanted, from the score on that is wanted', () => {
  const text = 'a.b@c.example and 4111111111111111'

  expect(findPii(text, { types: ['card'] }).findings).toMatchObject([{ type: 'card' }])
  expect(findPii(text, { threshold: 0.98 }).findings).toMatchObject([{ type: 'card' }])
})

test.each([
  'HEGG560427MVZRRL04',
  'S1234567D',
  'A123456(3)',
  '85.07.30-033.28',
  'identity number 8001015009087',
  'TFN 123 456 782',
  'マイナンバー 1234 5678 9018',
  '880101-1234568',
])('findPii() knows the number of a state by its check digits: %s', (text) => {
  const other = text.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10))

  expect(findPii(text).findings).toMatchObject([{ type: 'national_id', score: 0.99 }])
  expect(findPii(other).findings.filter(({ score }) => score > 0.95)).toEqual([])
})
