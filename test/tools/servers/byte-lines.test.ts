import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineSplitter, type Line } from '../../../tools/servers/byte-lines.ts'

function split(chunks: readonly Buffer[], maxBytes = 1000): Line[] {
  const lines: Line[] = []
  const push = createLineSplitter(maxBytes, (line) => lines.push(line))
  for (const chunk of chunks) push(chunk)
  return lines
}

test('createLineSplitter() gives the same lines however the bytes are cut', () => {
  const text = 'первая\nzweite ✓\n\n{"a":1}\r\nlast\n'
  const bytes = Buffer.from(text)

  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
      const borders = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      const chunks = borders.slice(1).map((end, index) => bytes.subarray(borders[index], end))
      expect(split(chunks)).toEqual([{ text: 'первая' }, { text: 'zweite ✓' }, { text: '{"a":1}' }, { text: 'last' }])
    }),
  )
})

test('createLineSplitter() throws a line over the limit away, keeps its ends and size, and goes on with the next', () => {
  const long = `{"id":1,${'x'.repeat(5000)},"id":2}`

  const [first, second, third] = split([
    Buffer.from(`a\n${long.slice(0, 900)}`),
    Buffer.from(long.slice(900, 3000)),
    Buffer.from(`${long.slice(3000)}\nb\n`),
  ])

  expect(first).toEqual({ text: 'a' })
  expect(second).toMatchObject({ bytes: long.length, head: long.slice(0, 256), tail: long.slice(-256) })
  expect(third).toEqual({ text: 'b' })
})
