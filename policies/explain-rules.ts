import type { Condition } from './condition.ts'
import type { Policy, Rule } from './policy.ts'
import { type RoutingFacts, stepFacts } from './routing-conditions.ts'
import type { Choice } from './rules.ts'

/** What became of one rule, and why. */
export interface RuleAccount {
  readonly rule: string
  readonly tier: number
  readonly priority: number
  readonly mode: Rule['mode']
  /** `decides`; `fires` and somebody else decides; `nearly`: all of several conditions but one hold; `no`. */
  readonly verdict: 'decides' | 'fires' | 'nearly' | 'no'
  /** The conditions that do not hold, each with what it looked at. */
  readonly missing: readonly Missing[]
}

interface Missing {
  readonly condition: string
  readonly values: Readonly<Record<string, unknown>>
  /** Why it could not be looked at. */
  readonly error: string | undefined
}

/** An account of every rule of the policy, in the order in which they are looked at. */
export function accountForRules({ rules }: Policy, facts: RoutingFacts, choice: Choice): RuleAccount[] {
  return rules.map((rule) => {
    const { name, tier, priority, mode } = rule
    const fires = choice.fired.includes(rule)
    const conditions = rule.condition.conjuncts()
    const missing = fires ? [] : conditions.flatMap((one) => missingOf(one, facts))
    const nearly = missing.length === 1 && conditions.length > 1
    const verdict = fires ? (choice.name === name ? 'decides' : 'fires') : nearly ? 'nearly' : 'no'
    return { rule: name, tier, priority, mode, verdict, missing }
  })
}

function missingOf(condition: Condition<RoutingFacts>, facts: RoutingFacts): Missing[] {
  const about = { condition: condition.source, values: valuesIn(condition.source, facts) }
  try {
    return condition.holds(facts) ? [] : [{ ...about, error: undefined }]
  } catch (error) {
    return [{ ...about, error: error instanceof Error ? error.message : String(error) }]
  }
}

const mentioned = /\b(signals|projections|step)\.(\w+)/g

/** What the facts that a condition names are; one that was not computed is left out. */
function valuesIn(source: string, { step, readings, projected = [] }: RoutingFacts): Record<string, unknown> {
  const known: Record<string, Readonly<Record<string, unknown>>> = {
    step: stepFacts(step),
    signals: Object.fromEntries(readings.map(({ signal, value }) => [signal, value])),
    projections: Object.fromEntries(projected.map(({ projection, value }) => [projection, value])),
  }
  return Object.fromEntries(
    [...source.matchAll(mentioned)].flatMap(([, of = '', name = '']) => {
      const value = known[of]?.[name]
      return value === undefined || name === 'text' ? [] : [[name, value]]
    }),
  )
}

/** The account in plain sentences: what fired, what nearly did, what did not. */
export function explainRules(accounts: readonly RuleAccount[]): string[] {
  return accounts.map(accountInWords)
}

function accountInWords({ rule, tier, priority, mode, verdict, missing }: RuleAccount): string {
  const where = `tier ${tier}, priority ${priority}${mode === 'enforce' ? '' : `, ${mode} only`}`
  const lacking = missing.map(missingInWords).join('; ')
  switch (verdict) {
    case 'decides':
      return `Rule ${rule} (${where}) fired and decides.`
    case 'fires':
      return `Rule ${rule} (${where}) fired, but does not decide.`
    case 'nearly':
      return `Rule ${rule} (${where}) nearly fired. All of it holds but ${lacking}.`
    case 'no':
      return `Rule ${rule} (${where}) did not fire: ${lacking}.`
  }
}

function missingInWords({ condition, values, error }: Missing): string {
  const shown = Object.entries(values).map(([name, value]) => `${name} is ${JSON.stringify(value)}`)
  if (error !== undefined) return `\`${condition}\`, which could not be looked at (${error})`
  return `\`${condition}\`${shown.length === 0 ? '' : ` (${shown.join(', ')})`}`
}
