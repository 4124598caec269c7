import type { Finding } from '../finding.ts'
import { and, type Formula, not, or } from '../formula.ts'
import { viewOf } from '../witness-view.ts'
import { actAlike, type ExaminedPolicy, type ExaminedRule } from './examined.ts'

/** Rules that never decide, rules without which nothing changes, and a default that is never or always reached. */
export function orderFindings(examined: ExaminedPolicy, impossible: readonly ExaminedRule[], unknown: readonly ExaminedRule[]): Finding[] {
  const deciding = examined.deciding.filter((one) => !impossible.includes(one))
  const later = afterwards(examined, deciding)
  const findings: Finding[] = []
  deciding.forEach((one, index) => {
    const before = deciding.slice(0, index)
    const found = examined.find([one], before)
    if (found.kind === 'unknown' && !unknown.includes(one)) findings.push(unsure(one, 'whether it ever decides'))
    if (found.kind === 'never') findings.push(shadowed(examined, one, neededOf(examined, one, found.because)))
    if (found.kind !== 'witness') return
    const different = examined.find([one], before, [later(one, index)])
    if (different.kind === 'never') findings.push(redundant(examined, one, deciding.slice(index + 1)))
  })
  return [...findings, ...ofDefault(examined, deciding)]
}

/** `false` formulas for each action: the next rule that fires, else the default, does something else. */
function afterwards(examined: ExaminedPolicy, deciding: readonly ExaminedRule[]) {
  const byAction: { like: ExaminedRule; differs: Formula[] }[] = []
  return (one: ExaminedRule, index: number): Formula => {
    const known = byAction.find(({ like }) => actAlike(one, like))
    const { differs } = known ?? { differs: [] }
    if (known === undefined) {
      let rest: Formula = { kind: 'constant', value: !actAlike(one, examined.policy.file.default) }
      for (let at = deciding.length - 1; at >= 0; at -= 1) {
        differs[at] = rest
        const other = deciding[at]
        if (other !== undefined) rest = actAlike(one, other) ? and(not(other.holds), rest) : or(other.holds, rest)
      }
      byAction.push({ like: one, differs })
    }
    return differs[index] ?? { kind: 'constant', value: true }
  }
}

/** The fewest of those before it that together fire whenever it does. */
function neededOf(examined: ExaminedPolicy, one: ExaminedRule, because: readonly ExaminedRule[]): ExaminedRule[] {
  let kept = [...because]
  for (const other of because.toReversed()) {
    const without = kept.filter((rule) => rule !== other)
    if (without.length > 0 && examined.find([one], without).kind === 'never') kept = without
  }
  return kept
}

function shadowed(examined: ExaminedPolicy, one: ExaminedRule, by: readonly ExaminedRule[]): Finding {
  const alike = by.every((other) => actAlike(one, other))
  const names = by.map(({ rule }) => rule.name)
  const shown = examined.find([one], [])
  const first = names.length === 1 ? `${names[0]} fires, too` : `one of ${names.join(', ')} fires, too`
  return {
    code: alike ? 'redundant' : 'shadowed',
    level: 1,
    severity: alike ? 'warning' : 'error',
    rules: [one.rule.name, ...names],
    message: `The rule ${one.rule.name} never decides: whenever it fires, ${first}, and comes first (${by.map(placeOf).join('; ')}; ${placeOf(one)}).`,
    witness:
      shown.kind === 'witness'
        ? viewOf(
            shown.witness,
            examined.policy,
            [one, ...by].map(({ rule }) => rule.condition.source),
          )
        : null,
    mend: alike
      ? `Take ${one.rule.name} out: ${names.join(', ')} already ${names.length === 1 ? 'does' : 'do'} the same.`
      : `Give ${one.rule.name} a higher priority than ${names.join(', ')}, or narrow their conditions.`,
  }
}

function placeOf({ rule }: ExaminedRule): string {
  return `${rule.name}: tier ${rule.tier}, priority ${rule.priority}`
}

function redundant(examined: ExaminedPolicy, one: ExaminedRule, after: readonly ExaminedRule[]): Finding {
  const shown = examined.find([one], [])
  const same = [...after.filter((other) => actAlike(one, other)).map(({ rule }) => rule.name)]
  const others = actAlike(one, examined.policy.file.default) ? [...same, 'default'] : same
  return {
    code: 'redundant',
    level: 1,
    severity: 'warning',
    rules: [one.rule.name],
    message: `Without the rule ${one.rule.name} nothing would change: wherever it decides, what comes next does the same (${others.join(', ')}).`,
    witness: shown.kind === 'witness' ? viewOf(shown.witness, examined.policy, [one.rule.condition.source]) : null,
    mend: `Take ${one.rule.name} out, or give it another action.`,
  }
}

function ofDefault(examined: ExaminedPolicy, deciding: readonly ExaminedRule[]): Finding[] {
  if (examined.deciding.length === 0) return []
  if (deciding.length === 0) {
    const rules = ['default', ...examined.deciding.map(({ rule }) => rule.name)]
    const message = 'The default always decides: none of the rules can ever fire.'
    return [
      { code: 'default_always', level: 1, severity: 'warning', rules, message, witness: null, mend: 'Mend the conditions of the rules.' },
    ]
  }
  const found = examined.find([], deciding)
  if (found.kind !== 'never') return []
  const names = found.because.map(({ rule }) => rule.name)
  const message = `The default is never reached: of every step one of these rules decides: ${names.join(', ')}.`
  const mend = 'Make one of these rules the default, or narrow their conditions.'
  return [{ code: 'default_never', level: 1, severity: 'warning', rules: ['default', ...names], message, witness: null, mend }]
}

export function unsure({ rule }: ExaminedRule, what: string): Finding {
  return {
    code: 'not_analysed',
    level: 1,
    severity: 'report',
    rules: [rule.name],
    message: `Of the rule ${rule.name} it was not found out ${what}: neither a step nor a proof was found.`,
    witness: null,
    mend: 'Write its condition with comparisons of facts, or look at it yourself.',
  }
}
