import { expect, test } from 'vitest'
import { createProgressLine } from '../../src/cli/output.ts'
import { recordedTerminal } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

test('createProgressLine() tells how much is done, how fast, and how long the rest takes, where a terminal is', () => {
  using folders = createConfigFolders()
  let now = 0
  const terminal = recordedTerminal(folders, { typed: [] })
  const progress = createProgressLine(terminal, () => now)

  now = 2000
  progress.count(50, 200, 'steps')
  progress.count(7, undefined, 'lines')
  progress.clear()

  const lines = terminal.err().split('\r\u001b[2K')
  expect(lines).toEqual(['', '50 of 200 steps, 25 a second, 6 s left', '7 lines, 3.5 a second', ''])
  const piped = recordedTerminal(folders)
  createProgressLine(piped).count(1, 2, 'steps')
  expect(piped.err()).toBe('')
})
