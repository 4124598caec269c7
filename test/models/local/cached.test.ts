import { expect, test } from 'vitest'
import type { Embedder, VectorCache } from '../../../models/embedder.ts'
import { contentHash } from '../../../models/local/cached.ts'
import { withCache } from '../../../models/local/index.ts'

/** Unit vectors by length of the text; records what it was asked. */
function scripted(id = 'scripted') {
  const asked: string[][] = []
  const embedder: Embedder = {
    id,
    dimensions: 2,
    runtime: 'endpoint',
    async embed(texts, { signal } = {}) {
      signal?.throwIfAborted()
      asked.push([...texts])
      return texts.map((text) => Float32Array.of(Math.cos(text.length), Math.sin(text.length)))
    },
    async close() {
      asked.push(['closed'])
    },
  }
  return { embedder, asked }
}

function memoryCache() {
  const kept = new Map<string, Float32Array>()
  const cache: VectorCache = {
    get: async (id, hashes) => hashes.map((hash) => kept.get(`${id} ${hash}`)),
    put: async (id, entries) => {
      for (const { hash, vector } of entries) kept.set(`${id} ${hash}`, vector)
    },
  }
  return { cache, kept }
}

const broken: VectorCache = {
  get: () => Promise.reject(new Error('The disk is gone')),
  put: () => Promise.reject(new Error('The disk is gone')),
}

test('withCache() computes a text once, in this process and the next', async () => {
  const { embedder, asked } = scripted()
  const { cache } = memoryCache()
  const first = withCache(embedder, cache)

  const before = await first.embed(['a', 'bb'])
  const after = await withCache(embedder, cache).embed(['bb', 'ccc', 'a'])

  expect(asked).toEqual([['a', 'bb'], ['ccc']])
  expect([after[2], after[0]]).toEqual(before)
  expect(after[1]).toEqual(Float32Array.of(Math.cos(3), Math.sin(3)))
})

test('withCache() counts what was computed and what was kept', async () => {
  const embedder = withCache(scripted().embedder, memoryCache().cache)

  await embedder.embed(['a', 'bb'])
  await embedder.embed(['a', 'bb', 'ccc', 'a'])

  expect(embedder.counts).toEqual({ computed: 3, cached: 2, cacheFailures: 0 })
})

test('withCache() asks once for a text that stands several times in one call', async () => {
  const { embedder, asked } = scripted()

  const vectors = await withCache(embedder, memoryCache().cache).embed(['a', 'bb', 'a', 'a'])

  expect(asked).toEqual([['a', 'bb']])
  expect(vectors).toHaveLength(4)
  expect(vectors[3]).toEqual(vectors[0])
})

test('withCache() keeps vectors by the id of the embedder and the SHA-256 of the text', async () => {
  const { cache, kept } = memoryCache()

  await withCache(scripted('one').embedder, cache).embed(['abc'])
  await withCache(scripted('two').embedder, cache).embed(['abc'])

  const hash = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(contentHash('abc')).toBe(hash)
  expect([...kept.keys()]).toEqual([`one ${hash}`, `two ${hash}`])
})

test('withCache() neither looks a query up nor keeps it', async () => {
  const { embedder, asked } = scripted()
  const { cache, kept } = memoryCache()
  const cached = withCache(embedder, cache)
  await cached.embed(['kept'])

  await cached.embed(['kept', 'a query'], { priority: 'query' })

  expect(asked).toEqual([['kept'], ['kept', 'a query']])
  expect(kept.size).toBe(1)
})

test('withCache() answers although its cache is broken, and says so', async () => {
  const embedder = withCache(scripted().embedder, broken)

  await expect(embedder.embed(['a', 'bb'])).resolves.toHaveLength(2)
  expect(embedder.counts).toEqual({ computed: 2, cached: 0, cacheFailures: 2 })
})

test.each([
  ['of another length', Float32Array.of(1, 0, 0)],
  ['of zeros', Float32Array.of(0, 0)],
  ['of what is not a number', Float32Array.of(Number.NaN, 1)],
])('withCache() computes again what the cache holds as a vector %s', async (_what, vector) => {
  const { embedder, asked } = scripted()
  const cache: VectorCache = { get: async (_id, hashes) => hashes.map(() => vector), put: async () => {} }

  const vectors = await withCache(embedder, cache).embed(['a'])

  expect(asked).toEqual([['a']])
  expect(vectors).toEqual([Float32Array.of(Math.cos(1), Math.sin(1))])
})

test('withCache() computes what a cache that answers too little leaves out', async () => {
  const { embedder, asked } = scripted()

  await withCache(embedder, { get: async () => [], put: async () => {} }).embed(['a', 'bb'])

  expect(asked).toEqual([['a', 'bb']])
})

test('withCache() passes failures of the embedder on and keeps nothing', async () => {
  const { cache, kept } = memoryCache()
  const reason = new Error('No model')
  const { embedder } = scripted()

  await expect(withCache({ ...embedder, embed: () => Promise.reject(reason) }, cache).embed(['a'])).rejects.toBe(reason)
  expect(kept.size).toBe(0)
})

test('withCache() rejects with the reason of the caller when aborted while the cache is read', async () => {
  const { embedder, asked } = scripted()
  const controller = new AbortController()
  const reason = new Error('The caller left')
  const cache: VectorCache = {
    async get() {
      controller.abort(reason)
      return []
    },
    put: async () => {},
  }

  await expect(withCache(embedder, cache).embed(['a'], { signal: controller.signal })).rejects.toBe(reason)
  expect(asked).toEqual([])
})

test('withCache() is the embedder otherwise: id, dimensions, runtime, nothing for nothing, close', async () => {
  const { embedder, asked } = scripted()
  const cached = withCache(embedder, broken)

  await expect(cached.embed([])).resolves.toEqual([])
  await cached.close()

  expect([cached.id, cached.dimensions, cached.runtime]).toEqual(['scripted', 2, 'endpoint'])
  expect(cached.counts.cacheFailures).toBe(0)
  expect(asked).toEqual([['closed']])
})
