import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRecall, createThreads, openSqliteStore } from '../../memory/index.ts'
import { estimateTokens } from './stand-ins.ts'

/** Three hundred turns over five sessions, by two clients at one file, each opened anew for every session. */

const dayMs = 86_400_000
const sessions = 5
const turnsPerSession = 60
const said: readonly { session: number; asked: string; answered: string; query: string }[] = [
  {
    session: 0,
    asked: 'Ann: Where do you keep the spare key?',
    answered: 'Bea: Under the third flower pot.',
    query: 'Where is the spare key of Bea?',
  },
  { session: 1, asked: 'Bea: Who fixes the boiler?', answered: 'Ann: Ruslan does, on Tuesdays.', query: 'Who repairs the boiler?' },
  { session: 2, asked: 'Ann: And the ferry?', answered: 'Bea: It leaves at ten past seven.', query: 'When does the ferry leave?' },
  { session: 3, asked: 'Bea: What is the wifi called?', answered: 'Ann: Penguin, with a capital.', query: 'What is the name of the wifi?' },
  { session: 4, asked: 'Ann: Any allergies?', answered: 'Bea: Walnuts, badly.', query: 'What allergies does Bea have?' },
]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-long-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a conversation of 300 turns over five sessions and two clients is recalled with its sources after restarts', async () => {
  let now = Date.parse('2026-01-05T09:00:00Z')
  const open = async () => {
    const store = await openSqliteStore({ path: join(folder, 'memory.db'), clock: () => now })
    const recall = createRecall(store, { embedder: undefined, estimateTokens })
    return { store, recall, threads: createThreads(store, { estimateTokens }) }
  }
  const threadOf: string[] = []
  for (let session = 0; session < sessions; session += 1) {
    const clients = [await open(), await open()] as const
    const { thread } = await clients[0].threads.open('local', `session ${session}`)
    threadOf.push(thread)
    const planted = said.filter((one) => one.session === session).flatMap(({ asked, answered }) => [asked, answered])
    for (let turn = 0; turn < turnsPerSession; turn += 1) {
      const text =
        planted[turn - 30] ?? `${turn % 2 === 0 ? 'Ann' : 'Bea'}: remark ${turn} of day ${session} about the weather and the garden.`
      const { threads } = clients[turn % 2 === 0 ? 0 : 1]
      await threads.append('local', thread, [{ role: 'user', trust: 'known', content: [{ type: 'text', text }] }])
    }
    for (const { store } of clients) await store.close()
    now += 7 * dayMs
  }

  const { store, recall, threads } = await open()
  for (const { session, answered, query } of said) {
    const { items } = await recall.recall('local', { query, limit: 5 })
    expect(items.find(({ text }) => text === answered)).toMatchObject({
      source: `turn of ${threadOf[session]}`,
      trust: 'known',
      createdAt: now - (sessions - session) * 7 * dayMs,
    })
  }
  const lengths = (await threads.list('local')).threads.map(({ turns }) => turns)
  expect(lengths).toEqual(Array.from({ length: sessions }, () => turnsPerSession))
  await store.close()
})
