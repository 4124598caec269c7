import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBm25 } from '../../tools/search/bm25.ts'
import { clausesOf } from '../../tools/search/clauses.ts'
import { textsOf } from '../../tools/search/views.ts'
import { wordsOf } from '../../tools/search/words.ts'
import { hostedTool } from '../support/search/needs.ts'

test.each([
  ['listing lists listed list', 'list list list list'],
  ['create creates creating creation', 'creat creat creat creat'],
  ['queries query', 'query query'],
  ['boxes branches addresses files', 'box branch address fil'],
  ['running stopped', 'run stop'],
  ['getFileContents read_file', 'get fil content read fil'],
  ['an e-mail or emails', 'email email'],
  ['naïve Café', 'naiv caf'],
  ['p\u200bush', 'push'],
  ['status is this his', 'status'],
])('wordsOf() reads %j as %j', (text, words) => {
  expect(wordsOf(text).join(' ')).toBe(words)
})

test('wordsOf() reads ASCII alone as it reads it beside other letters', () => {
  const text = fc.array(
    fc.oneof(fc.string({ unit: 'binary-ascii' }), fc.constantFrom('readFile', 'e-mail', 'GitHub', 'HTTPServer2', 'APIs')),
  )
  fc.assert(
    fc.property(text, (parts) => {
      expect(wordsOf(`${parts.join(' ')} ж`)).toEqual([...wordsOf(parts.join(' ')), 'ж'])
    }),
  )
})

test('wordsOf() reads scripts without spaces as pairs of characters, beside other words', () => {
  expect(wordsOf('用PDF读取文件')).toEqual(['用', 'pdf', '读取', '取文', '文件'])
  expect(wordsOf('カタカナ')).toEqual(['カタ', 'タカ', 'カナ'])
  expect(wordsOf('прочитать файл')).toEqual(['прочитать', 'файл'])
})

test('wordsOf() takes a run of 4,000 letters as it is', () => {
  const run = `${'a'.repeat(4000)}ing`

  expect(wordsOf(run)).toEqual([run])
})

test('scores() of BM25 are higher for rarer words and shorter documents, and 0 without a common word', () => {
  const bm25 = createBm25([[['read', 'file']], [['read', 'file', 'from', 'disk', 'slowly']], [['send', 'mail']], [['read', 'mail']]], [1])

  const [short, long, other] = bm25.scores(['file'])
  const read = bm25.scores(['read'])[0] as number
  const send = bm25.scores(['send'])[2] as number

  expect(short).toBeGreaterThan(long as number)
  expect(other).toBe(0)
  expect(send).toBeGreaterThan(read)
})

test('scores() of BM25 are higher for a word of a field that weighs more, and less than twice as high for two fields that have it', () => {
  const bm25 = createBm25(
    [
      [['mail'], ['sends', 'things']],
      [['post'], ['sends', 'mail']],
      [['mail'], ['sends', 'mail']],
      [['disk'], ['reads', 'things']],
    ],
    [2, 1],
  )

  const [name, description, both] = bm25.scores(['mail']) as unknown as [number, number, number]

  expect(name).toBeGreaterThan(description)
  expect(both).toBeGreaterThan(name)
  expect(both).toBeLessThan(name + description)
})

test.each([
  ['send an e-mail to Ada', []],
  ['Find the weather in Paris. Then book a hotel near the river.', ['Find the weather in Paris.', 'Then book a hotel near the river.']],
  [
    'Fetch the stock price of Apple and also list recent news about it',
    ['Fetch the stock price of Apple', 'and also list recent news about it'],
  ],
  ['search for salt and pepper', []],
  ['Thanks! Show the open pull requests of the repository', []],
])('clausesOf() splits %j into %j', (need, clauses) => {
  expect(clausesOf(need)).toEqual(clauses)
})

test('textsOf() gives three views, cut and without invisible characters, and fewer where they would be the same', () => {
  const [long, bare, hostile] = textsOf([
    hostedTool('files/readFile', `Reads a file. ${'More of it. '.repeat(100)}`),
    hostedTool('files/list'),
    hostedTool('files/x', '\u{e0041}\u{e0042} \u200b'),
  ]).map(({ views }) => views)

  expect(long?.[0]?.startsWith('files read file Reads a file. More of it.')).toBe(true)
  expect(long?.[0]?.length).toBeLessThanOrEqual(220)
  expect(long?.slice(1)).toEqual(['Reads a file.', 'files read file'])
  expect(bare).toEqual(['files list'])
  expect(hostile).toEqual(['files x'])
})
