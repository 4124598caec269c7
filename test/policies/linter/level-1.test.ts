import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parsePolicy } from '../../../policies/index.ts'
import { type Finding, findingInWords, lintPolicy } from '../../../policies/linter/lint.ts'
import { policyOf, pools } from '../../support/linter/worlds.ts'

const signals = {
  size: { kind: 'size' },
  turn: { kind: 'turn' },
  hard: { kind: 'keyword', any: ['prove', 'root cause'] },
  any: { kind: 'keyword', any: ['Prove', 'cause', 'hello'] },
  topic: { kind: 'embedding', examples: { money: ['a bill'], travel: ['a flight'] }, threshold: 0.4 },
}
const actions = [{ prefer: 'strongest' }, { prefer: 'cheapest' }]

/** Findings about rules with these conditions, the earlier the higher their priority, with actions by turns. */
function findingsOf(conditions: readonly string[], more: Record<string, unknown> = {}): Finding[] {
  const rules = conditions.map((when, index) => ({ name: `r${index}`, priority: 100 - index, when, action: actions[index % 2] }))
  return lintPolicy(policyOf({ signals, rules, ...more }))
}

test.each([
  ['signals.size > 100.0 && step.input_tokens < 50', '`signals.size > 100.0` and `step.input_tokens < 50` cannot hold together'],
  ['step.input_tokens > 5 && step.input_tokens < 6', 'cannot hold together'],
  ['step.kind == "continuation" && !step.tool_loop && step.images > 0', '`step.kind == "continuation"` and `!step.tool_loop` cannot hold'],
  ['step.mode == "chat" && step.tools_offered > 0', 'cannot hold together'],
  ['signals.turn == "background" && step.kind == "user_turn"', 'cannot hold together'],
  ['signals.topic == "money" && confidence.topic < 0.4', 'cannot hold together'],
  ['signals.topic == "weather"', '`signals.topic == "weather"` is never true'],
  ['confidence.topic > 1.0', 'is never true'],
  ['confidence.size < 0.5', 'is never true'],
  ['signals.hard && !signals.any', '`signals.hard` and `!signals.any` cannot hold together'],
  ['step.text == "a bill" && !step.text.contains("bill")', 'cannot hold together'],
  ['step.text.startsWith("ab") && step.text.startsWith("ac")', 'cannot hold together'],
  ['step.text.contains("abc") && size(step.text) < 3', 'cannot hold together'],
  ['step.metadata.team == "x" && !("team" in step.metadata)', 'cannot hold together'],
  [
    'step.images < 0 || step.tool_calls > 0 && step.mode == "chat"',
    'no alternative can hold: `step.images < 0` is never true; `step.tool_calls > 0` and',
  ],
])('lintPolicy() proves that %s is never true, and says why', (when, reason) => {
  const [finding] = findingsOf([when])

  expect(finding).toMatchObject({ code: 'contradiction', severity: 'error', rules: ['r0'], witness: null })
  expect(finding?.message).toContain(reason)
})

test.each([
  ['step.text.contains("bill") && step.text.startsWith("pay") && !step.text.endsWith("bill") && step.text != "pay bill"'],
  ['step.text.matches("^[A-Z]{3}-[0-9]+$") && step.text.size() > 6'],
  ['signals.hard && step.text.contains("lemma") && !step.text.contains("prove")'],
  ['step.input_tokens + step.max_output_tokens > 5000.0 && step.input_tokens - step.max_output_tokens < 3.0 && step.images == 3.0'],
  ['has(signals.topic) && signals.topic == "" && confidence.topic > 0.9'],
  ['!has(signals.topic)'],
  ['"admin" in step.roles && !("guest" in step.roles) && step.metadata["a b"] != "x"'],
  ['taint.private_read && !taint.untrusted_read'],
])('lintPolicy() finds nothing wrong with %s', (when) => {
  expect(findingsOf([when])).toEqual([])
})

test('lintPolicy() shows a step on which an earlier rule always comes first', () => {
  const findings = findingsOf([
    'step.images > 0',
    'signals.hard',
    'step.images > 2 && signals.size > 10.0',
    'signals.hard && step.images > 5',
  ])

  expect(findings.map(({ code, severity, rules }) => [code, severity, rules])).toEqual([
    ['shadowed', 'error', ['r3', 'r0']],
    ['redundant', 'warning', ['r2', 'r0']],
  ])
  expect(findings[0]?.witness).toMatchObject({ 'signals.hard': true, 'step.images': 6 })
  expect(findings[0]?.message).toContain(
    'whenever it fires, r0 fires, too, and comes first (r0: tier 2, priority 100; r3: tier 2, priority 97)',
  )
})

test('lintPolicy() names all rules that take a rule its steps only together', () => {
  const findings = findingsOf([
    'step.images > 3',
    'step.images < 1',
    'step.tool_errors > 0',
    'step.images != 2.0 && step.images != 1.0 && step.images != 3.0',
  ])

  expect(findings.map(({ code, rules }) => [code, rules])).toEqual([['shadowed', ['r3', 'r0', 'r1']]])
})

