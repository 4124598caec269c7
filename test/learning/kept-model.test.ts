import { expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import { createKeptModel, type ModelFacts } from '../../src/learning/kept-model.ts'
import type { LearnedModel, Verdict } from '../../tools/learning/learned.ts'
import { learn, modelFormat } from '../../tools/learning/learned.ts'

const verdict = (decision: Verdict['decision']): Verdict => ({
  decision,
  compared: 30,
  gains: { static: 0.5, current: undefined, candidate: 0.6 },
  reason: 'because',
})

async function setUp() {
  const clock = { now: 1000 }
  const { rows } = await openSqliteStore({ path: ':memory:', clock: () => clock.now })
  const model: LearnedModel = await learn([], { tools: [], scores: () => new Float64Array() })
  const facts: ModelFacts = { id: model.id, format: modelFormat, embedder: 'test', learnedAt: 1000, principals: ['ann', 'bob'] }
  const [one, other] = [createKeptModel(rows, () => clock.now), createKeptModel(rows, () => clock.now)]
  return { clock, one, other, promoted: { model, facts }, always: () => true }
}

test('of two processes one alone may learn at a time, and one that died holds up the other for its lease only', async () => {
  const { clock, one, other, always } = await setUp()

  await expect(one.take('one', 5000, always)).resolves.toBe(true)
  await expect(other.take('other', 6000, always)).resolves.toBe(false)
  clock.now = 5001
  await expect(other.take('other', 9000, always)).resolves.toBe(true)
  await expect(one.finish('one', { entries: 1, verdict: verdict('keep') })).resolves.toBe(false)
  await expect(other.finish('other', { entries: 1, verdict: verdict('keep') })).resolves.toBe(true)
  await expect(one.state()).resolves.toMatchObject({ learnedAt: 5001, entries: 1 })
})

test('a promoted model is what another process loads, until it is rolled back', async () => {
  const { one, other, promoted, always } = await setUp()
  await one.take('one', 5000, always)
  await one.finish('one', { entries: 3, verdict: verdict('promote'), promoted })

  const { model } = await other.state()
  expect(model).toEqual(promoted.facts)
  await expect(other.load(promoted.facts)).resolves.toEqual(promoted.model)

  await other.take('other', 5000, always)
  await other.finish('other', { entries: 4, verdict: verdict('rollback') })
  expect((await one.state()).model).toBeUndefined()
  await expect(one.load(promoted.facts)).resolves.toBeUndefined()
})

test('forget() removes what was learnt from a caller, also while it is learnt anew, and nothing that was learnt without', async () => {
  const { one, other, promoted, always } = await setUp()
  await one.take('one', 5000, always)
  await one.finish('one', { entries: 3, verdict: verdict('promote'), promoted })

  await one.forget('eve')
  expect((await one.state()).model).toEqual(promoted.facts)

  await other.take('other', 5000, always)
  await one.forget('ann')
  expect((await one.state()).model).toBeUndefined()
  await expect(other.finish('other', { entries: 3, verdict: verdict('promote'), promoted })).resolves.toBe(false)
  expect((await one.state()).model).toBeUndefined()
  await expect(one.load(promoted.facts)).resolves.toBeUndefined()
})
