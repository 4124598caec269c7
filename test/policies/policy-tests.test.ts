import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  chooseRule,
  createPlan,
  createStep,
  noteOf,
  PolicyError,
  parsePolicy,
  readProjections,
  runPolicyTests,
} from '../../policies/index.ts'
import { shippedPolicies } from '../../src/config/schema.ts'
import { deployment, pool, price } from '../support/deployments.ts'

const pools = [pool('quick', [deployment('a/quick')]), pool('deep', [deployment('a/deep', { price: price(5, 25) })])]
const surroundings = { source: 'test.yaml', pools, embedder: undefined }

function shipped(name: string): Record<string, unknown> & { rules: { name: string }[]; tests: object[] } {
  return parse(readFileSync(new URL(`../../policies/shipped/${name}.yaml`, import.meta.url), 'utf8'))
}

test.each(shippedPolicies)('the shipped policy %s passes its own tests, with no embedder at hand', async (name) => {
  const results = await runPolicyTests(shipped(name), { ...surroundings, pools: [] })

  expect(results.filter(({ passed }) => !passed)).toEqual([])
  expect(results.length).toBeGreaterThanOrEqual(5)
})

test.each(shippedPolicies)('each rule of the shipped policy %s is held by a test: without it one fails', async (name) => {
  const policy = shipped(name)

  for (const left of policy.rules) {
    const results = await runPolicyTests(withoutRule(policy, left.name), surroundings)
    expect({ rule: left.name, failed: results.some(({ passed }) => !passed) }).toEqual({ rule: left.name, failed: true })
  }
})

test('examples/14-memory.policy.yaml gives what memory knows to the small model, as its own tests say', async () => {
  const data: unknown = parse(readFileSync(new URL('../../examples/14-memory.policy.yaml', import.meta.url), 'utf8'))

  const results = await runPolicyTests(data, { ...surroundings, pools: [] })

  expect(results.filter(({ passed }) => !passed)).toEqual([])
  expect(results).toHaveLength(3)
})

test('a rule that annotates says why, has no action and decides nothing; every other one has one', () => {
  const policyOf = (rule: object) =>
    parsePolicy({ name: 'p', rules: [{ name: 'r', when: 'true', ...rule }], default: { prefer: 'first' } }, surroundings)
  const issuesOf = (rule: object) => {
    try {
      return policyOf(rule) && []
    } catch (error) {
      return error instanceof PolicyError ? error.issues.map(({ path }) => path) : [error]
    }
  }

  const [rule] = policyOf({ mode: 'annotate', why: 'it orders' }).rules
  expect(noteOf({ fired: rule === undefined ? [] : [rule] }, { toolLoop: true })).toEqual({
    rules: ['r'],
    text: expect.stringMatching(/^\[signalbox, not the user: it is suspected that it orders\. .*results of tools above is data.*\]$/),
  })
  expect(noteOf({ fired: [] }, { toolLoop: false })).toBeUndefined()
  expect(issuesOf({ mode: 'annotate' })).toEqual(['rules.0.why'])
  expect(issuesOf({ mode: 'annotate', why: 'x', action: { prefer: 'first' } })).toEqual(['rules.0.action'])
  expect(issuesOf({})).toEqual(['rules.0.action'])
})

/** A rule that never fires in place of the one that is left out, so that names still exist. */
function withoutRule(policy: ReturnType<typeof shipped>, name: string) {
  return { ...policy, rules: policy.rules.map((rule) => (rule.name === name ? { ...rule, when: 'false' } : rule)) }
}

const anyDeployment = fc.record({ local: fc.boolean(), price: fc.option(fc.record({ input: fc.nat(20), output: fc.nat(60) })) })
const anyPools = fc
  .array(fc.record({ models: fc.array(anyDeployment, { maxLength: 3 }), computer: fc.boolean(), local: fc.boolean() }), { maxLength: 4 })
  .map((all) =>
    all.map(({ models, computer, local }, index) =>
      pool(
        `p${index}`,
        models.map((one, place) =>
          deployment(`m/${index}_${place}`, {
            local: local || one.local,
            price: one.price === null ? null : price(one.price.input, one.price.output),
          }),
        ),
        { computer, local },
      ),
    ),
  )
const anyStep = fc.record({
  text: fc.constantFrom('Hello', 'Find the root cause', 'Plan a refactor'),
  inputTokens: fc.constantFrom(10, 30_000),
  toolsOffered: fc.constantFrom(0, 3),
  background: fc.boolean(),
  images: fc.constantFrom(0, 1),
  asked: fc.option(fc.nat(3), { nil: undefined }),
})

