import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMatrix } from '../../tools/search/matrix.ts'

const number = fc.float({ min: -2, max: 2, noNaN: true })
const tables = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 30 })).chain(([width, rows]) =>
  fc.tuple(
    fc.array(fc.float32Array({ minLength: width, maxLength: width, noNaN: true, noDefaultInfinity: true, max: 2, min: -2 }), {
      minLength: rows,
      maxLength: rows,
    }),
    fc.array(number, { minLength: width, maxLength: width }).map((values) => Float32Array.from(values)),
  ),
)

/** From the first number to the last, in 64 bits, rounded once. */
function plainly(row: Float32Array, vector: Float32Array): number {
  return Math.fround(row.reduce((sum, value, index) => sum + value * (vector[index] as number), 0))
}

test.each([
  ['the kernel', false],
  ['a loop', true],
])('dots() by %s are those of a plain loop over each row, to the bit', (_, plain) => {
  fc.assert(
    fc.property(tables, ([rows, vector]) => {
      const matrix = createMatrix(vector.length, plain)
      // Grown row by row, as a catalogue grows.
      for (const [place, row] of rows.entries()) {
        matrix.reserve(place + 1)
        matrix.set(place, row)
      }
      const expected = rows.map((row) => plainly(row, vector))

      expect([...matrix.dots(vector, rows.length)]).toEqual(expected)
      expect(rows.map((_row, place) => Math.fround(matrix.dot(vector, place)))).toEqual(expected)
      expect(rows.map((_row, place) => matrix.row(place))).toEqual(rows)
    }),
  )
})

test('dots() of equal rows are equal wherever they stand', () => {
  const vector = Float32Array.from({ length: 384 }, (_, index) => Math.sin(index * 1.7))
  const row = Float32Array.from({ length: 384 }, (_, index) => Math.cos(index * 2.3))
  const matrix = createMatrix(384)
  matrix.reserve(1001)
  for (let place = 0; place < 1001; place += 1) matrix.set(place, row)

  expect(new Set(matrix.dots(vector, 1001))).toEqual(new Set([plainly(row, vector)]))
})
