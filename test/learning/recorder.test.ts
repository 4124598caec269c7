import { expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import { type OutcomeEntry, outcomeStream } from '../../src/learning/outcome-entry.ts'
import { createOutcomeRecorder, type Showing } from '../../src/learning/recorder.ts'
import { hostedTool } from '../support/search/needs.ts'

const read = hostedTool('files/read')
const write = hostedTool('files/write')

async function setUp({ enabled = true } = {}) {
  let now = 1_000_000
  const { logs } = await openSqliteStore({ path: ':memory:', clock: () => now })
  const recorder = createOutcomeRecorder({ logs, clock: () => now, embedder: 'test', seed: 'test', enabled: () => enabled })
  return {
    recorder,
    pass: (minutes: number) => {
      now += minutes * 60_000
    },
    show: (facts: Partial<Showing> = {}) =>
      recorder.shown({
        principal: 'ann',
        need: { vector: Float32Array.of(1, 0), words: ['read', 'ferry'] },
        tools: [
          { name: write.name, propensity: 1 },
          { name: read.name, propensity: 0.98 },
        ],
        tainted: false,
        ...facts,
      }),
    call: async (
      args: Record<string, unknown>,
      { tool = read, outcome = 'accepted', thread = undefined as string | undefined, principal = 'ann' } = {},
    ) => {
      const call = recorder.begin({ principal, thread, tool, args, door: 'call', tainted: false })
      call.started()
      await call.ended(outcome)
    },
    entries: async (principal = 'ann') =>
      (await logs.read<OutcomeEntry>(principal, outcomeStream)).map(({ id, value }) => ({ id, ...value })),
  }
}

test('a call is joined to the need whose search showed its tool, with its place and how likely it was to stand there', async () => {
  const { show, call, entries } = await setUp()
  show()
  await call({ path: 'ferry.txt' })

  expect(await entries()).toMatchObject([
    {
      tool: 'files_read',
      server: 'files',
      hash: read.hash,
      outcome: 'accepted',
      need: { vector: 'AACAPwAAAAA=', embedder: 'test', words: ['ferry', 'read'] },
      rank: 1,
      propensity: 0.98,
    },
  ])
  expect(JSON.stringify(await entries())).not.toContain('ferry.txt')
})

test.each([
  ['of another principal', { showing: { principal: 'bob' } }],
  ['of another thread', { showing: { thread: 'th_1' }, thread: 'th_2' }],
  ['that did not show the tool', { showing: { tools: [{ name: 'files_write', propensity: 1 }] } }],
  ['that is older than half an hour', { minutes: 31 }],
])(
  'a call is not joined to a search %s',
  async (_, { showing = {}, thread, minutes = 0 }: { showing?: Partial<Showing>; thread?: string; minutes?: number }) => {
    const { show, call, entries, pass } = await setUp()
    show(showing)
    pass(minutes)
    await call({}, { thread })

    expect(await entries()).toHaveLength(1)
    expect((await entries())[0]).not.toHaveProperty('need')
  },
)

test('a call after text of others says so', async () => {
  const { show, call, entries } = await setUp()
  show({ tainted: true })
  await call({})

  expect(await entries()).toMatchObject([{ tainted: true }])
})

test('a call that is soon made again with edited arguments was a soft failure, and the corrected one teaches', async () => {
  const { show, call, entries } = await setUp()
  show()
  await call({ path: 'reports/finnal.txt' })
  await call({ path: 'reports/final.txt' })

  const [first, verdict, second] = await entries()
  expect(verdict).toMatchObject({ of: first?.id, outcome: 'edited', source: 'harness' })
  expect(second).toMatchObject({ outcome: 'accepted', need: { words: ['ferry', 'read'] } })
})

test.each([
  ['too late', 6, {}],
  ['after a failure that says so already', 0, { outcome: 'tool_error' }],
])('a call that is made again with edited arguments is no verdict on the first: %s', async (_, minutes, first) => {
  const { show, call, entries, pass } = await setUp()
  show()
  await call({ path: 'reports/finnal.txt' }, first)
  pass(minutes)
  await call({ path: 'reports/final.txt' })

  expect((await entries()).filter((entry) => 'of' in entry)).toEqual([])
})

test('three calls of a tool for one need are work on a list: no correction stands, and only the first ones teach', async () => {
  const { show, call, entries } = await setUp()
  show()
  for (const part of [1, 2, 3, 4]) await call({ path: `chapters/chapter-${part}.txt` })

  const found = await entries()
  const verdicts = found.filter((entry) => 'of' in entry) as { of: string; outcome: string }[]
  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['edited', 'accepted'])
  expect(new Set(verdicts.map(({ of }) => of))).toEqual(new Set([found[0]?.id]))
  expect(found.filter((entry) => 'need' in entry)).toHaveLength(2)
})

test('a call names the one before it that went well', async () => {
  const { call, entries } = await setUp()
  await call({}, { tool: write })
  await call({}, { tool: read, outcome: 'timeout' })
  await call({ again: true }, { tool: read })

  expect((await entries()).map((entry) => ('tool' in entry ? entry.previousTool : undefined))).toEqual([
    undefined,
    'files_write',
    'files_write',
  ])
})

test('rated() says a verdict on each call of the decision, and of no other principal', async () => {
  const { recorder, entries } = await setUp()
  for (const decision of ['de_1', 'de_1', 'de_2']) {
    await recorder.begin({ principal: 'ann', tool: read, args: {}, door: 'loop', decision, tainted: false }).ended('accepted')
  }

  await expect(recorder.rated('ann', 'de_1', 'tool_error', 'person')).resolves.toBe(2)
  await expect(recorder.rated('bob', 'de_1', 'tool_error', 'person')).resolves.toBe(0)

  const found = await entries()
  expect(found.slice(3)).toMatchObject([
    { of: found[0]?.id, outcome: 'tool_error', source: 'person' },
    { of: found[1]?.id, outcome: 'tool_error', source: 'person' },
  ])
})

test('forget() removes what is meant with its verdicts, and drops the searches that wait for a call', async () => {
  const { recorder, show, call, entries } = await setUp()
  show()
  await call({ path: 'reports/finnal.txt' }, { thread: 'th_1' })
  await call({ path: 'reports/final.txt' }, { thread: 'th_1' })
  await call({}, { tool: write, thread: 'th_2' })
  show()

  await recorder.forget('ann', ({ thread }) => thread === 'th_1')
  await call({})

  const left = await entries()
  expect(left).toMatchObject([{ tool: 'files_write' }, { tool: 'files_read' }])
  expect(left[1]).not.toHaveProperty('need')
})

test('nothing of a need is kept where learning is off', async () => {
  const { show, call, entries } = await setUp({ enabled: false })
  show()
  await call({})

  expect((await entries())[0]).not.toHaveProperty('need')
})
