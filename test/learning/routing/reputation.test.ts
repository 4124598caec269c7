import { describe, expect, test } from 'vitest'
import { chanceOf } from '../../../policies/chance.ts'
import { createReputations, type ReputationEvent } from '../../../src/learning/routing/reputation.ts'
import { mayTeach, withinShares } from '../../../src/learning/routing/shares.ts'

function feed(goods: readonly boolean[], own: Partial<ReputationEvent> = {}, into = createReputations(), from = 0) {
  for (const [index, good] of goods.entries())
    into.add({ id: `de_${from + index}`, principal: 'local', model: 'a/one', good, weight: 1, ...own })
  return into
}

const times = (count: number, good: boolean) => Array.from({ length: count }, () => good)
/** Nine good ones in ten. */
const mostly = (count: number) => Array.from({ length: count }, (_, index) => index % 10 !== 0)

describe('createReputations()', () => {
  test('counts by model, domain and tool apart', () => {
    const all = feed(times(3, true))
    feed(times(2, false), { topic: { domain: 'law' } }, all, 10)
    feed(times(4, true), { topic: { tool: 'law' } }, all, 20)

    expect(all.read('a/one')).toMatchObject({ good: 3, bad: 0, mean: 1 })
    expect(all.read('a/one', { domain: 'law' })).toMatchObject({ good: 0, bad: 2, mean: 0 })
    expect(all.read('a/one', { tool: 'law' })).toMatchObject({ good: 4, bad: 0 })
    expect(all.read('a/two')).toEqual({ good: 0, bad: 0, mean: 0.5, lower: 0, drifting: false })
    expect(all.list().map(({ good, bad }) => good + bad)).toEqual([4, 3, 2])
  })

  test('a decision counts once: by what weighs more, and among equals by the newer', () => {
    const all = createReputations()
    const event = { id: 'de_1', principal: 'local', model: 'a/one' }

    all.add({ ...event, good: false, weight: 0.8 })
    all.add({ ...event, good: true, weight: 0.4 })
    expect(all.read('a/one')).toMatchObject({ good: 0, bad: 0.8 })
    all.add({ ...event, good: true, weight: 1 })
    expect(all.read('a/one')).toMatchObject({ good: 1, bad: 0 })
  })

  test('holds the latest 1,000 verdicts', () => {
    const { good, bad } = feed(mostly(3000)).read('a/one')

    expect(good + bad).toBe(1000)
  })

  test('notices a change, and counts from there on', () => {
    const all = feed(mostly(400))
    expect(all.read('a/one')).toMatchObject({ drifting: false, mean: 0.9 })

    feed(times(40, false), {}, all, 400)

    const { drifting, mean } = all.read('a/one')
    expect(drifting).toBe(true)
    expect(mean).toBeLessThan(0.65)
    expect(feed(times(250, false), {}, all, 500).read('a/one').drifting).toBe(false)
  })

  test('takes no chance for a change', () => {
    const drifting = Array.from({ length: 40 }, (_, seed) => {
      const random = chanceOf(`stable ${seed}`)
      return feed(Array.from({ length: 500 }, () => random() < 0.8)).read('a/one').drifting
    })

    expect(drifting.filter((one) => one).length).toBeLessThanOrEqual(1)
  })

  test('no principal has more than half of the say, once others have some', () => {
    const all = feed(times(300, true), { principal: 'loud' })
    feed(times(40, false), { principal: 'quiet' }, all, 300)

    const { good, bad } = all.read('a/one')

    expect(bad).toBe(40)
    expect(good).toBeLessThanOrEqual(40)
  })
})

test('withinShares() keeps the newest of each principal, and all of one alone', () => {
  const items = Array.from({ length: 100 }, (_, at) => ({ principal: at % 10 === 0 ? 'b' : 'a', at }))

  expect(withinShares(items.filter(({ principal }) => principal === 'a'))).toHaveLength(90)
  const kept = withinShares(items)
  expect(kept.filter(({ principal }) => principal === 'b')).toHaveLength(10)
  expect(kept.filter(({ principal }) => principal === 'a').map(({ at }) => at)).toEqual(
    items
      .filter(({ principal }) => principal === 'a')
      .slice(-20)
      .map(({ at }) => at),
  )
})

test('mayTeach() bounds one principal by the others', () => {
  expect(mayTeach('a', { a: 5000 })).toBe(true)
  expect(mayTeach('a', { a: 5000, b: 3 })).toBe(false)
  expect(mayTeach('b', { a: 5000, b: 3 })).toBe(true)
  expect(mayTeach('a', { a: 19, b: 3 })).toBe(true)
})
