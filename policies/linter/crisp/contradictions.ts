import { type ASTNode, parse, serialize } from '@marcbachmann/cel-js'
import type { Finding } from '../finding.ts'
import type { World } from '../solver/world.ts'
import type { Translator } from '../translate/condition.ts'
import type { ExaminedPolicy, ExaminedRule } from './examined.ts'

/** Rules that can never fire, with the parts of their condition that cannot hold together. */
export function contradictions(examined: ExaminedPolicy, impossible: readonly ExaminedRule[]): Finding[] {
  return impossible.map(({ rule }) => ({
    code: 'contradiction',
    level: 1,
    severity: rule.mode === 'enforce' ? 'error' : 'warning',
    rules: [rule.name],
    message: `The rule ${rule.name} can never fire: ${reasonNever(rule.condition.source, examined.world, examined.facts.translator)}.`,
    witness: null,
    mend: 'Change the parts that cannot hold together, or take the rule out.',
  }))
}

/** Why a condition is never true, in words that follow a colon. */
export function reasonNever(condition: string, world: World, translator: Translator): string {
  return reasonOf(
    parse(condition).ast,
    (parts) => world.solve(parts.map((part) => translator.condition(part).isTrue)).kind !== 'impossible',
  )
}

function reasonOf(node: ASTNode, canHold: (parts: readonly ASTNode[]) => boolean): string {
  const parts = partsOf(node, '&&')
  const needed = smallest(parts, (some) => !canHold(some))
  const [only] = needed
  if (only === undefined) return `${quoted(node)} is never true`
  if (needed.length > 1) return `${needed.map(quoted).join(' and ')} cannot hold together`
  const alternatives = partsOf(only, '||')
  if (alternatives.length === 1) return `${quoted(only)} is never true`
  return `of ${quoted(only)} no alternative can hold: ${alternatives.map((one) => reasonOf(one, canHold)).join('; ')}`
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
