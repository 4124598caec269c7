import type { Policy } from '../../policies/index.ts'
import { defaultRules, type GuardRules } from '../../tools/computer/guard/rules.ts'

/** What an action of a policy tells the guard, in the guard's own words. */
export function guardRulesOf(guards: Policy['default']['guards']): GuardRules {
  const told = guards?.computer
  if (told === undefined) return defaultRules
  const { domains, confirm = [], deny = [], allow = [], on_unscored: onUnscored, budget } = told
  return { domains, confirm, deny, allow, onUnscored, budget }
}
