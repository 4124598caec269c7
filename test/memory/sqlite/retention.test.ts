import { expect, test } from 'vitest'
import { createThreads } from '../../../memory/index.ts'
import type { RetentionOptions } from '../../../memory/sqlite/retention.ts'
import { openSqliteStore } from '../../../memory/sqlite/store.ts'
import { documentOf } from '../../contract/store.ts'

const dayMs = 86_400_000
const blob = (size: number) => ({ mediaType: 'text/plain', bytes: new Uint8Array(size) })

async function opened(retention?: RetentionOptions) {
  const time = { now: Date.parse('2026-01-01T00:00:00Z') }
  const store = await openSqliteStore({ path: ':memory:', clock: () => time.now, retention })
  const threads = createThreads(store, { estimateTokens: (text) => text.length / 4 })
  const say = (thread: string, text: string) =>
    threads.append('ann', thread, [{ role: 'user', content: [{ type: 'text', text }], trust: 'known' }])
  return { time, store, threads, say }
}

test('sweep() removes turns past their days with what makes them findable, and threads in which nothing was said since', async () => {
  const { time, store, threads, say } = await opened({ days: 10 })
  await threads.open('ann', 'quiet')
  await threads.open('ann', 'busy')
  await say('quiet', 'old words')
  await say('busy', 'old words')
  time.now += 6 * dayMs
  await say('busy', 'new words')
  time.now += 5 * dayMs

  const removed = await store.sweep()

  expect(removed).toMatchObject({ turns: 2 })
  expect((await threads.list('ann')).threads).toMatchObject([{ name: 'busy', turns: 1 }])
  await expect(threads.get('ann', 'quiet')).resolves.toBeUndefined()
  expect((await store.documents.list('ann')).documents.map((document) => document.text)).toEqual(['new words'])
  await expect(threads.open('ann', 'quiet')).resolves.toMatchObject({ name: 'quiet', turns: 0 })
  await store.close()
})

test('sweep() keeps facts unless told, and decisions, blobs, cached vectors and the ledger for their own time', async () => {
  const { time, store } = await opened({ days: 3 })
  await store.documents.add([documentOf('f', 'a fact', { createdAt: time.now })])
  await store.rows.put('ann', 'decision', 'd', {})
  await store.rows.put('ann', 'tool-catalogue', 'c', {})
  await store.blobs.put('ann', 'frame', 'b', blob(10))
  await store.vectors.put('m', [
    { hash: 'used', vector: Float32Array.of(1) },
    { hash: 'unused', vector: Float32Array.of(1) },
  ])
  await store.ledger.reserve({
    principal: 'ann',
    decision: 'd',
    deployment: 'p/m',
    worstCaseUsd: 1,
    limitUsd: undefined,
    expiresAt: time.now,
  })

  time.now += 4 * dayMs
  expect(await store.sweep()).toEqual({ expired: 0, turns: 0, facts: 0, decisions: 1, blobs: 1, vectors: 0, ledger: 0 })
  time.now += 150 * dayMs
  await store.vectors.get('m', ['used'])
  time.now += 150 * dayMs
  expect(await store.sweep()).toEqual({ expired: 0, turns: 0, facts: 0, decisions: 0, blobs: 0, vectors: 1, ledger: 0 })
  time.now += 150 * dayMs
  await store.vectors.get('m', ['used'])
  expect(await store.sweep()).toMatchObject({ facts: 0, ledger: 1 })

  await expect(store.documents.get('ann', 'f')).resolves.toBeDefined()
  await expect(store.rows.get('ann', 'tool-catalogue', 'c')).resolves.toBeDefined()
  await store.close()
})

test('sweep() removes rows at the time they expire', async () => {
  const { time, store } = await opened()
  await store.rows.put('ann', 'approval', 'a', 1, { expiresAt: time.now + 10 })
  await store.rows.put('ann', 'approval', 'b', 1, { expiresAt: time.now + 20 })
  time.now += 10

  expect(await store.sweep()).toMatchObject({ expired: 1 })
  await expect(store.rows.get('ann', 'approval', 'b')).resolves.toBeDefined()
  await store.close()
})

test('sweep() removes the oldest of what takes too much room, kind by kind', async () => {
  const { time, store, threads, say } = await opened({
    kinds: { blobs: { gigabytes: 1e-4 }, turns: { gigabytes: 1e-3 }, facts: { gigabytes: 4e-6 } },
  })
  for (let index = 0; index < 30; index += 1) {
    await store.blobs.put('ann', 'frame', `${index}`, blob(10_000))
    time.now += 1000
  }
  await threads.open('ann', 't')
  for (let index = 0; index < 600; index += 1) {
    await say('t', `turn ${index}`)
    time.now += 1000
  }
  await store.documents.add([
    documentOf('old', 'old fact', { createdAt: 1 }),
    documentOf('new', 'new fact', { createdAt: 2 }),
    documentOf('newer', 'fact', { createdAt: 3 }),
  ])

  const removed = await store.sweep()
  const turns = await threads.turns('ann', 't')

  expect(removed).toMatchObject({ blobs: 20 })
  await expect(store.blobs.get('ann', 'frame', '29')).resolves.toBeDefined()
  expect(turns.length).toBeGreaterThan(0)
  expect(turns.length).toBeLessThan(600)
  expect(turns.at(-1)?.content).toEqual([{ type: 'text', text: 'turn 599' }])
  expect((await store.documents.list('ann', { kinds: ['turn'], limit: 1000 })).documents).toHaveLength(turns.length)
  expect((await store.documents.list('ann', { kinds: ['fact'] })).documents.length).toBeLessThan(3)
  expect(await store.sweep()).toMatchObject({ blobs: 0, turns: 0 })
  await store.close()
})

test('sweep() gives pages back to the disk', async () => {
  const { time, store } = await opened({ days: 1 })
  for (let index = 0; index < 20; index += 1) await store.blobs.put('ann', 'frame', `${index}`, blob(100_000))
  const before = (await store.info()).bytes
  time.now += 2 * dayMs
  await store.sweep()

  expect(before).toBeGreaterThan(2_000_000)
  expect((await store.info()).bytes).toBeLessThan(500_000)
  await store.close()
})
