import { afterAll, expect, test } from 'vitest'
import { createDecisionLog, openSqliteStore } from '../../memory/index.ts'
import type { Deployment } from '../../models/deployment.ts'
import type { Pool } from '../../models/pool.ts'
import { poolHistory, quantile } from '../../src/console/history.ts'

const now = 1_700_000_000_000
const store = await openSqliteStore({ path: ':memory:', clock: () => now })
const decisions = createDecisionLog(store)
afterAll(() => store.close())

const priced = (id: string, input: number, output: number) =>
  ({ id, price: { inputPerMillion: input, outputPerMillion: output, source: 'configuration' } }) as unknown as Deployment
const pool = { deployments: [priced('a/small', 1, 2), priced('a/large', 10, 20), { id: 'a/unknown', price: null }] } as unknown as Pool

function outcome(model: string, costUsd: number | null, latencyMs: number) {
  const usage = { inputTokens: 500_000, cacheReadTokens: 500_000, cacheWriteTokens: 0, outputTokens: 1_000_000 }
  return { model, usage, costUsd, latencyMs, attempts: [{ deployment: 'a/large', error: { kind: 'timeout' } }, { deployment: model }] }
}

test('poolHistory() counts what each model did, and says what one model always had cost for the same tokens', async () => {
  await decisions.record('one', { id: 'de_1', plan: {}, outcome: outcome('a/small', 3, 100) })
  await decisions.record('two', { id: 'de_2', plan: {}, outcome: outcome('a/small', 3, 300) })
  await decisions.record('two', { id: 'de_3', plan: {}, outcome: outcome('a/unknown', null, 50) })
  await decisions.record('two', { id: 'de_4', plan: {}, outcome: { error: 'nobody answered', attempts: [] } })
  await decisions.record('two', { id: 'de_5', plan: {} })

  const history = await poolHistory({ decisions, pools: () => [pool], now: () => now }, 1)

  expect(history).toMatchObject({ steps: 3, more: false })
  expect(history.models[0]).toMatchObject({
    model: 'a/small',
    steps: 2,
    failed_attempts: 2,
    cached_share: 0.5,
    cost_usd: 6,
    latency_ms: { p50: 100, p95: 300 },
  })
  expect(history.saving).toEqual({
    steps: 2,
    left_out: 1,
    paid_usd: 6,
    // Two steps of a million tokens in, half of them from the cache at the full price, and a million out.
    always: [
      { model: 'a/large', usd: 60 },
      { model: 'a/small', usd: 6 },
    ],
  })
  expect(history.latency.p50.filter((one) => one !== null)).toEqual([100])
  expect(history.latency.p95.filter((one) => one !== null)).toEqual([300])
  expect(history.spend.usd.flat().reduce((sum, one) => sum + one, 0)).toBe(6)
})

test('poolHistory() leaves out what is older than was asked for', async () => {
  const later = now + 2 * 3_600_000
  const history = await poolHistory({ decisions, pools: () => [pool], now: () => later }, 1)

  expect(history).toMatchObject({ steps: 0, saving: { paid_usd: 0 } })
})

test('quantile() takes the nearest rank, and nothing of nothing', () => {
  expect(quantile([5, 1, 3, 2, 4], 0.5)).toBe(3)
  expect(quantile([1, 2], 0.99)).toBe(2)
  expect(quantile([], 0.5)).toBeNull()
})
