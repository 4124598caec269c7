import { parse } from '@marcbachmann/cel-js'
import type { PermissionRule } from '../../permissions.ts'
import type { Policy } from '../../policy.ts'
import { createPermissionFacts } from '../facts/permission-facts.ts'
import type { Finding } from '../finding.ts'
import { type Formula, not } from '../formula.ts'
import { createWorld, type World } from '../solver/world.ts'
import type { NotAnalysed, Translator } from '../translate/condition.ts'
import { reasonNever } from './contradictions.ts'

interface ExaminedPermission {
  readonly rule: PermissionRule
  readonly holds: Formula
  /** Where it is the one that decides if none before it does: a rule that cannot be evaluated counts, unless it allows. */
  readonly decides: Formula
  readonly notAnalysed: readonly NotAnalysed[]
}

/**
 * Permission rules that can never hold, and rules that never decide since others decide before them, whatever calls may come.
 *
 * Rules that rewrite change the arguments before the others look at them, and decide nothing: they are only asked whether they can
 * hold. Two rules of the same priority are no finding, since the stricter one decides.
 */
export function permissionFindings({ permissions }: Pick<Policy, 'permissions'>): Finding[] {
  const facts = createPermissionFacts()
  const rules = permissions.map((rule): ExaminedPermission => {
    const { isTrue, isFalse } = facts.translator.condition(parse(rule.condition.source).ast)
    return { rule, holds: isTrue, decides: rule.do === 'allow' ? isTrue : not(isFalse), notAnalysed: facts.notAnalysed.splice(0) }
  })
  const world = createWorld({
    vocabulary: facts.vocabulary,
    formulas: rules.flatMap(({ holds, decides }) => [holds, decides]),
    laws: facts.laws,
  })
  const impossible = rules.filter(({ holds }) => world.solve([holds]).kind === 'impossible')
  const deciding = rules.filter((one) => one.rule.do !== 'rewrite' && !impossible.includes(one))
  return [
    ...impossible.map((one) => contradiction(one, world, facts.translator)),
    ...deciding.flatMap((one, index) => shadowed(one, deciding.slice(0, index), world)),
    ...rules.flatMap(notLookedInto),
  ]
}

function contradiction({ rule, decides }: ExaminedPermission, world: World, translator: Translator): Finding {
  const onFailure = rule.do !== 'allow' && world.solve([decides]).kind !== 'impossible'
  const still = onFailure ? ` Where its condition cannot be evaluated it still ${inWords[rule.do]}.` : ''
  return {
    code: 'contradiction',
    level: 1,
    severity: 'error',
    rules: [rule.name],
    message: `The permission rule ${rule.name} can never hold: ${reasonNever(rule.condition.source, world, translator)}.${still}`,
    witness: null,
    mend: 'Change the parts that cannot hold together, or take the rule out.',
  }
}

/** What a rule does that cannot be evaluated. */
const inWords = { deny: 'denies', rewrite: 'denies', confirm: 'asks for a yes', allow: 'allows' } as const

function shadowed(one: ExaminedPermission, before: readonly ExaminedPermission[], world: World): Finding[] {
  const isCovered = (by: readonly ExaminedPermission[]) =>
    world.solve([one.decides, ...by.map(({ decides }) => not(decides))]).kind === 'impossible'
  if (before.length === 0 || !isCovered(before)) return []
  let by = [...before]
  for (const other of before.toReversed()) {
    const without = by.filter((rule) => rule !== other)
    if (without.length > 0 && isCovered(without)) by = without
  }
  const names = by.map(({ rule }) => rule.name)
  const alike = by.every(({ rule }) => rule.do === one.rule.do)
  const first = names.length === 1 ? `${names[0]} decides` : `one of ${names.join(', ')} decides`
  return [
    {
      code: alike ? 'redundant' : 'shadowed',
      level: 1,
      severity: alike ? 'warning' : 'error',
      rules: [one.rule.name, ...names],
      message: `The permission rule ${one.rule.name} never decides: wherever it would, ${first} before it (${by.map(placeOf).join('; ')}; ${placeOf(one)}).`,
      witness: null,
      mend: alike
        ? `Take ${one.rule.name} out: ${names.join(', ')} already ${names.length === 1 ? 'does' : 'do'} the same.`
        : `Give ${one.rule.name} a higher priority than ${names.join(', ')}, or narrow their conditions.`,
    },
  ]
}

function placeOf({ rule }: ExaminedPermission): string {
  return `${rule.name}: ${rule.do}, priority ${rule.priority}`
}

function notLookedInto({ rule, notAnalysed }: ExaminedPermission): Finding[] {
  return notAnalysed.map(({ source, reason }) => ({
    code: 'not_analysed',
    level: 1,
    severity: 'report',
    rules: [rule.name],
    message: `Of the permission rule ${rule.name} \`${source}\` was not looked into: ${reason}. It may be true or false there.`,
    witness: null,
    mend: 'Nothing needs to be done; what is said of the policy does not rest on it.',
  }))
}
