import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createDecisionLog,
  createRecall,
  createThreads,
  exportThread,
  type NewTurn,
  openSqliteStore,
  type Store,
  type Threads,
} from '../../memory/index.ts'
import { createId } from '../../models/ids.ts'
import { estimateTokens } from './stand-ins.ts'

let now: number
let store: Store
let threads: Threads
beforeEach(async () => {
  now = 1_000
  store = await openSqliteStore({ path: ':memory:', clock: () => now })
  threads = createThreads(store, { estimateTokens })
})
afterEach(() => store.close())

const said = (text: string, more: Partial<NewTurn> = {}): NewTurn => ({
  role: 'user',
  content: [{ type: 'text', text }],
  trust: 'known',
  ...more,
})
const documents = async (thread?: string) => (await store.documents.list('ann', { thread, limit: 1000 })).documents

test('open() without a name makes a thread of its own each time', async () => {
  const [one, two] = [await threads.open('ann', undefined), await threads.open('ann', undefined)]

  expect(one).toEqual({ thread: expect.stringMatching(/^th_[0-9a-f]{32}$/), title: '', turns: 0, createdAt: now, updatedAt: now })
  expect(two.thread).not.toBe(one.thread)
  await expect(threads.open('ann', one.thread)).resolves.toEqual(one)
})

test('open() with a name makes one thread of that name, also for several at once', async () => {
  const opened = await Promise.all(Array.from({ length: 5 }, () => threads.open('ann', ' Café ')))

  expect(new Set(opened.map((thread) => thread.thread)).size).toBe(1)
  expect(opened[0]?.name).toBe('Café')
  await expect(threads.get('ann', 'Cafe\u0301')).resolves.toMatchObject({ thread: opened[0]?.thread })
  expect((await threads.list('ann')).threads).toHaveLength(1)
})

test.each(['', '   ', 'a\nb', 'x'.repeat(201), 'a\u202Eb'])('open() refuses the name %j', async (name) => {
  await expect(threads.open('ann', name)).rejects.toMatchObject({ code: 'memory_refused' })
})

test('an unknown id is not found: open() and append() refuse it, the others have nothing', async () => {
  const unknown = createId('thread')

  await expect(threads.open('ann', unknown)).rejects.toMatchObject({ code: 'memory_not_found' })
  await expect(threads.append('ann', unknown, [said('x')])).rejects.toMatchObject({ code: 'memory_not_found' })
  await expect(threads.fork('ann', unknown)).rejects.toMatchObject({ code: 'memory_not_found' })
  await expect(threads.get('ann', unknown)).resolves.toBeUndefined()
  await expect(threads.turns('ann', unknown)).resolves.toEqual([])
  await expect(threads.delete('ann', unknown)).resolves.toBe(false)
})

test('another principal meets a thread exactly as an unknown one, by id and by name', async () => {
  const { thread } = await threads.open('ann', 'plans')
  await threads.append('ann', thread, [said('secret plans')])

  for (const id of [thread, 'plans']) {
    await expect(threads.get('bob', id)).resolves.toBeUndefined()
    await expect(threads.turns('bob', id)).resolves.toEqual([])
    await expect(threads.append('bob', id, [said('x')])).rejects.toMatchObject({ code: 'memory_not_found' })
    await expect(threads.fork('bob', id)).rejects.toMatchObject({ code: 'memory_not_found' })
    await expect(threads.delete('bob', id)).resolves.toBe(false)
  }
  await expect(threads.open('bob', thread)).rejects.toMatchObject({ code: 'memory_not_found' })
  await expect(threads.search('bob', 'secret')).resolves.toEqual([])
  expect((await threads.open('bob', 'plans')).thread).not.toBe(thread)
  await expect(threads.get('ann', 'plans')).resolves.toMatchObject({ turns: 1 })
})

test('append() gives turns ids and numbers, and turns() gives them back whole', async () => {
  const { thread } = await threads.open('ann', 'talk')
  const answer: NewTurn = {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'hm', mintedBy: 'a/b', raw: { signature: 'x' } },
      { type: 'text', text: 'Hello' },
      { type: 'tool-call', id: '1', name: 'read', input: { path: 'a' } },
    ],
    trust: 'known',
    model: 'a/b',
    decision: createId('decision'),
  }
  const first = await threads.append('ann', thread, [said('Hi'), answer])
  now += 5
  const second = await threads.append('ann', 'talk', [said('Bye')])

  expect(first).toEqual([
    { ...said('Hi'), id: expect.stringMatching(/^tu_/), sequence: 1, at: 1_000 },
    { ...answer, id: expect.stringMatching(/^tu_/), sequence: 2, at: 1_000 },
  ])
  await expect(threads.turns('ann', thread)).resolves.toEqual([...first, ...second])
  await expect(threads.turns('ann', thread, { last: 1 })).resolves.toEqual(second)
  await expect(threads.get('ann', thread)).resolves.toMatchObject({ title: 'Hi', turns: 3, createdAt: 1_000, updatedAt: 1_005 })
})

