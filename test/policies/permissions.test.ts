import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noTaint } from '../../models/taint.ts'
import { decidePermission, mayRun, type PermissionFacts, parsePolicy, type ToolFacts } from '../../policies/index.ts'

const tool: ToolFacts = {
  name: 'files_write',
  server: 'files',
  tool: 'write',
  title: 'Write',
  effect: 'write',
  readOnly: false,
  destructive: false,
  openWorld: false,
  private: false,
}
const caller = { principal: 'local', roles: ['owner'], door: 'stdio', client: 'test', profile: '' }
const facts = { operation: 'call', caller, tool, arguments: {}, taint: noTaint, tracked: false } as const

type Facts = Partial<Parameters<typeof decidePermission>[1]>

function policyOf(permissions: readonly object[], more: object = {}) {
  const rules = permissions.map((rule, index) => ({ name: `rule_${index}`, when: 'true', ...rule }))
  return parsePolicy(
    { name: 'p', default: { prefer: 'first' }, permissions: rules, ...more },
    { source: 'test', pools: [], embedder: undefined },
  )
}

const decide = (permissions: readonly object[], given: Facts = {}, more: object = {}) =>
  decidePermission(policyOf(permissions, more), { ...facts, ...given })

const isOpen = (permissions: readonly object[], given: Partial<PermissionFacts> = {}) =>
  mayRun(policyOf(permissions), { operation: 'call', caller, tool, ...given })

describe('decidePermission()', () => {
  test('takes the table where no rule holds', () => {
    expect(decide([{ when: 'false', do: 'deny' }])).toMatchObject({ verdict: 'allow', rule: 'tools.call.write' })
    expect(decide([], { operation: 'loop' })).toMatchObject({ verdict: 'confirm', rule: 'tools.loop.write' })
  })

  test('takes the first rule by priority; among equals deny before confirm before allow', () => {
    const rules = [
      { name: 'a', do: 'allow' },
      { name: 'b', do: 'confirm' },
      { name: 'c', do: 'deny' },
    ]

    expect(decide(rules).rule).toBe('c')
    expect(decide(rules.slice(0, 2)).rule).toBe('b')
    expect(decide([...rules, { name: 'd', do: 'allow', priority: 1 }]).rule).toBe('d')
  })

  test.each<[string, Facts, string]>([
    ['"admin" in caller.roles', { caller: { ...caller, roles: ['admin'] } }, 'deny'],
    ['"admin" in caller.roles', {}, 'allow'],
    ['tool.server == "files" && tool.effect == "write" && !tool.read_only', {}, 'deny'],
    ['operation == "loop"', {}, 'allow'],
    ['has(arguments.path) && arguments.path.startsWith("/etc/")', { arguments: { path: '/etc/passwd' } }, 'deny'],
    ['has(arguments.path) && arguments.path.startsWith("/etc/")', { arguments: { path: '/home' } }, 'allow'],
    ['has(arguments.path) && arguments.path.startsWith("/etc/")', {}, 'allow'],
    ['arguments.count > 100', { arguments: { count: 101 } }, 'deny'],
    ['arguments.deep.list.exists(one, one == "x")', { arguments: { deep: { list: ['a', 'x'] } } }, 'deny'],
    ['taint.private_read && tool.open_world', { taint: { ...noTaint, privateRead: true }, tool: { ...tool, openWorld: true } }, 'deny'],
    ['taint.tracked', { tracked: true }, 'deny'],
    ['caller.door == "http" || caller.client == "other"', {}, 'allow'],
  ])('reads what it is told: %s', (when, given, verdict) => {
    expect(decide([{ when, do: 'deny' }], given).verdict).toBe(verdict)
  })

  test.each([
    ['deny', 'deny'],
    ['confirm', 'confirm'],
    ['allow', 'deny'],
    ['rewrite', 'deny'],
  ])('a rule that cannot be evaluated counts on the safe side: %s', (what, verdict) => {
    const rewrite = what === 'rewrite' ? { rewrite: { remove: ['x'] } } : {}
    const table = {
      tools: { call: { read: 'deny', write: 'deny', destructive: 'deny' }, loop: { read: 'deny', write: 'deny', destructive: 'deny' } },
    }

    const decision = decide([{ name: 'broken', when: 'arguments.path == "a"', do: what, ...rewrite }], {}, what === 'allow' ? table : {})

    expect(decision.verdict).toBe(verdict)
    if (what !== 'allow') expect(decision).toMatchObject({ rule: 'broken', why: expect.stringContaining('No such key: path') })
  })

  test('a rule that is decided without what is missing is decided: names and keys of others do no harm', () => {
    expect(decide([{ when: 'tool.name == "other" && arguments.path == "a"', do: 'deny' }]).verdict).toBe('allow')
    expect(decide([{ when: 'arguments.path == "a" && tool.name == "other"', do: 'deny' }]).verdict).toBe('allow')
  })

  test('what takes too long to look at is not evaluated, and what follows is', () => {
    const slow = { name: 'slow', when: 'arguments.text.matches("a*a*a*a*a*a*b$")', do: 'confirm' }
    const args = { text: 'a'.repeat(3000) }

    expect(decide([slow], { arguments: args })).toMatchObject({ verdict: 'confirm', why: expect.stringContaining('250 ms') })
    expect(decide([slow], { arguments: { text: 'ab' } }).why).toContain('holds')
    expect(decide([slow], { arguments: { text: 'c' } }).verdict).toBe('allow')
  })

  test('rules that rewrite come first, and what they make is judged', () => {
    const rules = [
      { name: 'judge', when: 'has(arguments.bcc) || arguments.limit > 10', do: 'deny', priority: 9 },
      { name: 'less', do: 'rewrite', rewrite: { remove: ['bcc'], at_most: { limit: 10 }, set: { '/options/dry_run': true } } },
    ]

    const decision = decide(rules, { arguments: { bcc: 'x', limit: 50, to: 'y' } })

    expect(decision).toMatchObject({ verdict: 'allow', arguments: { limit: 10, to: 'y', options: { dry_run: true } } })
    expect(decision.changes).toEqual([
      'bcc was removed (less)',
      'limit was limited to 10 (less)',
      '/options/dry_run was set to true (less)',
    ])
  })

  test('a rewrite that cannot be done denies', () => {
    const decision = decide([{ do: 'rewrite', rewrite: { set: { '/path/deep': 1 } } }], { arguments: { path: 'text' } })

    expect(decision).toMatchObject({ verdict: 'deny', why: expect.stringContaining('path holds no members') })
  })

  test('asks in a loop before what may send is called once private data has been read, whatever allows it', () => {
    const sends = { ...tool, effect: 'read', readOnly: true, openWorld: true } as const
    const tainted = { operation: 'loop', tool: sends, taint: { ...noTaint, privateRead: true } } as const
    const loose = {
      call: { read: 'allow', write: 'allow', destructive: 'allow' },
      loop: { read: 'allow', write: 'allow', destructive: 'allow' },
    }

    expect(decide([{ do: 'allow' }], tainted)).toMatchObject({ verdict: 'confirm', rule: 'tools.loop.send_after_private_read' })
    expect(decide([{ do: 'deny' }], tainted).verdict).toBe('deny')
    expect(decide([{ do: 'allow' }], { ...tainted, tool: { ...sends, openWorld: false } }).verdict).toBe('allow')
    expect(decide([{ do: 'allow' }], { ...tainted, operation: 'call' }).verdict).toBe('allow')
    expect(decide([{ do: 'allow' }], { ...tainted, taint: noTaint }).verdict).toBe('allow')
    const open = { tools: { ...loose, loop: { ...loose.loop, send_after_private_read: 'allow' } } }
    expect(decide([], tainted, open).verdict).toBe('allow')
  })
})

