import { expect, test } from 'vitest'
import { explainPlan, PolicyError, parsePolicy, planGiven } from '../../policies/index.ts'
import { givenSchema } from '../../policies/testing/test-file.ts'
import { deployment, pool } from '../support/deployments.ts'

const surroundings = { source: 'test.yaml', pools: [pool('quick', [deployment('a/quick')])], embedder: undefined }
const policyWith = (guards: unknown) => ({ name: 'p', default: { prefer: 'first', guards } })

function issuesOf(guards: unknown): string {
  try {
    parsePolicy(policyWith(guards), surroundings)
  } catch (error) {
    if (error instanceof PolicyError) return error.issues.map(({ path, message }) => `${path}: ${message}`).join('\n')
    throw error
  }
  return ''
}

test.each<[string, unknown, RegExp]>([
  ['no guard', {}, /give computer, privacy, grounding or tool_calls/],
  ['a retry without its bound', { grounding: { retry: 'quick' } }, /give below and retry together/],
  ['a pool for a second try that is not there', { grounding: { below: 0.5, retry: 'nowhere' } }, /pool "nowhere" is not configured/],
  ['another guard', { computer: {}, network: {} }, /network/],
  ['a finding that is denied by construction', { computer: { allow: ['scheme'] } }, /guards\.computer\.allow\.0/],
  ['what is private and goes out', { computer: { allow: ['exfiltration'] } }, /guards\.computer\.allow\.0/],
  ['a name in two lists', { computer: { allow: ['send'], deny: ['send'] } }, /"send" stands in two/],
  ['a site with a path', { computer: { domains: ['https://a.example/b'] } }, /a site is written example\.com/],
  ['a site with a wildcard within', { computer: { domains: ['a.*.example'] } }, /a site is written/],
  ['a list of nothing', { computer: { deny: [] } }, /guards\.computer\.deny/],
  [
    'a recogniser twice',
    {
      privacy: {
        recognisers: [
          { name: 'a', pattern: 'x' },
          { name: 'a', pattern: 'y' },
        ],
      },
    },
    /two recognisers are named "a"/,
  ],
  ['a recogniser named as a type', { privacy: { recognisers: [{ name: 'iban', pattern: 'x' }] } }, /known already/],
  ['a pattern that looks back', { privacy: { recognisers: [{ name: 'a', pattern: '(x)\\1' }] } }, /regular expression/],
  ['a placeholder of other letters', { privacy: { recognisers: [{ name: 'a', pattern: 'x', replace: 'a b' }] } }, /upper-case/],
  ['a type that nobody knows', { privacy: { types: ['shoe_size'] } }, /privacy\.types\.0/],
])('parsePolicy() refuses guards: %s', (_what, guards, pattern) => expect(issuesOf(guards)).toMatch(pattern))

test('parsePolicy() refuses guards of a single rule', () => {
  const rule = { name: 'one', when: 'true', action: { prefer: 'first', guards: { computer: {} } } }

  expect(() => parsePolicy({ name: 'p', rules: [rule], default: { prefer: 'first' } }, surroundings)).toThrow(
    /rules\.0\.action\.guards: guards stand in the default/,
  )
})

test('createPlan() carries what the policy tells the guard, and explainPlan() says it', async () => {
  const guards = {
    computer: { domains: ['shop.example', '*.bank.example', 'localhost:3000'], deny: ['delete'], allow: ['send'] },
  }
  const policy = parsePolicy(policyWith(guards), surroundings)

  const { plan } = await planGiven(givenSchema.parse({ text: 'Hi' }), {
    policy,
    pools: surroundings.pools,
    embedder: undefined,
    decision: 'd',
  })

  expect(plan.guards).toEqual([{ guard: 'computer', ...guards.computer, on_unscored: 'confirm', redact: 'remote' }])
  expect(explainPlan(plan)).toContain(
    'Computer use is guarded: only at shop.example, *.bank.example, localhost:3000; never delete; does not ask for send.',
  )
})

test('explainPlan() says what models elsewhere do not see, and createPlan() names whom a picture is not sent to', async () => {
  const policy = parsePolicy(policyWith({ privacy: { types: ['iban'], allow: ['x'] } }), surroundings)

  const given = givenSchema.parse({ text: 'What is this?', images: 1 })
  const { plan } = await planGiven(given, { policy, pools: surroundings.pools, embedder: undefined, decision: 'd' })

  expect(explainPlan(plan)).toContain(
    'Models on other machines get placeholders for personal data and keys: only iban; 1 value is let through.',
  )
  expect(plan.rejected.map(({ reason }) => reason)).toContain(
    'the privacy guard cannot read pictures, and what is not read is not sent there',
  )
})
