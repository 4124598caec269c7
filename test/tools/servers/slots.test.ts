import { expect, test } from 'vitest'
import { createSlots } from '../../../tools/servers/slots.ts'

test('take() lets so many in at once and the rest in the order in which they came, once for each place given back', async () => {
  const slots = createSlots(1)
  const order: string[] = []
  const first = await slots.take()
  const rest = ['b', 'c'].map(async (name) => {
    const giveBack = await slots.take()
    order.push(name)
    return giveBack
  })

  first()
  first()
  await Promise.resolve(rest[0])
  expect(order).toEqual(['b'])
  ;(await rest[0])?.()
  await rest[1]

  expect(order).toEqual(['b', 'c'])
})

test('take() rejects with the reason of the signal and leaves the place to the next', async () => {
  const slots = createSlots(1)
  const giveBack = await slots.take()
  const controller = new AbortController()
  const reason = new Error('enough')
  const given = slots.take(controller.signal)
  const next = slots.take()

  controller.abort(reason)
  giveBack()

  await expect(given).rejects.toBe(reason)
  await expect(next).resolves.toBeTypeOf('function')
})

test('resize() lets more in at once, or fewer from then on', async () => {
  const slots = createSlots(1)
  await slots.take()
  const second = slots.take()

  slots.resize(2)

  await expect(second).resolves.toBeTypeOf('function')
})
