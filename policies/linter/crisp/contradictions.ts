import { type ASTNode, parse, serialize } from '@marcbachmann/cel-js'
import type { Finding } from '../finding.ts'
import type { ExaminedPolicy, ExaminedRule } from './examined.ts'

/** Rules that can never fire, with the parts of their condition that cannot hold together. */
export function contradictions(examined: ExaminedPolicy, impossible: readonly ExaminedRule[]): Finding[] {
  return impossible.map(({ rule }) => ({
    code: 'contradiction',
    level: 1,
    severity: rule.mode === 'enforce' ? 'error' : 'warning',
    rules: [rule.name],
    message: `The rule ${rule.name} can never fire: ${reasonOf(parse(rule.condition.source).ast, examined)}.`,
    witness: null,
    mend: 'Change the parts that cannot hold together, or take the rule out.',
  }))
}

/** In words that follow a colon. */
function reasonOf(node: ASTNode, examined: ExaminedPolicy): string {
  const parts = partsOf(node, '&&')
  const needed = smallest(parts, (some) => !canHold(some, examined))
  const [only] = needed
  if (only === undefined) return `${quoted(node)} is never true`
  if (needed.length > 1) return `${needed.map(quoted).join(' and ')} cannot hold together`
  const alternatives = partsOf(only, '||')
  if (alternatives.length === 1) return `${quoted(only)} is never true`
  return `of ${quoted(only)} no alternative can hold: ${alternatives.map((one) => reasonOf(one, examined)).join('; ')}`
}

function canHold(parts: readonly ASTNode[], examined: ExaminedPolicy): boolean {
  return examined.world.solve(parts.map((part) => examined.facts.translator.condition(part).isTrue)).kind !== 'impossible'
}

/** What remains when each that is not needed is taken out, one after the other. */
function smallest<Part>(parts: readonly Part[], stillDoes: (some: readonly Part[]) => boolean): Part[] {
  let kept = [...parts]
  for (const part of parts) {
    const without = kept.filter((one) => one !== part)
    if (without.length > 0 && stillDoes(without)) kept = without
  }
  return kept
}

function partsOf(node: ASTNode, operator: '&&' | '||'): ASTNode[] {
  return node.op === operator ? node.args.flatMap((one) => partsOf(one, operator)) : [node]
}

function quoted(node: ASTNode): string {
  return `\`${serialize(node)}\``
}
