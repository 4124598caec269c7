import fc from 'fast-check'
import { expect, test } from 'vitest'
import { explore, exploredDepth } from '../../src/learning/explore.ts'

const hits = Array.from({ length: 9 }, (_, index) => `tool-${index}`)
const seeds = Array.from({ length: 4000 }, (_, index) => `seed ${index}`)

test('explore() leaves the order as it is where exploration is off, and says that each place was certain', () => {
  const explored = seeds.slice(0, 100).map((seed) => explore(hits, { shown: 5, share: 0, seed }))

  for (const one of explored) {
    expect(one.map(({ hit }) => hit)).toEqual(hits)
    expect(new Set(one.map(({ propensity }) => propensity))).toEqual(new Set([1]))
  }
})

test('explore() tries each of the next few in the last place as often as its propensity says', () => {
  const last = seeds.map((seed) => explore(hits, { shown: 5, share: 0.2, seed })[4])
  const times = (hit: string) => last.filter((one) => one?.hit === hit).length / seeds.length

  expect(times('tool-4')).toBeCloseTo(0.8, 1)
  for (const hit of hits.slice(5)) expect(Math.abs(times(hit) - 0.05)).toBeLessThan(0.015)
  expect(last.find((one) => one?.hit === 'tool-4')?.propensity).toBeCloseTo(0.8)
  expect(last.find((one) => one?.hit === 'tool-7')?.propensity).toBeCloseTo(0.05)
})

test('explore() shows each hit once, moves only the last of the shown, and gives one seed one order', () => {
  fc.assert(
    fc.property(fc.nat({ max: 12 }), fc.integer({ min: 1, max: 6 }), fc.string(), (length, shown, seed) => {
      const all = Array.from({ length }, (_, index) => index)
      const explored = explore(all, { shown, share: 1, seed }).map(({ hit }) => hit)

      expect(explored.toSorted((a, b) => a - b)).toEqual(all)
      expect(explored.slice(0, Math.max(0, shown - 1))).toEqual(all.slice(0, Math.max(0, shown - 1)))
      expect(explored.slice(shown + exploredDepth)).toEqual(all.slice(shown + exploredDepth))
      expect(explore(all, { shown, share: 1, seed }).map(({ hit }) => hit)).toEqual(explored)
    }),
  )
})
