import { expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import { sameQuestionHead } from '../../models/local/pairs/index.ts'
import { saySame } from '../../src/dispatch/same-answer.ts'
import { deployment, pool } from '../support/deployments.ts'
import { servicesFor } from '../support/services.ts'
import { standIn, type Turn } from '../support/stand-in-provider.ts'

const pools = [pool('quick', [deployment('a/m')])]
const numbered: Turn[] = Array.from({ length: 60 }, (_, index) => ({ text: `Answer ${index + 1} of many` }))

/** Words that share letters are near each other. */
function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(256)
  const letters = ` ${text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ')} `
  for (let at = 0; at + 3 <= letters.length; at += 1) {
    const place = [...letters.slice(at, at + 3)].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 256, 7)
    vector[place] = (vector[place] ?? 0) + 1
  }
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1
  return vector.map((value) => value / length)
}

function wordsOf(text: string) {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return { words, vectors: words.map(vectorOf) }
}

async function setUp(turns = numbered, cache: object = { target_error: 0.05 }) {
  const store = await openSqliteStore({ path: ':memory:' })
  const policy = { name: 'meaning', default: { prefer: 'first' }, cache: { answers: 'semantic', ...cache } }
  const provider = standIn('a', ...turns)
  const fixture = await servicesFor({ pools, providers: [provider], policy, store })
  const parsed = fixture.services.policy()
  Object.assign(fixture.services, {
    policy: () => parsed,
    embedderId: sameQuestionHead().embedder,
    embedText: async (text: string) => vectorOf(text),
    embedWords: async (texts: readonly string[]) => texts.map(wordsOf),
  })
  const ask = async (input: Record<string, unknown>) => (await fixture.run('ask', input)).structured as Record<string, unknown>
  return { ...fixture, provider, ask }
}

const base = 'How do I convert 5 miles from the old map into kilometers before Monday?'
const wordings = [
  'How can I convert 5 miles from the old map into kilometers before Monday?',
  'how to convert 5 miles from the old map to km before monday',
]

test('a question in other words is answered from what is kept, with its source, and seen pairs are noted', async () => {
  const { ask, services, provider } = await setUp([{ text: 'About eight.' }])
  const first = await ask({ prompt: base })

  const others = []
  for (const prompt of wordings)
    for (let time = 0; time < 3; time += 1) others.push(await ask({ prompt, cache: time === 0 ? undefined : 'no-cache' }))
  const given = others.filter((one) => (one['cached'] as { match?: string } | undefined)?.match === 'semantic')
  const asked = (await services.answers.list('local')).flatMap(({ seen = [] }) => seen)

  expect(first).not.toHaveProperty('cached')
  expect(given.length + asked.length).toBeGreaterThan(0)
  for (const one of given) expect(one).toMatchObject({ text: 'About eight.', cost_usd: 0, cached: { confidence: expect.any(Number) } })
  for (const pair of asked) expect(pair).toMatchObject({ same: true })
  expect(provider.requests.length).toBeGreaterThan(0)
})

test.each([
  ['number', 'How do I convert 6 miles from the old map into kilometers before Monday?'],
  ['number in words', 'How do I convert five miles from the old map into kilometers before Monday?'],
  ['unit', 'How do I convert 5 feet from the old map into kilometers before Monday?'],
  ['date', 'How do I convert 5 miles from the old map into kilometers before Tuesday?'],
  ['negation', 'How do I not convert 5 miles from the old map into kilometers before Monday?'],
  ['direction', 'How do I convert 5 kilometers from the old map into miles before Monday?'],
  ['before and after', 'How do I convert 5 miles from the old map into kilometers after Monday?'],
  ['named thing', 'How do I convert 5 miles from the Ohio map into kilometers before Monday?'],
  ['what is asked', 'Why do I convert 5 miles from the old map into kilometers before Monday?'],
  ['tense', 'How did I convert 5 miles from the old map into kilometers before Monday?'],
  ['code', 'How do I convert 5 miles from the old map into kilometers before Monday with to_km()?'],
])('a question that differs in a %s is never answered from what is kept', async (_, prompt) => {
  const { ask, services } = await setUp(numbered, { target_error: 0.5 })
  await ask({ prompt: base })

  const other = await ask({ prompt })

  expect(other).not.toHaveProperty('cached')
  expect((await services.answers.list('local')).flatMap(({ seen = [] }) => seen)).toHaveLength(0)
})

test('another system text, another conversation, another caller and another embedder have nothing in common', async () => {
  const { ask, run, services } = await setUp(numbered, { target_error: 0.5 })
  await ask({ prompt: base })
  const [prompt] = wordings
  const before = [
    { role: 'user', content: { type: 'text', text: 'Hello' } },
    { role: 'assistant', content: { type: 'text', text: 'Hi' } },
    { role: 'user', content: { type: 'text', text: prompt } },
  ]

  const others = [
    await ask({ prompt, system: 'Be short' }),
    await ask({ messages: before }),
    (await run('ask', { prompt }, { principal: 'somebody else' })).structured,
  ]
  Object.assign(services, { embedderId: 'another' })
  others.push(await ask({ prompt: wordings[1] }))

  for (const one of others) expect(one).not.toHaveProperty('cached')
  expect((await services.answers.list('local')).flatMap(({ seen = [] }) => seen)).toHaveLength(0)
})

test('a question about what changes by itself is kept only as long as the policy says', async () => {
  const never = await setUp()
  await never.ask({ prompt: 'What is the weather in Rome today?' })
  expect(await never.ask({ prompt: 'What is the weather in Rome today?' })).not.toHaveProperty('cached')

  const shortly = await setUp(numbered, { volatile_ttl_s: 60 })
  await shortly.ask({ prompt: 'What is the weather in Rome today?' })
  expect(await shortly.ask({ prompt: 'What is the weather in Rome today?' })).toHaveProperty('cached')
})

test('where answers to one question differ, it is not answered from what is kept any more', async () => {
  const { ask, services } = await setUp(numbered.map((_, index) => ({ text: `It is ${'abcdefgh'[index % 8]}${index} alone` })))
  await ask({ prompt: base })
  const [{ key } = { key: '' }] = await services.answers.list('local')
  await services.answers.compared('local', key, { confidence: 0.999, same: false })

  expect(await ask({ prompt: wordings[0] })).not.toHaveProperty('cached')
})

test('saySame() reads short answers by their words and long ones by their meaning, and says when it cannot tell', async () => {
  const embed = async (text: string) => vectorOf(text)
  const long = (end: string) =>
    `The harbour was built by the city in the years of the great trade, and ships from many countries came to it. ${end}`

  expect(await saySame('Paris', 'The capital of France is Paris.', embed)).toBe(true)
  expect(await saySame('It takes 5 days', 'It takes 6 days', embed)).not.toBe(true)
  expect(await saySame('Yes, it is safe', 'No, it is not safe', embed)).toBe(false)
  expect(await saySame('Paris', 'Rome', embed)).toBe(false)
  expect(await saySame(long('It is large.'), long('It is large indeed.'), embed)).toBe(true)
  expect(await saySame(long('It is large.'), 'Xqz wvk jjy '.repeat(20), embed)).toBe(false)
  expect(await saySame(long('It is large.'), long('It is small.'), async () => undefined)).toBeUndefined()
})
