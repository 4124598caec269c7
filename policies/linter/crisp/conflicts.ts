import type { Policy } from '../../policy.ts'
import type { Finding } from '../finding.ts'
import { fires, type Witness } from '../witness.ts'
import { viewOf } from '../witness-view.ts'
import { actAlike, type ExaminedPolicy, type ExaminedRule } from './examined.ts'

/** More of them would not be read. */
const maxFindings = 200

/** Rules of the same tier and priority that can both fire, where nothing comes before them: their names decide which one does. */
export function conflicts(examined: ExaminedPolicy, impossible: readonly ExaminedRule[]): Finding[] {
  const deciding = examined.deciding.filter((one) => !impossible.includes(one))
  const findings: Finding[] = []
  const seen: Witness[] = []
  let left = 0
  deciding.forEach((one, index) => {
    const before = deciding.slice(0, index)
    for (const other of deciding.slice(index + 1)) {
      if (other.rule.tier !== one.rule.tier || other.rule.priority !== one.rule.priority) break
      if (actAlike(one, other)) continue
      if (findings.length >= maxFindings) {
        left += 1
        continue
      }
      const witness = seen.find((known) => shows(known, one, other, before)) ?? lookFor(one, other, before)
      if (witness !== undefined) findings.push(conflict(examined.policy, one, other, witness))
    }
  })
  if (left > 0) findings.push(unlooked(left))
  return findings

  function lookFor(one: ExaminedRule, other: ExaminedRule, before: readonly ExaminedRule[]): Witness | undefined {
    const found = examined.find([one, other], before)
    if (found.kind !== 'witness') return undefined
    seen.push(found.witness)
    return found.witness
  }
}

function shows(witness: Witness, one: ExaminedRule, other: ExaminedRule, before: readonly ExaminedRule[]): boolean {
  return fires(one.rule, witness) && fires(other.rule, witness) && before.every(({ rule }) => !fires(rule, witness))
}

function conflict(policy: Policy, { rule: one }: ExaminedRule, { rule: other }: ExaminedRule, witness: Witness): Finding {
  return {
    code: 'conflict',
    level: 1,
    severity: 'warning',
    rules: [one.name, other.name],
    message: `The rules ${one.name} and ${other.name} have the same tier (${one.tier}) and priority (${one.priority}), can both fire, and choose differently: ${one.name} decides because of its name alone.`,
    witness: viewOf(witness, policy, [one.condition.source, other.condition.source]),
    mend: 'Give the one that is to decide the higher priority, or make their conditions exclude each other (an exclusive projection does).',
  }
}

function unlooked(pairs: number): Finding {
  return {
    code: 'not_analysed',
    level: 1,
    severity: 'report',
    rules: [],
    message: `${pairs} further pairs of rules of the same tier and priority were not looked at.`,
    witness: null,
    mend: 'Give rules priorities of their own.',
  }
}
