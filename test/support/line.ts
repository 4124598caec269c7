import {
  createAnswers,
  createDecisionLog,
  createRecall,
  createSummaries,
  createThreads,
  openSqliteStore,
  type Store,
} from '../../memory/index.ts'
import type { Embedder } from '../../models/embedder.ts'
import { createHealth } from '../../models/health.ts'
import { createImages } from '../../models/images.ts'
import type { Pool } from '../../models/pool.ts'
import type { Provider } from '../../models/provider.ts'
import { createTokenEstimator } from '../../models/tokens.ts'
import { parsePolicy } from '../../policies/index.ts'
import { createCommitments } from '../../src/commitments.ts'
import { type BudgetLimits, createBudget } from '../../src/dispatch/budget.ts'
import { defaultClocks } from '../../src/dispatch/clocks.ts'
import { createConversations } from '../../src/dispatch/conversations.ts'
import type { Line } from '../../src/dispatch/line.ts'
import { createSessionBudgets, type SessionLimits } from '../../src/dispatch/session-budget.ts'
import { createSessionRisks } from '../../src/dispatch/session-risks.ts'
import { createRoutingLearning } from '../../src/learning/routing/routing.ts'
import { createMeter } from '../../src/telemetry/meter.ts'
import { offTracer } from '../../src/telemetry/tracer.ts'
import { silent } from './silent-log.ts'

export interface LineFacts {
  pools: readonly Pool[]
  /** By the part of a deployment's id before the slash. */
  providers: readonly Provider[]
  policy?: unknown
  budget?: BudgetLimits
  /** What a session may take. */
  session?: SessionLimits
  /** None unless told. */
  embedder?: Embedder
  /** In memory unless told. */
  store?: Store
}

/** A line with a store in memory and without an embedder or tools: what a step needs and no more. */
export async function lineOf({ pools, providers, policy, budget, embedder, store: given, session }: LineFacts): Promise<Line> {
  const store = given ?? (await openSqliteStore({ path: ':memory:' }))
  const tokens = createTokenEstimator()
  const estimateTokens = (text: string) => tokens.estimateText(text)
  const byName = new Map(providers.map((provider) => [provider.name, provider]))
  const line: Omit<Line, 'host' | 'search'> = {
    pools: () => pools,
    policy: () => parsePolicy(policy ?? { name: 'plain', default: { prefer: 'first' } }, { source: 'test', pools, embedder }),
    provider(deployment) {
      const provider = byName.get(deployment.provider)
      if (provider === undefined) throw new RangeError(`no provider ${deployment.provider}`)
      return provider
    },
    health: createHealth(),
    tokens,
    images: createImages(),
    budget: createBudget(store.ledger, () => budget ?? { usdPerDay: undefined, usdPerCall: undefined }, Date.now, silent),
    threads: createThreads(store, { estimateTokens }),
    recall: createRecall(store, { embedder: undefined, estimateTokens }),
    summaries: createSummaries(store, { estimateTokens }),
    decisions: createDecisionLog(store),
    answers: createAnswers(store),
    routing: createRoutingLearning({ logs: store.logs, rows: store.rows, enabled: () => true, clock: Date.now, log: silent }),
    conversations: createConversations(store.rows, Date.now, silent),
    risks: createSessionRisks(store.rows, Date.now, silent),
    sessionBudgets: createSessionBudgets(store.rows, () => session, Date.now, silent),
    commitments: createCommitments(store.rows, Date.now, silent),
    embedText: async () => undefined,
    embedWords: async () => undefined,
    embedderId: 'none',
    ground: async () => ({ verdict: 'unscored', unborne: [], why: 'this line has no embedder' }),
    needsFacts: async () => false,
    clocks: defaultClocks,
    log: silent,
    meter: createMeter(),
    tracer: offTracer,
    now: Date.now,
  }
  return line as Line
}
