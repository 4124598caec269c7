import { expect, test } from 'vitest'
import type { Deployment } from '../../../models/deployment.ts'
import type { Embedder } from '../../../models/embedder.ts'
import { parsePolicy } from '../../../policies/index.ts'
import { predicted } from '../../../policies/selectors/predicted.ts'
import { toPredictorBytes } from '../../../policies/selectors/predictors/file.ts'
import { knn } from '../../../policies/selectors/predictors/knn.ts'
import type { Predictor } from '../../../policies/selectors/predictors/predictor.ts'
import { stepFeatures } from '../../../policies/selectors/predictors/step-features.ts'
import { createStep } from '../../../policies/step.ts'
import { deployment, pool as poolOf, price } from '../../support/deployments.ts'
import { world } from './predictors/worlds.ts'

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

async function fileOf(embedder: string): Promise<Uint8Array> {
  const rows = world(60).map((row) => ({ ...row, features: stepFeatures(step) }))
  return toPredictorBytes({ trained: await knn.train(rows, { neighbours: 10 }), embedder, rows: rows.length })
}

function policyWith(bytes: Uint8Array, embedder: string) {
  const pools = [poolOf('p', [deployment('p/large', { price: price(5, 25) }), deployment('p/small', { price: price(1, 5) })])]
  return parsePolicy(
    { name: 'learnt', default: { prefer: 'first', selector: { kind: 'predicted', model: 'routes.bin' } } },
    { source: 'test', pools, embedder: { id: embedder } as Embedder, readFile: () => bytes },
  )
}

test('a policy chooses by the file that training wrote, step by step', async () => {
  const { selector } = policyWith(await fileOf('test/12'), 'test/12').default
  const both = [deployment('p/large', { price: price(5, 25) }), deployment('p/small', { price: price(1, 5) })]
  const firstFor = (axis: number) => {
    const vector = Float32Array.from({ length: 12 }, (_, index) => (index === axis ? 1 : 0))
    const facts = { estimate: (one: Deployment) => one.price?.outputPerMillion ?? null, vector }
    return selector.order(step, both, facts as never).order[0]?.id
  }

  expect([firstFor(0), firstFor(1)]).toEqual(['p/large', 'p/small'])
})

test('a policy is refused whose predictor is no such file, or was learnt from vectors of another embedder', async () => {
  const bytes = await fileOf('other/12')

  expect(() => policyWith(bytes, 'test/12')).toThrow(
    /default\.selector: "routes\.bin" was learnt from vectors of other\/12, and steps have those of test\/12/,
  )
  expect(() => policyWith(bytes.slice(0, -3), 'other/12')).toThrow(/default\.selector: Cannot read a predictor/)
})
