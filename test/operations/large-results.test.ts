import { expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import { createLargeResults } from '../../src/operations/large-results.ts'

async function setUp() {
  const store = await openSqliteStore({ path: ':memory:' })
  return createLargeResults(store.blobs)
}

test('read() pages through the whole text without loss', async () => {
  const results = await setUp()
  const text = Array.from({ length: 1000 }, (_, index) => `line ${index} ü`).join('\n')
  const handle = await results.keep('local', text)

  let read = ''
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const page = await results.read('local', handle, { offset, limit: 777 })
    read += page?.text ?? ''
    offset = page?.nextOffset
  }

  expect(read).toBe(text)
})

test('read() finds the next place that holds the words, in any case, with what stands before it', async () => {
  const results = await setUp()
  const handle = await results.keep('local', `${'a'.repeat(5000)}Needle${'b'.repeat(5000)}`)

  const page = await results.read('local', handle, { offset: 0, find: 'needle', limit: 500 })

  expect(page).toMatchObject({ offset: 4800, found: { places: [5000], next: undefined, count: 1 } })
  expect(page?.text).toContain('Needle')
  expect(await results.read('local', handle, { offset: 6000, find: 'needle', limit: 500 })).toMatchObject({ found: { count: 0 }, text: '' })
})

test('read() knows no handle of another principal', async () => {
  const results = await setUp()
  const handle = await results.keep('local', 'secret')

  expect(await results.read('key:1', handle, { offset: 0, limit: 10 })).toBeUndefined()
  expect(await results.read('local', `re_${'0'.repeat(32)}`, { offset: 0, limit: 10 })).toBeUndefined()
})
