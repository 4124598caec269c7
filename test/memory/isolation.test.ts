import { afterAll, beforeAll, expect, test } from 'vitest'
import { createIndexer, createRecall, createThreads, openSqliteStore, type Recall, type Store, type Threads } from '../../memory/index.ts'
import { createId } from '../../models/ids.ts'
import { estimateTokens, letters } from './stand-ins.ts'

/** Whatever fifty callers do, in any order, with each other's ids and names: nobody ever gets a text of another. */

const callers = Array.from({ length: 50 }, (_, index) => `caller-${index}`)
const topics = ['harbour', 'garden', 'violin', 'budget', 'recipe', 'ferry', 'lantern', 'passport']
const operations = 10_000

let store: Store
let threads: Threads
let recall: Recall
beforeAll(async () => {
  store = await openSqliteStore({ path: ':memory:' })
  threads = createThreads(store, { estimateTokens })
  recall = createRecall(store, { embedder: letters(), estimateTokens })
})
afterAll(() => store.close())

test('10,000 random operations of 50 callers leak nothing', async () => {
  const random = seeded(20_260_301)
  const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T
  /** Of all callers: everybody tries everybody's. */
  const ids: string[] = [createId('thread'), createId('memory')]
  const counts = { written: 0, found: 0, refused: 0, leaks: [] as string[] }
  const indexer = createIndexer(store, letters())
  const check = (caller: string, what: string, texts: readonly string[]) => {
    counts.found += texts.length
    for (const text of texts) if (!text.includes(`(${caller})`)) counts.leaks.push(`${what} of ${caller}: ${text}`)
  }
  const say = (caller: string) => `${pick(topics)} ${pick(topics)} number ${Math.floor(random() * 1000)} (${caller})`

  for (let done = 0; done < operations; done += 1) {
    const caller = pick(callers)
    const kind = random()
    try {
      if (kind < 0.2) {
        const thread = random() < 0.5 ? pick(topics) : pick(ids)
        const open = await threads.open(caller, thread)
        const turns = await threads.append(caller, open.thread, [
          { role: 'user', trust: 'known', content: [{ type: 'text', text: say(caller) }] },
        ])
        ids.push(open.thread, ...turns.map(({ id }) => id))
        counts.written += 1
      } else if (kind < 0.35) {
        const within = random() < 0.3 ? ({ scope: 'thread', thread: pick(ids) } as const) : ({ scope: 'caller' } as const)
        ids.push(...(await recall.remember(caller, { text: say(caller), trust: 'known', ...within })))
        counts.written += 1
      } else if (kind < 0.6) {
        const where = random() < 0.3 ? ({ scope: 'thread', thread: pick([...topics, pick(ids)]) } as const) : {}
        const { items } = await recall.recall(caller, { query: `${pick(topics)} of ${pick(callers)}`, limit: 3, ...where })
        check(
          caller,
          'recall',
          items.map(({ text }) => text),
        )
      } else if (kind < 0.8) {
        const turns = await threads.turns(caller, pick([...topics, pick(ids)]))
        check(
          caller,
          'turns',
          turns.flatMap(({ content }) => content.flatMap((part) => (part.type === 'text' ? part.text : []))),
        )
      } else if (kind < 0.84) {
        const found = await threads.search(caller, pick(topics))
        check(
          caller,
          'search',
          found.map(({ snippet }) => snippet),
        )
      } else if (kind < 0.85) {
        const fork = await threads.fork(caller, pick([...topics, pick(ids)]))
        ids.push(fork.thread)
      } else {
        await store.documents.delete(caller, { ids: [pick(ids)] })
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'memory_not_found')) throw error
      counts.refused += 1
    }
    if (done % 1000 === 999) await indexer.catchUp()
  }
  await indexer.close()

  expect(counts.leaks).toEqual([])
  // It was no empty exercise.
  expect(counts.written).toBeGreaterThan(1500)
  expect(counts.found).toBeGreaterThan(3000)
  expect(counts.refused).toBeGreaterThan(300)
}, 60_000)

function seeded(state: number): () => number {
  let value = state
  return () => {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0
    return value / 2 ** 32
  }
}