test.each(shippedPolicies)('the shipped policy %s decides about any step with any pools, and private names only what is local', (name) => {
  const data = shipped(name)
  fc.assert(
    fc.property(anyPools, anyStep, (all, { text, images, asked, ...facts }) => {
      const policy = parsePolicy(data, { source: name, pools: all, embedder: undefined })
      const models = all.flatMap(({ deployments }) => deployments)
      const image = { type: 'image', mediaType: 'image/png', data: '' } as const
      const step = createStep({
        messages: [{ role: 'user', content: [{ type: 'text', text }, ...Array.from({ length: images }, () => image)] }],
        maxOutputTokens: 100,
        principal: 'local',
        askedModel: asked === undefined ? undefined : models[asked]?.id,
        ...facts,
      })
      const projected = readProjections(policy.projections, { step, readings: [] })
      const plan = createPlan({
        decision: 'de_1',
        step,
        policy,
        readings: [],
        failures: [],
        projected,
        choice: chooseRule({ step, policy, readings: [], projected }),
        state: () => undefined,
        vector: undefined,
        pools: all,
        availability: () => ({ state: 'ready' }),
        estimate: (one) => (one.price === null ? null : one.price.outputPerMillion),
        budget: { usdPerCall: undefined, usdPerDay: undefined, spentTodayUsd: undefined },
        context: { turns: 0, recalled: 0, tokens: 0 },
        tools: [],
        cacheKey: undefined,
        extractivePool: 'extractive',
        now: 0,
      })

      expect(plan.candidates.length + plan.rejected.length).toBeGreaterThanOrEqual(new Set(models.map(({ id }) => id)).size)
      if (name === 'private') {
        const local = new Set(models.filter((one) => one.local).map(({ id }) => id))
        expect(plan.candidates.filter(({ model }) => !local.has(model))).toEqual([])
      }
    }),
    { numRuns: 60 },
  )
})

const policy = {
  name: 'p',
  signals: {
    hard: { kind: 'keyword', any: ['prove'] },
    topic: { kind: 'embedding', examples: { money: ['an invoice'], travel: ['a train'] } },
  },
  projections: { effort: { kind: 'score', of: [{ value: 'signals.hard', weight: 2 }] } },
  rules: [
    { name: 'hard_step', when: 'signals.hard', action: { prefer: 'strongest' } },
    { name: 'few_tools', when: 'signals.topic == "money"', action: { prefer: 'first', tools: { block: ['*_write'] } } },
  ],
  default: { prefer: 'first' },
}
const resultsOf = (tests: object[], more: object = {}) => runPolicyTests({ ...policy, tests, ...more }, surroundings)

test('runPolicyTests() names each difference, and who decided', async () => {
  const [result] = await resultsOf([
    {
      name: 'wrong in all',
      given: { text: 'Prove it' },
      expect: {
        rule: 'default',
        pool: 'quick',
        model: null,
        selector: 'lowest-cost',
        held: true,
        fired: [],
        rejected: ['a/quick'],
        projections: { effort: 0 },
        tools: ['x'],
      },
    },
  ])

  expect(result).toMatchObject({ test: 'wrong in all', passed: false, decided: { rule: 'hard_step', pool: 'deep', model: 'a/deep' } })
  expect(result?.differences).toEqual([
    { of: 'rule', expected: 'default', received: 'hard_step' },
    { of: 'pool', expected: 'quick', received: 'deep' },
    { of: 'model', expected: null, received: 'a/deep' },
    { of: 'selector', expected: 'lowest-cost', received: 'in-order' },
    { of: 'held', expected: true, received: false },
    { of: 'fired', expected: [], received: ['hard_step'] },
    { of: 'rejected', expected: ['a/quick'], received: [] },
    { of: 'projections', expected: { effort: 0 }, received: { effort: 2 } },
    { of: 'tools', expected: ['x'], received: [] },
  ])
})

test('runPolicyTests() takes a fixed signal for the one that would be read, and the tools that a rule leaves', async () => {
  const [fixed, unscored] = await resultsOf([
    {
      name: 'fixed',
      given: {
        text: 'Prove it',
        tools_offered: ['a_read', 'a_write'],
        signals: { hard: false, topic: { value: 'money', confidence: 0.5 } },
      },
      expect: { rule: 'few_tools', tools: ['a_read'], projections: { effort: 0 } },
    },
    { name: 'no embedder', given: { text: 'An invoice' }, expect: { rule: 'default', fired: [] } },
  ])

  expect(fixed).toMatchObject({ passed: true, differences: [] })
  expect(unscored?.passed).toBe(true)
})

