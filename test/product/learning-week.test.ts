import { afterEach, beforeEach, expect, test } from 'vitest'
import { needs, openWeek, type Week } from '../support/learning/week.ts'
import { createHome, type Home } from '../support/product/home.ts'

let home: Home
let week: Week | undefined
beforeEach(() => {
  home = createHome()
})
afterEach(async () => {
  await week?.close()
  week = undefined
  home.remove()
})

const asked = needs(200, 224)

test('after a week of calls, needs that nobody had asked before are answered better, and as well after a restart', {
  timeout: 180_000,
}, async () => {
  week = await openWeek(home)
  const before = await week.gain(asked)

  for (let day = 0; day < 7; day += 1) {
    // One in ten calls praises the wrong tool.
    let calls = 0
    await week.work(needs(day * 28, day * 28 + 28), {
      choose: ({ tool }, shown) => {
        calls += 1
        return calls % 10 === 0 ? shown.find((name) => name !== tool) : tool
      },
    })
    await week.night()
  }

  const after = await week.gain(asked)
  expect(week.learnt).toHaveLength(7)
  expect(week.learnt.some((said) => said.includes('promote'))).toBe(true)
  expect(after).toBeGreaterThan(before + 0.3)
  // One person's outcomes rank for that person alone.
  expect(await week.gain(asked, 'somebody else')).toBeCloseTo(before, 2)

  await week.close()
  week = await openWeek(home)
  expect(await week.gain(asked)).toBeCloseTo(after, 2)
})
