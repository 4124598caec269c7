import { afterAll, expect, test } from 'vitest'
import { newcomerPath } from '../../bench/newcomer.ts'
import { openBrowser } from '../support/browser.ts'
import { newUser, root } from '../support/examples/run.ts'

const { browser } = await openBrowser()
afterAll(() => browser?.close())

test.skipIf(browser === undefined)(
  'the first screen of README.md leads from npm start to a rule of one’s own and its effect, by what it and the programs print alone',
  { timeout: 120_000 },
  async () => {
    using user = newUser()
    if (browser === undefined) return

    const steps = []
    for await (const { step, seen } of newcomerPath({ clone: root, env: user.env, browser })) steps.push([step, seen])

    expect(steps).toEqual([
      ['npm start', expect.stringContaining('files (ready, 14 tools)')],
      ['npx signalbox console', 'the step that npm start printed'],
      [expect.stringContaining('claude mcp add'), expect.stringMatching(/^\d\d tools$/)],
      ['See the first step', expect.anything()],
      ['Change the policy', 'balanced is served'],
      ['See the effect', expect.anything()],
    ])
  },
)
