import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ConvertError, convertSemanticRouter, runPolicyTests } from '../../policies/index.ts'

/** Written for this test in the format of that router. */
const file = readFileSync(new URL('../fixtures/semantic-router.yaml', import.meta.url), 'utf8')
const own = () => parse(file) as { routing: { decisions: object[]; signals: Record<string, object[]> } & Record<string, unknown> }

const { policy, missing, pools } = convertSemanticRouter(own())

test('convertSemanticRouter() names pools after their first model, and prices them', () => {
  expect(pools).toEqual({
    small: { models: ['local/small'] },
    large: { models: ['acme/large'] },
    large_and_1: { models: ['acme/large', 'local/small'] },
  })
  expect(policy['test_pools']).toMatchObject({
    small: { models: [{ model: 'local/small', price: { input: 0.1, output: 0.4 }, context_tokens: 32768 }] },
    large: { models: [{ model: 'acme/large', price: { input: 2, output: 8 } }] },
  })
  expect(policy['default']).toEqual({ prefer: { pool: 'small' } })
})

test.each<[string, Record<string, unknown>, string]>([
  ['an image', { text: 'Look', images: 1 }, 'r_1st_route'],
  ['a keyword', { text: 'Please refactor it' }, 'mixed'],
  ['a keyword, but not beside what its pattern finds', { text: 'Please refactor the API key of it, alpha and gamma' }, 'default'],
  ['a pattern in any case', { text: 'Debug my PASSWORD, gamma' }, 'default'],
  ['both words of an AND', { text: 'Alpha and beta and gamma' }, 'other'],
  ['one word of an AND', { text: 'Alpha and gamma' }, 'default'],
  ['none of a NOR', { text: 'Nothing' }, 'other'],
  [
    'a meaning that is worth most of its group',
    { text: 'gamma', signals: { support: 'support', billing: { value: '', confidence: 0.2 } } },
    'other',
  ],
  [
    'a meaning that another of its group beats',
    { text: 'gamma', signals: { support: { value: 'support', confidence: 0.1 }, billing: { value: 'billing', confidence: 0.5 } } },
    'default',
  ],
  ['a long context', { text: 'gamma', input_tokens: 8000 }, 'other'],
  ['a context that is too long', { text: 'gamma', input_tokens: 256_001 }, 'default'],
  ['four questions', { text: 'gamma? a? b？ c?' }, 'other'],
  ['three questions', { text: 'gamma? a? b？' }, 'default'],
  ['words in order', { text: 'gamma first, and only then stop' }, 'other'],
  ['words out of order', { text: 'gamma then first' }, 'default'],
  ['offered tools', { text: 'gamma', tools_offered: 1 }, 'other'],
  ['a role', { text: 'gamma', roles: ['admin'] }, 'other'],
  ['metadata', { text: 'gamma', metadata: { consent: 'denied' } }, 'other'],
  ['other metadata', { text: 'gamma', metadata: { consent: 'given' } }, 'default'],
])('a converted policy decides about %s as the decisions say', async (_what, given, rule) => {
  const signals = { billing: '', support: '', ...(given['signals'] as object | undefined) }
  const tests = [{ name: 'one', given: { ...given, signals }, expect: { rule } }]
  const [result] = await runPolicyTests({ ...policy, tests }, { source: 'converted', pools: [], embedder: undefined })

  expect(result?.decided.rule).toBe(rule)
})

test('convertSemanticRouter() keeps the order of decisions, tools and bands', () => {
  expect(policy.rules.map(({ name, priority }) => ({ name, priority }))).toEqual([
    { name: 'r_1st_route', priority: 4 },
    { name: 'mixed', priority: 3 },
    { name: 'other', priority: 1 },
  ])
  expect(policy.rules[1]).toMatchObject({
    tier: 2,
    action: { prefer: { pool: 'large_and_1' }, tools: { allow: ['search_web'], block: ['exec_cmd'] } },
  })
  expect(policy['projections']).toMatchObject({ band: { kind: 'bands', of: 'effort', bands: { low: 0, high: 0.4 } } })
})

test.each([
  'decision 1st route: reasoning of acme/large is not switched on',
  'decision mixed: models in their order, where elo was asked for',
  'decision mixed: without its plugin system_prompt',
  'decision mixed: without pii pii_strict (this version has no signal for pii), which counts as never there',
  'decision private: left out, since it needs pii pii_strict (this version has no signal for pii)',
  'score effort: without pii pii_strict (this version has no signal for pii)',
  'decision other: without structure dense (conditions cannot tell the density of keyword_set), which counts as never there',
  'keyword fuzzy: matches whole words, where fuzzy was asked for',
  'embedding support: the nearest candidate counts, where mean was asked for',
])('convertSemanticRouter() says: %s', (sentence) => {
  expect(missing).toContain(sentence)
})

test('convertSemanticRouter() leaves out a decision whose pattern cannot be taken over, with the pattern', () => {
  const said = missing.find((one) => one.startsWith('decision unsafe')) ?? ''

  expect(said).toMatch(/left out, since it needs keyword slow/)
  expect(said).toContain(String.raw`its keywords cannot be taken over ((a)\1 `)
})

test('convertSemanticRouter() says nothing of a plugin that is off', () => expect(missing.join()).not.toContain('cache'))

test('convertSemanticRouter() takes a recipe by its name, and refuses what is none', () => {
  const { routing } = own()
  const recipes = {
    recipes: [
      { name: 'one', routing: { ...routing, decisions: [] } },
      { name: 'two', routing },
    ],
  }

  expect(convertSemanticRouter(recipes, { recipe: 'two' }).policy).toMatchObject({ name: 'two', rules: [{}, {}, {}] })
  expect(convertSemanticRouter(recipes).policy).toMatchObject({ name: 'one', rules: [] })
  expect(() => convertSemanticRouter(recipes, { recipe: 'three' })).toThrow('there is no recipe "three" (there are: one, two)')
  expect(() => convertSemanticRouter({ pools: {} })).toThrow(ConvertError)
  expect(() => convertSemanticRouter({ routing: { decisions: [{ priority: 1 }] } })).toThrow(/routing\.decisions\.0\.name/)
})

test('convertSemanticRouter() sets the headers that a policy may set, and names the others', () => {
  const given = own()
  const configuration = {
    add: [
      { name: 'X-Team', value: 'blue' },
      { name: 'Authorization', value: 'Bearer mine' },
    ],
    update: [{ name: 'x-tier', value: 'gold' }],
    delete: ['x-old'],
  }
  const routing = {
    ...given.routing,
    decisions: given.routing.decisions.map((one) => ({ ...one, plugins: [{ type: 'header_mutation', configuration }] })),
  }

  const converted = convertSemanticRouter({ ...given, routing })

  expect(converted.policy.rules[0]).toMatchObject({ action: { headers: { 'x-team': 'blue', 'x-tier': 'gold' } } })
  expect(converted.missing).toEqual(
    expect.arrayContaining([
      'decision mixed: without the header authorization, which a policy cannot set',
      'decision mixed: headers x-old are not taken away',
    ]),
  )
})
