import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSqliteStore } from '../../../memory/sqlite/store.ts'
import { toTerms } from '../../../memory/sqlite/words.ts'
import type { Store } from '../../../memory/store.ts'
import { documentOf } from '../../contract/store.ts'

let store: Store
beforeAll(async () => {
  store = await openSqliteStore({ path: ':memory:' })
  await store.documents.add([documentOf('bait', 'ordinary bait text NEAR words'), documentOf('other', 'something else entirely')])
})
afterAll(() => store.close())

const syntax = [
  '"',
  "'",
  '*',
  '^',
  ':',
  '(',
  ')',
  '{',
  '}',
  '+',
  '-',
  'AND',
  'OR',
  'NOT',
  'NEAR',
  'NEAR(',
  'words:',
  '\0',
  ';',
  '--',
  '日本',
  '\uD800',
  'e\u0301',
  'ß',
  '🙂',
]
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...syntax), fc.string({ unit: 'binary' }), fc.constantFrom('a', 'zq')), { maxLength: 12 })
  .map((parts) => parts.join(' '))

test('search() takes any text as words: no syntax of the full-text table is an error or a wildcard', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      const hits = await store.documents.search({ principal: 'ann', text, limit: 10 })
      const said = text.normalize('NFC').toLowerCase()
      for (const { document } of hits) {
        // Whatever is found shares a word with the query: nothing matched by an operator, a prefix or a column.
        expect(
          document.text
            .toLowerCase()
            .split(' ')
            .some((word) => said.includes(word.slice(0, 4))),
        ).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})

test('search() finds a document by its own text, whatever that is, and not after its removal', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, fc.string({ unit: 'grapheme', minLength: 1 }), async (noise, text) => {
      fc.pre(text.trim() !== '')
      const own = `${text} ${noise} zq`
      await store.documents.add([documentOf('own', own)])
      const ids = async () => (await store.documents.search({ principal: 'ann', text: own, limit: 10 })).map((hit) => hit.document.id)
      const isFound = (await ids()).includes('own')
      await store.documents.delete('ann', { ids: ['own'] })

      expect(isFound).toBe(true)
      expect(await ids()).not.toContain('own')
    }),
    { numRuns: 200 },
  )
})

test.each([
  ['NOT bait', ['bait']],
  ['ba*', []],
  ['words:ordinary', ['bait']],
  ['"else', ['other']],
  ['the of and', []],
  ['', []],
])('search() for %j finds %j', async (text, expected) => {
  const hits = await store.documents.search({ principal: 'ann', text, limit: 10 })

  expect(hits.map((hit) => hit.document.id)).toEqual(expected)
})

test('toTerms() keeps common words only where a query has no others, and at most 32', () => {
  expect(toTerms('What is the name of it?')).toEqual(['"name"'])
  expect(toTerms('who are you')).toHaveLength(3)
  expect(toTerms(Array.from({ length: 100 }, (_, index) => `word${index}`).join(' '))).toHaveLength(32)
  expect(toTerms('日本語 x')).toEqual(['"日 本"', '"本 語"', '"x"'])
})
