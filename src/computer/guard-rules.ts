import type { Plan } from '../../policies/index.ts'
import { defaultRules, type GuardRules } from '../../tools/computer/guard/rules.ts'

/** What a plan, or a policy's default, tells the guard, in the guard's own words. */
export function guardRulesOf(guards: Plan['guards']): GuardRules {
  const told = guards.find(({ guard }) => guard === 'computer')
  if (told === undefined) return defaultRules
  const { domains, confirm = [], deny = [], allow = [], on_unscored: onUnscored, max_steps: steps } = told
  return { domains, confirm, deny, allow, onUnscored, budget: { steps } }
}
