import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore, type Store } from '../memory/index.ts'
import type { Config } from '../src/config/config.ts'
import { assembleContext } from '../src/dispatch/context.ts'
import type { Line } from '../src/dispatch/line.ts'
import { createMemoryDigest, type MemoryDigest } from '../src/memory-digest.ts'
import { deployment, pool, price } from './support/deployments.ts'
import { lineOf } from './support/line.ts'
import { standIn, type Turn } from './support/stand-in-provider.ts'

let now: number
let folder: string
let store: Store
beforeEach(async () => {
  now = Date.parse('2026-03-01T09:00:00Z')
  folder = await mkdtemp(join(tmpdir(), 'signalbox-digest-'))
  store = await openSqliteStore({ path: join(folder, 'memory.db'), clock: () => now })
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

interface Setting {
  local?: boolean
  background?: Config['background']
  answer?: Turn
  during?: () => Promise<unknown>
}

/** One pool whose model answers as told, and a digest over it. */
async function setUp({ local = true, background, answer = { text: 'unused' }, during }: Setting = {}) {
  const provider = standIn('a', answer)
  const slow = {
    ...provider,
    async *send(...of: Parameters<typeof provider.send>) {
      await during?.()
      yield* provider.send(...of)
    },
  }
  const pools = [pool('writer', [deployment('a/m', { local, price: price(0, 1000) })], { local })]
  const line = await lineOf({ pools, providers: [slow], store })
  const config = { background, pools: [{ name: 'writer', local, modalities: ['text'] }] } as unknown as Pick<Config, 'background' | 'pools'>
  const warned: string[] = []
  const quiet: Line = { ...line, log: { ...line.log, warn: (message) => void warned.push(message) } }
  const digest = createMemoryDigest({ store, summaries: line.summaries, line: quiet, config: () => config, clock: () => now })
  return { line, provider, digest, warned }
}

async function talk({ threads }: Line, count: number, text = (number: number) => `The ferry to Skagen number ${number} sails at dawn.`) {
  const { thread } = await threads.open('ann', 'ferry')
  for (let number = 1; number <= count; number += 1) {
    await threads.append('ann', thread, [{ role: 'user', trust: 'known', content: [{ type: 'text', text: text(number) }] }])
  }
  return thread
}

async function rest(digest: MemoryDigest) {
  now += 11 * 60_000
  await digest.look()
}

async function traces(letters: string): Promise<number> {
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')))
  return files.reduce((sum, bytes) => sum + bytes.split(letters).length - 1, 0)
}

test('a digest without a model keeps sentences as they were said, once a thread has grown or come to rest', async () => {
  const { line, digest, provider } = await setUp({ local: false })
  const thread = await talk(line, 7)

  await digest.look()
  expect(await line.summaries.get('ann', thread)).toBeUndefined()
  await rest(digest)

  expect(await line.summaries.get('ann', thread)).toMatchObject({ by: 'extractive', upTo: 7, trust: 'known' })
  expect((await line.summaries.get('ann', thread))?.text).toContain('1 user: The ferry to Skagen number 1 sails at dawn.')
  expect(await line.summaries.overview('ann')).toMatchObject({ by: 'extractive', upTo: 1, text: expect.stringMatching(/^- ferry: /) })
  await talk(line, 20)
  await digest.look()
  expect(await line.summaries.get('ann', thread)).toMatchObject({ upTo: 27 })
  expect(provider.requests).toHaveLength(0)
})

test('a step of a long thread gets the summary in the place of turns that are left out, and says where they are', async () => {
  const { line, digest } = await setUp({ local: false })
  const thread = await talk(line, 60)
  await rest(digest)
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'And now?' }] }]
  const request = { principal: 'ann', thread, messages, budgetTokens: 12_000, signal: new AbortController().signal }

  const context = await assembleContext(request, line)

  expect(context.turns).toHaveLength(40)
  expect(context.recalled[0]).toMatchObject({
    source: `summary of turns 1 to 60, whole with threads {op: get, thread: ${thread}}`,
    trust: 'known',
  })
})

