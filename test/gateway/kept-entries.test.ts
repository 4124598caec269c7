import { expect, test } from 'vitest'
import type { RowStore } from '../../memory/index.ts'
import { createKeptEntries, type KeptEntriesOptions } from '../../src/gateway/kept-entries.ts'
import { mapRows } from '../support/mcp-rows.ts'

function setUp(options: Partial<KeptEntriesOptions<string>> = {}) {
  const calls: string[] = []
  const inner = options.rows ?? mapRows()
  const rows: RowStore = {
    ...inner,
    getAll(principal, kind, ids) {
      calls.push(`read ${ids.join(',')}`)
      return inner.getAll(principal, kind, ids)
    },
    putAll(principal, kind, given) {
      calls.push(`write ${given.length}`)
      return inner.putAll(principal, kind, given)
    },
  }
  const parse = (value: unknown) => (typeof value === 'string' ? value : undefined)
  const made = { kind: 'k', parse, keptMs: 1000, clock: () => 1, log: { warn: () => undefined }, writeAfterMs: 10_000, ...options, rows }
  return { entries: createKeptEntries<string>(made), rows: inner, calls }
}

const found = async (entries: ReturnType<typeof setUp>['entries'], ...keys: string[]) => Object.fromEntries(await entries.find('ann', keys))

test('set() is written with others, in portions, and a later value of the same key once', async () => {
  const { entries, rows, calls } = setUp()
  for (let index = 0; index < 100; index += 1) entries.set('ann', `${index % 70}`, `value ${index}`)
  entries.set('ben', 'b', 'value')
  expect(calls).toEqual([])

  await entries.flush()
  await entries.flush()

  expect(calls).toEqual(['write 64', 'write 6', 'write 1'])
  expect((await rows.get('ann', 'k', '29'))?.value).toBe('value 99')
  expect((await rows.get('ann', 'k', '29'))?.expiresAt).toBe(1001)
})

test('set() during a write is written by the next one', async () => {
  const { entries, rows } = setUp()
  entries.set('ann', '1', 'old')
  const writing = entries.flush()
  entries.set('ann', '1', 'new')
  await writing
  await entries.close()

  expect((await rows.get('ann', 'k', '1'))?.value).toBe('new')
})

test('find() reads from the store only what memory knows nothing of, and once', async () => {
  const { entries, rows, calls } = setUp()
  await rows.put('ann', 'k', 'stored', 'there')
  await rows.put('ben', 'k', 'bens', 'his')
  entries.set('ann', 'held', 'here')

  expect(await found(entries, 'held', 'stored', 'bens')).toEqual({ held: 'here', stored: 'there' })
  expect(await found(entries, 'held', 'stored', 'bens')).toEqual({ held: 'here', stored: 'there' })
  expect(calls).toEqual(['read stored,bens'])
  entries.set('ann', 'bens', 'now')
  expect(await found(entries, 'bens')).toEqual({ bens: 'now' })
})

test('find() leaves out rows that are past their time or of another form', async () => {
  const { entries, rows } = setUp({ clock: () => 500 })
  await rows.put('ann', 'k', 'past', 'there', { expiresAt: 500 })
  await rows.put('ann', 'k', 'other', { form: 2 })

  expect(await found(entries, 'past', 'other')).toEqual({})
})

test.each([{ mostEntries: 10 }, { mostBytes: 10 * 260 }])('memory holds no more than %o, and the rest is in the store', async (limit) => {
  const { entries, calls } = setUp(limit)
  for (let index = 0; index < 100; index += 1) entries.set('ann', `${index}`, 'x')
  await entries.flush()
  calls.length = 0

  const held = Array.from({ length: 100 }, (_, index) => `${index}`).filter((key) => entries.get(key) !== undefined)
  expect(held.length).toBeLessThanOrEqual(10)
  expect(held).toContain('99')
  expect(Object.keys(await found(entries, ...Array.from({ length: 100 }, (_, index) => `${index}`)))).toHaveLength(100)
})

test('what memory had to give up is found before it is written', async () => {
  const { entries, calls } = setUp({ mostEntries: 1 })
  entries.set('ann', '1', 'one')
  entries.set('ann', '2', 'two')

  expect(await found(entries, '1', '2')).toEqual({ 1: 'one', 2: 'two' })
  expect(calls).toEqual([])
})

test('what was used last stays longest', async () => {
  const { entries } = setUp({ mostEntries: 2 })
  entries.set('ann', '1', 'one')
  entries.set('ann', '2', 'two')
  await entries.flush()
  entries.get('1')
  entries.set('ann', '3', 'three')
  await entries.flush()

  expect(['1', '2', '3'].map((key) => entries.get(key))).toEqual(['one', undefined, 'three'])
})

test('forget() takes back what is not written yet', async () => {
  const { entries, rows } = setUp()
  entries.set('ann', '1', 'secret')
  entries.set('ann', '2', 'plain')
  const writing = entries.flush()
  entries.set('ann', '3', 'secret too')
  await entries.forget('ann', (value) => value.includes('secret'))
  await writing
  await entries.close()

  const left = await rows.list('ann', 'k')
  expect(left.rows.map(({ value }) => value)).toEqual(['plain'])
  expect(await found(entries, '1', '3')).toEqual({})
})