test('append() makes words findable at once: what was said as turns, what tools returned apart and as external', async () => {
  const { thread } = await threads.open('ann', undefined)
  const [turn] = await threads.append('ann', thread, [
    {
      role: 'user',
      trust: 'known',
      content: [
        { type: 'text', text: 'Look at this' },
        { type: 'tool-result', id: '1', name: 'weather', isError: false, content: [{ type: 'text', text: 'Rain in Oslo' }] },
      ],
    },
  ])

  expect(await documents(thread)).toMatchObject([
    { id: turn?.id, kind: 'turn', text: 'Look at this', trust: 'known', facts: { role: 'user' } },
    { pieceOf: turn?.id, kind: 'tool-result', text: 'Rain in Oslo', trust: 'external', facts: { tool: 'weather' } },
  ])
})

test('append() cuts long turns into pieces of the turn, and indexes no more than the beginning of endless ones', async () => {
  const { thread } = await threads.open('ann', undefined)
  const long = 'A sentence of some length that says a thing. '.repeat(60)
  const endless = 'word '.repeat(100_000)
  const [one] = await threads.append('ann', thread, [said(long)])
  const pieces = await documents(thread)
  await threads.append('ann', thread, [said(endless)])

  expect(pieces.map((piece) => piece.pieceOf)).toEqual(pieces.map(() => one?.id))
  expect(pieces.map((piece) => piece.text).join('')).toBe(long)
  expect(pieces.every((piece) => estimateTokens(piece.text) <= 200)).toBe(true)
  expect((await documents(thread)).length - pieces.length).toBe(50)
  expect((await threads.turns('ann', thread)).at(-1)?.content).toEqual([{ type: 'text', text: endless }])
})

test('append() of nothing writes nothing', async () => {
  const { thread } = await threads.open('ann', undefined)

  await expect(threads.append('ann', thread, [])).resolves.toEqual([])
})

test('list() puts the thread used last first, and pages', async () => {
  for (const name of ['a', 'b', 'c']) {
    now += 1
    await threads.open('ann', name)
  }
  now += 1
  await threads.append('ann', 'a', [said('again')])

  const first = await threads.list('ann', { limit: 2 })
  const second = await threads.list('ann', { limit: 2, cursor: first.nextCursor })

  expect([...first.threads, ...second.threads].map((thread) => thread.name)).toEqual(['a', 'c', 'b'])
  expect(second.nextCursor).toBeUndefined()
})

test('search() finds each thread once, best first, with the place where the words stand', async () => {
  await threads.open('ann', 'cooking')
  await threads.open('ann', 'travel')
  await threads.append('ann', 'cooking', [
    said('bread'),
    said(`${'flour and water '.repeat(30)} then sourdough bread rises`),
    said('bread bread'),
  ])
  await threads.append('ann', 'travel', [said('a walk through Lisbon, and some bread')])

  const found = await threads.search('ann', 'sourdough bread')

  expect(found.map((thread) => thread.name)).toEqual(['cooking', 'travel'])
  expect(found[0]?.snippet).toMatch(/^…?.*sourdough bread/)
  expect(found[0]?.snippet.length).toBeLessThanOrEqual(202)
  await expect(threads.search('ann', 'sourdough bread', { limit: 1 })).resolves.toHaveLength(1)
})

test('fork() copies the turns up to one into a thread of its own', async () => {
  await threads.open('ann', 'main')
  const turns = await threads.append(
    'ann',
    'main',
    Array.from({ length: 450 }, (_, index) => said(`turn ${index + 1}`)),
  )
  now += 50

  const fork = await threads.fork('ann', 'main', { upTo: 420, name: 'side' })
  await threads.append('ann', 'side', [said('only here')])
  const copied = await threads.turns('ann', 'side')

  expect(fork).toMatchObject({ name: 'side', title: 'turn 1', turns: 420, forkedFrom: (await threads.get('ann', 'main'))?.thread })
  expect(copied.slice(0, 420).map(({ content, at, sequence }) => ({ content, at, sequence }))).toEqual(
    turns.slice(0, 420).map(({ content, at, sequence }) => ({ content, at, sequence })),
  )
  expect(copied[0]?.id).not.toBe(turns[0]?.id)
  await expect(threads.get('ann', 'main')).resolves.toMatchObject({ turns: 450 })
  await expect(threads.fork('ann', 'main', { name: 'side' })).rejects.toMatchObject({ code: 'memory_refused' })
})

