import fc from 'fast-check'
import { expect, test } from 'vitest'
import { axesOf, onAxes } from '../../../../policies/selectors/predictors/axes.ts'
import { foldsOf } from '../../../../policies/selectors/predictors/folds.ts'
import { factorOf, gramOf, solve } from '../../../../policies/selectors/predictors/linear-system.ts'
import { differencesOf, outcomesOf, vectorsOf } from '../../../../policies/selectors/predictors/outcomes.ts'
import { scaled, scalerOf } from '../../../../policies/selectors/predictors/scaler.ts'
import { textFeatures } from '../../../../policies/selectors/predictors/text-features.ts'

test('textFeatures() gives as many finite numbers of any text', () => {
  const count = textFeatures('').length
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.lorem()), (text) => {
      const features = textFeatures(text)
      expect(features).toHaveLength(count)
      expect(features.every(Number.isFinite)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test('textFeatures() tells a sum from a greeting, and reads endless texts in bounded time', () => {
  expect(textFeatures('What is 12 + 30% of 4?')).not.toEqual(textFeatures('What is on the other page?'))
  expect(textFeatures('1'.repeat(1_000_000)).every(Number.isFinite)).toBe(true)
})

test('axesOf() finds the directions that vectors differ in, strongest first', () => {
  const vectors = Array.from({ length: 50 }, (_, index) => Float32Array.from([Math.sin(index) * 5, Math.cos(index * 7), 0, 3]))

  const axes = axesOf(vectors, 2)

  const first = [...axes.directions.subarray(0, 4)].map(Math.abs)
  const second = [...axes.directions.subarray(4, 8)].map(Math.abs)
  expect(first[0]).toBeGreaterThan(0.99)
  expect(second[1]).toBeGreaterThan(0.99)
  expect(onAxes(axes, Float32Array.from([...axes.mean]))).toEqual(new Float32Array(2))
  expect(axesOf(vectors.slice(0, 1), 64).count).toBe(1)
})

test('solve() undoes what the matrix does; factorOf() refuses one that is not positive definite', () => {
  const vector = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(vector, { minLength: 1, maxLength: 8 }), vector, (rows, wanted) => {
      const matrix = gramOf(
        rows.map((row) => Float64Array.from(row)),
        4,
      )
      for (let index = 0; index < 4; index += 1) matrix[index * 5] = (matrix[index * 5] as number) + 1
      const right = Float64Array.from({ length: 4 }, (_, row) =>
        wanted.reduce((sum, value, column) => sum + value * (matrix[row * 4 + column] as number), 0),
      )
      const found = solve(factorOf(matrix, 4), right)
      for (const [index, value] of wanted.entries()) expect(found[index]).toBeCloseTo(value, 6)
    }),
  )
  expect(() => factorOf(Float64Array.from([0]), 1)).toThrow(RangeError)
})

test('scaled() has mean 0, cuts what lies far out, and keeps a column that never differs at 0', () => {
  const scaler = scalerOf([
    [1, 5],
    [3, 5],
  ])

  expect([...scaled(scaler, [3, 5])]).toEqual([1, 0])
  expect([...scaled(scaler, [1e9, 9])]).toEqual([4, 0])
  expect(() => scaled(scaler, [1])).toThrow('2 numbers were learnt from, received 1')
})

test('differencesOf() keeps what tells models apart and drops what a prompt has for all', () => {
  const row = (a: number, b?: number) => ({ text: '', vector: undefined, features: [], scores: b === undefined ? { a } : { a, b } })
  const outcomes = outcomesOf([row(1, 0), row(1, 1), row(0, 0), row(0)])

  const differences = [...differencesOf(outcomes)]

  expect(outcomes.means).toEqual(Float32Array.from([0.5, 1 / 3]))
  expect(differences[0]).toBeCloseTo(-(differences[1] as number), 6)
  expect(differences[2]).toBeCloseTo(differences[4] as number, 6)
  expect(differences[7]).toBe(0)
})

test('vectorsOf() refuses rows of which only some have a vector, or of another length', () => {
  const row = (vector: Float32Array | undefined) => ({ text: '', vector, features: [], scores: { a: 1 } })

  expect(vectorsOf([row(undefined)])).toEqual([])
  expect(() => vectorsOf([row(undefined), row(new Float32Array(2))])).toThrow('1 of 2')
  expect(() => vectorsOf([row(new Float32Array(3)), row(new Float32Array(2))])).toThrow('received 3 and 2')
})

test('foldsOf() keeps one prompt in one fold however it is written, and folds of like size, in any order of rows', () => {
  const texts = Array.from({ length: 53 }, (_, index) => `Prompt ${index}`)
  const folds = foldsOf([...texts, 'prompt  7!', 'PROMPT 7'], 5)

  expect(new Set([folds[7], folds[53], folds[54]]).size).toBe(1)
  const sizes = [0, 1, 2, 3, 4].map((fold) => folds.slice(0, 53).filter((one) => one === fold).length)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  expect(foldsOf(texts.toReversed(), 5).toReversed()).toEqual(foldsOf(texts, 5))
  expect(() => foldsOf(['a', 'A'], 2)).toThrow('as many different texts are needed, received 1')
})
