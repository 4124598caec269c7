import { afterEach, beforeEach, expect, test } from 'vitest'
import { anyPrincipal, createDecisionLog, type DecisionLog, openSqliteStore, type Store } from '../../memory/index.ts'

let now: number
let store: Store
let decisions: DecisionLog
beforeEach(async () => {
  now = 100
  store = await openSqliteStore({ path: ':memory:', clock: () => now })
  decisions = createDecisionLog(store)
})
afterEach(() => store.close())

test('record() keeps a decision as it was, and adds an outcome to it later without losing verdicts', async () => {
  await decisions.record('ann', { id: 'd', thread: 't', parent: 'p', plan: { pool: 'quick' } })
  await decisions.rate('ann', 'd', { outcome: 'wrong', by: 'person', note: 'no' })
  now = 200
  await decisions.record('ann', { id: 'd', thread: 't', parent: 'p', plan: { pool: 'quick' }, outcome: { text: 'x' } })

  await expect(decisions.get('ann', 'd')).resolves.toEqual({
    id: 'd',
    thread: 't',
    parent: 'p',
    plan: { pool: 'quick' },
    outcome: { text: 'x' },
    at: 100,
    verdicts: [{ outcome: 'wrong', by: 'person', note: 'no', at: 100 }],
  })
})

test('rate() adds verdicts oldest first, up to a hundred', async () => {
  await decisions.record('ann', { id: 'd', plan: {} })
  await decisions.rate('ann', 'd', { outcome: 'good', by: 'harness' })
  const rated = await decisions.rate('ann', 'd', { outcome: 'failed', by: 'model' })

  expect(rated?.verdicts.map((verdict) => verdict.outcome)).toEqual(['good', 'failed'])
  for (let count = 2; count < 100; count += 1) await decisions.rate('ann', 'd', { outcome: 'good', by: 'model' })
  await expect(decisions.rate('ann', 'd', { outcome: 'good', by: 'model' })).rejects.toMatchObject({ code: 'memory_refused' })
})

test("another principal's decision is like an unknown one; the owner of the instance sees all", async () => {
  await decisions.record('ann', { id: 'd', plan: {} })
  await decisions.record('bob', { id: 'e', plan: {} })

  await expect(decisions.get('bob', 'd')).resolves.toBeUndefined()
  await expect(decisions.rate('bob', 'd', { outcome: 'good', by: 'person' })).resolves.toBeUndefined()
  expect((await decisions.list('bob')).decisions.map((decision) => decision.id)).toEqual(['e'])
  expect((await decisions.list(anyPrincipal)).decisions.map((decision) => decision.id)).toEqual(['e', 'd'])
  await expect(decisions.get(anyPrincipal, 'd')).resolves.toMatchObject({ verdicts: [] })
})

test('list() pages newest first', async () => {
  for (let index = 0; index < 5; index += 1) await decisions.record('ann', { id: `${index}`, plan: {} })

  const first = await decisions.list('ann', { limit: 3 })
  const second = await decisions.list('ann', { limit: 3, cursor: first.nextCursor })

  expect([...first.decisions, ...second.decisions].map((decision) => decision.id)).toEqual(['4', '3', '2', '1', '0'])
  expect(second.nextCursor).toBeUndefined()
})
