import { describe, expect, test } from 'vitest'
import { chanceOf } from '../../../policies/chance.ts'
import type { LearnerChoice } from '../../../policies/index.ts'
import type { LearnerState } from '../../../src/learning/routing/kept-learners.ts'
import { evaluateLearner, type JudgedStep, neighbour } from '../../../src/learning/routing/promotion.ts'

const shadow: LearnerState = { name: 'agents', stage: 'shadow', since: 0, by: 'start', why: '', lessons: {} }

interface World {
  /** How often each model succeeds. */
  readonly success: Readonly<Record<string, number>>
  /** Whom the learner would choose. */
  readonly learner: string
  /** The incumbent's share of each model. */
  readonly served: Readonly<Record<string, number>>
  readonly stage: LearnerChoice['stage']
  readonly count: number
}

function historyOf({ success, learner, served, stage, count }: World): JudgedStep[] {
  const random = chanceOf(`${learner} ${stage} ${count}`)
  return Array.from({ length: count }, (_, index) => {
    const left = random()
    const model = pick(served, left)
    const choice = { name: 'agents', stage, model: learner, propensity: 1, incumbent: 'a/old' }
    const entry = { decision: `de_${index}`, loop: `de_${index}`, model, tokens: 10, propensity: served[model] ?? 1, learner: choice }
    return { entry, principal: 'local', at: index, reward: random() < (success[model] ?? 0) ? 1 : 0 }
  })
}

describe('evaluateLearner()', () => {
  const better = { success: { 'a/old': 0.6, 'a/new': 0.95 }, learner: 'a/new' }
  const worse = { success: { 'a/old': 0.9, 'a/new': 0.3 }, learner: 'a/new' }
  const onTrial = { served: { 'a/old': 0.8, 'a/new': 0.2 }, stage: 'canary', count: 400 } as const

  test('leaves it in its shadow while little is known', () => {
    const few = historyOf({ ...better, served: { 'a/old': 0.5, 'a/new': 0.5 }, stage: 'shadow', count: 49 })

    expect(evaluateLearner(shadow, few).verdict).toEqual({ stage: 'shadow', why: '49 judged steps are too few: 50 are needed' })
  })

  test('puts it on trial when it would earn about as much as what was done', () => {
    const served = { 'a/old': 0.9, 'a/new': 0.1 }

    expect(evaluateLearner(shadow, historyOf({ ...better, served, stage: 'shadow', count: 200 })).verdict.stage).toBe('canary')
    expect(evaluateLearner(shadow, historyOf({ ...worse, served, stage: 'shadow', count: 200 })).verdict.stage).toBe('shadow')
  })

  test('puts it on trial when nothing is known of its choices, since the incumbent never made them', () => {
    const history = historyOf({ ...better, served: { 'a/old': 1 }, stage: 'shadow', count: 100 })

    expect(evaluateLearner(shadow, history)).toMatchObject({ agreeing: 0, verdict: { stage: 'canary' } })
  })

  test('lets it serve when it surely earns more, and not when it may', () => {
    const canary = { ...shadow, stage: 'canary' } as const
    const alike = { success: { 'a/old': 0.8, 'a/new': 0.8 }, learner: 'a/new' }

    const promoted = evaluateLearner(canary, historyOf({ ...better, ...onTrial }))
    expect(promoted.verdict.stage).toBe('serving')
    expect(promoted.other?.value).toBeCloseTo(0.95, 1)
    expect(promoted.other?.low).toBeGreaterThan(promoted.earned?.value ?? 1)
    expect(promoted.verdict.baseline).toBe(promoted.earned?.value)
    expect(evaluateLearner(canary, historyOf({ ...alike, ...onTrial })).verdict.stage).toBe('canary')
  })

  test('promotes nobody whose choices were hardly ever tried', () => {
    const history = historyOf({ ...better, served: { 'a/old': 0.99, 'a/new': 0.01 }, stage: 'canary', count: 200 })

    expect(evaluateLearner({ ...shadow, stage: 'canary' }, history).verdict.why).toMatch(
      /only \d+ steps were decided as it would: 20 are needed/,
    )
  })

  test('takes it back one stage when it surely earns less than the incumbent did, and not before', () => {
    const serving = { ...shadow, stage: 'serving', baseline: 0.9 } as const
    const served = { 'a/new': 1 }

    expect(evaluateLearner(serving, historyOf({ ...worse, served, stage: 'serving', count: 100 })).verdict.stage).toBe('canary')
    expect(
      evaluateLearner(serving, historyOf({ success: { 'a/new': 0.88 }, learner: 'a/new', served, stage: 'serving', count: 100 })).verdict
        .stage,
    ).toBe('serving')
  })

  test('counts only what came since the stage began, and what was decided in it', () => {
    const history = historyOf({ ...better, ...onTrial })

    expect(evaluateLearner({ ...shadow, stage: 'canary', since: 390 }, history).steps).toBe(10)
    expect(evaluateLearner(shadow, history).steps).toBe(0)
  })
})

test('neighbour() stays at either end', () => {
  expect([neighbour('shadow', 'down'), neighbour('shadow', 'up'), neighbour('canary', 'up'), neighbour('serving', 'up')]).toEqual([
    'shadow',
    'canary',
    'serving',
    'serving',
  ])
})

function pick(shares: Readonly<Record<string, number>>, at: number): string {
  let left = at
  for (const [model, share] of Object.entries(shares)) {
    left -= share
    if (left < 0) return model
  }
  return 'a/old'
}
