import { expect, test } from 'vitest'
import { createRate } from '../../models/rate.ts'

const never = new AbortController().signal

test('take() lets as many go as a minute has, then says when the next may', async () => {
  let now = 0
  const rate = createRate(3, () => now)

  expect(await Promise.all([1, 2, 3, 4].map(() => rate.take(1000, never)))).toEqual([undefined, undefined, undefined, 20_000])
  now = 15_000
  expect(await rate.take(1000, never)).toBe(5000)
  now = 20_000
  expect(await rate.take(1000, never)).toBeUndefined()
  expect(await rate.take(1000, never)).toBe(20_000)
})

test('take() lets a call wait within its limit, and gives its place back when its caller leaves', async () => {
  let now = 0
  const rate = createRate(60, () => now)
  for (let call = 0; call < 60; call += 1) await rate.take(0, never)
  const controller = new AbortController()
  const reason = new Error('The caller left')

  const waiting = rate.take(60_000, controller.signal)
  expect(await rate.take(1500, never)).toBe(2000)
  controller.abort(reason)

  await expect(waiting).rejects.toBe(reason)
  expect(await rate.take(500, never)).toBe(1000)
  now = 1000
  expect(await rate.take(0, never)).toBeUndefined()
})

test('change() takes a limit up, down and away', async () => {
  const rate = createRate(undefined, () => 0)

  expect(await rate.take(0, never)).toBeUndefined()
  rate.change(1)
  expect([await rate.take(0, never), await rate.take(0, never)]).toEqual([undefined, 60_000])
  rate.change(undefined)
  expect(await rate.take(0, never)).toBeUndefined()
})
