import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bestOfPacked, packInt8, toInt8 } from '../../../memory/int8.ts'
import { createProducts } from '../../../memory/sqlite/products.ts'

const byte = fc.integer({ min: -127, max: 127 })
const tables = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 30 })).chain(([width, rows]) => {
  const vector = fc.array(byte, { minLength: width, maxLength: width }).map((values) => Int8Array.from(values))
  return fc.tuple(fc.array(vector, { minLength: rows, maxLength: rows }), vector)
})

const plainly = (row: Int8Array, vector: Int8Array) => row.reduce((sum, value, index) => sum + value * (vector[index] as number), 0)

test.each([
  ['the kernel', 1],
  ['a loop', Number.POSITIVE_INFINITY],
  ['a loop, then the kernel', 12],
])('each() by %s gives the products of whole numbers, also after rows were moved and cleared', (_, kernelFrom) => {
  fc.assert(
    fc.property(tables, ([rows, vector]) => {
      const products = createProducts(vector.length, kernelFrom)
      for (const [place, row] of rows.entries()) products.set(place, row)
      const all = (count: number) => {
        const found: number[] = []
        products.each(vector, count, (slice, first) => {
          expect(first).toBe(found.length)
          found.push(...slice)
        })
        return found
      }

      expect(all(rows.length)).toEqual(rows.map((row) => plainly(row, vector)))
      if (rows.length < 2) return
      products.move(rows.length - 1, 0)
      products.clear(1, rows.length)
      expect(all(rows.length)).toEqual([plainly(rows.at(-1) as Int8Array, vector), ...rows.slice(1).map(() => 0)])
    }),
    { numRuns: 50 },
  )
})

test('toInt8() and packInt8() keep cosines to a hundredth', () => {
  const unit = (seed: number) => {
    const vector = Float32Array.from({ length: 384 }, (_value, index) => Math.sin(index * seed) + Math.cos(index * index))
    const length = Math.hypot(...vector)
    return vector.map((value) => value / length)
  }
  const [query, one, other] = [unit(1.7), unit(1.71), unit(9.2)] as [Float32Array, Float32Array, Float32Array]
  const dot = (left: Float32Array, right: Float32Array) => left.reduce((sum, value, index) => sum + value * (right[index] as number), 0)

  expect(bestOfPacked(query, packInt8([other, one]))).toBeCloseTo(Math.max(dot(query, one), dot(query, other)), 2)
  expect(toInt8(new Float32Array(384))).toEqual({ values: new Int8Array(384), step: 0 })
})
