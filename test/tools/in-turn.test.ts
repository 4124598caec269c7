import { expect, test } from 'vitest'
import { inTurn } from '../../tools/in-turn.ts'

test('inTurn() takes up in two runs what twenty ask for while the first runs', async () => {
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const seen: number[] = []
  let listed = 0
  const take = inTurn(async () => {
    seen.push(listed)
    await ends[seen.length - 1]?.promise
  })

  listed = 1
  const first = take()
  await expect.poll(() => seen).toEqual([1])
  const others = Array.from({ length: 19 }, () => {
    listed += 1
    return take()
  })
  const isOver = Promise.race([others[0]?.then(() => 'the second'), first.then(() => 'the first')])
  for (const { resolve } of ends) resolve()
  await Promise.all([first, ...others])

  expect(seen).toEqual([1, 20])
  expect(await isOver).toBe('the first')
})

test('inTurn() tells a failure to those who asked for that run, and runs again for the next', async () => {
  let runs = 0
  const take = inTurn(async () => {
    runs += 1
    if (runs === 1) throw new Error('disk full')
  })

  await expect(Promise.all([take(), take()])).rejects.toThrow('disk full')
  await take()

  expect(runs).toBe(2)
})
