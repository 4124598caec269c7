import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryError, openSqliteStore, type Store } from '../../memory/index.ts'
import type { Message } from '../../models/message.ts'
import { createStoredResponses, type StoredResponses } from '../../src/gateway/stored-responses.ts'

const dayMs = 86_400_000
let store: Store
let now: number
let warned: string[]
let responses: StoredResponses

beforeEach(async () => {
  now = Date.parse('2026-03-01T10:00:00Z')
  warned = []
  store = await openSqliteStore({ path: ':memory:', clock: () => now })
  responses = createStoredResponses(store, () => now, { warn: (_, facts) => warned.push(String(facts?.['reason'])) })
})

const step = (text: string): Message[] => [
  { role: 'user', content: [{ type: 'text', text }] },
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: '', mintedBy: 'openai/gpt-5', raw: { type: 'reasoning', id: `rs_${text}`, encrypted_content: 'e' } },
      { type: 'text', text: `${text}!` },
    ],
  },
]

/** Stores a conversation of so many steps, and gives back the id of the last. */
async function talk(principal: string, steps: number, name = 'resp'): Promise<string> {
  for (let number = 0; number < steps; number += 1) {
    const previous = number === 0 ? undefined : `${name}_${number - 1}`
    await responses.put(principal, { id: `${name}_${number}`, previous, session: 'se_1', messages: step(`${name} ${number}`) })
  }
  return `${name}_${steps - 1}`
}

const texts = (steps: number, name = 'resp') => Array.from({ length: steps }, (_, number) => step(`${name} ${number}`)).flat()

describe('get()', () => {
  test.each([1, 2, 32, 33, 34, 70])('gives the whole conversation of %i steps, with its reasoning as it was', async (steps) => {
    const last = await talk('ann', steps)

    expect(await responses.get('ann', last)).toEqual({ messages: texts(steps), session: 'se_1' })
    expect(warned).toEqual([])
  })

  test('stores of a long conversation little more than what each step adds', async () => {
    await talk('ann', 100)
    const steps = await Promise.all(
      Array.from(
        { length: 100 },
        async (_, number) => (await store.blobs.get('ann', 'stored-response', `resp_${number}`))?.bytes.length ?? 0,
      ),
    )

    const whole = JSON.stringify(texts(100)).length
    expect(steps.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(whole * 3)
  })

  test('goes on from any answer: two that go on from one do not know of each other', async () => {
    await talk('ann', 2)
    await responses.put('ann', { id: 'left', previous: 'resp_0', session: 's', messages: step('left') })
    await responses.put('ann', { id: 'right', previous: 'resp_0', session: 's', messages: step('right') })

    expect((await responses.get('ann', 'left'))?.messages).toEqual([...texts(1), ...step('left')])
    expect((await responses.get('ann', 'right'))?.messages).toEqual([...texts(1), ...step('right')])
  })

  test("answers another principal's id like one that nobody has, and lets nobody go on from it", async () => {
    const last = await talk('ann', 2)

    expect(await responses.get('mallory', last)).toBeUndefined()
    expect(await responses.get('mallory', 'resp_none')).toBeUndefined()
    expect(await responses.put('mallory', { id: 'mine', previous: last, session: 's', messages: step('x') })).toBe(false)
    expect(await responses.delete('mallory', last)).toBe(false)
    expect(await responses.get('ann', last)).toBeDefined()
  })

  test('finds nothing after thirty days, and nothing of which a part is gone', async () => {
    const last = await talk('ann', 3)
    now += 20 * dayMs
    await responses.put('ann', { id: 'later', previous: last, session: 's', messages: step('later') })
    expect(await responses.get('ann', 'later')).toBeDefined()
    now += 11 * dayMs

    expect(await responses.get('ann', last)).toBeUndefined()
    expect(await responses.get('ann', 'later')).toBeUndefined()
  })
})

describe('put()', () => {
  test('does not store what is too large, and says why', async () => {
    const stored = await responses.put('ann', { id: 'large', previous: undefined, session: 's', messages: step('x'.repeat(6_000_000)) })

    expect(stored).toBe(false)
    expect(warned).toEqual([expect.stringMatching(/^it has 180\d+ bytes, of 16000000 at most$/)])
    expect(await responses.get('ann', 'large')).toBeUndefined()
  })

  test('says so when the store fails, and throws nothing', async () => {
    const put = async () => {
      throw new MemoryError('Cannot write', { code: 'memory_unavailable', operation: 'write' })
    }
    const failing = createStoredResponses({ rows: { ...store.rows, put }, blobs: store.blobs }, Date.now, {
      warn: (_, facts) => warned.push(String(facts?.['reason'])),
    })

    expect(await failing.put('ann', { id: 'r', previous: undefined, session: 's', messages: step('x') })).toBe(false)
    expect(warned).toEqual(['Cannot write'])
  })
})

test('delete() removes one answer, with which the conversations that go on from it end', async () => {
  const last = await talk('ann', 3)

  expect(await responses.delete('ann', 'resp_1')).toBe(true)
  expect(await responses.get('ann', last)).toBeUndefined()
  expect(await responses.get('ann', 'resp_0')).toBeDefined()
})

test('forget() removes what is meant, of this principal alone', async () => {
  await talk('ann', 1, 'secret')
  await talk('ann', 1, 'plain')
  await talk('ben', 1, 'secret')
  await responses.forget('ann', (value) => JSON.stringify(value).includes('secret'))

  expect(await responses.get('ann', 'secret_0')).toBeUndefined()
  expect(await responses.get('ann', 'plain_0')).toBeDefined()
  expect(await responses.get('ben', 'secret_0')).toBeDefined()
  expect(await store.blobs.get('ann', 'stored-response', 'secret_0')).toBeUndefined()
})
