import { readFileSync } from 'node:fs'
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

test('policy explain gives the plan in words, and of each rule whether it fired, nearly did, and why not', async () => {
  using folders = createConfigFolders()
  folders.write(
    'project/mine.yaml',
    `name: mine
signals: { hard: { kind: keyword, any: [prove] } }
rules:
  - { name: long_proof, when: 'signals.hard && step.input_tokens > 9000.0', action: { prefer: strongest } }
  - { name: proof, priority: 5, why: it is hard, when: signals.hard, action: { prefer: strongest } }
  - { name: proof_too, when: 'signals.hard && true', action: { prefer: first } }
  - { name: watched, mode: observe, when: 'step.kind == "background" && step.images > 0.0', action: { prefer: first } }
default: { prefer: first }
`,
  )

  const { code, out } = await runLine(folders, ['policy', 'explain', 'Prove it', '--policy', 'mine.yaml'])
  const long = await runLine(folders, ['--json', 'policy', 'explain', 'Prove it', '--policy', 'mine.yaml', '--input-tokens', '9001'])
  const wrong = await runLine(folders, ['policy', 'explain', 'Prove it', '--kind', 'nothing'])

  expect(code).toBe(0)
  expect(out).toContain('extractive/sentences in pool "extractive" answers, at no cost.\nWhy: it is hard (rule proof of policy mine).')
  expect(out).toContain('Rule proof (tier 2, priority 5) fired and decides.')
  expect(out).toContain('Rule proof_too (tier 2, priority 0) fired, but does not decide.')
  expect(out).toMatch(/Rule long_proof \(.*\) nearly fired\. All of it holds but `step\.input_tokens > 9000\.0` \(input_tokens is \d+\)\./)
  expect(out).toContain(
    'Rule watched (tier 2, priority 0, observe only) did not fire: `step.kind == "background"` (kind is "user_turn"); `step.images > 0.0` (images is 0).',
  )
  expect(JSON.parse(long.out)).toMatchObject({
    plan: { rule: 'proof' },
    rules: [{ rule: 'proof' }, { rule: 'long_proof', verdict: 'fires' }, {}, {}],
  })
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('kind') })
})

test('policy diff names parts that were added, removed and changed, and the tests that would be decided otherwise', async () => {
  using folders = createConfigFolders()
  folders.write('project/a.yaml', mine('deep'))
  folders.write(
    'project/b.yaml',
    mine('deep')
      .replace('any: [prove]', 'any: [derive]')
      .replace(
        'when: signals.hard, action: { prefer: strongest } }',
        "when: signals.hard, priority: 7, action: { prefer: strongest } }, { name: other, when: 'false', action: { prefer: first } }",
      )
      .replace('default: { prefer: first }', 'default: { prefer: first, fallback: false }\nhold: false')
      .replace('given: { text: Prove it }, expect: { pool: deep }', 'given: { text: Derive it }, expect: { pool: deep }'),
  )

  const same = await runLine(folders, ['policy', 'diff', 'a.yaml', 'a.yaml'])
  const { code, out } = await runLine(folders, ['policy', 'diff', 'a.yaml', 'b.yaml'])
  const fields = JSON.parse((await runLine(folders, ['--json', 'policy', 'diff', 'b.yaml', 'a.yaml'])).out)

  expect(same.out).toBe('No part differs.\n\nOf 2 steps in the tests of both, 0 would be decided otherwise.\n')
  expect(code).toBe(0)
  expect(out).toContain('~ signal hard\n    any: ["prove"] -> ["derive"]\n')
  expect(out).toContain('~ rule hard_step\n    priority: 0 -> 7\n+ rule other\n')
  expect(out).toContain('~ setting default\n    fallback: true -> false\n')
  expect(out).toContain('~ setting hold\n')
  expect(out).toContain('Of 3 steps in the tests of both, 2 would be decided otherwise.\n')
  expect(out).toContain(`"hard" (${join(folders.project, 'a.yaml')})\n    a/deep by hard_step -> a/quick by default\n`)
  expect(fields.parts).toContainEqual({ part: 'rule', name: 'other', change: 'removed', fields: [] })
})

test('policy diff says which tests cannot be compared', async () => {
  using folders = createConfigFolders()
  folders.write('project/a.yaml', mine('deep'))
  folders.write('project/b.yaml', 'name: b\ndefault: { prefer: { pool: nowhere } }\n')

  const { out } = await runLine(folders, ['policy', 'diff', 'a.yaml', 'b.yaml'])

  expect(out).toContain('"easy" cannot be compared: Cannot use policy ')
  expect(out).toContain('pool "nowhere" is not configured (configured: quick, deep, extractive)')
})

test('policy convert writes a policy that passes as one, and says on stderr what it could not carry over', async () => {
  using folders = createConfigFolders()
  const file = readFileSync(new URL('../fixtures/semantic-router.yaml', import.meta.url), 'utf8')
  folders.write('project/config.yaml', file)

  const { code, out, err } = await runLine(folders, ['policy', 'convert', 'config.yaml'])
  const written = `${out}tests: [{ name: first, given: { text: Debug it, signals: { billing: "", support: "" } }, expect: { rule: mixed } }]\n`
  folders.write('project/converted.yaml', written)
  const tested = await runLine(folders, ['policy', 'test', 'converted.yaml'])
  const absent = await runLine(folders, ['policy', 'convert', 'absent.yaml'])

  expect(code).toBe(0)
  expect(out).toContain('#   large: { models: [acme/large] }\n')
  expect(out).toContain('#   decision unsafe: left out')
  expect(err).toContain('not carried over: decision private: left out, since it needs pii pii_strict')
  expect(tested).toMatchObject({ code: 0, out: expect.stringContaining('1 passed, 0 failed') })
  expect(absent).toMatchObject({ code: 2, err: expect.stringContaining('Cannot read absent.yaml (ENOENT)') })
})
