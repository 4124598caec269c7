import type { Pool } from '../../models/pool.ts'

/** All that a plan is made of beside the step and what the policy says of it: nothing is known, spent or resting. */
export function planSurroundings(pools: readonly Pool[]) {
  return {
    decision: 'de_bench',
    pools,
    availability: () => ({ state: 'ready' }) as const,
    state: () => undefined,
    estimate: () => 0.01,
    vector: undefined,
    budget: { usdPerCall: undefined, usdPerDay: undefined, spentTodayUsd: undefined },
    context: { turns: 0, recalled: 0, tokens: 0 },
    tools: [],
    cacheKey: undefined,
    extractivePool: 'extractive',
    now: 0,
  }
}
