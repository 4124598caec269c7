import { expect, test } from 'vitest'
import { runLine } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

test('commitments add, list and lift lay a boundary down, show it and end it, and say what is wrong', async () => {
  using folders = createConfigFolders()

  const added = await runLine(folders, ['commitments', 'add', 'never push to main', '--days', '2', '--json'])
  const { id, binds } = JSON.parse(added.out) as { id: string; binds: string }
  const shown = await runLine(folders, ['commitments', 'list'])
  const lifted = await runLine(folders, ['commitments', 'lift', id])

  expect(binds).toBe('everyone of this instance')
  expect(shown.out).toContain(`${id} (owner) binds everyone of this instance, until `)
  expect(shown.out).toContain('never push to main\ndeeds: push; on: main')
  expect(lifted).toMatchObject({ code: 0, out: expect.stringContaining('Lifted: never push to main') })
  expect((await runLine(folders, ['commitments', 'list'])).out).toContain('Nothing was laid down')
  expect(await runLine(folders, ['commitments', 'lift', id])).toMatchObject({ code: 1 })
  expect(await runLine(folders, ['commitments', 'add', 'nice weather'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('it must say what must not be done'),
  })
  expect(await runLine(folders, ['commitments', 'add', 'never push', '--days', 'x'])).toMatchObject({ code: 2 })
})
