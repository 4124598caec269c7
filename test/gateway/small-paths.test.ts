import { expect, test } from 'vitest'
import { callerKey, providerSecret, simpleBody, useGateway } from '../support/gateway.ts'

/*
 * What clients ask for beside answers: counts of tokens, names of models, embeddings; and what their keys allow.
 */

const fewKey = 'key-of-few-pools-0123456789'
const slowKey = 'key-of-a-slow-one-0123456789'
const door = useGateway((cloud) => ({
  embedder: { base_url: cloud.openaiUrl, model: 'embed' },
  budget: { usd_per_day: 0.01 },
  route: { 'claude-*': 'blocks-a/alpha', short: 'signalbox/chat' },
  roles: { few: { pools: ['chat-own'] } },
  http: {
    tokens: [
      { name: 'caller', token: callerKey, roles: ['owner'] },
      { name: 'few', token: fewKey, roles: ['few'] },
      { name: 'slow', token: slowKey, roles: ['owner'], rate_per_minute: 2 },
    ],
  },
}))
const asFew = { headers: { authorization: `Bearer ${fewKey}` } }
const spent = async () => {
  const metrics = await fetch(`${door.url}/metrics`, { headers: { 'x-api-key': callerKey } })
  return Number(/^signalbox_spent_today_usd (.+)$/m.exec(await metrics.text())?.[1])
}

test('count_tokens: counted by the vendor of the model that is named, else estimated and said so', async () => {
  const { messages } = door.anthropic()
  const body = { messages: [{ role: 'user' as const, content: 'Hello '.repeat(40) }] }

  const counted = await messages.countTokens({ model: 'blocks-a/alpha', ...body }).withResponse()
  const routed = await messages.countTokens({ model: 'claude-anything', ...body })
  const estimated = await messages.countTokens({ model: 'signalbox/chat', ...body }).withResponse()

  expect(counted.data.input_tokens).toBe(JSON.stringify({ model: 'alpha', ...body }).length)
  expect(counted.response.headers.has('x-signalbox-estimated')).toBe(false)
  expect(routed).toEqual(counted.data)
  expect(estimated.response.headers.get('x-signalbox-estimated')).toBe('true')
  expect(estimated.data.input_tokens).toBeGreaterThan(40)
  expect(door.cloud.requests).toEqual([])
  await expect(messages.countTokens({ model: 'nobody', ...body })).rejects.toMatchObject({ status: 404 })
})

test('models: the names that may be asked for, in the shape of either client, and no name that the key does not reach', async () => {
  const [openai, anthropic] = [await door.openai().models.list(), await door.anthropic().models.list()]
  const few = await fetch(`${door.url}/v1/models`, asFew)

  const names = openai.data.map(({ id }) => id)
  expect(names).toEqual(expect.arrayContaining(['signalbox/auto', 'signalbox/chat', 'short', 'chat-a/alpha', 'blocks-b/beta']))
  expect(openai.data[0]).toMatchObject({ object: 'model', owned_by: 'signalbox' })
  expect(anthropic.data.map(({ id }) => id)).toEqual(names)
  expect(anthropic.data[0]).toMatchObject({ type: 'model', display_name: 'signalbox/auto' })
  expect(anthropic).toMatchObject({ has_more: false, first_id: names[0], last_id: names.at(-1) })
  const { data } = (await few.json()) as { data: { id: string }[] }
  expect(data.map(({ id }) => id)).toEqual([
    'signalbox/auto',
    'signalbox/chat-own',
    'signalbox/extractive',
    'short',
    'chat-a/chat-model',
    expect.any(String),
  ])
  expect((await door.openai().models.retrieve('chat-a/alpha')).id).toBe('chat-a/alpha')
  expect((await door.anthropic().models.retrieve('signalbox/auto')).type).toBe('model')
  await expect(door.openai().models.retrieve('chat-a/nobody')).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  const hidden = await fetch(`${door.url}/v1/models/chat-a%2Falpha`, asFew)
  expect(hidden.status).toBe(404)
})

