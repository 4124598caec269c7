import type { Deployment } from '../../../models/deployment.ts'
import type { DeploymentState } from '../../../models/pool.ts'
import { wilsonBounds } from '../../../models/wilson.ts'
import { chanceOf } from '../../../policies/chance.ts'
import { type Knowledge, knowsNothing, type Reputation } from '../../../policies/selectors/knowledge.ts'
import type { SelectorFacts } from '../../../policies/selectors/selector.ts'
import { createStep, type StepInput } from '../../../policies/step.ts'

export function stepOf(given: Partial<StepInput> = {}) {
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hello' }] }]
  return createStep({ messages, inputTokens: 1000, maxOutputTokens: 500, principal: 'local', ...given })
}

/** Costs a step of 1,000 tokens in and 500 out. */
export function factsOf(decision: string, facts: Partial<Omit<SelectorFacts, 'random'>> = {}): SelectorFacts {
  return {
    estimate: ({ price }: Deployment) => (price === null ? null : (price.inputPerMillion * 1000 + price.outputPerMillion * 500) / 1e6),
    state: () => undefined,
    vector: undefined,
    knowledge: knowsNothing,
    domain: undefined,
    tools: [],
    escalated: false,
    ...facts,
    random: chanceOf(decision),
  }
}

export function knowing(facts: Partial<Knowledge>): Knowledge {
  return { ...knowsNothing, ...facts }
}

export function reputationOf(good: number, bad: number): Reputation {
  const total = good + bad
  return { good, bad, mean: total === 0 ? 0.5 : good / total, lower: wilsonBounds(good, total).lower, drifting: false }
}

export function measured(deployment: string, facts: Partial<DeploymentState>): DeploymentState {
  return {
    deployment,
    availability: { state: 'ready' },
    inFlight: 0,
    failureRate: undefined,
    firstContentMs: undefined,
    tokensPerSecond: undefined,
    firstContent: undefined,
    perToken: undefined,
    calls: 0,
    failures: 0,
    servedOther: 0,
    lastError: undefined,
    ...facts,
  }
}

export function steady(ms: number) {
  return { p50: ms, p95: ms, samples: 20 }
}
