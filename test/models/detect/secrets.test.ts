import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findSecrets, type PersonalKind, type SecretKind } from '../../../models/local/detect/index.ts'

/** Made up here, and put together so that no scanner takes this file for a leak. */
const random = 'Zk3vQ9xLmT7bR2nWc5YdH8sJfA1gPe'
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
function withChecksum(prefix: string): string {
  let rest = crc32(random)
  let sum = ''
  for (let index = 0; index < 6; index += 1, rest = Math.floor(rest / 62)) sum = digits[rest % 62] + sum
  return `${prefix}_${random}${sum}`
}
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (header: unknown) => `${base64url(header)}.${base64url({ sub: 'ann', name: 'Ann' })}.${random}`
const repeat = (length: number) => random.repeat(10).slice(0, length)

type Case = [kind: SecretKind | PersonalKind, text: string, value: string]
const found: Case[] = [
  ['aws-access-key', 'key AKIAZQ3DRSTUVWXY2345!', 'AKIAZQ3DRSTUVWXY2345'],
  ['github-token', `token=${withChecksum('ghp')}`, withChecksum('ghp')],
  ['github-token', `github_pat_${repeat(22)}_${repeat(59)}`, `github_pat_${repeat(22)}_${repeat(59)}`],
  ['npm-token', withChecksum('npm'), withChecksum('npm')],
  ['slack-token', `xoxb-${'1'.repeat(12)}-${repeat(24)}`, `xoxb-${'1'.repeat(12)}-${repeat(24)}`],
  ['stripe-key', `sk_${'live'}_${repeat(24)}`, `sk_${'live'}_${repeat(24)}`],
  ['google-key', `AIza${repeat(35)}`, `AIza${repeat(35)}`],
  ['openai-key', `sk-proj-${repeat(60)}`, `sk-proj-${repeat(60)}`],
  ['anthropic-key', `sk-ant-api03-${repeat(93)}AA`, `sk-ant-api03-${repeat(93)}AA`],
  ['jwt', `Bearer ${jwt({ alg: 'HS256', typ: 'JWT' })}`, jwt({ alg: 'HS256', typ: 'JWT' })],
  [
    'private-key',
    `a\n-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\nb`,
    '-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----',
  ],
  ['private-key', '-----BEGIN OPENSSH PRIVATE KEY-----\ncut', '-----BEGIN OPENSSH PRIVATE KEY-----'],
  ['url-password', 'postgres://ann:hunter22@db.example/x', 'hunter22'],
  ['assigned-secret', `api_key = "${repeat(24)}"`, repeat(24)],
  ['assigned-secret', `PASSWORD: ${repeat(14)}`, repeat(14)],
  ['card', 'card 4111 1111 1111 1111 please', '4111 1111 1111 1111'],
  ['card', 'amex 378282246310005.', '378282246310005'],
  ['card', '5555-5555-5555-4444', '5555-5555-5555-4444'],
  ['iban', 'to DE89 3704 0044 0532 0130 00 now', 'DE89 3704 0044 0532 0130 00'],
  ['iban', 'GB82WEST12345698765432', 'GB82WEST12345698765432'],
  ['us-ssn', 'SSN 123-45-6789', '123-45-6789'],
  ['email', 'ann.b+c@mail.example.com, please', 'ann.b+c@mail.example.com'],
  ['ip-address', 'at 192.168.10.7:80', '192.168.10.7'],
  ['ip-address', 'at 2001:db8::8a2e:370:7334 today', '2001:db8::8a2e:370:7334'],
]

test.each(found)('findSecrets() finds %s in %s', (kind, text, value) => {
  const { findings } = findSecrets(text)

  expect(findings).toMatchObject([{ kind }])
  expect(text.slice(findings[0]?.start, findings[0]?.end)).toBe(value)
  expect(JSON.stringify(findings)).not.toContain(value)
})

test('findSecrets() calls checked what has a checksum', () => {
  const checked = found.filter(([, text]) => findSecrets(text).findings[0]?.checked).map(([kind]) => kind)
  expect([...new Set(checked)]).toEqual(['github-token', 'npm-token', 'card', 'iban'])
})

describe('findSecrets() leaves alone', () => {
  test.each([
    ['a token of GitHub with a wrong checksum', `ghp_${repeat(36)}`],
    ['a token of npm with a wrong checksum', `npm_${repeat(36)}`],
    ['a card with a wrong check digit', '4111 1111 1111 1112'],
    ['a card that no issuer has', '9111 1111 1111 1111'],
    ['an IBAN with wrong check digits', 'DE88 3704 0044 0532 0130 00'],
    ['an IBAN of the wrong length', 'DE89 3704 0044 0532 0130'],
    ['a social security number of no area', '000-45-6789 666-45-6789 912-45-6789'],
    ['a social security number without group or serial', '123-00-6789 123-45-0000'],
    ['an address beyond 255', '192.168.10.700'],
    ['a version', 'version 1.2.3.4.5'],
    ['loopback', '127.0.0.1 and ::1'],
    ['a time', 'at 12:30:45'],
    ['three parts that are no token', 'eyJhbGciOi.eyJzdWIiOi.abc'],
    ['a JSON Web Token without an algorithm', jwt({ typ: 'JWT' })],
    ['placeholders', `api_key = "YOUR_API_KEY_HERE_1" password: \${PASSWORD_FROM_ENV1} token: <your-token-here-1>`],
    ['a word in place of a password', 'password: correcthorsebattery'],
    ['a public key', '-----BEGIN PUBLIC KEY-----'],
    ['an address without a password', 'https://ann@example.com/x'.replace('ann@', '')],
    ['a commit', 'commit da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ])('%s', (_, text) => {
    expect(findSecrets(text).findings).toEqual([])
  })
})

test('findSecrets() gives findings in order, without overlaps, within the text', () => {
  const parts = fc.array(fc.oneof(fc.constantFrom(...found.map(([, text]) => text)), fc.string()), { maxLength: 12 })
  fc.assert(
    fc.property(parts, (some) => {
      const text = some.join(' ')
      let last = 0
      for (const { start, end } of findSecrets(text).findings) {
        expect(last <= start && start < end && end <= text.length).toBe(true)
        last = end
      }
    }),
    { numRuns: 300 },
  )
})

test('findSecrets() says when it has not read all', () => {
  expect(findSecrets(`${' '.repeat(200_000)}ann@example.com`)).toEqual({ findings: [], truncated: true })
})
