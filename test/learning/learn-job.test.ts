import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore, type Store } from '../../memory/index.ts'
import type { Embedder } from '../../models/embedder.ts'
import { withCache } from '../../models/local/index.ts'
import { type LearnSettings, type Learnt, runLearnJob } from '../../src/learning/learn-job.ts'
import { type CallEntry, outcomeStream, toBase64 } from '../../src/learning/outcome-entry.ts'
import { createToolSearch } from '../../tools/search.ts'
import { catalogueOf, hostedTool } from '../support/search/needs.ts'

const dimensions = 24
const tools = Array.from({ length: 30 }, (_, index) => hostedTool(`office/job${index}`, `Does the work of desk ${index}`))

/** A direction of its own for each text: nothing is alike but what is the same. */
function unit(text: string, around?: Float32Array): Float32Array {
  const digest = createHash('shake256', { outputLength: dimensions }).update(text).digest()
  const own = Float32Array.from(digest, (byte) => byte / 127.5 - 1)
  const sum = own.map((value, index) => (around === undefined ? value : (around[index] ?? 0) + 0.15 * value))
  const length = Math.hypot(...sum)
  return sum.map((value) => value / length)
}
const embedder: Embedder = {
  id: 'directions',
  dimensions,
  runtime: 'test',
  embed: async (texts) => texts.map((text) => unit(text)),
  close: async () => undefined,
}

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
    const kind = calls % 8
    const { name, hash } = tools[toolOf(kind, calls)] as (typeof tools)[number]
    const need = { vector: toBase64(unit(`need ${calls}`, unit(`kind ${kind}`))), embedder: embedder.id, words: [] }
    const value: CallEntry = {
      tool: name,
      server: 'office',
      hash,
      door: 'call',
      outcome: 'accepted',
      ms: 1,
      need,
      rank: 0,
      propensity: 1,
      ...facts,
    }
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
