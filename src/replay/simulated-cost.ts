import { costOf } from '../../models/catalogue.ts'
import type { Deployment } from '../../models/deployment.ts'
import { cacheRuleOf, expectUsage, type SeenPrefixes, warmTokens, withPrompt } from '../../models/prompt-cache.ts'
import type { ReplayableDecision } from './replayable.ts'

export interface CostSimulation {
  /** US dollars for this step there, with what earlier steps of its conversation left in that deployment's prompt cache; `null` when a price is unknown. */
  cost(decision: ReplayableDecision, deployment: Deployment | undefined): number | null
}

/** Prompts that only grow, in prompt caches as the providers' published rules have them (`models/prompt-cache.ts`). */
export function createCostSimulation(): CostSimulation {
  const conversations = new Map<string, SeenPrefixes>()
  return {
    cost({ principal, conversation, at, outcome, step }, deployment) {
      if (deployment?.price == null) return null
      const key = `${principal}\n${conversation}`
      const seen = conversations.get(key) ?? {}
      const promptTokens = outcome?.inputTokens ?? step.inputTokens
      const rule = cacheRuleOf(deployment)
      const warm = warmTokens(rule, seen[deployment.id], promptTokens, at)
      conversations.set(key, withPrompt(seen, deployment.id, promptTokens, at))
      return costOf(expectUsage(rule, promptTokens, warm, outcome?.outputTokens ?? 0), deployment.price)
    },
  }
}
