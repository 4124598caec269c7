import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { PolicyError, parsePolicy } from '../../policies/index.ts'
import { deployment, pool } from '../support/deployments.ts'

const pools = [pool('quick', [deployment('a/quick')]), pool('deep', [deployment('a/deep')])]

function issuesOf(data: unknown): string[] {
  try {
    parsePolicy(data, { source: 'test.yaml', pools, embedder: undefined })
  } catch (error) {
    if (error instanceof PolicyError) return error.issues.map((issue) => `${issue.path}: ${issue.message}`)
    throw error
  }
  return []
}

const action = { prefer: 'first' }

test.each<[string, unknown, RegExp]>([
  ['an unknown key', { name: 'p', default: action, rulez: [] }, /rulez/],
  ['no default', { name: 'p' }, /default/],
  [
    'a pool that is not configured',
    { name: 'p', default: { prefer: { pool: 'depe' } } },
    /"depe" is not configured \(configured: quick, deep\)/,
  ],
  [
    'a signal that does not exist',
    { name: 'p', default: { prefer: { signal: 'purpose' } } },
    /"purpose" is not one of the policy's signals/,
  ],
  ['a condition that is not CEL', rule('step.input_tokens >'), /rules\.0\.when: rule "r" has a condition that cannot be used/],
  ['a condition over a signal that is not named', rule('signals.hard'), /hard/],
  ['a condition that is not a boolean', rule('step.text'), /true or false/],
  ['a condition that compares a number with a text', rule('step.input_tokens > "many"'), /rule "r"/],
  ['two rules of one name', { name: 'p', default: action, rules: [namedRule('r'), namedRule('r')] }, /two rules are named "r"/],
  ['a signal of an unknown kind', { name: 'p', default: action, signals: { s: { kind: 'magic' } } }, /signals\.s\.kind/],
])('parsePolicy() refuses %s and names it', (_what, data, pattern) => {
  expect(issuesOf(data).join('\n')).toMatch(pattern)
})

function namedRule(name: string, when = 'true') {
  return { name, when, action }
}

function rule(when: string) {
  return { name: 'p', default: action, rules: [namedRule('r', when)] }
}

test('parsePolicy() reports every issue at once', () => {
  expect(issuesOf({ name: 'p', default: { prefer: { pool: 'x' } }, rules: [namedRule('r', 'nope')] })).toHaveLength(2)
})

test('parsePolicy() reports every issue at once, of the shape and of conditions alike', () => {
  const issues = issuesOf({
    name: 'p',
    extra: 1,
    signals: { odd: { kind: 'magic' } },
    rules: [{ ...namedRule('r', 'nope'), why: 7 }, namedRule('s', 'signals.odd == "x"'), namedRule('t', 'step.nope == 1')],
    permissions: [
      { name: 'a', when: 'tool.nope', do: 'deny' },
      { name: 'b', when: 'true', do: 'rewrite' },
      { name: 'c', when: 'true', do: 'rewrite', rewrite: { set: { '/a~2': 1, __proto: 2 } } },
      { name: 'd', when: 'arguments.text.matches("(a+)+")', do: 'deny' },
      { name: 'd', when: 'arguments.force', do: 'deny' },
    ],
    default: { prefer: { pool: 'x' } },
  })

  const paths = issues.map((issue) => issue.split(': ')[0])
  expect(paths).toEqual(
    expect.arrayContaining([
      '(file)',
      'signals.odd.kind',
      'rules.0.why',
      'rules.2.when',
      'permissions.0.when',
      'permissions.1.rewrite',
      'permissions.2.rewrite.set./a~2',
      'permissions.3.when',
      'permissions.4.when',
      'permissions',
      'default.prefer.pool',
    ]),
  )
  expect(paths).not.toContain('rules.1.when')
})

test('parsePolicy() sorts rules by priority, then by name', () => {
  const policy = parsePolicy(
    { name: 'p', default: action, rules: [namedRule('b'), namedRule('a'), { ...namedRule('z'), priority: 5 }] },
    { source: 'test', pools, embedder: undefined },
  )

  expect(policy.rules.map(({ name }) => name)).toEqual(['z', 'a', 'b'])
})

test('the shipped policy balanced is served with any pools, and confirms what may destroy', async () => {
  const data: unknown = parse(await readFile(new URL('../../policies/shipped/balanced.yaml', import.meta.url), 'utf8'))

  for (const set of [[], pools]) {
    const policy = parsePolicy(data, { source: 'balanced', pools: set, embedder: undefined })
    expect(policy.tools.call).toEqual({ read: 'allow', write: 'allow', destructive: 'confirm' })
    expect(policy.tools.loop).toEqual({
      read: 'allow',
      write: 'confirm',
      destructive: 'confirm',
      send_after_private_read: 'confirm',
      send_after_injection: 'confirm',
    })
  }
})

test.each<[string, object, RegExp]>([
  ['a projection of what is not there', { b: { kind: 'bands', of: 'nope', bands: { low: 0 } } }, /projections\.b: "nope" is not one of/],
  ['a default that is no member', { e: { kind: 'exclusive', members: { x: '1', y: '2' }, default: 'z' } }, /projections\.e\.default/],
  [
    'projections in a circle',
    {
      a: { kind: 'score', of: [{ projection: 'b', weight: 1 }] },
      b: { kind: 'score', of: [{ projection: 'a', weight: 1 }] },
    },
    /needs "a"|needs "b"/,
  ],
  [
    'a value that is a text',
    { s: { kind: 'score', of: [{ value: 'step.text', weight: 1 }] } },
    /projections\.s\.of\.0\.value.*must be a number/,
  ],
])('parsePolicy() refuses %s and names it', (_what, projections, pattern) => {
  expect(issuesOf({ name: 'p', default: action, projections }).join('\n')).toMatch(pattern)
})
