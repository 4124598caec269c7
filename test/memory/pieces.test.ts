import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutIntoPieces } from '../../memory/pieces.ts'
import { estimateTokens } from './stand-ins.ts'

const cut = (text: string, maxPieces = 1000) => cutIntoPieces(text, { estimateTokens, maxPieces })

test('cutIntoPieces() leaves nothing out and overlaps nothing, in pieces of at most about 200 tokens', () => {
  const unit = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(' ', '\n\n', '. ', 'word ', 'x'.repeat(300)))
  fc.assert(
    fc.property(
      fc.array(unit, { maxLength: 400 }).map((parts) => parts.join('')),
      (text) => {
        const pieces = cut(text)

        expect(pieces.join('')).toBe(text.trim() === '' ? '' : text)
        for (const piece of pieces) {
          expect(piece.trim()).not.toBe('')
          expect(piece.isWellFormed()).toBe(true)
          expect(estimateTokens(piece.trim())).toBeLessThanOrEqual(200)
        }
      },
    ),
    { numRuns: 200 },
  )
})

test('cutIntoPieces() cuts between paragraphs before lines, lines before sentences, sentences before words', () => {
  const sentence = 'This sentence has exactly some words in it. '
  const paragraph = `${sentence.repeat(12)}\n\n`

  const [byParagraph] = cut(paragraph.repeat(4))
  const [bySentence] = cut(sentence.repeat(60))
  const [byWord] = cut('word '.repeat(500))

  expect(byParagraph).toBe(paragraph)
  expect(bySentence?.endsWith('it. ')).toBe(true)
  expect(byWord?.endsWith('word ')).toBe(true)
})

test('cutIntoPieces() gives the beginning of what has more pieces than wanted', () => {
  const text = 'word '.repeat(5000)

  const pieces = cut(text, 3)

  expect(pieces).toHaveLength(3)
  expect(text.startsWith(pieces.join(''))).toBe(true)
})
