import { describe, expect, test } from 'vitest'
import { createSelector, selectorSchema } from '../../../policies/selectors/kinds.ts'
import type { BanditState } from '../../../policies/selectors/knowledge.ts'
import { featuresOf, pace, teach, viewArm } from '../../../policies/selectors/linucb-arm.ts'
import type { SelectorFacts } from '../../../policies/selectors/selector.ts'
import type { StepInput } from '../../../policies/step.ts'
import { deployment, price } from '../../support/deployments.ts'
import { factsOf, knowing, measured, reputationOf, steady, stepOf } from './facts.ts'

const small = deployment('a/small', { price: price(0.1, 0.4) })
const middle = deployment('a/middle', { price: price(1, 4) })
const large = deployment('a/large', { price: price(5, 25) })
const all = [large, middle, small]

function choose(options: unknown, facts: Partial<SelectorFacts> = {}, step: Partial<StepInput> = {}) {
  const { order, ...rest } = createSelector(selectorSchema.parse(options)).order(stepOf(step), all, factsOf('de_1', facts))
  return { ...rest, order: order.map(({ id }) => id) }
}

describe('latency', () => {
  const times: Record<string, [number, number]> = { 'a/small': [100, 40], 'a/middle': [200, 10], 'a/large': [900, 90] }
  const state = (id: string) => {
    const [firstContentMs = 0, perTokenMs = 0] = times[id] ?? []
    return measured(id, { firstContent: { ...steady(firstContentMs), p95: 1000 }, perToken: steady(perTokenMs) })
  }

  test('takes both times as multiples of the best: (1 + 4) / 2 loses against (2 + 1) / 2', () => {
    expect(choose({ kind: 'latency', percentile: 'p50' }, { state })).toMatchObject({
      order: ['a/middle', 'a/small', 'a/large'],
      scores: { 'a/middle': 1.5, 'a/small': 2.5, 'a/large': 9 },
    })
  })

  test('tries first what was never measured, and says so', () => {
    const partly = (id: string) => (id === 'a/large' ? undefined : state(id))

    expect(choose('latency', { state: partly })).toMatchObject({
      order: ['a/large', 'a/middle', 'a/small'],
      note: '1 of 3 models have not been measured yet and come first',
    })
  })
})

describe('multi-factor', () => {
  test('weighs what it is told to', () => {
    const only = (factor: string) => ({ quality: 0, latency: 0, cost: 0, load: 0, [factor]: 1 })
    const state = (id: string) => measured(id, { firstContent: steady(id === 'a/middle' ? 10 : 500), inFlight: id === 'a/small' ? 9 : 0 })

    expect(choose({ kind: 'multi-factor', weights: only('cost') }).order).toEqual(['a/small', 'a/middle', 'a/large'])
    expect(choose({ kind: 'multi-factor', weights: only('quality') }).order).toEqual(['a/large', 'a/middle', 'a/small'])
    expect(choose({ kind: 'multi-factor', weights: only('latency') }, { state }).order[0]).toBe('a/middle')
    expect(choose({ kind: 'multi-factor', weights: only('load') }, { state }).order.at(-1)).toBe('a/small')
  })

  test('what was seen outweighs the price', () => {
    const knowledge = knowing({ reputation: (id) => (id === 'a/small' ? reputationOf(95, 5) : reputationOf(5, 95)) })

    expect(choose({ kind: 'multi-factor', weights: { quality: 1, latency: 0, cost: 0, load: 0 } }, { knowledge }).order[0]).toBe('a/small')
  })

  test.each([
    ['max_ttft_ms', 400, 'it takes 500 ms to its first content (p95), above 400'],
    ['max_tpot_ms', 20, 'it takes 50 ms for a token (p95), above 20'],
    ['max_cost_usd', 0.01, 'it may cost $0.0175, above $0.01'],
    ['max_inflight', 3, '3 calls of it are under way, of 3 at most'],
  ])('%s puts what is above it last', (ceiling, value, reason) => {
    const state = (id: string) =>
      id === 'a/large' ? measured(id, { firstContent: steady(500), perToken: steady(50), inFlight: 3 }) : measured(id, {})

    const { order, note } = choose({ kind: 'multi-factor', [ceiling]: value, weights: { quality: 9 } }, { state })

    expect(order.at(-1)).toBe('a/large')
    expect(note).toBe(`a/large come last: ${reason}`)
  })

  test('when all are above a ceiling: the cheapest, the first, or nobody', () => {
    const above = { kind: 'multi-factor', max_cost_usd: 0.0000001 }

    expect(choose(above).order[0]).toBe('a/small')
    expect(choose({ ...above, on_no_candidates: 'first' }).order[0]).toBe('a/large')
    expect(choose({ ...above, on_no_candidates: 'fail' })).toMatchObject({
      order: [],
      rejected: { 'a/small': 'it may cost $0.0003, above $1e-7' },
    })
  })
})

describe('joint', () => {
  test('without verdicts the price tier stands for success', () => {
    expect(choose({ kind: 'joint', min_success: 0.7 })).toMatchObject({
      order: ['a/middle', 'a/large', 'a/small'],
      note: 'a/middle is the cheapest that suffices: 0.75 of 0.7 by its price alone',
    })
  })

  test('takes the cheapest whose success with the tools of the step suffices, not elsewhere', () => {
    const knowledge = knowing({
      reputation: (id, about) => {
        if (about === undefined || 'domain' in about) return reputationOf(0, 0)
        if (about.tool === 'files_read') return reputationOf(60, 1)
        return id === 'a/large' ? reputationOf(60, 1) : reputationOf(2, 30)
      },
    })

    expect(choose('joint', { knowledge, tools: ['files_read'] })).toMatchObject({
      order: ['a/small', 'a/middle', 'a/large'],
      note: 'a/small is the cheapest that suffices: 0.91 of 0.7 by 61 verdicts on files_read',
    })
    expect(choose('joint', { knowledge, tools: ['files_read', 'db_query'] }).order[0]).toBe('a/large')
  })

  test('says so when nobody is known to suffice', () => {
    const knowledge = knowing({ reputation: (id) => (id === 'a/middle' ? reputationOf(20, 20) : reputationOf(1, 39)) })

    const { order, note } = choose('joint', { knowledge, domain: 'law' })

    expect(order[0]).toBe('a/middle')
    expect(note).toContain('no model is known to succeed in 0.7 of the cases; a/middle comes nearest')
  })
})

