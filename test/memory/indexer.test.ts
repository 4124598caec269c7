import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createIndexer, openSqliteStore, type Store } from '../../memory/index.ts'
import { documentOf } from '../contract/store.ts'
import { letters } from './stand-ins.ts'

let store: Store
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' })
})
afterEach(() => store.close())

const add = (...texts: string[]) => store.documents.add(texts.map((text) => documentOf(text, text)))
const vectors = async () => (await store.info()).counts['vectors']

test('catchUp() gives every document a vector, in small batches at the lower priority', async () => {
  const embedder = letters()
  await add(...Array.from({ length: 40 }, (_, index) => `text ${index}`))
  const indexer = createIndexer(store, embedder, { batch: 16 })

  await indexer.catchUp()

  expect(await vectors()).toBe(40)
  expect(embedder.asked.map(({ texts, priority }) => [texts.length, priority])).toEqual([
    [16, 'index'],
    [16, 'index'],
    [8, 'index'],
  ])
  await indexer.close()
})

test('another indexer on the store goes on where the first one stopped, and computes nothing twice', async () => {
  let left = 1
  const failing = createIndexer(store, letters({ fails: () => (left-- > 0 ? undefined : new Error('broken')) }), { batch: 2 })
  await add('one', 'two', 'three')
  await expect(failing.catchUp()).rejects.toThrow('broken')
  await failing.close()

  const embedder = letters()
  const second = createIndexer(store, embedder, { batch: 2 })
  await second.catchUp()
  await second.catchUp()

  expect(embedder.asked.map(({ texts }) => texts)).toEqual([['three']])
  await second.close()
})

test('start() finds what comes later, and close() ends it', async () => {
  const indexer = createIndexer(store, letters(), { everyMs: 5 })
  indexer.start()
  indexer.start()
  await add('late')
  await vi.waitFor(async () => expect(await vectors()).toBe(1))
  await indexer.close()
  await add('later')
  await new Promise((resolve) => setTimeout(resolve, 30))

  expect(await vectors()).toBe(1)
})

test('an embedder that fails is said once and tried again', async () => {
  let failures = 3
  const warnings: string[] = []
  const embedder = letters({ fails: () => (failures-- > 0 ? new Error('broken') : undefined) })
  const indexer = createIndexer(store, embedder, { everyMs: 1, log: { warn: (message) => warnings.push(message) } })
  await add('patient')
  indexer.start()
  await vi.waitFor(async () => expect(await vectors()).toBe(1))
  await indexer.close()

  expect(warnings).toHaveLength(1)
})

test('a text that the embedder refuses does not hold up the others', async () => {
  const embedder = letters()
  await add('fine', '(refused) text', 'fine too')
  const indexer = createIndexer(store, embedder)

  await indexer.catchUp()
  await indexer.catchUp()
  const [query] = await embedder.embed(['refused'])
  const hits = await store.documents.search({
    principal: 'ann',
    text: 'refused',
    vector: { embedderId: 'letters', values: query ?? new Float32Array(26) },
    limit: 5,
  })

  expect(await vectors()).toBe(3)
  expect(hits.find((hit) => hit.document.text === '(refused) text')?.cosine).toBe(0)
  await indexer.close()
})
