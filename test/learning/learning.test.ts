import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore, type Store } from '../../memory/index.ts'
import { withCache } from '../../models/local/index.ts'
import { createLearning, type Learning } from '../../src/learning/learning.ts'
import { outcomeStream } from '../../src/learning/outcome-entry.ts'
import { createOutcomeRecorder } from '../../src/learning/recorder.ts'
import { createToolSearch } from '../../tools/search.ts'
import { callOf, embedder, needVector, tools } from '../support/learning/directions.ts'
import { catalogueOf } from '../support/search/needs.ts'

const silent = () => undefined
let folder: string
let running: { store: Store; learning: Learning } | undefined
let said: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-learning-'))
  said = []
})
afterEach(async () => {
  await end()
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
})

async function start() {
  const clock = Date.now
  const say = (message: string) => void said.push(message)
  const store = await openSqliteStore({ path: join(folder, 'signalbox.db'), clock })
  const learning = createLearning({
    store,
    embedder,
    catalogue: () => catalogueOf(tools),
    recorder: createOutcomeRecorder({ logs: store.logs, clock, embedder: embedder.id, seed: 'test', enabled: () => true }),
    enabled: () => true,
    clock,
    log: { debug: silent, info: say, warn: say, error: say },
  })
  running = { store, learning }
  await learning.start()
  return running
}

async function end() {
  await running?.learning.close()
  await running?.store.close()
  running = undefined
}

/** Learns from 240 calls, which each kind of need had a tool of its own for. */
async function learnt() {
  const { store, learning } = await start()
  const search = createToolSearch({ embedder: withCache(embedder, store.vectors), log: { debug() {}, info() {}, warn() {}, error() {} } })
  search.index(catalogueOf(tools))
  await search.settled()
  search.close()
  const entries = Array.from({ length: 240 }, (_, number) => ({ id: `ou_${number}`, value: callOf(number, number % 8) }))
  await store.logs.append('ann', outcomeStream, entries)
  return { store, learning, report: await learning.learn({ dryRun: false }) }
}

/** How the tools rank for needs that nobody has asked. */
function scores(learning: Learning): number[][] {
  const query = (number: number) => ({ vector: needVector(number), words: [], used: [] })
  const ranking = learning.ranking('ann')
  return [1000, 1001, 1002].map((number) => [...(ranking?.rescore(query(number), tools, new Float64Array(tools.length)) ?? [])])
}

test('what was promoted ranks in the same way after a restart, from the first search on', async () => {
  const { learning, report } = await learnt()
  expect(report).toMatchObject({ applied: true, verdict: { decision: 'promote' } })
  const before = scores(learning)
  await end()

  const { learning: restarted } = await start()

  expect(before[0]?.some((score) => score > 0)).toBe(true)
  expect(scores(restarted)).toEqual(before)
  expect(restarted.ranking('bob')).toBeUndefined()
})

test('a model of another format does not rank, is said to be learnt anew, and is', async () => {
  const { store } = await learnt()
  await store.rows.update<{ model: object }>('instance', 'tool-learning', 'state', (state) => ({
    ...state,
    model: { ...state.model, format: undefined },
  }))
  await end()

  const { learning, store: reopened } = await start()

  expect(learning.ranking('ann')).toBeUndefined()
  expect(said).toEqual(['What was learnt of tools is kept in a format that this version does not read: it is learnt anew'])
  expect(await reopened.rows.get('instance', 'tool-learning', 'model')).toBeUndefined()
  expect((await reopened.rows.get('instance', 'tool-learning', 'state'))?.value).toMatchObject({ learnedAt: 0, entries: 0 })
  expect(await learning.learn({ dryRun: false })).toMatchObject({ applied: true })
  expect(learning.ranking('ann')).toBeDefined()
})
