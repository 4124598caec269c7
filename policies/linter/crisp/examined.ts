import { isDeepStrictEqual } from 'node:util'
import { parse } from '@marcbachmann/cel-js'
import type { Pool } from '../../../models/pool.ts'
import type { Policy, Rule } from '../../policy.ts'
import type { PolicyAction } from '../../policy-file.ts'
import { createRoutingFacts, type RoutingFacts } from '../facts/routing-facts.ts'
import type { Formula } from '../formula.ts'
import { createWorld, type Model, type World } from '../solver/world.ts'
import type { NotAnalysed } from '../translate/condition.ts'
import type { Truth } from '../translate/value.ts'
import { fires, type Witness, witnessOf } from '../witness.ts'
import { type PoolQuestion, poolLaws, poolQuestions } from './pools.ts'

/** A rule with what its condition says. */
export interface ExaminedRule {
  readonly rule: Rule
  /** As it was written. */
  readonly action: PolicyAction
  readonly holds: Formula
  readonly notAnalysed: readonly NotAnalysed[]
}

/** A policy as formulas, and a way to ask whether some of its rules can fire together. */
export interface ExaminedPolicy {
  readonly policy: Policy
  readonly facts: RoutingFacts
  /** In the order in which they are looked at. */
  readonly rules: readonly ExaminedRule[]
  /** Those that decide, in that order. */
  readonly deciding: readonly ExaminedRule[]
  readonly world: World
  /** What projections leave open. */
  readonly notAnalysed: readonly NotAnalysed[]
  readonly pools: readonly PoolQuestion[]
  /** A step on which all of `firing` fire and none of `silent` does: evaluated, not only derived. */
  find(firing: readonly ExaminedRule[], silent: readonly ExaminedRule[], further?: readonly Formula[]): Found
}

export type Found =
  | { readonly kind: 'witness'; readonly witness: Witness }
  /** Proven. Which of `silent` are needed for it. */
  | { readonly kind: 'never'; readonly because: readonly ExaminedRule[] }
  | { readonly kind: 'unknown' }

export interface ExamineOptions {
  /** Those of which it is asked whether anything puts them first. */
  readonly pools?: readonly Pool[]
  /** What holds of facts beside what is known of every step. */
  readonly laws?: (facts: RoutingFacts) => readonly Formula[]
}

export function examine(policy: Policy, { pools = [], laws = () => [] }: ExamineOptions = {}): ExaminedPolicy {
  const facts = createRoutingFacts(policy)
  const ofProjections = facts.notAnalysed.splice(0)
  const written = new Map(policy.file.rules.map((rule) => [rule.name, rule.action]))
  const truths = new Map<string, Truth>()
  const truthOf = (source: string): Truth => {
    const known = truths.get(source)
    if (known !== undefined) return known
    const made = facts.translator.condition(parse(source).ast)
    truths.set(source, made)
    return made
  }
  const rules = policy.rules.map((rule): ExaminedRule => {
    const { isTrue } = truthOf(rule.condition.source)
    return { rule, action: written.get(rule.name) ?? policy.file.default, holds: isTrue, notAnalysed: facts.notAnalysed.splice(0) }
  })
  const questions = poolQuestions(pools, rules, policy.file.default, facts)
  const world = createWorld({
    vocabulary: facts.vocabulary,
    formulas: [
      ...[...truths.values()].flatMap(({ isTrue, isFalse }) => [isTrue, isFalse]),
      ...questions.flatMap(({ first }) => [...first.values()]),
    ],
    laws: [...facts.laws, ...poolLaws, ...laws(facts)],
  })

  function find(firing: readonly ExaminedRule[], silent: readonly ExaminedRule[], further: readonly Formula[] = []): Found {
    let witness: Witness | undefined
    const accept = (model: Model) => {
      const proposed = witnessOf(model, facts, policy)
      const shows = firing.every(({ rule }) => fires(rule, proposed)) && silent.every(({ rule }) => !fires(rule, proposed))
      if (shows) witness = proposed
      return shows
    }
    const asked = [...firing.map(({ holds }) => holds), ...silent.map(({ holds }) => ({ kind: 'not', of: holds }) as const), ...further]
    const answer = world.solve(asked, accept)
    if (answer.kind === 'possible' && witness !== undefined) return { kind: 'witness', witness }
    if (answer.kind !== 'impossible') return { kind: 'unknown' }
    return { kind: 'never', because: answer.core.flatMap((index) => silent[index - firing.length] ?? []) }
  }

  return {
    policy,
    facts,
    rules,
    deciding: rules.filter(({ rule }) => rule.mode === 'enforce'),
    world,
    notAnalysed: ofProjections,
    pools: questions,
    find,
  }
}

/** Whether it makes no difference which of the two decides. */
export function actAlike(left: ExaminedRule, right: ExaminedRule | PolicyAction): boolean {
  const isRule = 'rule' in right
  return (left.rule.tier === 1) === (isRule && right.rule.tier === 1) && isDeepStrictEqual(left.action, isRule ? right.action : right)
}
