import type { Answers, DecisionLog, Recall, Summaries, Threads } from '../../memory/index.ts'
import type { Deployment } from '../../models/deployment.ts'
import type { WordVectors } from '../../models/embedder.ts'
import type { Images } from '../../models/images.ts'
import type { Grounding } from '../../models/outcome.ts'
import type { Health, Pool } from '../../models/pool.ts'
import type { Provider, SourceText } from '../../models/provider.ts'
import type { TokenEstimator } from '../../models/tokens.ts'
import type { Policy } from '../../policies/index.ts'
import type { ToolSearch } from '../../tools/search.ts'
import type { ToolHost } from '../../tools/tool.ts'
import type { Commitments } from '../commitments.ts'
import type { RoutingLearning } from '../learning/routing/routing.ts'
import type { Log } from '../log.ts'
import type { Meter } from '../telemetry/meter.ts'
import type { Tracer } from '../telemetry/tracer.ts'
import type { Budget } from './budget.ts'
import type { Clocks } from './clocks.ts'
import type { Conversations } from './conversations.ts'
import type { SessionBudgets } from './session-budget.ts'
import type { SessionRisks } from './session-risks.ts'

/** All that the line passes a step to: put together once, in `src/box.ts`. */
export interface Line {
  readonly pools: () => readonly Pool[]
  readonly policy: () => Policy
  readonly provider: (deployment: Deployment) => Provider
  readonly health: Health
  readonly tokens: TokenEstimator
  readonly images: Images
  /** The text's vector of length 1, for selectors that look at one. */
  readonly embedText: (text: string, signal: AbortSignal) => Promise<Float32Array | undefined>
  /** The words of each text; `undefined` where the embedder knows whole texts alone. */
  readonly embedWords: (texts: readonly string[], signal: AbortSignal) => Promise<readonly WordVectors[] | undefined>
  /** Whose vectors they are. */
  readonly embedderId: string
  /** Compares an answer with the texts that its step was given. */
  readonly ground: (
    answer: string,
    sources: readonly SourceText[],
    options: { threshold?: number | undefined; asked: string; signal: AbortSignal },
  ) => Promise<Grounding>
  /** Whether a question asks for facts that can be looked up. @throws {Error} Without the embedder that the head was trained on. */
  readonly needsFacts: (text: string, signal: AbortSignal) => Promise<boolean>
  readonly budget: Budget
  readonly threads: Threads
  readonly recall: Recall
  readonly summaries: Summaries
  readonly decisions: DecisionLog
  readonly answers: Answers
  readonly routing: RoutingLearning
  readonly conversations: Conversations
  readonly risks: SessionRisks
  readonly commitments: Commitments
  readonly sessionBudgets: SessionBudgets
  readonly host: ToolHost
  readonly search: ToolSearch
  readonly clocks: Clocks
  readonly log: Log
  readonly meter: Meter
  readonly tracer: Tracer
  readonly now: () => number
}

/** The pool that is always there. */
export const extractivePool = 'extractive'
