import { expect, test } from 'vitest'
import type { Deployment } from '../../../models/deployment.ts'
import { predicted } from '../../../policies/selectors/predicted.ts'
import type { Predictor } from '../../../policies/selectors/predictors/predictor.ts'
import { createStep } from '../../../policies/step.ts'

const step = createStep({ messages: [], inputTokens: 10, maxOutputTokens: 10, principal: 'local' })
const pool = ['p/small', 'p/large'].map((id) => ({ id }) as Deployment)
const costs: Record<string, number> = { 'p/small': 1, 'p/large': 10 }
const facts = {
  estimate: ({ id }: Deployment) => costs[id] ?? null,
  state: () => undefined,
  random: () => 0,
  vector: new Float32Array(2),
}

function foretelling(qualities: Record<string, number>, evidence = 100): Predictor {
  return {
    kind: 'scripted',
    models: Object.keys(qualities),
    predict: (_input, asked) =>
      new Map(asked.flatMap((model) => (model in qualities ? [[model, { quality: qualities[model] ?? 0, evidence }] as const] : []))),
  }
}

function orderOf(predictor: Predictor, willingness: number, deployments = pool, given = facts) {
  const { order, propensity, scores, note } = predicted({ predictor, willingness }).order(step, deployments, given as never)
  return { order: order.map(({ id }) => id), propensity, scores, note }
}

test('predicted() takes the dearer model where it brings more than the willingness asks for its price', () => {
  const predictor = foretelling({ 'p/small': 0.5, 'p/large': 0.9 })

  expect(orderOf(predictor, 0.2)).toEqual({
    order: ['p/large', 'p/small'],
    propensity: 1,
    scores: { 'p/small': 0.48, 'p/large': 0.7 },
    note: undefined,
  })
  expect(orderOf(predictor, 0.5).order).toEqual(['p/small', 'p/large'])
  expect(orderOf(predictor, 0).order).toEqual(['p/large', 'p/small'])
})

test('predicted() counts an unknown price as the dearest, and no price at all as none', () => {
  const predictor = foretelling({ 'p/small': 0.5, 'p/new': 0.6, 'p/large': 0.1 })
  const withNew = [...pool, { id: 'p/new' } as Deployment]

  expect(orderOf(predictor, 0.5, withNew).order).toEqual(['p/small', 'p/new', 'p/large'])
  expect(orderOf(predictor, 0.5, withNew, { ...facts, estimate: () => null }).order).toEqual(['p/new', 'p/small', 'p/large'])
})

test('predicted() leaves the order of the pool and says why where it cannot foretell', () => {
  const nothing = orderOf(foretelling({}), 0.2, pool, { ...facts, vector: undefined as never })
  const unknown = orderOf(foretelling({ 'p/large': 1 }), 0.2)
  const thin = orderOf(foretelling({ 'p/small': 0.1, 'p/large': 1 }, 4), 0.2)

  expect(nothing).toMatchObject({ order: ['p/small', 'p/large'], propensity: 1, note: expect.stringContaining('the step has no vector') })
  expect(unknown).toMatchObject({ order: ['p/small', 'p/large'], note: expect.stringContaining('no outcome of p/small is known') })
  expect(thin).toMatchObject({ order: ['p/small', 'p/large'], note: expect.stringContaining('too few outcomes of p/small') })
})
