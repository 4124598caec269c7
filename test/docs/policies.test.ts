import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { z } from 'zod'
import { extractiveDeployment } from '../../models/providers/extractive.ts'
import { parsePolicy, runPolicyTests } from '../../policies/index.ts'
import { selectorKinds } from '../../policies/selectors/kinds.ts'
import { signalKinds } from '../../policies/signals/kinds.ts'
import { selectorsPage, signalsPage } from '../../scripts/docs-site/reference.ts'
import { root } from '../support/examples/run.ts'

const text = readFileSync(join(root, 'docs', 'policies.md'), 'utf8')
const allBlocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
const isTutorial = (block: string) => block.startsWith('# my.yaml')
const blocks = allBlocks.filter((block) => !isTutorial(block))
const pools = [
  {
    name: 'extractive',
    deployments: [extractiveDeployment],
    expose: false,
    purpose: '',
    local: true,
    modalities: ['text'],
    computer: false,
  },
] as const

const serve = (more: object) => {
  const whole = blocks.filter((block) => !block.startsWith('when:')).map((block) => parse(block) as object)
  return parsePolicy(Object.assign({ name: 'of the document' }, ...whole, more), { source: 'docs/policies.md', pools, embedder: undefined })
}

test('the signals, rules and tools of docs/policies.md make a policy that can be served', () => {
  const policy = serve({})

  expect(policy.signals.map(({ name }) => name)).toEqual(['size', 'hard_words', 'purpose', 'topic', 'team', 'office_hours', 'steps'])
  expect(policy.rules.map(({ name }) => name)).toEqual(['hard_step'])
})

const conditions = blocks
  .filter((block) => block.startsWith('when:') && !block.includes('caller.'))
  .flatMap((block) => block.trim().split('\n'))

test.each(conditions)('docs/policies.md: %s', (line) => {
  const { when } = parse(line) as { when: string }

  const policy = serve({ rules: [{ name: 'one', when, action: { prefer: 'first' } }] })

  expect(policy.rules).toHaveLength(1)
})

test('the permissions of docs/policies.md can be served, and its conditions over calls too', () => {
  const [first = '', last = ''] = blocks.filter((block) => block.includes('caller.roles')).map((block) => block.trim())
  const { permissions } = parse(first) as { permissions: unknown[] }

  expect(serve({}).permissions).toHaveLength(permissions.length)
  for (const line of last.split('\n')) {
    const { when } = parse(line) as { when: string }
    expect(() => serve({ permissions: [{ name: 'one', when, do: 'deny' }] })).not.toThrow()
  }
})

test('docs/policies.md names each fact of a call, and no other', () => {
  const table = text.split('## Permissions')[1]?.split('| name | is |')[1]?.split('\n\n')[0] ?? ''
  const named = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap((row) => [...(row[1] ?? '').matchAll(/`([\w.]+)`/g)].map((match) => match[1]))

  for (const fact of named) expect(() => serve({ permissions: [{ name: 'one', when: `${fact} == ${fact}`, do: 'deny' }] })).not.toThrow()
  expect(named).toHaveLength(22)
})

test('docs/policies.md names each fact of a step, and no other', () => {
  const named = [...(text.split('| `step.` | is |')[1]?.split('\n\n')[0] ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1])
  const facts = named.filter((name) => !['turn', 'chat', 'agent'].includes(name ?? ''))

  for (const fact of facts)
    expect(() => serve({ rules: [{ name: 'one', when: `step.${fact} == step.${fact}`, action: { prefer: 'first' } }] })).not.toThrow()
  expect(facts).toHaveLength(17)
})

test('docs/policies.md names each kind of signal and of selector', () => {
  const namedIn = (start: string) =>
    [...(text.split(start)[1]?.split('\n\n')[0] ?? '').matchAll(/^\|[^|]*\|(.*)\|$/gm)].flatMap((row) =>
      [...(row[1] ?? '').matchAll(/`([\w-]+)`/g)].map((match) => match[1] ?? ''),
    )
  const kindsOf = (kinds: readonly { schema: z.ZodObject }[]) => kinds.map(({ schema }) => (schema.shape['kind'] as z.ZodLiteral).value)

  expect(namedIn('| looks at | kinds |').toSorted()).toEqual(kindsOf(signalKinds as never).toSorted())
  expect(namedIn('| needs | kinds |').toSorted()).toEqual(kindsOf(selectorKinds as never).toSorted())
})

test('docs/signals.md and docs/selectors.md are what the code says of each kind', () => {
  expect(readFileSync(join(root, 'docs/signals.md'), 'utf8')).toBe(signalsPage())
  expect(readFileSync(join(root, 'docs/selectors.md'), 'utf8')).toBe(selectorsPage())
})

const tutorial = allBlocks.filter(isTutorial).join()
const tutorialResults = (policy: string) => runPolicyTests(parse(policy), { source: 'my.yaml', pools: [], embedder: undefined })

test('the policy that docs/policies.md builds from nothing has five rules and passes its tests', async () => {
  const results = await tutorialResults(tutorial)

  expect((parse(tutorial) as { rules: unknown[] }).rules).toHaveLength(5)
  expect(results.flatMap(({ test, differences, error }) => [...differences, ...(error === undefined ? [] : [{ test, error }])])).toEqual([])
})

test('docs/policies.md says truly what its mistakes lead to', async () => {
  const results = await tutorialResults(tutorial.replace('tier: 1', 'tier: 3'))

  expect(results.filter(({ passed }) => !passed)).toMatchObject([{ test: results[2]?.test }])
  for (const { error } of await tutorialResults(tutorial.replace('step.kind', 'step.knd'))) {
    expect(error).toMatch(/rules\.2\.when: rule "hard_turn" .*knd/)
  }
})
