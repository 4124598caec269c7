import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import type { Message, Part } from '../../models/message.ts'
import { createHistoryChain, type HistoryChainOptions, placesOf } from '../../src/gateway/history-chain.ts'
import { mapRows } from '../support/mcp-rows.ts'

const quiet = { warn: () => undefined }
const opening = { principal: 'ann', system: 'You are an agent', also: [] }
const says = (role: Message['role'], text: string): Message => ({ role, content: [{ type: 'text', text }] })
const asks = (text: string) => says('user', text)
const answers = (text: string) => says('assistant', text)

function setUp(rows = mapRows(), options?: HistoryChainOptions) {
  const chain = createHistoryChain(rows, Date.now, quiet, options)
  return { chain, rows, follow: (...messages: Message[]) => chain.follow(opening, messages) }
}

describe('follow()', () => {
  test('holds one session for a conversation that only grows, and for a request that is sent again', async () => {
    const { follow } = setUp()
    const first = await follow(asks('a'))
    const again = await follow(asks('a'))
    const second = await follow(asks('a'), answers('b'), asks('c'))
    const secondAgain = await follow(asks('a'), answers('b'), asks('c'))
    const third = await follow(asks('a'), answers('b'), asks('c'), answers('d'), asks('e'))

    expect(new Set([first, again, second, secondAgain, third].map(({ session }) => session)).size).toBe(1)
    expect(third.parent).toBeUndefined()
  })

  test('parts two conversations with the same opening when they part, and each stays itself after that', async () => {
    const { follow } = setUp()
    const opened = await follow(asks('a'))
    const twin = await follow(asks('a'))
    const first = await follow(asks('a'), answers('b'), asks('c'))
    const second = await follow(asks('a'), answers('b'), asks('x'))
    const firstOn = await follow(asks('a'), answers('b'), asks('c'), answers('d'), asks('e'))
    const secondOn = await follow(asks('a'), answers('b'), asks('x'), answers('d'), asks('e'))

    expect(twin.session).toBe(opened.session)
    expect([first.session, firstOn.session]).toEqual([opened.session, opened.session])
    expect(second).toEqual({ session: secondOn.session, parent: first.session })
    expect(second.session).not.toBe(first.session)
  })

  test('begins a new session for an opening whose conversation has gone on already', async () => {
    const { follow } = setUp()
    const first = await follow(asks('a'))
    await follow(asks('a'), answers('b'), asks('c'))
    const second = await follow(asks('a'))
    const secondOn = await follow(asks('a'), answers('other'), asks('x'))
    const firstOn = await follow(asks('a'), answers('b'), asks('c'), answers('d'), asks('e'))

    expect(second.session).not.toBe(first.session)
    expect(second.parent).toBeUndefined()
    expect(secondOn).toEqual({ session: second.session })
    expect(firstOn.session).toBe(first.session)
  })

  test('takes no part of what clients do not repeat for a change: reasoning and places of the cache', async () => {
    const { follow } = setUp()
    const marked: Message = { role: 'user', content: [{ type: 'text', text: 'a', cacheBreakpoint: '5m' }] }
    const thinking: Part = { type: 'reasoning', text: 'hm', mintedBy: '', raw: { type: 'thinking', thinking: 'hm', signature: 's' } }
    const first = await follow(marked)
    const second = await follow(asks('a'), { role: 'assistant', content: [thinking, { type: 'text', text: 'b' }] }, asks('c'))
    const third = await follow(asks('a'), answers('b'), asks('c'), answers('d'), asks('e'))

    expect([second.session, third.session]).toEqual([first.session, first.session])
  })

  test('begins anew for another principal, another system text, and a history that was changed', async () => {
    const { chain, follow } = setUp()
    const history = [asks('a'), answers('b'), asks('c')]
    const first = await follow(asks('a'))
    const others = [
      await chain.follow({ ...opening, principal: 'ben' }, history),
      await chain.follow({ ...opening, system: 'You are another' }, history),
      await chain.follow({ ...opening, also: ['user 2'] }, history),
      await follow(asks('A'), answers('b'), asks('c')),
    ]

    expect(new Set([first, ...others].map(({ session }) => session)).size).toBe(5)
  })

  test('goes on after a restart, and when memory holds but a few', async () => {
    const store = await openSqliteStore({ path: ':memory:' })
    const before = setUp(store.rows)
    const first = await before.follow(asks('a'))
    await before.chain.close()
    const after = setUp(store.rows, { mostEntries: 1 })
    const second = await after.follow(asks('a'), answers('b'), asks('c'))
    await after.follow(asks('else'))
    const third = await after.follow(asks('a'), answers('b'), asks('c'), answers('d'), asks('e'))
    const fork = await after.follow(asks('a'), answers('b'), asks('y'))

    expect([second.session, third.session]).toEqual([first.session, first.session])
    expect(fork.parent).toBe(first.session)
    await after.chain.close()
    await store.close()
  })

  test('forget() removes a principal from memory and from the store', async () => {
    const { chain, rows, follow } = setUp()
    const first = await follow(asks('a'))
    await chain.forget('ann')
    const second = await follow(asks('a'), answers('b'), asks('c'))
    await chain.close()

    expect(second.session).not.toBe(first.session)
    const left = await rows.list('ann', 'history-end')
    expect(left.rows.map(({ value }) => value)).toEqual([{ session: second.session, continued: false }])
  })

  test('tells conversations apart however they are interleaved, as long as each has an opening of its own', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 }),
        fc.constantFrom(2, 1000),
        async (order, mostEntries) => {
          const { follow } = setUp(mapRows(), { mostEntries })
          const histories = [0, 1, 2, 3].map((number) => [asks(`opening ${number}`)])
          const seen = new Map<number, Set<string>>()
          for (const number of order) {
            const history = histories[number] ?? []
            const { session } = await follow(...history)
            seen.set(number, (seen.get(number) ?? new Set()).add(session))
            history.push(answers('yes'), asks('on'))
          }
          expect([...seen.values()].every((sessions) => sessions.size === 1)).toBe(true)
          expect(new Set([...seen.values()].flatMap((sessions) => [...sessions])).size).toBe(seen.size)
        },
      ),
    )
  })
})

