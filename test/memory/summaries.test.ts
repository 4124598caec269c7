import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createRecall,
  createSummaries,
  createThreads,
  openSqliteStore,
  type Recall,
  type Store,
  type Summaries,
} from '../../memory/index.ts'
import { estimateTokens } from './stand-ins.ts'

let now: number
let store: Store
let recall: Recall
let summaries: Summaries
let thread: string
beforeEach(async () => {
  now = 1_000
  store = await openSqliteStore({ path: ':memory:', clock: () => now })
  recall = createRecall(store, { embedder: undefined, estimateTokens })
  summaries = createSummaries(store, { estimateTokens })
  const threads = createThreads(store, { estimateTokens })
  ;({ thread } = await threads.open('ann', 'harbour'))
  const said = ['We talked about the crane', 'The berth is 14', 'Nobody knows when the tide comes']
  await threads.append(
    'ann',
    thread,
    said.map((text) => ({ role: 'user', content: [{ type: 'text', text }], trust: 'known' })),
  )
})
afterEach(() => store.close())

async function keep(text: string, trust: 'known' | 'external' = 'known') {
  const work = await summaries.begin('ann', thread)
  return work?.keep({ text, upTo: 3, by: 'home/small', trust })
}
const found = async (query: string, limit = 5, principal = 'ann') => (await recall.recall(principal, { query, limit })).items

test('a summary is recalled with its source, trust and age where none of its turns is, and only once', async () => {
  now = 5_000
  await keep(`Plans for the regatta in Skagen. ${'It was about boats and sails. '.repeat(60)}`, 'external')

  const items = await found('regatta boats Skagen')

  expect(items).toMatchObject([{ source: `summary of ${thread} by home/small`, trust: 'external', createdAt: 5_000, thread }])
  expect(items[0]?.text).toContain('regatta')
  expect(await found('regatta boats Skagen', 5, 'bob')).toEqual([])
})

test('a summary takes the place of no turn that it is made of, however well it fits', async () => {
  await keep('The berth is 14, the berth is 14 and the crane stands at berth 14')

  const items = await found('Which berth has the crane?', 2)

  expect(items.length).toBeGreaterThan(0)
  expect(items.every(({ source }) => source === `turn of ${thread}`)).toBe(true)
})

test('a summary stays findable where the new one cannot be put in its place', async () => {
  await keep('Plans for the regatta in Skagen')
  const failing = createSummaries({ ...store, commit: () => Promise.reject(new Error('the disk is full')) }, { estimateTokens })

  const work = await failing.begin('ann', thread)
  await expect(work?.keep({ text: 'Plans for the opera', upTo: 3, by: 'home/small', trust: 'known' })).rejects.toThrow('the disk is full')

  expect(await found('regatta Skagen')).toMatchObject([{ text: 'Plans for the regatta in Skagen' }])
})

test('a new summary stands in the place of the old one, and goes with what it was made of', async () => {
  await keep('Plans for the regatta')
  await keep('Plans for the carnival')

  expect(await found('regatta')).toEqual([])
  const [carnival] = await found('carnival')
  expect(carnival).toMatchObject({ text: 'Plans for the carnival' })

  await recall.forget('ann', { text: 'berth' })
  expect(await found('carnival')).toEqual([])
  expect(await summaries.get('ann', thread)).toBeUndefined()
})

test('a summary is forgotten by its own id and its own words, and with its thread', async () => {
  for (const filter of [(id: string) => ({ id }), () => ({ text: 'regatta' }), () => ({ thread })]) {
    await keep('Plans for the regatta')
    const [item] = await found('regatta')
    expect(item?.id).toMatch(/\.summary/)
    await recall.forget('ann', filter(item?.id ?? ''))
    expect(await found('regatta')).toEqual([])
    expect(await summaries.get('ann', thread)).toBeUndefined()
  }
})

test('what was forgotten while a summary was written is not found in it', async () => {
  const work = await summaries.begin('ann', thread)
  await recall.forget('ann', { text: 'berth' })

  expect(await work?.keep({ text: 'Plans for the regatta at the berth', upTo: 3, by: 'home/small', trust: 'known' })).toBe(false)
  expect(await found('regatta')).toEqual([])
})
