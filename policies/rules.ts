import type { Action, Policy, Rule } from './policy.ts'
import type { ProjectionReading } from './projections.ts'
import type { SignalReading } from './signals/signal.ts'
import type { Step } from './step.ts'

export interface RuleInput {
  readonly step: Step
  readonly policy: Policy
  readonly readings: readonly SignalReading[]
  readonly projected: readonly ProjectionReading[]
}

/** What decides about a step, and what else would have had a say. */
export interface Choice {
  /** The rule's name; `default`, `asked_model` and `asked_pool` where no rule decides. */
  readonly name: string
  /** In a sentence. */
  readonly why: string
  /** Whether safety decides, which takes a running loop off its model. */
  readonly safety: boolean
  readonly action: Action
  /** Whose action it is, whoever decides: a rule's name, or `default`. */
  readonly actionOf: string
  /** Why nobody answers, in a sentence, where it is not the rule that refuses. */
  readonly refusal?: string | undefined
  /** Every rule whose condition holds, in the order in which they are looked at. */
  readonly fired: readonly Rule[]
}

/** The first rule that enforces and whose condition holds, else the default. A model or pool that the caller named comes before both. */
export function chooseRule({ step, policy, readings, projected }: RuleInput): Choice {
  const facts = { step, readings, projected }
  const fired = policy.rules.filter((rule) => holds(rule, facts))
  const rule = fired.find(({ mode }) => mode === 'enforce')
  const action = rule?.action ?? policy.default
  // What protects holds for a caller's choice as well.
  const asAsked: Action = { ...action, prefer: 'first', models: undefined, fallback: false }
  const shared = { safety: rule?.tier === 1, actionOf: rule?.name ?? 'default', fired }
  if (step.askedModel !== undefined) return { ...shared, name: 'asked_model', why: 'the caller named the model', action: asAsked }
  if (step.askedPool !== undefined) return { ...shared, name: 'asked_pool', why: 'the caller named the pool', action: asAsked }
  if (rule !== undefined) return { ...shared, name: rule.name, why: rule.why === '' ? rule.condition.source : rule.why, action }
  return { ...shared, name: 'default', why: 'no rule fired, so the default of the policy holds', action }
}

/** A rule whose signal could not be computed does not fire: the trace shows the signal as unscored. */
function holds(rule: Rule, facts: Omit<RuleInput, 'policy'>): boolean {
  try {
    return rule.condition.holds(facts)
  } catch {
    return false
  }
}
