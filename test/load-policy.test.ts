import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PolicyError } from '../policies/index.ts'
import { loadPolicy } from '../src/load-policy.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-policy-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function issuesOf(text: string): Promise<string[]> {
  const path = join(folder, 'my.yaml')
  await writeFile(path, text)
  const failed: unknown = await loadPolicy({ policy: { kind: 'file', path } }, { pools: [], embedder: undefined }).catch((error) => error)
  if (!(failed instanceof PolicyError)) throw new TypeError('the policy was loaded')
  return failed.issues.map((issue) => `${issue.path}: ${issue.message}`)
}

test('loadPolicy() says of each place where a file is no YAML what is wrong there', async () => {
  const issues = await issuesOf('name: [a\ndefault: { prefer: first }\nname: "b\n')

  expect(issues.length).toBeGreaterThan(1)
  for (const issue of issues) expect(issue).toMatch(/^line \d+: must be YAML/)
})

test('loadPolicy() says of a file that is YAML what is wrong with the policy', async () => {
  expect(await issuesOf('name: p\ndefault: { prefer: first }\npermissions: [{ name: a, when: nope, do: deny }]\n')).toEqual([
    expect.stringMatching(/^permissions\.0\.when: rule "a" has a condition that cannot be used/),
  ])
})

const rules = (conditions: readonly string[]) =>
  conditions
    .map((when, index) => `  - { name: r${index}, when: ${when}, action: { prefer: ${['strongest', 'cheapest'][index]} } }`)
    .join('\n')

test('loadPolicy() refuses rules that can never fire, with the parts that contradict each other', async () => {
  const text = `name: p\ndefault: { prefer: first }\nrules:\n${rules(['step.images > 2 && step.images < 3'])}\n`

  expect(await issuesOf(text)).toEqual([
    expect.stringMatching(/^contradiction: The rule r0 can never fire: `step\.images > 2` and `step\.images < 3` cannot hold together\./),
  ])
})

test('loadPolicy() serves what is only doubtful, and says so', async () => {
  const path = join(folder, 'my.yaml')
  await writeFile(path, `name: p\ndefault: { prefer: first }\nrules:\n${rules(['step.images > 2', 'step.tool_errors > 1'])}\n`)
  const warnings: string[] = []
  const policy = await loadPolicy(
    { policy: { kind: 'file', path } },
    { pools: [], embedder: undefined, warn: (message) => warnings.push(message) },
  )

  expect(policy.rules).toHaveLength(2)
  expect(warnings).toEqual([
    expect.stringMatching(/^Policy p: The rules r0 and r1 have the same tier .* step\.images = 3, step\.tool_errors = 2/),
  ])
})
