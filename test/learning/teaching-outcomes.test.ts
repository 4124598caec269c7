import { expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import { type CallEntry, outcomeStream, toBase64, type VerdictEntry } from '../../src/learning/outcome-entry.ts'
import { readTeachingOutcomes } from '../../src/learning/teaching-outcomes.ts'

const embedder = { id: 'test', dimensions: 2 }
const vector = toBase64(Float32Array.of(1, 0))

function call(facts: Partial<CallEntry> = {}): CallEntry {
  const need = { vector, embedder: 'test', words: ['ferry', 'secret'] }
  return {
    tool: 'files_read',
    server: 'files',
    hash: 'h',
    door: 'call',
    outcome: 'accepted',
    ms: 1,
    need,
    rank: 0,
    propensity: 1,
    ...facts,
  }
}

async function setUp() {
  let now = 1_000_000
  let id = 0
  const { logs } = await openSqliteStore({ path: ':memory:', clock: () => now })
  return {
    add: async (principal: string, ...values: (CallEntry | VerdictEntry)[]) => {
      now += 1
      for (const value of values) {
        id += 1
        await logs.append(principal, outcomeStream, [{ id: `ou_${id}`, value }])
      }
    },
    wait: (ms: number) => {
      now += ms
    },
    read: (publicWords: string[] = [], since = 0) => readTeachingOutcomes({ logs, embedder, since, publicWords: new Set(publicWords) }),
  }
}

test('a call teaches with its need, its place from 1 and the newest verdict on it', async () => {
  const { add, read } = await setUp()
  await add('ann', call({ rank: 2, propensity: 0.5, previousTool: 'files_list' }), { of: 'ou_1', outcome: 'edited', source: 'harness' })
  await add('ann', call({ outcome: 'unavailable' }))

  const { outcomes, principals } = await read()

  expect(principals).toEqual(['ann'])
  expect(outcomes).toMatchObject([
    { tool: 'files_read', hash: 'h', class: 'edited', source: 'harness', rank: 3, propensity: 0.5, previousTool: 'files_list' },
    { class: 'transport' },
  ])
  expect([...(outcomes[0]?.need.vector ?? [])]).toEqual([1, 0])
  expect(outcomes[0]?.need.words).toEqual(['ferry', 'secret'])
})

test('calls of a thread are one piece of work, up to a pause of half an hour and ten calls', async () => {
  const { add, read, wait } = await setUp()
  await add('ann', call({ thread: 'a' }), call({ thread: 'b' }), call({ thread: 'a' }))
  wait(31 * 60_000)
  await add('ann', call({ thread: 'a' }), ...Array.from({ length: 11 }, () => call()))

  const pieces = (await read()).outcomes.map(({ piece }) => piece)

  expect(pieces.slice(0, 4)).toEqual(['ou_1', 'ou_2', 'ou_1', 'ou_4'])
  expect(pieces.slice(4)).toEqual([...Array<string>(10).fill('ou_5'), 'ou_15'])
})

test("a person's word is not taken back by a model or by the next call", async () => {
  const { add, read } = await setUp()
  await add('ann', call(), { of: 'ou_1', outcome: 'tool_error', source: 'person' }, { of: 'ou_1', outcome: 'accepted', source: 'model' })

  expect((await read()).outcomes).toMatchObject([{ class: 'tool_error', source: 'person' }])
})

test.each<[string, CallEntry]>([
  ['of a tainted step', call({ tainted: true })],
  ['that no search had led to', call({ need: undefined })],
  ['of another embedder', call({ need: { vector, embedder: 'other', words: [] } })],
  ['whose vector is of another length', call({ need: { vector: toBase64(Float32Array.of(1)), embedder: 'test', words: [] } })],
  ['that says nothing of the tool', call({ outcome: 'lookup' })],
])('a call %s teaches nothing', async (_, entry) => {
  const { add, read } = await setUp()
  await add('ann', entry)

  expect((await read()).outcomes).toEqual([])
})

test('what is too old teaches nothing', async () => {
  const { add, read } = await setUp()
  await add('ann', call())

  expect((await read([], 2_000_000)).outcomes).toEqual([])
})

test('of several callers, none has more than half of what is said of a tool, as soon as it is more than twenty', async () => {
  const { add, read } = await setUp()
  await add('ann', ...Array.from({ length: 60 }, () => call()))
  await add('bob', ...Array.from({ length: 30 }, () => call()), ...Array.from({ length: 40 }, () => call({ tool: 'files_write' })))

  const { outcomes } = await read()
  const of = (principal: string, tool: string) => outcomes.filter((one) => one.principal === principal && one.tool === tool).length

  expect([of('ann', 'files_read'), of('bob', 'files_read'), of('bob', 'files_write')]).toEqual([30, 30, 20])
})

test('of several callers, words that one alone has used are left out unless a tool itself uses them', async () => {
  const { add, read } = await setUp()
  await add('ann', call({ need: { vector, embedder: 'test', words: ['ferry', 'merger', 'read'] } }))
  await add('bob', call({ need: { vector, embedder: 'test', words: ['ferry', 'divorce'] } }))

  expect((await read(['read'])).outcomes.map(({ need }) => need.words)).toEqual([['ferry', 'read'], ['ferry']])
})