describe('mayRun()', () => {
  test.each<[string, object[], boolean]>([
    ['a rule that denies it whatever the arguments', [{ when: 'tool.name == "files_write"', do: 'deny' }], false],
    ['a rule that denies it to this caller', [{ when: '"owner" in caller.roles', do: 'deny' }], false],
    ['a rule that denies some arguments', [{ when: 'arguments.path == "a"', do: 'deny' }], true],
    ['a rule that denies it once something was read', [{ when: 'taint.private_read', do: 'deny' }], true],
    [
      'a rule that denies after one that allows some arguments',
      [{ do: 'deny' }, { when: 'arguments.a == 1', do: 'allow', priority: 1 }],
      true,
    ],
    ['rules that deny the rest of some arguments', [{ do: 'deny' }, { when: 'arguments.a == 1', do: 'deny', priority: 1 }], false],
    ['a rule that confirms', [{ do: 'confirm' }], true],
  ])('%s', (_what, rules, open) => {
    expect(isOpen(rules)).toBe(open)
  })

  test('a server is closed when no tool of it could be open', () => {
    expect(isOpen([{ when: 'tool.server == "files"', do: 'deny' }], { tool: { server: 'files' } })).toBe(false)
    expect(isOpen([{ when: 'tool.server == "files" && !tool.read_only', do: 'deny' }], { tool: { server: 'files' } })).toBe(true)
  })

  test('never hides what some call could do: no decision but deny for a tool that is hidden', () => {
    const conditions = [
      'true',
      'tool.read_only',
      '"owner" in caller.roles',
      'arguments.n > 3',
      'has(arguments.s)',
      'taint.private_read',
      'operation == "loop"',
    ]
    const when = fc
      .tuple(fc.constantFrom(...conditions), fc.constantFrom(...conditions), fc.constantFrom('&&', '||'), fc.boolean())
      .map(([left, right, operator, negated]) => (negated ? `!(${left} ${operator} ${right})` : `${left} ${operator} ${right}`))
    const rule = fc.record({ when, do: fc.constantFrom('allow', 'confirm', 'deny'), priority: fc.nat(3) })
    const args = fc.record({ n: fc.integer({ min: 0, max: 6 }), s: fc.string() }, { requiredKeys: [] })

    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 5 }),
        fc.array(args, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (rules, all, privateRead) => {
          const verdicts = all.map((one) => decide(rules, { arguments: one, taint: { ...noTaint, privateRead } }).verdict)

          expect(isOpen(rules) || verdicts.every((verdict) => verdict === 'deny')).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})
