import { expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import { createPastSteps } from '../../src/computer/past-steps.ts'

const columns = 20
const rows = 13
/** A white page with things on it. */
const screen = (...things: number[]) => {
  const hashes = Array.from({ length: columns * rows }, () => 7)
  for (const at of things) hashes[at] = 1000 + at
  return { dhash: '00ff00ff00ff00ff', tiles: { columns, rows, hashes } }
}

test('createPastSteps() tells apart what is on a screen, not what is around it, and keeps callers and models apart', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  const past = createPastSteps(store.rows, () => store.now())
  const form = screen(21, 22, 23, 41, 42, 43, 61, 62, 63, 81)
  for (const ok of [false, true, true, true, true, true]) await past.note('ann', form, { model: 'small', ok })
  await past.note('ann', form, { model: 'large', ok: false })

  const like = screen(21, 22, 23, 41, 42, 43, 61, 62, 63, 82)
  expect(await past.on('ann', like, 'small'), 'of the newest five').toEqual({ right: 5, failed: 0 })
  expect(await past.on('ann', like, 'large')).toEqual({ right: 0, failed: 1 })
  expect(await past.on('ann', screen(121, 122, 123), 'small'), 'as white as the other').toEqual({ right: 0, failed: 0 })
  expect(await past.on('bob', form, 'small')).toEqual({ right: 0, failed: 0 })
  await store.close()
})
