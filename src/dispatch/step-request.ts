import type { Message, ToolDefinition } from '../../models/message.ts'
import type { ModelRequest, SourceText } from '../../models/provider.ts'
import type { Taint } from '../../models/taint.ts'
import type { SpendCap } from './budget.ts'
import type { StepContext } from './context.ts'
import type { Heard } from './heard.ts'
import type { CacheControl } from './kept-answers.ts'
import type { Passage } from './passage.ts'

export interface StepRequest {
  principal: string
  client: string | undefined
  /** The id of a thread that exists; without one the step has no memory. */
  thread: string | undefined
  messages: readonly Message[]
  system?: string | undefined
  /** Whether the caller reaches the pool: one that it does not reach is not there. Without it the step is nobody's, and all are. */
  mayUsePool?: ((pool: string) => boolean) | undefined
  /** What the caller's key may spend in all. */
  caps?: readonly SpendCap[] | undefined
  pool?: string | undefined
  model?: string | undefined
  maxOutputTokens?: number | undefined
  maxCostUsd?: number | undefined
  responseSchema?: Record<string, unknown> | undefined
  temperature?: number | undefined
  /** What the policy has the model told of this step. */
  note?: string | undefined
  /** What else the caller asks of the model. */
  parameters?: ModelParameters | undefined
  /** Which conversation a step belongs to that has no thread. */
  conversation?: string | undefined
  /** The conversation that this one was parted from: the best guess for its beginning. */
  partedFrom?: string | undefined
  /** The request as it came over the wire, for deployments that speak its format. */
  passage?: Passage | undefined
  background?: boolean | undefined
  /** The pool that the configuration names for background work, if it does. */
  backgroundPool?: string | undefined
  /** Whether memory adds nothing to it, though it belongs to a thread. */
  withoutMemory?: boolean | undefined
  /** Whether the answer is to be actions on a screen. */
  computerUse?: boolean | undefined
  roles?: readonly string[] | undefined
  /** What the client says of the step. */
  metadata?: Readonly<Record<string, string>> | undefined
  tools?: readonly ToolDefinition[] | undefined
  toolChoice?: ModelRequest['toolChoice']
  /** Whether the log-probabilities of tool arguments are wanted. */
  logprobs?: boolean | undefined
  /** For the provider, by the rule that decides. */
  headers?: ModelRequest['headers']
  /** What has come into the work by now, beside what memory adds. */
  taint?: (() => Taint) | undefined
  /** Files and other texts that came with the request, for answers that cite. */
  sources?: readonly SourceText[] | undefined
  /** Whether arguments of calls keep placeholders until whoever runs the calls has seen that it may. */
  holdsPlaceholders?: boolean | undefined
  /** What the caller says of kept answers. */
  cache?: CacheControl | undefined
  /** What of the request no vocabulary of ours has a word for. */
  untranslated?: readonly string[] | undefined
  /** Inside a loop: what is already known of it. */
  loop?: { context: StepContext; previousModel: string | undefined; parent: string } | undefined
}

export type ModelParameters = Pick<
  ModelRequest,
  'topP' | 'stopSequences' | 'reasoning' | 'parallelToolCalls' | 'systemCacheBreakpoint' | 'cacheKey'
>

export interface StepOptions {
  signal: AbortSignal
  /** What arrives of the answer, from its first content on. What it returns is waited for: a slow caller slows the provider down. */
  onArrival?: ((arrival: Heard) => void | Promise<void>) | undefined
  onSpend?: ((usd: number) => void) | undefined
  /** What a guard has said of the answer on its way to its caller: it is written down with it. */
  guarded?: (() => readonly unknown[]) | undefined
}
