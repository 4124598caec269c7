import { costOf } from '../../models/catalogue.ts'
import type { Deployment } from '../../models/deployment.ts'
import type { ReplayableDecision } from './replayable.ts'

const ttlMs = 300_000
const minimumTokens = 1024

export interface CostSimulation {
  /** US dollars for this step there, with what earlier steps of its conversation left in that deployment's prompt cache; `null` when a price is unknown. */
  cost(decision: ReplayableDecision, deployment: Deployment | undefined): number | null
}

/** Prompt caches as providers keep them: append-only prefixes, five minutes since the last use, from 1,024 tokens on. */
export function createCostSimulation(): CostSimulation {
  const warm = new Map<string, { tokens: number; until: number }>()
  return {
    cost({ conversation, at, outcome, step }, deployment) {
      if (deployment?.price == null) return null
      const prompt = outcome?.inputTokens ?? step.inputTokens
      const key = `${conversation}\n${deployment.id}`
      const known = warm.get(key)
      const read = known !== undefined && known.until >= at ? Math.min(known.tokens, prompt) : 0
      const written = prompt >= minimumTokens ? prompt - read : 0
      if (prompt >= minimumTokens) warm.set(key, { tokens: prompt, until: at + ttlMs })
      const usage = {
        inputTokens: prompt - read - written,
        cacheReadTokens: read,
        cacheWriteTokens: written,
        outputTokens: outcome?.outputTokens ?? 0,
      }
      return costOf(usage, deployment.price)
    },
  }
}