test('embeddings are made here for the name of the embedder', async () => {
  const { embeddings } = door.openai()
  const input = ['Hello there', 'Hello you']

  const packed = await embeddings.create({ model: 'signalbox/embedder', input })
  const plain = await embeddings.create({ model: 'signalbox/embedder', input: 'Hello there', encoding_format: 'float' })

  expect(packed).toMatchObject({ model: 'signalbox/embedder', data: [{ index: 0 }, { index: 1 }] })
  expect(packed.usage.prompt_tokens).toBeGreaterThan(0)
  expect(plain.data[0]?.embedding).toHaveLength(32)
  for (const [index, value] of (plain.data[0]?.embedding ?? []).entries()) expect(packed.data[0]?.embedding[index]).toBeCloseTo(value, 6)
  for (const wrong of ['', [], [1], [''], null]) {
    await expect(embeddings.create({ model: 'signalbox/embedder', input: wrong as string })).rejects.toMatchObject({
      status: 400,
      param: 'input',
    })
  }
  await expect(embeddings.create({ model: 'signalbox/embedder', input, dimensions: 10 })).rejects.toMatchObject({
    status: 400,
    param: 'dimensions',
    message: expect.stringContaining('must be 32, which is all that signalbox/embedder has, received 10'),
  })
})

test('embeddings that are passed on are paid for by the usage that their vendor tells, and not asked for where the budget has no room', async () => {
  const { embeddings } = door.openai()
  const before = await spent()

  const answered = await embeddings.create({ model: 'chat-a/embed', input: ['One', 'two', 'three'] })
  const after = await spent()
  // At a dollar for a million tokens, 25,000 are more than a cent.
  const refused = embeddings.create({ model: 'chat-a/embed', input: 'word '.repeat(30_000) })

  expect(answered).toMatchObject({ model: 'embed', usage: { prompt_tokens: 3 } })
  expect(after - before).toBeCloseTo(3e-6, 9)
  await expect(refused).rejects.toMatchObject({ status: 503, message: expect.stringContaining('budget') })
  expect(await spent()).toBeCloseTo(after, 9)
  await expect(embeddings.create({ model: 'blocks-a/embed', input: 'Hi' })).rejects.toMatchObject({ status: 404 })
  const unreached = await door.post('/v1/embeddings', { model: 'items-a/embed', input: 'Hi' }, asFew)
  expect([unreached.status, (await unreached.text()).includes('items-b')]).toEqual([404, false])
})

test('a key may begin so many calls a minute: then 429 with Retry-After, and others go on', async () => {
  door.cloud.answer(() => ({ text: 'Hi' }))
  const ask = (headers: Record<string, string>) =>
    door.post('/v1/chat/completions', simpleBody('anthropic-messages', 'signalbox/chat', 'Hi', false), { headers })

  const statuses = []
  for (let call = 0; call < 2; call += 1) statuses.push((await ask({ authorization: `Bearer ${slowKey}` })).status)
  const limited = await ask({ authorization: '', 'x-api-key': slowKey })

  expect([...statuses, limited.status]).toEqual([200, 200, 429])
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await limited.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } })
  expect((await ask({})).status).toBe(200)
})

test('a step that nobody may answer: why, in few words, and no name that the key does not reach', async () => {
  const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }
  const ask = (model: string, options = {}) =>
    door.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: [image] }] }, options)

  const [own, few] = [await ask('signalbox/chat-own'), await ask('signalbox/auto', asFew)]
  const [ofOwn, ofFew] = [await own.text(), await few.text()]

  expect([own.status, few.status]).toEqual([403, 403])
  for (const text of [ofOwn, ofFew]) {
    expect(JSON.parse(text)).toMatchObject({
      error: { code: 'policy_denied', message: expect.stringMatching(/no model is eligible\. .*image/) },
    })
    expect(text.length).toBeLessThan(600)
    expect(text).not.toMatch(/items|blocks|alpha|beta/)
  }
  expect(ofFew).not.toContain(providerSecret)
})
