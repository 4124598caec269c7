import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runLine } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

const mine = (expected: string) => `name: mine
test_pools: { quick: { models: [a/quick] }, deep: { models: [{ model: a/deep, price: { input: 5, output: 25 } }] } }
signals: { hard: { kind: keyword, any: [prove] } }
rules: [{ name: hard_step, why: it is hard, when: signals.hard, action: { prefer: strongest } }]
default: { prefer: first }
tests:
  - { name: easy, given: { text: Hello }, expect: { pool: quick } }
  - { name: hard, given: { text: Prove it }, expect: { pool: ${expected} } }
`

test('policy test says of each test whether it passed, and exits 1 where one did not', async () => {
  using folders = createConfigFolders()
  folders.write('project/good.yaml', mine('deep'))
  folders.write('project/bad.yaml', mine('quick'))

  const good = await runLine(folders, ['policy', 'test', 'good.yaml'])
  const bad = await runLine(folders, ['policy', 'test', './bad.yaml'])
  const path = (name: string) => join(folders.project, name)

  expect(good).toEqual({ code: 0, out: `ok    easy\nok    hard\n${path('good.yaml')}: 2 passed, 0 failed\n`, err: '' })
  expect(bad.code).toBe(1)
  expect(bad.out).toContain('FAIL  hard\n      pool: expected "quick", received "deep"\n      it was decided by hard_step: it is hard\n')
})

test('policy test prints fields with --json, and takes a shipped policy by its name', async () => {
  using folders = createConfigFolders()
  folders.write('project/bad.yaml', mine('quick'))

  const bad = await runLine(folders, ['--json', 'policy', 'test', 'bad.yaml'])
  const balanced = await runLine(folders, ['policy', 'test', 'balanced'])

  expect({ code: bad.code, ...JSON.parse(bad.out) }).toMatchObject({
    code: 1,
    passed: 1,
    failed: 1,
    tests: [{ passed: true }, { passed: false }],
  })
  expect(balanced).toMatchObject({ code: 0, out: expect.stringContaining('balanced: 7 passed, 0 failed') })
})

test('policy test refuses a policy that is neither shipped nor a file, and one that cannot be read as a policy', async () => {
  using folders = createConfigFolders()
  folders.write('project/odd.yaml', 'name: odd\n')

  expect(await runLine(folders, ['policy', 'test', 'balancd'])).toMatchObject({ code: 2, err: expect.stringContaining('balanced') })
  expect(await runLine(folders, ['policy', 'test', 'odd.yaml'])).toMatchObject({ code: 2, err: expect.stringContaining('default') })
})
