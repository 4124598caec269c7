import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createDecisionLog,
  createIndexer,
  createRecall,
  createThreads,
  type NewTurn,
  openSqliteStore,
  type Recall,
  type Store,
  type Threads,
} from '../../memory/index.ts'
import { withCache } from '../../models/local/index.ts'
import { estimateTokens, letters } from './stand-ins.ts'

let folder: string
let store: Store
let threads: Threads
let recall: Recall
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-forget-'))
  store = await openSqliteStore({ path: join(folder, 'memory.db') })
  threads = createThreads(store, { estimateTokens })
  recall = createRecall(store, { embedder: undefined, estimateTokens })
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const said = (text: string, more: Partial<NewTurn> = {}): NewTurn => ({
  role: 'user',
  content: [{ type: 'text', text }],
  trust: 'known',
  ...more,
})

/** How often the letters stand in any file of the store. */
async function traces(letters: string): Promise<number> {
  let count = 0
  for (const name of await readdir(folder)) {
    const bytes = (await readFile(join(folder, name), 'latin1')).toLowerCase()
    count += bytes.split(letters.toLowerCase()).length - 1
  }
  return count
}

test('forget() by text takes memories, turns, what tools returned, decisions and titles, and leaves no trace in the files', async () => {
  const decisions = createDecisionLog(store)
  const { thread } = await threads.open('ann', 'talk')
  await threads.append('ann', thread, [
    said('My word is Xylomarker'),
    said('My code name is Xylomarker'),
    said('unrelated question'),
    said('as I said: xylo MARKER is close, but not it'),
    {
      role: 'assistant',
      content: [{ type: 'tool-call', id: '1', name: 'save', input: { value: 'xylomarker' } }],
      trust: 'known',
      decision: 'de_2',
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool-result',
          id: '1',
          name: 'save',
          isError: false,
          content: [{ type: 'text', text: `${'long text '.repeat(400)} xylomarker` }],
        },
      ],
      trust: 'external',
    },
  ])
  await recall.remember('ann', { text: 'remember xylomarker', scope: 'caller', trust: 'known' })
  await recall.remember('ann', { text: 'remember other things', scope: 'caller', trust: 'known' })
  await decisions.record('ann', { id: 'de_1', thread, plan: {}, outcome: { text: 'you said xylomarker' } })
  await decisions.record('ann', { id: 'de_2', thread, plan: {} })
  await decisions.record('ann', { id: 'de_3', thread, plan: {} })
  expect(await traces('xylomarker')).toBeGreaterThan(5)

  const forgotten = await recall.forget('ann', { text: 'XYLOMARKER' })

  expect(forgotten).toEqual({ memories: 1, threads: 0, turns: 4 })
  expect(await traces('xylomarker')).toBe(0)
  await expect(threads.get('ann', 'talk')).resolves.toMatchObject({ turns: 2, title: 'unrelated question' })
  expect((await decisions.list('ann')).decisions.map((decision) => decision.id)).toEqual(['de_3'])
  expect((await recall.recall('ann', { query: 'remember other things' })).items).toHaveLength(1)
})

test('forget() by text finds words that stand where a long text was cut, or beyond what is indexed', async () => {
  const filler = (count: number) => 'filler words stand here '.repeat(count)
  const { thread } = await threads.open('ann', undefined)
  await threads.append('ann', thread, [said(`${filler(3000)} the purplequill ending`)])
  for (let length = 30; length < 40; length += 1) {
    await recall.remember('ann', { text: `${filler(length)}purplequill ending ${filler(40)}`, scope: 'caller', trust: 'known' })
  }

  const { memories, turns } = await recall.forget('ann', { text: 'purplequill  ending' })

  expect(turns).toBe(1)
  expect(memories).toBeGreaterThanOrEqual(10)
  expect(await traces('purplequill')).toBe(0)
})

