import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aiqOf, costAt, deferralOf, hullOf, qualityAt } from '../../src/evaluation/routing-measures.ts'

const points = [
  { cost: 1, quality: 0.4 },
  { cost: 2, quality: 0.3 },
  { cost: 3, quality: 0.5 },
  { cost: 5, quality: 0.8 },
]

test('hullOf() leaves out what another point or a mix of two beats', () => {
  expect(hullOf(points).map(({ cost }) => cost)).toEqual([1, 5])
  expect(hullOf([{ cost: 2, quality: 0.6 }, ...points]).map(({ cost }) => cost)).toEqual([1, 2, 5])
})

test('hullOf() has no point above it and never bends upwards', () => {
  const point = fc.record({ cost: fc.integer({ min: 0, max: 50 }), quality: fc.integer({ min: 0, max: 50 }) })
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 20 }), (given) => {
      const hull = hullOf(given)
      for (const { cost, quality } of given) expect(qualityAt(hull, cost)).toBeGreaterThanOrEqual(quality - 1e-9)
      const slopes = hull.slice(1).map((one, index) => {
        const before = hull[index] as (typeof hull)[number]
        return (one.quality - before.quality) / (one.cost - before.cost)
      })
      expect(slopes).toEqual(slopes.toSorted((left, right) => right - left))
      expect(slopes.every((slope) => slope > 0)).toBe(true)
    }),
  )
})

test('aiqOf() is the mean quality over the range, flat to its end and 0 below the cheapest point', () => {
  const hull = hullOf([
    { cost: 1, quality: 0.4 },
    { cost: 3, quality: 0.8 },
  ])

  expect(aiqOf(hull, 1, 3)).toBeCloseTo(0.6)
  expect(aiqOf(hull, 1, 5)).toBeCloseTo((2 * 0.6 + 2 * 0.8) / 4)
  expect(aiqOf(hull, 0, 3)).toBeCloseTo((2 * 0.6) / 3)
  expect(aiqOf(hull, 2, 2)).toBeCloseTo(0.6)
  expect(aiqOf(hull, 0, 0.5)).toBe(0)
})

test('costAt() is the least cost of a quality, by mixing too', () => {
  expect(costAt(hullOf(points), 0.6)).toBeCloseTo(3)
  expect(costAt(hullOf(points), 0.3)).toBe(1)
  expect(costAt(hullOf(points), 0.81)).toBeUndefined()
})

test('deferralOf() has APGR 1/2 for a need that says nothing, and more than 1 for one that knows', () => {
  const prompts = [
    { weak: 1, strong: 0 },
    ...Array.from({ length: 6 }, () => ({ weak: 1, strong: 1 })),
    ...Array.from({ length: 3 }, () => ({ weak: 0, strong: 1 })),
  ]

  const blind = deferralOf(prompts.map((one) => ({ ...one, need: 0 })))
  const knowing = deferralOf(prompts.map((one) => ({ ...one, need: one.strong - one.weak })))

  expect(blind).toMatchObject({ cpt50: 0.5, cpt80: 0.8 })
  expect(blind?.apgr).toBeCloseTo(0.5)
  // 0, 1/2, 1, 3/2 of the gap after 0 to 3 of ten prompts, 3/2 on, and 1 at the end.
  expect(knowing?.apgr).toBeCloseTo((0.25 + 0.75 + 1.25 + 6 * 1.5 + 1.25) / 10)
  expect(knowing).toMatchObject({ cpt50: 0.1, cpt80: 0.2 })
})

test('deferralOf() does not depend on the order of rows, nor measures a strong model that is none', () => {
  const prompt = fc.record({ weak: fc.constantFrom(0, 0.5, 1), strong: fc.constantFrom(0.5, 1), need: fc.integer({ min: 0, max: 3 }) })
  fc.assert(
    fc.property(fc.array(prompt, { minLength: 1, maxLength: 30 }), (prompts) => {
      const [one, other] = [deferralOf(prompts), deferralOf(prompts.toReversed())]
      expect(one?.apgr ?? 0).toBeCloseTo(other?.apgr ?? 0, 9)
    }),
  )
  expect(deferralOf([{ weak: 1, strong: 1, need: 0 }])).toBeUndefined()
})