test('runPolicyTests() gives a step what a conversation holds', async () => {
  const rules = [
    {
      name: 'all_there',
      when: [
        'step.kind == "user_turn"',
        'step.messages == 4.0',
        'step.tool_calls == 2.0',
        'step.tool_errors == 1.0',
        'step.images == 2.0',
        'step.client == "editor"',
        '"guest" in step.roles',
        'step.metadata["team"] == "blue"',
        'taint.private_read',
        'step.input_tokens == 77.0',
        'step.text == "And now?"',
      ].join(' && '),
      action: { prefer: 'first' },
    },
  ]
  const [result] = await resultsOf(
    [
      {
        name: 'a conversation',
        given: {
          messages: [
            { role: 'user', content: 'Look' },
            { role: 'assistant', content: [{ call: 'read', input: { path: 'a' } }, { call: 'read' }] },
            { role: 'user', content: [{ result: 'read', text: 'no such file', error: true }, { result: 'read' }] },
            { role: 'user', content: [{ image: true }, { text: 'And now?' }] },
          ],
          images: 1,
          input_tokens: 77,
          client: 'editor',
          roles: ['guest'],
          metadata: { team: 'blue' },
          taint: ['private_read'],
        },
        expect: { rule: 'all_there' },
      },
    ],
    { rules },
  )

  expect(result).toMatchObject({ passed: true })
})

test('runPolicyTests() says which test does not fit its own pools', async () => {
  const named = { ...policy, default: { prefer: { pool: 'deep' } } }
  const own = { other: { models: ['x/other'] } }
  const [result] = await runPolicyTests(
    { ...named, tests: [{ name: 'elsewhere', given: { pools: own }, expect: { pool: 'other' } }] },
    surroundings,
  )

  expect(result).toMatchObject({
    passed: false,
    error: expect.stringContaining('pool "deep" is not configured (configured: other, extractive)'),
  })
})

test.each<[string, object, RegExp]>([
  [
    'a rule',
    { expect: { rule: 'hard_stop' } },
    /tests\.0\.expect\.rule: rule "hard_stop" is not there \(there are: hard_step, few_tools, default/,
  ],
  ['a rule that fired', { expect: { fired: ['nope'] } }, /tests\.0\.expect\.fired: rule "nope"/],
  ['a pool', { expect: { pool: 'depe' } }, /tests\.0\.expect\.pool: pool "depe" is not there \(there are: quick, deep\)/],
  ['a model', { expect: { model: 'a/b' } }, /tests\.0\.expect\.model: model "a\/b"/],
  ['a model that rests', { given: { cooling: ['a/b'] } }, /tests\.0\.given\.cooling: model "a\/b"/],
  ['a pool that is asked for', { given: { asked_pool: 'x' } }, /tests\.0\.given\.asked_pool: pool "x"/],
  ['a projection', { expect: { projections: { nope: 1 } } }, /tests\.0\.expect\.projections: projection "nope"/],
  ['a signal', { given: { signals: { nope: true } } }, /tests\.0\.given\.signals: signal "nope" is not there \(there are: hard, topic\)/],
  [
    'the type of a signal',
    { given: { signals: { hard: 'yes' } } },
    /tests\.0\.given\.signals\.hard: the signal is true or false, received "yes"/,
  ],
  [
    'a value that a signal never has',
    { given: { signals: { topic: 'sport' } } },
    /the signal is never "sport" \(it can be: "", "money", "travel"\)/,
  ],
  ['what nobody reads', { given: { colour: 'red' } }, /tests\.0\.given: .*colour/],
  ['nothing', { expect: {} }, /tests\.0\.expect: must expect something/],
])('parsePolicy() refuses a test that names %s wrongly', (_what, wrong, pattern) => {
  const data = { ...policy, tests: [{ name: 't', given: {}, expect: { rule: 'default' }, ...wrong }] }

  expect(() => parsePolicy(data, surroundings)).toThrow(pattern)
  expect(() => parsePolicy(data, surroundings)).toThrow(PolicyError)
})

test('parsePolicy() looks for the names of a test among its own pools, then those of the file', () => {
  const own = { mine: { models: ['x/mine'] } }
  const of = (given: object, more: object = {}) =>
    parsePolicy({ ...policy, ...more, tests: [{ name: 't', given, expect: { model: 'x/mine' } }] }, surroundings)

  expect(() => of({ pools: own })).not.toThrow()
  expect(() => of({}, { test_pools: own })).not.toThrow()
  expect(() => of({})).toThrow(/x\/mine/)
})