test('delete() takes turns, documents, decisions and the name, and leaves a fork as it is', async () => {
  const decisions = createDecisionLog(store)
  const { thread } = await threads.open('ann', 'main')
  await threads.append('ann', 'main', [said('gone soon')])
  await threads.fork('ann', 'main', { name: 'side' })
  await decisions.record('ann', { id: 'de_1', thread, plan: {} })

  await expect(threads.delete('ann', 'main')).resolves.toBe(true)

  await expect(threads.get('ann', 'main')).resolves.toBeUndefined()
  await expect(threads.turns('ann', thread)).resolves.toEqual([])
  await expect(decisions.get('ann', 'de_1')).resolves.toBeUndefined()
  expect(await documents(thread)).toEqual([])
  await expect(threads.get('ann', 'side')).resolves.toMatchObject({ turns: 1 })
  expect((await threads.open('ann', 'main')).thread).not.toBe(thread)
})

test('nothing that is appended while a thread is removed outlives it', async () => {
  const { thread } = await threads.open('ann', undefined)
  await threads.append(
    'ann',
    thread,
    Array.from({ length: 700 }, (_, index) => said(`turn ${index}`)),
  )

  const appends = Array.from({ length: 20 }, (_, index) => threads.append('ann', thread, [said(`late ${index}`)]).catch(() => undefined))
  await Promise.all([threads.delete('ann', thread), ...appends])

  await expect(store.logs.length('ann', thread)).resolves.toBe(0)
  expect(await documents()).toEqual([])
})

test('exportThread() gives the thread, all its turns, its facts and its decisions, and of nothing else', async () => {
  const { thread } = await threads.open('ann', 'main')
  await threads.open('ann', 'other')
  const turns = await threads.append(
    'ann',
    'main',
    Array.from({ length: 250 }, (_, index) => said(`turn ${index}`)),
  )
  await threads.append('ann', 'other', [said('not this')])
  const recall = createRecall(store, { embedder: undefined, estimateTokens })
  await recall.remember('ann', { text: 'a fact', scope: 'thread', thread: 'main', trust: 'known' })
  await recall.remember('ann', { text: 'a general fact', scope: 'caller', trust: 'known' })
  const decisions = createDecisionLog(store)
  await decisions.record('ann', { id: 'de_1', thread, plan: { pool: 'a' } })
  await decisions.record('ann', { id: 'de_2', thread: 'th_other', plan: {} })

  const lines = await Array.fromAsync(exportThread({ store, threads }, 'ann', 'main'))

  expect(lines[0]).toMatchObject({ type: 'thread', thread: { thread, turns: 250 } })
  expect(lines.flatMap((line) => (line.type === 'turn' ? [line.turn] : []))).toEqual(turns)
  expect(lines.slice(251)).toMatchObject([
    { type: 'fact', fact: { text: 'a fact' } },
    { type: 'decision', decision: { id: 'de_1' } },
  ])
  await expect(Array.fromAsync(exportThread({ store, threads }, 'bob', thread))).resolves.toEqual([])
})

test('append() and fork() refuse what a caller has no room for, and leave others their room', async () => {
  const bound = createThreads(store, { estimateTokens, quota: { turns: 5, bytes: 10_000, whenFull: 'refuse' } })
  const [own, other] = [await bound.open('ann', 'own'), await bound.open('bob', 'other')]
  await bound.append('ann', own.thread, [said('one'), said('two'), said('three')])

  await expect(bound.append('ann', own.thread, [said('four'), said('five'), said('six')])).rejects.toMatchObject({
    code: 'memory_refused',
    message: expect.stringContaining('may keep 5 turns'),
  })
  await expect(bound.fork('ann', own.thread, { name: 'half' })).rejects.toMatchObject({ code: 'memory_refused' })
  await expect(bound.append('ann', own.thread, [said('x'.repeat(10_000))])).rejects.toMatchObject({ code: 'memory_refused' })
  await expect(bound.get('ann', 'half')).resolves.toBeUndefined()
  await bound.append('ann', own.thread, [said('four')])
  await bound.append(
    'bob',
    other.thread,
    Array.from({ length: 5 }, (_, index) => said(`${index}`)),
  )
  await bound.delete('ann', own.thread)
  const again = await bound.open('ann', 'again')
  await expect(
    bound.append(
      'ann',
      again.thread,
      Array.from({ length: 5 }, (_, index) => said(`${index}`)),
    ),
  ).resolves.toHaveLength(5)
})

