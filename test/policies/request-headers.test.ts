import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keptHeaders } from '../../models/providers/endpoint.ts'
import { explainPlan, PolicyError, parsePolicy, planGiven, runPolicyTests, withPolicyHeaders } from '../../policies/index.ts'
import { givenSchema } from '../../policies/testing/test-file.ts'
import { deployment, pool } from '../support/deployments.ts'

const surroundings = { source: 'test.yaml', pools: [pool('quick', [deployment('a/quick')])], embedder: undefined }
const policyWith = (headers: unknown) => ({ name: 'p', default: { prefer: 'first', headers } })

function issuesOf(headers: unknown): string {
  try {
    parsePolicy(policyWith(headers), surroundings)
  } catch (error) {
    if (error instanceof PolicyError) return error.issues.map(({ path, message }) => `${path}: ${message}`).join('\n')
    throw error
  }
  return ''
}

test.each<[string, Record<string, unknown>, RegExp]>([
  ['no header', {}, /default\.headers: must be 1 to 16 headers, received 0/],
  ['too many', Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`x-${index}`, 'a'])), /received 17/],
  ['capitals', { 'X-Team': 'blue' }, /default\.headers\.X-Team: a header is named in lower case/],
  ['what is no name', { 'x team': 'blue' }, /named in lower case/],
  ['a value that is too long', { 'x-team': 'b'.repeat(1025) }, /must be 1 to 1024 printable ASCII/],
  ['a second header in a value', { 'x-team': 'blue\r\nauthorization: mine' }, /printable ASCII/],
  ['a value beyond ASCII', { 'x-team': 'grün' }, /printable ASCII/],
  ['a value of nothing', { 'x-team': '' }, /printable ASCII/],
  ['a variable', { 'x-team': `\${KEY}` }, /takes no variable of the environment/],
  ['a number', { 'x-team': 3 }, /default\.headers\.x-team/],
  ...['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'x-amz-security-token', 'x-auth-token', 'x-client-secret'].map(
    refused(/carries a credential/),
  ),
  ...['cookie', 'set-cookie'].map(refused(/carries cookies/)),
  ...['connection', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade', 'host'].map(refused(/belongs to the connection/)),
  ...['content-type', 'content-length', 'accept-encoding'].map(refused(/says how the body is read/)),
  ...['x-forwarded-for', 'openai-organization', 'via'].map(refused(/says who asks/)),
  ...['x-signalbox-session'].map(refused(/word of Signalbox/)),
])('parsePolicy() refuses headers: %s', (_what, headers, pattern) => expect(issuesOf(headers)).toMatch(pattern))

function refused(pattern: RegExp) {
  return (name: string): [string, Record<string, unknown>, RegExp] => [name, { [name]: 'a' }, pattern]
}

test('headers that a policy may set are those that a request that passes through keeps', () => {
  const parts = fc.constantFrom(
    'x',
    'api',
    'key',
    'sec',
    'via',
    'team',
    'forwarded',
    'content',
    'openai',
    'proxy',
    'signalbox',
    'cookie',
    'te',
    'host',
  )
  fc.assert(
    fc.property(fc.array(parts, { minLength: 1, maxLength: 3 }), (words) => {
      const name = words.join('-')
      fc.pre(issuesOf({ [name]: 'a' }) === '')
      expect(keptHeaders({ [name]: 'a' })).toEqual({ [name]: 'a' })
    }),
  )
})

test.each<[string, Record<string, string>, Record<string, string>, Record<string, string>]>([
  ['joins lists, each entry once', { 'anthropic-beta': 'a, b' }, { 'anthropic-beta': 'b,c' }, { 'anthropic-beta': 'a,b,c' }],
  ['sets a list that was not there', {}, { 'anthropic-beta': 'b' }, { 'anthropic-beta': 'b' }],
  ['stands in the place of any other', { 'user-agent': 'a, b', 'x-one': '1' }, { 'user-agent': 'c' }, { 'user-agent': 'c', 'x-one': '1' }],
])('withPolicyHeaders() %s', (_what, given, set, merged) => expect(withPolicyHeaders(given, set)).toEqual(merged))

test('a plan shows the headers of its rule, and says them in words', async () => {
  const policy = parsePolicy(policyWith({ 'x-team': 'blue', 'anthropic-beta': 'one' }), surroundings)

  const { plan } = await planGiven(givenSchema.parse({ text: 'Hi' }), { policy, ...surroundings, decision: 'd' })

  expect(plan.headers).toEqual({ 'x-team': 'blue', 'anthropic-beta': 'one' })
  expect(explainPlan(plan)).toContain('Headers for the provider: x-team: blue; anthropic-beta: one.')
})

test('a test of a policy expects all headers that are set', async () => {
  const tests = [{ name: 'one', given: { text: 'Hi' }, expect: { headers: { 'x-team': 'red' } } }]

  const [result] = await runPolicyTests({ ...policyWith({ 'x-team': 'blue' }), tests }, surroundings)

  expect(result?.differences).toEqual([{ of: 'headers', expected: { 'x-team': 'red' }, received: { 'x-team': 'blue' } }])
})
