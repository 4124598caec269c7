import { afterEach, beforeEach, expect, test } from 'vitest'
import { createIndexer, createRecall, createThreads, openSqliteStore, type Recall, type Store, type Threads } from '../../memory/index.ts'
import { servicesFor } from '../support/services.ts'
import { estimateTokens, letters } from './stand-ins.ts'

let store: Store
let threads: Threads
let recall: Recall
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' })
  threads = createThreads(store, { estimateTokens })
  recall = createRecall(store, { embedder: letters(), estimateTokens })
})
afterEach(() => store.close())

const say = async (name: string, text: string, project?: string) => {
  const { thread } = await threads.open('ann', name, { project })
  await threads.append('ann', thread, [{ role: 'user', content: [{ type: 'text', text }], trust: 'known' }])
  return thread
}
const texts = async (query: Parameters<Recall['recall']>[1], principal = 'ann') =>
  (await recall.recall(principal, query)).items.map(({ text }) => text).toSorted()

test('recall() of a project finds its threads and what was kept for it, by words and by meaning, and nothing of others', async () => {
  await say('a', 'the harbour code of north is one', 'north')
  await say('b', 'the harbour code of south is two', 'south')
  await say('c', 'the harbour code of nobody is three')
  await recall.remember('ann', { text: 'harbour code kept for north', scope: 'project', project: 'north', trust: 'known' })
  await createIndexer(store, letters()).catchUp()

  const north = ['harbour code kept for north', 'the harbour code of north is one']
  expect(await texts({ query: 'harbour code', scope: 'project', project: 'north' })).toEqual(north)
  expect(await texts({ query: 'heavy crane', scope: 'project', project: 'north' })).toEqual(north)
  expect(await texts({ query: 'harbour code', scope: 'project', project: 'north' }, 'eve')).toEqual([])
  await expect(recall.recall('ann', { query: 'harbour', scope: 'project' })).rejects.toMatchObject({ code: 'memory_refused' })
})

test('what was kept for another project is left out where the caller is elsewhere', async () => {
  await recall.remember('ann', { text: 'harbour code for north', scope: 'project', project: 'north', trust: 'known' })

  expect(await texts({ query: 'harbour code', scope: 'caller', project: 'south' })).toEqual([])
  expect(await texts({ query: 'harbour code', scope: 'caller', project: null })).toEqual([])
  expect(await texts({ query: 'harbour code', scope: 'caller', project: 'north' })).toHaveLength(1)
})

test('a thread belongs to the project that it was begun in, and so do forks of it', async () => {
  const thread = await say('a', 'hello', 'north')
  await say('a', 'again', 'south')

  expect(await threads.get('ann', 'a')).toMatchObject({ project: 'north' })
  expect(await threads.fork('ann', thread)).toMatchObject({ project: 'north' })
  await recall.forget('ann', { thread })
  expect(await texts({ query: 'hello', scope: 'project', project: 'north' })).toEqual(['hello'])
})

test('remember and recall mean the project of the thread, else that of the caller, and refuse without one', async () => {
  const { run, services } = await servicesFor()
  await services.threads.open('local', 'work', { project: 'north' })
  await run('remember', { text: 'the harbour code is one', scope: 'project', thread: 'work' })
  await run('remember', { text: 'the harbour code is two', scope: 'project' }, { project: 'south' })
  const found = async (input: object, caller = {}) => {
    const { structured } = await run('recall', { query: 'harbour code', scope: 'project', ...input }, caller)
    return ((structured?.['items'] ?? []) as { text: string }[]).map(({ text }) => text)
  }

  expect(await found({ thread: 'work' })).toEqual(['the harbour code is one'])
  expect(await found({}, { project: 'south' })).toEqual(['the harbour code is two'])
  expect(await found({}, { project: 'south', principal: 'eve' })).toEqual([])
  await expect(found({})).rejects.toThrow('none is named by a thread')
})