describe('context-length', () => {
  const options = { kind: 'context-length', short: ['a/small'] }

  test('the boundary is what was configured, else what recent steps show, else 8,192 tokens', () => {
    const knowledge = knowing({ lengthQuantile: (share) => (share === 0.8 ? 900 : undefined) })

    expect(choose(options)).toMatchObject({ order: ['a/small', 'a/large', 'a/middle'], note: expect.stringContaining('8192 (until more') })
    expect(choose(options, { knowledge })).toMatchObject({
      order: ['a/large', 'a/middle', 'a/small'],
      note: expect.stringContaining('900'),
    })
    expect(choose({ ...options, boundary_tokens: 1500 }, { knowledge }).order[0]).toBe('a/small')
    expect(choose({ ...options, boundary_tokens: 1499 }).order[0]).toBe('a/large')
  })
})

describe('beta', () => {
  test('in its shadow the incumbent decides, and what it would have chosen is noted with its propensity', () => {
    const knowledge = knowing({ reputation: (id) => (id === 'a/small' ? reputationOf(500, 1) : reputationOf(1, 500)) })

    const shadow = choose({ kind: 'beta', name: 'agents', incumbent: 'lowest-cost' }, { knowledge })
    const serving = choose(
      { kind: 'beta', name: 'agents' },
      { knowledge: { ...knowledge, stage: (name) => (name === 'agents' ? 'serving' : 'shadow') } },
    )

    expect(shadow).toMatchObject({ order: ['a/small', 'a/middle', 'a/large'], propensity: 1 })
    expect(shadow.learner).toMatchObject({ name: 'agents', stage: 'shadow', model: 'a/small' })
    expect(shadow.learner?.propensity).toBeGreaterThan(0.99)
    expect(serving.order[0]).toBe('a/small')
  })

  test('takes verdicts of the domain where one is known', () => {
    const knowledge = knowing({
      stage: () => 'serving',
      reputation: (id, about) => {
        const wins = about !== undefined && 'domain' in about && about.domain === 'law' ? 'a/small' : 'a/large'
        return id === wins ? reputationOf(300, 2) : reputationOf(2, 300)
      },
    })

    expect(choose('beta', { knowledge }).order[0]).toBe('a/large')
    expect(choose('beta', { knowledge, domain: 'law' }).order[0]).toBe('a/small')
  })
})

describe('linucb', () => {
  const long = featuresOf(stepOf({ inputTokens: 100_000 }))
  const short = featuresOf(stepOf({ inputTokens: 10 }))
  const none: BanditState = { arms: {}, lessons: 0, costPressure: 0 }

  function taught(lessons: number): BanditState {
    let state = none
    for (let index = 0; index < lessons; index += 1) {
      state = teach(teach(state, 'a/small', short, 0.3), 'a/small', long, -0.6)
    }
    return state
  }

  test('an arm tells from the features when it succeeds, and grows surer with lessons', () => {
    const { arms, lessons } = taught(100)
    const view = (features: readonly number[]) => viewArm(arms['a/small'], features, lessons, 0.6)

    expect(view(short).mean).toBeCloseTo(0.9, 1)
    expect(view(long).mean).toBeCloseTo(0, 1)
    expect(view(short).spread).toBeLessThan(viewArm(undefined, short, 0, 0.6).spread / 4)
  })

  test('what is long past is forgotten', () => {
    const { arms, lessons } = taught(100)

    expect(viewArm(arms['a/small'], short, lessons + 5000, 0.6).mean).toBeCloseTo(0.6, 2)
  })

  test('chooses by what the step is like', () => {
    const knowledge = knowing({ stage: () => 'serving', bandit: () => taught(200) })
    const options = { kind: 'linucb', alpha: 0 }

    expect(choose(options, { knowledge }, { inputTokens: 100_000 }).order.at(-1)).toBe('a/small')
    expect(choose({ ...options, alpha: 0 }, { knowledge }, { inputTokens: 10 }).order[0]).not.toBe('a/middle')
  })

  test('a dollar grows dearer while more is spent than planned, and what is dear loses', () => {
    let pressure = 0
    for (let index = 0; index < 50; index += 1) pressure = pace(pressure, 0.02, 0.01)
    const pressed = knowing({ stage: () => 'serving', bandit: () => ({ ...none, costPressure: pressure }) })
    const free = knowing({ stage: () => 'serving', bandit: () => none })
    const options = { kind: 'linucb', usd_per_step: 0.005 }

    expect(pressure).toBeCloseTo(1)
    expect(choose(options, { knowledge: free }).order[0]).toBe('a/large')
    expect(choose(options, { knowledge: pressed }).order[0]).toBe('a/small')
    expect(pace(0.001, 0, 0.01)).toBe(0)
  })

  test('is refused with options that it does not have', () => {
    expect(selectorSchema.safeParse({ kind: 'linucb', gamma: 1 }).success).toBe(false)
    expect(selectorSchema.safeParse({ kind: 'weighted', weights: {} }).success).toBe(false)
  })
})
