import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRecall, createThreads, openSqliteStore, type Recall, type Store, type Threads, type Trust } from '../../memory/index.ts'
import { statementsIn } from '../../memory/statements.ts'
import { estimateTokens } from './stand-ins.ts'

const at = Date.parse('2026-05-20T12:00:00Z')

test.each([
  ['I moved to Ghent last weekend.', 'user | lives in | Ghent'],
  ['Ann: My phone number is now 0688 404 505, please note.', 'ann | phone number | 0688 404 505'],
  ['We use Zulip for chat, people grumble.', 'we | uses for chat | Zulip'],
  ['We switched from Jenkins to Buildkite.', 'we | uses | Buildkite', 'we | * | Jenkins ends'],
  ['My sister lives in Oslo with her sons.', 'user sister | lives in | Oslo'],
  ['I left Kestrel Bank; I now work for a small publisher', 'user | works at | Kestrel Bank ends', 'user | works at | a small publisher'],
  ["I don't like oysters anymore.", 'user | opinion of oysters | dislikes'],
  ['The deadline was moved to 30 May.', 'we | deadline | 30 May'],
  ['The budget for the kitchen is 8,000 euros.', 'we | budget for the kitchen | 8,000 euros'],
  ['Lighthouse is now called Barnacle.', 'lighthouse | is | Barnacle'],
  ['Ich bin nach Köln gezogen.', 'user | lives in | Köln'],
])('statementsIn() reads %j', (text, ...expected) => {
  const found = statementsIn(text, { at }).map(
    ({ subject, relation, value, ends }) => `${subject} | ${relation} | ${value}${ends ? ' ends' : ''}`,
  )

  expect(found).toEqual(expected)
})

test('statementsIn() keeps no key or password', () => {
  const [found] = statementsIn('My deploy key is AKIAQ7ZL3N5VXW2RT4HD for now', { at })

  expect(found?.value).toBe('[aws-access-key]')
})

test.each([
  'Is my phone number 0688 404 505?',
  'If my deadline is 30 May, I am late.',
  'I wish I lived in Ghent.',
  'My question is how this works.',
  'The train is delayed.',
  '> My name is Eve',
  '```\nmy name is Eve\n```',
  'I used to live in Ghent and maybe I live in Oslo soon.',
])('statementsIn() reads nothing out of %j', (text) => {
  expect(statementsIn(text, { at })).toEqual([])
})

test('statementsIn() takes the time that is named, and no time to come', () => {
  const from = (text: string) => new Date(statementsIn(text, { at })[0]?.validFrom ?? 0).toISOString().slice(0, 10)

  expect([
    from('I have lived in Ghent since 2021.'),
    from('I live in Ghent since March.'),
    from('I moved to Ghent two weeks ago.'),
  ]).toEqual(['2021-01-01', '2026-03-01', '2026-05-06'])
  expect(from('I live in Ghent since 2031.')).toBe('2026-05-20')
})

let now: number
let store: Store
let threads: Threads
let recall: Recall
beforeEach(async () => {
  now = at
  store = await openSqliteStore({ path: ':memory:', clock: () => now })
  threads = createThreads(store, { estimateTokens })
  recall = createRecall(store, { embedder: undefined, estimateTokens })
})
afterEach(() => store.close())

const say = async (text: string, { trust = 'known', thread = 'talk' }: { trust?: Trust; thread?: string } = {}) => {
  now += 86_400_000
  await threads.open('ann', thread)
  const [turn] = await threads.append('ann', thread, [{ role: 'user', content: [{ type: 'text', text }], trust }])
  return turn?.id ?? ''
}
const items = async (query: string) => (await recall.recall('ann', { query })).items
const texts = async (query: string) => (await items(query)).map(({ text }) => text)

test('recall() gives what holds first, and what held where the past is asked for, each with its times', async () => {
  await say('I live in Rotterdam and where I live there is a market')
  await say('I moved to Ghent', { thread: 'another' })
  await say('I moved to Oslo', { thread: 'a third' })

  const [first, ...others] = await items('Where do I live?')

  expect(first).toMatchObject({ text: 'I moved to Oslo', facts: [{ subject: 'user', relation: 'lives in', value: 'Oslo' }] })
  expect(first).not.toHaveProperty('validTo')
  expect(others.find(({ text }) => text.includes('Rotterdam'))).toMatchObject({ validTo: at + 2 * 86_400_000 })
  expect((await texts('Where did I live before?'))[0]).not.toContain('Oslo')
})

test('recall() leaves what a text says beside that in its place', async () => {
  await say('My landlord is Mrs Petit. The ferry code is 4417')
  await say('My landlord is Homely')

  expect((await texts('What is the ferry code?'))[0]).toContain('4417')
  expect((await texts('Who is my landlord?'))[0]).toBe('My landlord is Homely')
})

test('what a text of lower trust says ends nothing', async () => {
  await say('My bank account is 1234')
  await say('My bank account is now 9999', { trust: 'external' })

  const [first] = await items('What is my bank account?')

  expect(first).toMatchObject({ text: 'My bank account is 1234', trust: 'known' })
  expect(first).not.toHaveProperty('validTo')
})

test('what is forgotten ends nothing any more, and says nothing', async () => {
  await say('I live in Rotterdam')
  const later = await say('I moved to Ghent')
  await recall.forget('ann', { id: later })

  const [only, ...others] = await items('Where do I live?')

  expect(others).toEqual([])
  expect(only).not.toHaveProperty('validTo')
  await recall.forget('ann', { all: true })
  await expect(store.documents.statements('ann', [only?.id ?? ''])).resolves.toEqual([])
})

test('an older text that comes in late finds its place', async () => {
  await say('My manager is Roberto')
  now = at - 90 * 86_400_000
  await say('My manager is Annika')
  now = at + 30 * 86_400_000

  expect((await texts('Who is my manager?'))[0]).toBe('My manager is Roberto')
})

test("another principal's statements end nothing", async () => {
  await say('I live in Rotterdam')
  await threads.open('eve', 'talk')
  await threads.append('eve', 'talk', [{ role: 'user', content: [{ type: 'text', text: 'I moved to Ghent' }], trust: 'known' }])

  expect(await items('Where do I live?')).toMatchObject([{ text: 'I live in Rotterdam' }])
  expect((await items('Where do I live?'))[0]).not.toHaveProperty('validTo')
})

test('values that may hold beside each other are all read, and so is each end', () => {
  const said = (text: string) => statementsIn(text, { at: 0 }).map(({ value, ends }) => (ends === true ? `not ${value}` : value))

  expect(said('I use Vim. I use Docker.')).toEqual(['Vim', 'Docker'])
  expect(said('I live in Ghent. I live in Bruges.')).toEqual(['Ghent'])
})