test('lintPolicy() finds rules that their names alone put in order, with a step on which both fire', () => {
  const rule = (name: string, when: string, prefer: string) => ({ name, when, action: { prefer } })
  const rules = [
    rule('b', 'signals.topic == "travel"', 'cheapest'),
    rule('a', 'signals.topic == "money"', 'strongest'),
    rule('c', 'step.images > 1', 'cheapest'),
  ]
  const [finding, ...others] = lintPolicy(policyOf({ signals, rules }))

  expect(others).toEqual([])
  expect(finding).toMatchObject({ code: 'conflict', severity: 'warning', rules: ['a', 'c'] })
  expect(finding?.witness).toMatchObject({ 'signals.topic': 'money', 'step.images': 2 })
})

test('lintPolicy() reports a default that no step reaches, unless a signal can fail', () => {
  const surely = findingsOf(['step.images > 0', 'step.images == 0.0'])
  const usually = findingsOf(['signals.topic == ""', 'signals.topic != ""'])

  expect(surely).toMatchObject([{ code: 'default_never', severity: 'warning', rules: ['default', 'r0', 'r1'] }])
  expect(usually).toEqual([])
})

test('lintPolicy() looks through projections', () => {
  const projections = {
    effort: {
      kind: 'score',
      of: [
        { value: 'signals.hard', weight: 2 },
        { value: 'step.tool_errors', weight: 0.5 },
      ],
    },
    level: { kind: 'bands', of: 'effort', bands: { low: 0, high: 2 } },
    work: {
      kind: 'exclusive',
      members: { code: 'signals.topic == "money" ? confidence.topic : 0.0', chat: '0.3' },
      default: 'chat',
      at_least: 0.5,
    },
  }

  const never = [
    'projections.level == "high" && step.tool_errors < 4 && !signals.hard',
    'projections.level == ""',
    'projections.work == "code" && projections.work == "chat"',
    'projections.work == "code" && signals.topic != "money"',
  ]
  for (const when of never) expect(findingsOf([when], { projections })[0]).toMatchObject({ code: 'contradiction' })
  expect(findingsOf(['projections.work == "code" && projections.effort > 1.2'], { projections })).toEqual([])
})

test('lintPolicy() says what it did not look into, and claims nothing that hangs on it', () => {
  const findings = findingsOf(['step.text.lowerAscii() == "x" && step.images > 0', 'step.images > 0 && step.text.lowerAscii() != "x"'])

  expect(findings.map(({ code, severity }) => [code, severity])).toEqual(findings.map(() => ['not_analysed', 'report']))
  expect(findings.map(({ message }) => message).join(' ')).toContain('lowerAscii() is not looked into')
})

test.each(readdirSync('policies/shipped'))('lintPolicy() finds no error and nothing doubtful in the shipped %s', (file) => {
  const data: unknown = parse(readFileSync(join('policies/shipped', file), 'utf8'))
  const findings = lintPolicy(parsePolicy(data, { source: file, pools, embedder: undefined }))

  expect(findings.filter(({ severity }) => severity !== 'report').map(findingInWords)).toEqual([])
})

test('lintPolicy() finds tools that a rule allows and blocks', () => {
  const rule = (name: string, tools: unknown, priority: number) => ({
    name,
    priority,
    when: 'step.images > 0',
    action: { prefer: 'first', tools },
  })
  const of = (tools: unknown) => lintPolicy(policyOf({ rules: [rule('r', tools, 1)] }))

  expect(of({ allow: ['files_*'], block: ['files_delete'] })).toEqual([])
  expect(of({ allow: ['files_read', 'docs_*'], block: ['files_*'] })).toMatchObject([
    { code: 'tool_allowed_and_blocked', severity: 'warning' },
  ])
  expect(of({ allow: ['files_*read'], block: ['f*_*'] })).toMatchObject([
    { code: 'tool_allowed_and_blocked', severity: 'error', witness: { tool: 'files_exampleread' } },
  ])
})

test('lintPolicy() reports pools that nothing puts first', () => {
  const unreached = (rules: unknown[], fallback: unknown = { prefer: 'first' }) =>
    lintPolicy(policyOf({ signals, rules, default: fallback }), { pools }).flatMap(({ code, message }) =>
      code === 'pool_unreachable' ? [message] : [],
    )
  const rule = (when: string, action: unknown) => ({ name: 'r', when, action })

  expect(unreached([rule('signals.hard', { prefer: 'strongest' })])).toEqual([])
  expect(unreached([rule('step.kind != "background"', { prefer: 'strongest' })]).join()).toContain('the pool quick first')
  expect(unreached([rule('step.kind == "user_turn"', { prefer: { pool: 'private' } })], { prefer: 'strongest' }).join()).not.toContain(
    'private',
  )
  expect(unreached([], { prefer: { pool: 'deep' } })).toEqual([expect.stringContaining('the pool quick first while all models are well')])
})