test('a flood of turns takes the room of the flooding caller alone, its least used threads first', async () => {
  const bound = createThreads(store, { estimateTokens, quota: { turns: 40, bytes: 1e6, whenFull: 'oldest' } })
  const quiet = await bound.open('bob', 'quiet')
  await bound.append('bob', quiet.thread, [said('The berth is 14')])
  const kept = await bound.open('ann', 'kept')
  for (let index = 0; index < 60; index += 1) {
    now += 1
    await bound.append('ann', (await bound.open('ann', `flood ${index}`)).thread, [said(`Flood ${index}`)])
    if (index % 10 === 0) await bound.append('ann', kept.thread, [said(`Kept ${index}`)])
  }

  const { entries } = await store.logs.heldInThreads('ann')
  expect(entries).toBeLessThanOrEqual(40)
  expect(entries).toBeGreaterThan(30)
  expect(await bound.get('ann', 'flood 0')).toBeUndefined()
  expect(await bound.get('ann', 'flood 59')).toMatchObject({ turns: 1 })
  expect(await bound.turns('ann', kept.thread)).toHaveLength(6)
  expect(await bound.turns('bob', quiet.thread)).toHaveLength(1)
  // A thread that is larger than the room there is is never removed for itself.
  await expect(
    bound.append(
      'ann',
      kept.thread,
      Array.from({ length: 40 }, () => said('x')),
    ),
  ).rejects.toMatchObject({ code: 'memory_refused' })
  expect(await bound.turns('ann', kept.thread)).toHaveLength(6)
  expect(await bound.get('ann', 'flood 59')).toMatchObject({ turns: 1 })
})

test('append() makes no thread go for a turn that its own thread leaves no room for', async () => {
  const bound = createThreads(store, { estimateTokens, quota: { turns: 1000, bytes: 10_000, whenFull: 'oldest' } })
  const other = await bound.open('ann', 'other')
  await bound.append('ann', other.thread, [said('The berth is 14')])
  const { thread } = await bound.open('ann', 'long')
  await bound.append('ann', thread, [said('x'.repeat(9000))])

  await expect(bound.append('ann', thread, [said('y'.repeat(2000))])).rejects.toMatchObject({ code: 'memory_refused' })

  expect(await bound.get('ann', other.thread)).toMatchObject({ turns: 1 })
})

test('append() makes no more threads go than the turn needs where its own thread fills nearly all', async () => {
  const bound = createThreads(store, { estimateTokens, quota: { turns: 100, bytes: 1e6, whenFull: 'oldest' } })
  const [first, second] = [await bound.open('ann', 'first'), await bound.open('ann', 'second')]
  await bound.append('ann', first.thread, [said('The berth is 14')])
  now += 1
  await bound.append('ann', second.thread, [said('The ferry is blue')])
  const { thread } = await bound.open('ann', 'long')
  await bound.append(
    'ann',
    thread,
    Array.from({ length: 98 }, (_, index) => said(`${index}`)),
  )

  await bound.append('ann', thread, [said('One more')])

  expect(await bound.get('ann', first.thread)).toBeUndefined()
  expect(await bound.get('ann', second.thread)).toMatchObject({ turns: 1 })
})

test('what a caller holds is counted over retention and removal of single turns', async () => {
  const { thread } = await threads.open('ann', 'one')
  const [first] = await threads.append('ann', thread, [said('one'), said('two')])
  await store.logs.append('ann', 'calls', [{ id: 'no turn', value: {} }])
  const before = await store.logs.heldInThreads('ann')
  await store.logs.remove('ann', thread, [first?.id ?? ''])

  expect(before.entries).toBe(2)
  expect(await store.logs.heldInThreads('ann', [thread])).toEqual({ entries: 1, bytes: before.bytes / 2 })
  expect(await store.logs.heldInThreads('ann', ['th_other'])).toEqual({ entries: 0, bytes: 0 })
  expect(await store.logs.heldInThreads('ann')).toEqual({ entries: 1, bytes: before.bytes / 2 })
  await store.sweep(now + 400 * 86_400_000)
  expect(await store.logs.heldInThreads('ann')).toEqual({ entries: 0, bytes: 0 })
  expect(await store.logs.heldInThreads('nobody')).toEqual({ entries: 0, bytes: 0 })
})

test('append() keeps who speaks, and recall finds each by what they said of themselves', async () => {
  const { thread } = await threads.open('ann', 'chat')
  await threads.append('ann', thread, [
    said('I moved to Ghent last month', { speaker: 'Mia' }),
    said('I live in Lisbon', { speaker: 'Tom' }),
    said('Nobody asked me'),
  ])
  const recall = createRecall(store, { embedder: undefined, estimateTokens })

  const { items } = await recall.recall('ann', { query: 'Where does Tom live?', limit: 1 })

  expect((await threads.turns('ann', thread)).map(({ speaker }) => speaker)).toEqual(['Mia', 'Tom', undefined])
  expect(items).toMatchObject([{ text: 'Tom: I live in Lisbon', facts: [{ subject: 'tom', value: 'Lisbon' }] }])
})
