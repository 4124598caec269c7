import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createWordPiece, identifiersToWords } from '../../../models/local/wordpiece.ts'

const file = new URL('../../../models/local/minilm/vocab.txt', import.meta.url)
const vocabulary = (await readFile(file, 'utf8')).trimEnd().split(/\r?\n/)
const { encode } = createWordPiece(vocabulary)

test('the shipped vocabulary has 30,522 pieces', () => {
  expect(vocabulary).toHaveLength(30_522)
})

describe('encode()', () => {
  test.each([
    ['This is an example sentence', [2023, 2003, 2019, 2742, 6251]],
    ['Each sentence is converted', [2169, 6251, 2003, 4991]],
    ['list open pull requests', [2862, 2330, 4139, 11186]],
    ['weather in Paris', [4633, 1999, 3000]],
    ['Café naïve — déjà vu', [7668, 15743, 1517, 2139, 3900, 24728]],
    ['gpt-4o_mini/v2.1', [14246, 2102, 1011, 1018, 2080, 1035, 7163, 1013, 1058, 2475, 1012, 1015]],
    ['日本語 text', [1864, 1876, 1950, 3793]],
    ["don't", [2123, 1005, 1056]],
    ['a\u200bb', [11113]],
    ['🙂 ok', [100, 7929]],
    ['x'.repeat(101), [100]],
    ['getFileContents', [2131, 8873, 2571, 8663, 6528, 3215]],
    ['', []],
    [' \t\r\n\u00a0\u3000', []],
    ['\u0000\ufffd', []],
    ['cafe\u0301', [7668]],
    ['weather\tin\nParis', [4633, 1999, 3000]],
    ['[SEP]', [1031, 19802, 1033]],
  ])('%j', (text, ids) => {
    expect(encode(text)).toEqual([101, ...ids, 102])
  })

  test('a word of a hundred characters is not too long', () => {
    expect(encode('x'.repeat(100))).not.toEqual([101, 100, 102])
  })

  test('cuts at 256 tokens, or at the number given, and still ends', () => {
    const long = encode('word '.repeat(1000))
    const short = encode('word '.repeat(1000), 5)

    expect(long).toHaveLength(256)
    expect(long.at(-1)).toBe(102)
    expect(short).toEqual([101, 2773, 2773, 2773, 102])
  })

  test('gives known ids and at most 256 for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const ids = encode(text)
        expect(ids.length).toBeLessThanOrEqual(256)
        expect(ids.every((id) => id >= 0 && id < vocabulary.length)).toBe(true)
        expect([ids[0], ids.at(-1)]).toEqual([101, 102])
      }),
    )
  })

  test('does not see case, accents or the form of composition', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abcäöüéñçÅ -.') }), (text) => {
        expect(encode(text.normalize('NFD'))).toEqual(encode(text.normalize('NFC')))
        expect(encode(text.toUpperCase())).toEqual(encode(text))
      }),
    )
  })

  test.each([0, 1, 2.5])('refuses a limit of %d tokens', (maxTokens) => {
    expect(() => encode('text', maxTokens)).toThrow(RangeError)
  })
})

test('createWordPiece() refuses a vocabulary without its special pieces', () => {
  expect(() => createWordPiece(['a', 'b'])).toThrow(/needs \[UNK\]/)
})

test.each([
  ['getFileContents', 'get file contents'],
  ['read_file', 'read file'],
  ['list-pull.requests/all', 'list pull requests all'],
  ['HTTPServer', 'http server'],
  ['listGitHubIssues', 'list github issues'],
  ['parseURLs', 'parse urls'],
  ['v2Api', 'v2 api'],
  ['__init__', 'init'],
  ['', ''],
])('identifiersToWords(%j) is %j', (identifier, words) => {
  expect(identifiersToWords(identifier)).toBe(words)
})
