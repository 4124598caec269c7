import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { decidePermission, parsePolicy } from '../../../policies/index.ts'
import { type Finding, lintPolicy } from '../../../policies/linter/lint.ts'
import type { CallFacts } from '../../../policies/permissions.ts'

interface Rule {
  readonly when: string
  readonly do?: 'allow' | 'confirm' | 'deny'
}

function policyOf(rules: readonly Rule[]) {
  const permissions = rules.map(({ when, do: wanted = 'deny' }, index) => ({ name: `p${index}`, priority: 100 - index, when, do: wanted }))
  return parsePolicy({ name: 'p', default: { prefer: 'first' }, permissions }, { source: 'test.yaml', pools: [], embedder: undefined })
}

const findingsOf = (...rules: readonly Rule[]): Finding[] => lintPolicy(policyOf(rules))

test.each([
  ['tool.effect == "read" && !tool.read_only', '`tool.effect == "read"` and `!tool.read_only` cannot hold together'],
  ['operation == "ask"', '`operation == "ask"` is never true'],
  ['tool.destructive && tool.effect in ["read", "write"]', 'cannot hold together'],
  ['tool.server == "mail" && tool.server.startsWith("files")', 'cannot hold together'],
  ['"admin" in caller.roles && !caller.roles.exists(role, role == "admin")', 'cannot hold together'],
  ['arguments.n > 5 && arguments.n < 3', 'cannot hold together'],
  ['arguments.path == "a" && !("path" in arguments)', 'cannot hold together'],
  ['taint.private_read && taint.private_read == false', 'cannot hold together'],
])('lintPolicy() proves that the permission %s never holds, and says why', (when, reason) => {
  const [finding] = findingsOf({ when })

  expect(finding).toMatchObject({ code: 'contradiction', severity: 'error', rules: ['p0'] })
  expect(finding?.message).toContain(reason)
})

test('lintPolicy() says that a rule that never holds still denies what it cannot evaluate', () => {
  expect(findingsOf({ when: 'arguments.n > 5 && arguments.n < 3' })[0]?.message).toContain('cannot be evaluated it still denies')
  expect(findingsOf({ when: 'arguments.n > 5 && arguments.n < 3', do: 'allow' })[0]?.message).not.toContain('still')
})

test('lintPolicy() names the rules that decide before another, and the mend', () => {
  const [finding] = findingsOf(
    { when: 'tool.read_only', do: 'allow' },
    { when: 'operation == "loop"', do: 'confirm' },
    { when: 'tool.effect != "read"', do: 'allow' },
    { when: 'tool.server == "mail"', do: 'deny' },
  )

  expect(finding).toMatchObject({ code: 'shadowed', severity: 'error', rules: ['p3', 'p0', 'p2'] })
  expect(finding?.message).toContain('never decides: wherever it would, one of p0, p2 decides before it')
  expect(finding?.mend).toContain('higher priority')
})

test('lintPolicy() calls a rule redundant where rules before it do the same', () => {
  expect(findingsOf({ when: 'tool.open_world' }, { when: 'tool.open_world && tool.private' })).toMatchObject([
    { code: 'redundant', severity: 'warning', rules: ['p1', 'p0'] },
  ])
})

test.each<[string, readonly Rule[]]>([
  ['an exception before a rule', [{ when: 'tool.server == "mail"', do: 'allow' }, { when: 'tool.open_world' }]],
  [
    'a rule before which one allows, that may fail',
    [{ when: 'arguments.n > 3 || arguments.n <= 3', do: 'allow' }, { when: 'tool.private' }],
  ],
  ['a rule that decides only where it cannot be evaluated', [{ when: 'has(arguments.n)' }, { when: 'arguments.n == 1', do: 'confirm' }]],
  [
    'what stands deeper in arguments',
    [{ when: 'arguments.to.address.endsWith("@example.com")' }].map((one) => ({ ...one, do: 'allow' as const })),
  ],
])('lintPolicy() finds nothing wrong with %s', (_what, rules) => {
  expect(findingsOf(...rules).filter(({ severity }) => severity !== 'report')).toEqual([])
})

test('a rule that denies where it cannot be evaluated covers what it does not know', () => {
  const before = { when: 'arguments.n > 3 || arguments.n <= 3', do: 'deny' } as const

  expect(findingsOf(before, { when: 'tool.private', do: 'allow' })).toMatchObject([{ code: 'shadowed', rules: ['p1', 'p0'] }])
})

test('shipped policies have permissions without a finding', () => {
  const folder = join(import.meta.dirname, '../../../policies/shipped')
  for (const file of readdirSync(folder)) {
    const policy = parsePolicy(parse(readFileSync(join(folder, file), 'utf8')), { source: file, pools: [], embedder: undefined })
    expect(lintPolicy(policy).filter(({ message }) => message.includes('permission rule'))).toEqual([])
  }
})

/** Every call of a small world, evaluated: what the linter proves must be so, and what is so it must find. */
const calls: readonly CallFacts[] = (['call', 'loop'] as const).flatMap((operation) =>
  (['read', 'write', 'destructive'] as const).flatMap((effect) =>
    [true, false].flatMap((openWorld) =>
      [[], ['admin']].flatMap((roles) =>
        [{}, { n: 0 }, { n: 2 }, { n: 3 }, { n: 'x' }].map((args) => ({
          operation,
          caller: { principal: 'local', roles, door: 'mcp', client: '', profile: '' },
          tool: {
            ...{ name: 'mail_send', server: 'mail', tool: 'send', title: '', effect, openWorld, private: false },
            readOnly: effect === 'read',
            destructive: effect === 'destructive',
          },
          arguments: args,
          taint: { untrustedRead: false, privateRead: false, canSend: false },
          tracked: false,
        })),
      ),
    ),
  ),
)

const leaf = fc.constantFrom(
  ...['operation == "loop"', 'tool.effect == "read"', 'tool.effect in ["write", "destructive"]', 'tool.read_only', 'tool.destructive'],
  ...['tool.open_world', '"admin" in caller.roles', 'arguments.n > 1', 'arguments.n == 2', 'has(arguments.n)'],
)
const condition = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf,
    tie('any').map((one) => `!(${one})`),
    fc.tuple(tie('any'), fc.constantFrom('&&', '||'), tie('any')).map(([left, operator, right]) => `(${left} ${operator} ${right})`),
  ),
})).any

test('lintPolicy() finds exactly those permission rules that never decide a call of a small world', () => {
  const rule = fc.record({ when: condition, do: fc.constantFrom('allow', 'confirm', 'deny') })
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), (rules) => {
      const policy = policyOf(rules as Rule[])
      const holds = (name: string, call: CallFacts) => {
        try {
          return policy.permissions.find((one) => one.name === name)?.condition.holds(call) === true
        } catch {
          return false
        }
      }
      const findings = lintPolicy(policy)
      const named = (...codes: string[]) => findings.filter(({ code }) => codes.includes(code)).map(({ rules: [name] }) => name)
      const never = policy.permissions.filter(({ name }) => !calls.some((call) => holds(name, call))).map(({ name }) => name)
      // A rule that never holds is a finding of its own, and hides no other.
      const left = { ...policy, permissions: policy.permissions.filter(({ name }) => !never.includes(name)) }
      const decided = (name: string) => calls.some((call) => decidePermission(left, call).rule === name)
      const behind = left.permissions.filter(({ name }) => !decided(name)).map(({ name }) => name)

      expect(named('contradiction').toSorted()).toEqual(never.toSorted())
      expect(named('shadowed', 'redundant').toSorted()).toEqual(behind.toSorted())
    }),
    { numRuns: 150 },
  )
})