test('forget() of a thread, of a turn, of a piece and of all takes just that, without trace', async () => {
  const one = await threads.open('ann', 'one')
  const two = await threads.open('ann', 'two')
  await threads.append('ann', 'one', [said('alphamarker in one')])
  await recall.remember('ann', { text: 'alphamarker as a fact', scope: 'thread', thread: 'one', trust: 'known' })
  const [turn, long] = await threads.append('ann', 'two', [
    said('betamarker in two'),
    said('gammamarker sentence. '.repeat(100)),
    said('deltamarker stays'),
  ])
  await store.blobs.put('ann', 'frame', 'f', { mediaType: 'text/plain', bytes: Buffer.from('epsilonmarker') })
  await store.rows.put('ann', 'frame', 'f', { text: [{ text: 'zetamarker' }] })
  await store.rows.put('ann', 'computer-session', 'over http', { goal: 'zetamarker' })

  await expect(recall.forget('ann', { thread: one.thread })).resolves.toEqual({ memories: 1, threads: 1, turns: 1 })
  expect(await traces('alphamarker')).toBe(0)
  await expect(recall.forget('ann', { id: turn?.id })).resolves.toEqual({ memories: 0, threads: 0, turns: 1 })
  expect(await traces('betamarker')).toBe(0)
  await expect(recall.forget('ann', { id: `${long?.id}.2` })).resolves.toEqual({ memories: 0, threads: 0, turns: 1 })
  expect(await traces('gammamarker')).toBe(0)
  expect((await threads.turns('ann', two.thread)).map((left) => left.content)).toEqual([[{ type: 'text', text: 'deltamarker stays' }]])
  await expect(recall.forget('ann', { all: true })).resolves.toEqual({ memories: 0, threads: 1, turns: 1 })
  for (const marker of ['deltamarker', 'epsilonmarker', 'zetamarker']) expect(await traces(marker), marker).toBe(0)
})

test('forget() of a turn without words finds it all the same', async () => {
  await threads.open('ann', 'images')
  const [turn] = await threads.append('ann', 'images', [
    { role: 'user', trust: 'known', content: [{ type: 'image', mediaType: 'image/png', data: 'cGl4ZWxtYXJrZXI' }] },
  ])

  await expect(recall.forget('ann', { id: turn?.id })).resolves.toMatchObject({ turns: 1 })
  expect(await traces('cGl4ZWxtYXJrZXI')).toBe(0)
})

test('forget() takes the vectors along, those that an embedder cached by content too', async () => {
  const embedder = withCache(letters(), store.vectors)
  await recall.remember('ann', { text: 'apple banana', scope: 'caller', trust: 'known' })
  const indexer = createIndexer(store, embedder)
  await indexer.catchUp()
  expect((await store.info()).counts).toMatchObject({ vectors: 1, cachedVectors: 1 })

  await recall.forget('ann', { text: 'apple banana' })

  expect((await store.info()).counts).toMatchObject({ vectors: 0, cachedVectors: 0, documents: 0 })
  await indexer.close()
})

test('forget() leaves no trace among neighbours of any size', { timeout: 60_000 }, async () => {
  const word = fc.string({ minLength: 3, maxLength: 12, unit: fc.constantFrom(...'abcdefghij') })
  const text = fc.array(word, { minLength: 1, maxLength: 400 }).map((words) => words.join(' '))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, fc.boolean()), { minLength: 5, maxLength: 60 }), async (facts) => {
      for (const [fact, marked] of facts) {
        await recall.remember('ann', { text: marked ? `${fact} zzmarkerzz` : fact, scope: 'caller', trust: 'known' })
      }
      await recall.forget('ann', { text: 'zzmarkerzz' })
      expect(await traces('zzmarker')).toBe(0)
    }),
    { numRuns: 15 },
  )
})

test.each([{}, { id: 'a', text: 'b' }, { all: false }, { text: '  ' }])('forget() refuses %j', async (filter) => {
  await expect(recall.forget('ann', filter)).rejects.toMatchObject({ code: 'memory_refused' })
})

test('forget() of what nobody has is nothing', async () => {
  await threads.open('ann', 'kept')

  for (const id of [
    'me_unknown',
    'tu_0123456789abcdef0123456789abcdef',
    'th_0123456789abcdef0123456789abcdef',
    'de_0123456789abcdef0123456789abcdef',
  ]) {
    await expect(recall.forget('ann', { id })).resolves.toEqual({ memories: 0, threads: 0, turns: 0 })
  }
  await expect(recall.forget('ann', { thread: 'no such name' })).resolves.toEqual({ memories: 0, threads: 0, turns: 0 })
  await expect(threads.get('ann', 'kept')).resolves.toBeDefined()
})
