import { expect, test } from 'vitest'
import { type SeenPair, shareAskedAgain, surelyFits } from '../../memory/index.ts'

const pairs = (count: number, same: boolean, confidence = 0.97): SeenPair[] => Array.from({ length: count }, () => ({ confidence, same }))

test('surelyFits() begins below the confidence, rises with pairs that said the same and falls with those that did not', () => {
  const nothing = surelyFits(0.97, { own: [], others: [] })
  const well = surelyFits(0.97, { own: pairs(10, true), others: pairs(40, true) })
  const badly = surelyFits(0.97, { own: pairs(2, false), others: [] })

  expect(nothing).toBeLessThan(0.97)
  expect(well).toBeGreaterThan(nothing)
  expect(badly).toBeLessThan(nothing)
  expect(surelyFits(0.97, { own: [], others: pairs(4, false) })).toBeLessThan(nothing)
  expect(surelyFits(0.97, { own: [...pairs(1, false), ...pairs(20, true)], others: [] })).toBeGreaterThan(0.8)
})

test('an answer whose pairs went wrong is worse off than others of its domain', () => {
  const seen = pairs(3, false)

  expect(surelyFits(0.97, { own: seen, others: [] })).toBeLessThan(surelyFits(0.97, { own: [], others: seen }))
})

test('shareAskedAgain() asks less the more was seen, and never stops', () => {
  const shares = [0, 1, 5, 40].map((count) => shareAskedAgain({ own: pairs(count, true), others: [] }))

  expect(shares).toEqual(shares.toSorted((one, other) => other - one))
  expect(shares[0]).toBe(0.25)
  expect(shareAskedAgain({ own: pairs(40, true), others: pairs(4000, true) })).toBe(0.02)
})

/** The same numbers each time. */
function chances(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

test.each([-3, -1, 0])('the share of wrong answers stays at its target though the head is off by %d in log-odds', (shift) => {
  const next = chances(11)
  const seen: SeenPair[] = []
  let [given, wrong] = [0, 0]

  for (let step = 0; step < 2500; step += 1) {
    const confidence = 0.5 + next() * 0.499
    const same = next() < 1 / (1 + Math.exp(-Math.log(confidence / (1 - confidence)) - shift))
    const evidence = { own: [], others: seen.slice(-100) }
    if (surelyFits(confidence, evidence) >= 0.95 && next() >= shareAskedAgain(evidence)) {
      given += 1
      wrong += Number(!same)
    } else seen.push({ confidence, same })
  }

  expect(wrong / Math.max(1, given)).toBeLessThan(0.06)
  if (shift === 0) expect(given).toBeGreaterThan(100)
})