describe('placesOf()', () => {
  const part: fc.Arbitrary<Part> = fc.oneof(
    fc.string().map((text): Part => ({ type: 'text', text })),
    fc.record({ id: fc.string(), name: fc.string() }).map((call): Part => ({ type: 'tool-call', ...call, input: { a: 1 } })),
    fc.record({ id: fc.string(), texts: fc.array(fc.string(), { maxLength: 2 }) }).map(({ id, texts }): Part => {
      const content = texts.map((text) => ({ type: 'text' as const, text }))
      return { type: 'tool-result', id, name: '', content, isError: false }
    }),
    fc.string().map((data): Part => ({ type: 'image', mediaType: 'image/png', data })),
  )
  const message = fc.record({ role: fc.constantFrom<Message['role']>('user', 'assistant'), content: fc.array(part, { maxLength: 3 }) })

  test('gives what was added no influence on the places before it', () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(message), (before, more) => {
        const places = placesOf(opening, before)
        const after = placesOf(opening, [...before, ...more])
        // The last place of the shorter one is the end, and need not be a place where a request could have ended.
        expect(after.slice(0, places.length - 1)).toEqual(places.slice(0, -1))
      }),
    )
  })

  test('gives two different conversations different ends', () => {
    const filled = fc.array(message.filter(({ content }) => content.length > 0))
    fc.assert(
      fc.property(filled, filled, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect(placesOf(opening, one).at(-1) === placesOf(opening, other).at(-1)).toBe(isSame)
      }),
    )
  })

  test('tells large files apart by what stands in them', () => {
    const image = (data: string): Message[] => [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data }] }]
    const data = 'A'.repeat(200_000)
    const changed = [`B${data.slice(1)}`, `${data.slice(0, 100_001)}B${data.slice(100_002)}`, `${data.slice(1)}B`, `${data}A`]

    expect(new Set([data, ...changed].map((one) => placesOf(opening, image(one)).at(-1))).size).toBe(5)
  })
})
