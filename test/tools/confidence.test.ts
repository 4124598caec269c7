import fc from 'fast-check'
import { expect, test } from 'vitest'
import { confidenceOf, noneFitsBelow } from '../../tools/search/confidence.ts'

const cosine = fc.double({ min: -1, max: 1, noNaN: true })
const evidence = fc.double({ min: 0, max: 2.5, noNaN: true })
const tools = fc.integer({ min: 0, max: 100_000 })

test('confidenceOf() lies between 0 and 1 and rises with nearness and with shared words', () => {
  fc.assert(
    fc.property(fc.option(cosine, { nil: undefined }), cosine, evidence, evidence, tools, (near, other, words, more, count) => {
      const low = confidenceOf({ cosine: near && Math.min(near, other), evidence: Math.min(words, more), tools: count })
      const high = confidenceOf({ cosine: near && Math.max(near, other), evidence: Math.max(words, more), tools: count })

      expect(low).toBeGreaterThan(0)
      expect(high).toBeLessThan(1)
      expect(high).toBeGreaterThanOrEqual(low)
    }),
  )
})

test.each([0.5, undefined])(
  'confidenceOf() asks for more among more tools, up to as many as were measured, with a cosine of %s',
  (near) => {
    const of = (count: number) => confidenceOf({ cosine: near, evidence: 0.5, tools: count })

    expect(of(5)).toBe(of(256))
    expect(of(1000)).toBeLessThan(of(256))
    expect(of(2048)).toBeLessThan(of(1000))
    expect(of(10_000)).toBe(of(2048))
  },
)

test.each([
  { far: 0.05, near: 0.7 },
  { far: undefined, near: undefined },
])('noneFitsBelow is between what nothing and what a close tool gives, cosines $far and $near', ({ far, near }) => {
  expect(confidenceOf({ cosine: far, evidence: 0.02, tools: 30 })).toBeLessThan(noneFitsBelow)
  expect(confidenceOf({ cosine: near, evidence: 0.9, tools: 30 })).toBeGreaterThan(0.5)
})