test('a local model writes the summary, and facts whose values were said; what it makes up is left out', async () => {
  const facts = [
    { turn: 3, subject: 'User', relation: 'boat', value: 'a blue Folkboat' },
    { turn: 3, subject: 'user', relation: 'lives in', value: 'Paris' },
    { turn: 99, subject: 'user', relation: 'name', value: 'ferry' },
  ]
  const { line, digest, provider } = await setUp({
    answer: { text: `Here: ${JSON.stringify({ summary: 'They spoke of Skagen.', facts })}` },
  })
  const thread = await talk(line, 7, (number) => (number === 3 ? 'What I sail is  a blue Folkboat.' : `Turn ${number} of the talk.`))

  await rest(digest)

  expect(await line.summaries.get('ann', thread)).toMatchObject({ by: 'a/m', text: 'They spoke of Skagen.', upTo: 7 })
  expect(JSON.stringify(provider.requests[0]?.messages)).toContain('Folkboat')
  const turn = (await line.threads.turns('ann', thread))[2]
  expect(await store.documents.statements('ann', [turn?.id ?? ''])).toMatchObject([
    { subject: 'user', relation: 'boat', value: 'a blue Folkboat', by: 'a/m' },
  ])
  const { items } = await line.recall.recall('ann', { query: 'Is my boat a Folkboat?' })
  expect(items[0]).toMatchObject({ facts: [{ relation: 'boat', value: 'a blue Folkboat' }] })
})

test('a model is shown all of what was said, in parts where it does not fit at once', async () => {
  const { line, digest, provider } = await setUp({ answer: { text: '{"summary": "Ferries"}' } })
  const thread = await talk(line, 30, (number) => `Number ${number}. ${'x'.repeat(1900)}`)

  await rest(digest)

  const shown = provider.requests.map(({ messages }) => JSON.stringify(messages)).join('')
  expect(Array.from({ length: 30 }, (_, at) => shown.includes(`Number ${at + 1}.`))).not.toContain(false)
  expect(await line.summaries.get('ann', thread)).toMatchObject({ text: 'Ferries', upTo: 30 })
})

test('a summary without a model has the lowest trust of all that it is made of, and goes as far as that', async () => {
  const { line, digest } = await setUp({ local: false })
  const thread = await talk(line, 1)
  const turns = Array.from({ length: 449 }, (_, at) => ({
    role: 'user' as const,
    trust: at === 440 ? ('external' as const) : ('known' as const),
    content: [{ type: 'text' as const, text: `The ferry to Skagen number ${at + 2} sails at dawn.` }],
  }))
  await line.threads.append('ann', thread, turns)

  await rest(digest)

  expect(await line.summaries.get('ann', thread)).toMatchObject({ upTo: 450, trust: 'external', by: 'extractive' })
})

test('a model elsewhere is asked only when background names its pool, and for no more than the day allows', async () => {
  // What an answer may cost, 1.2 dollars, has to fit in what is left.
  const background = { pool: 'writer', usdPerDay: 1.201 }
  const { line, digest, provider } = await setUp({ local: false, background, answer: { text: JSON.stringify({ summary: 'Ferries.' }) } })
  const thread = await talk(line, 7)

  await rest(digest)
  expect(await line.summaries.get('ann', thread)).toMatchObject({ by: 'a/m' })
  const { decisions } = await line.decisions.list('ann')
  expect(decisions).toMatchObject([{ thread, recorded: { step: { kind: 'background' } } }])

  await talk(line, 1)
  await rest(digest)
  expect(provider.requests).toHaveLength(1)
  expect(await line.summaries.get('ann', thread)).toMatchObject({ by: 'extractive', upTo: 8 })
  await talk(line, 1)
  now += 86_400_000
  await digest.look()
  expect(provider.requests).toHaveLength(2)
})

test('forget() takes summaries along, also one that is being written, with the decision on it', async () => {
  const { line, digest } = await setUp({ answer: { text: JSON.stringify({ summary: 'Somebody said quinceword, in short qwmark.' }) } })
  const thread = await talk(line, 7, (number) => (number === 2 ? 'My word is quinceword and no other.' : `Turn ${number} of the talk.`))
  await rest(digest)
  expect(await traces('qwmark')).toBeGreaterThan(0)

  await line.recall.forget('ann', { text: 'quinceword' })

  expect(await line.summaries.get('ann', thread)).toBeUndefined()
  expect(await line.summaries.overview('ann')).toBeUndefined()
  for (const letters of ['quinceword', 'qwmark']) expect(await traces(letters), letters).toBe(0)

  const late = await setUp({
    answer: { text: JSON.stringify({ summary: 'late figmark' }) },
    during: () => line.recall.forget('ann', { text: 'Turn 3' }),
  })
  await rest(late.digest)
  expect(await line.summaries.get('ann', thread)).toBeUndefined()
  await line.recall.forget('ann', { all: true })
  expect(await traces('figmark')).toBe(0)
})
