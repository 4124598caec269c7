import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore, type Store } from '../../memory/index.ts'
import { withCache } from '../../models/local/index.ts'
import { type LearnSettings, type Learnt, runLearnJob } from '../../src/learning/learn-job.ts'
import { type CallEntry, outcomeStream } from '../../src/learning/outcome-entry.ts'
import { createToolSearch } from '../../tools/search.ts'
import { callOf, dimensions, embedder, tools } from '../support/learning/directions.ts'
import { catalogueOf, hostedTool } from '../support/search/needs.ts'

let folder: string
let store: Store
let now = Date.parse('2026-03-01T00:00:00Z')
let calls = 0
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-learn-'))
  store = await openSqliteStore({ path: join(folder, 'signalbox.db'), clock: () => now })
  calls = 0
  const search = createToolSearch({ embedder: withCache(embedder, store.vectors), log: { debug() {}, info() {}, warn() {}, error() {} } })
  search.index(catalogueOf(tools))
  await search.settled()
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
})

/** So many calls for needs of eight kinds; `toolOf` says which tool served the kind, and what else is to be said of it. */
async function call(count: number, toolOf: (kind: number, call: number) => number, facts: Partial<CallEntry> = {}, principal = 'ann') {
  for (let index = 0; index < count; index += 1) {
    calls += 1
    now += 60_000
    const value = callOf(calls, toolOf(calls % 8, calls), facts)
    await store.logs.append(principal, outcomeStream, [{ id: `ou_${calls}`, value }])
  }
}

function learn(settings: Partial<LearnSettings> = {}): Promise<Learnt> {
  return runLearnJob({ databasePath: join(folder, 'signalbox.db'), embedder: { id: embedder.id, dimensions }, tools, now, ...settings })
}

test('runLearnJob() promotes what holds on calls that were held back, and says which tools move', async () => {
  await call(240, (kind) => kind)

  const { verdict, tools: moves, outcomes, heldBack, principals } = await learn()

  expect({ decision: verdict.decision, outcomes, principals }).toEqual({ decision: 'promote', outcomes: 240, principals: ['ann'] })
  expect(heldBack).toBeGreaterThan(30)
  expect(verdict.gains.candidate).toBeGreaterThan(verdict.gains.static + 0.3)
  expect(moves).toHaveLength(8)
  for (const move of moves) {
    expect(move.accepted).toBe(30)
    expect(move.after).toBeLessThan(5)
  }
})

test('runLearnJob() promotes nothing that was learnt from calls without sense', async () => {
  await call(240, (_, index) => (index * 7919) % 30)

  const { verdict } = await learn()

  expect(verdict.decision).toBe('keep')
})

test('runLearnJob() learns nothing from tainted steps, whatever they say', async () => {
  await call(240, (kind) => kind, { tainted: true })

  await expect(learn()).resolves.toMatchObject({ outcomes: 0, verdict: { decision: 'keep' } })
})

test('runLearnJob() lets one caller who floods it with a tool of his own decide nothing for the others', async () => {
  await call(240, (kind) => kind)
  await call(400, () => 29, {}, 'mallory')

  const { verdict, tools: moves } = await learn()

  expect(verdict.gains.candidate).toBeGreaterThan(verdict.gains.static + 0.3)
  for (const { name, after } of moves) if (name !== 'office_job29') expect(after).toBeLessThan(5)
})

test('runLearnJob() takes back what loses on calls that came later, or puts something better in its place', async () => {
  await call(240, (kind) => kind)
  const first = await learn()
  const learnedAt = now
  await call(240, (kind) => 20 + kind)

  const second = await learn({ current: { model: first.candidate, learnedAt } })

  expect(second.verdict.decision).not.toBe('keep')
})

test('runLearnJob() says what it waits for when vectors are missing', async () => {
  await expect(learn({ tools: [...tools, hostedTool('office/new', 'Came just now')] })).rejects.toThrow('have no vectors yet')
})

test('runLearnJob() ends with the reason of its caller', async () => {
  const controller = new AbortController()
  const reason = new Error('The caller left')
  const job = runLearnJob(
    { databasePath: join(folder, 'signalbox.db'), embedder: { id: embedder.id, dimensions }, tools, now },
    { signal: controller.signal },
  )
  controller.abort(reason)

  await expect(job).rejects.toBe(reason)
})
