import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Deployment } from '../../../models/deployment.ts'
import { createSelector, selectorSchema } from '../../../policies/selectors/kinds.ts'
import type { SelectorFacts } from '../../../policies/selectors/selector.ts'
import { deployment, price } from '../../support/deployments.ts'
import { factsOf, knowing, measured, reputationOf, steady, stepOf } from './facts.ts'

const ids = ['a/one', 'a/two', 'b/three', 'b/four', 'c/five']
const serving = knowing({ stage: () => 'serving', reputation: (id) => reputationOf(id.length, 3) })
const canary = knowing({ ...serving, stage: () => 'canary' })

/** Every way in which a selector can be written, with what it may know. */
const cases: [name: string, options: unknown, facts: Partial<SelectorFacts>][] = [
  ['in-order', 'in-order', {}],
  ['lowest-cost', 'lowest-cost', {}],
  ['weighted', { kind: 'weighted', weights: { 'a/one': 3, 'a/two': 0, 'b/three': 0.5 } }, {}],
  ['weighted, all 0', { kind: 'weighted', weights: Object.fromEntries(ids.map((id) => [id, 0])) }, {}],
  ['latency', 'latency', { state: (id) => measured(id, { firstContent: steady(id.length * 10) }) }],
  ['latency without measurements', { kind: 'latency', percentile: 'p50' }, {}],
  ['multi-factor', 'multi-factor', {}],
  ['multi-factor above a ceiling', { kind: 'multi-factor', max_cost_usd: 0.003, on_no_candidates: 'first' }, {}],
  ['multi-factor that fails', { kind: 'multi-factor', max_cost_usd: 0.000001, on_no_candidates: 'fail' }, {}],
  ['joint', 'joint', { tools: ['files_read'], knowledge: knowing({ reputation: (id) => reputationOf(id.length * 10, 4) }) }],
  ['context-length', { kind: 'context-length', short: ['a/two'] }, {}],
  ['cascade', 'cascade', {}],
  ['cascade that went on before', { kind: 'cascade', judge: 'a/two' }, { escalated: true }],
  ['panel', { kind: 'panel', members: 2 }, {}],
  ['beta in its shadow', 'beta', {}],
  ['beta on trial', { kind: 'beta', canary: 0.3 }, { knowledge: canary }],
  ['beta that serves', 'beta', { knowledge: serving }],
  ['linucb in its shadow', 'linucb', {}],
  [
    'linucb on trial over weights',
    { kind: 'linucb', incumbent: { kind: 'weighted', weights: { 'a/one': 2 } }, canary: 0.2 },
    { knowledge: canary },
  ],
  ['linucb that serves', { kind: 'linucb', usd_per_step: 0.01 }, { knowledge: serving }],
]

function selectorOf(options: unknown) {
  return createSelector(selectorSchema.parse(options))
}

const prices = [price(1, 4), price(2, 8), price(0.1, 0.4), null, price(5, 25)]
const five = ids.map((id, index) => deployment(id, { price: prices[index] ?? null }))

describe.each(cases)('the selector %s', (_name, options, facts) => {
  test('orders whatever is eligible, leaves out only with a reason, and says how likely its first place was', () => {
    const selector = selectorOf(options)
    fc.assert(
      fc.property(fc.shuffledSubarray(five), fc.string(), fc.nat(200_000), (eligible, decision, inputTokens) => {
        const {
          order,
          rejected = {},
          propensity,
          scores,
          probabilities,
        } = selector.order(stepOf({ inputTokens }), eligible, factsOf(decision, facts))

        expect([...order.map(({ id }) => id), ...Object.keys(rejected)].toSorted()).toEqual(eligible.map(({ id }) => id).toSorted())
        expect(Object.values(rejected).every((reason) => reason !== '')).toBe(true)
        expect(propensity).toBeGreaterThan(0)
        expect(propensity).toBeLessThanOrEqual(1 + 1e-9)
        for (const score of Object.values(scores ?? {})) expect(score).not.toBeNaN()
        if (probabilities !== undefined && eligible.length > 0)
          expect(Object.values(probabilities).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 6)
      }),
      { numRuns: 60 },
    )
  })

  test('says the same of the same decision', () => {
    const selector = selectorOf(options)

    for (let index = 0; index < 20; index += 1) {
      const first = selector.order(stepOf(), five, factsOf(`de_${index}`, facts))
      expect(selectorOf(options).order(stepOf(), five, factsOf(`de_${index}`, facts))).toEqual(first)
    }
  })

  test('draws its first place as often as it says', () => {
    const selector = selectorOf(options)
    const draws = 2000
    const counts = new Map<string, number>()
    const stated = new Map<string, number>()

    for (let index = 0; index < draws; index += 1) {
      const { order, propensity } = selector.order(stepOf(), five, factsOf(`de_${index}`, facts))
      const id = order[0]?.id ?? 'nobody'
      counts.set(id, (counts.get(id) ?? 0) + 1)
      expect(propensity).toBeCloseTo(stated.get(id) ?? propensity, 9)
      stated.set(id, propensity)
    }

    const chiSquare = [...stated].reduce((sum, [id, chance]) => sum + ((counts.get(id) ?? 0) - draws * chance) ** 2 / (draws * chance), 0)
    // 0.1 % of a chi-square distribution with 4 degrees of freedom lies above; the draws are the same each time.
    expect(chiSquare).toBeLessThan(18.5)
    // What was never drawn was hardly possible.
    expect([...stated.values()].reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0.99)
  })
})

test('a selector that chance has a part in draws more than one', () => {
  const firsts = (options: unknown, facts: Partial<SelectorFacts>) =>
    new Set(
      Array.from({ length: 200 }, (_, index) => selectorOf(options).order(stepOf(), five, factsOf(`de_${index}`, facts)).order[0]?.id),
    )

  expect(firsts({ kind: 'weighted', weights: { 'a/one': 3 } }, {}).size).toBe(5)
  expect(firsts('beta', { knowledge: serving }).size).toBeGreaterThan(2)
  expect(firsts('beta', {})).toEqual(new Set(['a/one']))
})

test('a model that the pool does not hold is no obstacle', () => {
  const [only] = five as [Deployment]

  expect(selectorOf({ kind: 'weighted', weights: { 'z/absent': 9 } }).order(stepOf(), [only], factsOf('de_1'))).toMatchObject({
    order: [only],
    propensity: 1,
  })
})
