import type { Answers } from '../memory/index.ts'
import type { HostedTool, ToolHost } from '../tools/tool.ts'
import type { CallContext, Caller, Viewer } from './caller.ts'
import type { Config } from './config/config.ts'
import type { Console } from './console/console.ts'
import type { RoutingEvaluation, RoutingEvaluationRequest } from './evaluation/routing.ts'
import type { ToolEvaluation, ToolEvaluationRequest } from './evaluation/tools.ts'
import type { RoutingTrainingRequest } from './evaluation/train-routing.ts'
import type { Gateway } from './gateway/gateway.ts'
import type { LearningReport, LearnOptions } from './learning/learning.ts'
import type { RoutingLearning } from './learning/routing/routing.ts'
import type { MintedKeys } from './minted-keys.ts'
import type { DoneResult, Operation, OperationResult } from './operations/operation.ts'
import type { Reach } from './reach.ts'
import type { Readiness } from './readiness.ts'
import type { HistoryReplay, ReplayRequest } from './replay/history.ts'
import type { RunRegistry, RunScope } from './runs/run.ts'
import type { Meter, Sample } from './telemetry/meter.ts'
import type { Tracer } from './telemetry/tracer.ts'

export type { RunRegistry, RunStatus, RunView } from './runs/run.ts'

/** A running Signalbox, as its doors (MCP, HTTP, command line) see it. */
export interface Signalbox {
  readonly version: string
  readonly meter: Meter
  readonly tracer: Tracer
  /** What is so now, for whoever asks for metrics. */
  samples(): Promise<readonly Sample[]>
  readiness(): Promise<Readiness>
  /** Says that the file of the configuration is not valid any more, or is again. What runs goes on. */
  fileRefused(isRefused: boolean): void
  /** The wire formats of OpenAI and Anthropic. */
  readonly gateway: Gateway
  /** In the fixed order in which clients see them; the same for each caller of a profile with the same roles and limits. */
  operations(viewer: Viewer): readonly Operation[]
  /** Goes on with a parked run. An unknown handle, or another principal's, is a `lost` result. */
  resume(handle: string, responses: Readonly<Record<string, unknown>>, context: CallContext): Promise<OperationResult>
  /** What runs behind a handle, for doors that wrap it in a protocol of their own (MCP tasks). */
  readonly runs: RunRegistry
  readonly host: ToolHost
  /** Servers whose tools, prompts and resources the client sees themselves (`expose: direct`), as far as it reaches them. */
  directServers(viewer: Viewer): readonly string[]
  reach(viewer: Viewer): Reach
  /** Keys that were minted from others. */
  readonly mintedKeys: MintedKeys
  /** Names of all roles that are configured. */
  roles(): readonly string[]
  /** What policy and limits say about those servers' tools. */
  readonly direct: DirectTools
  /** `signalbox://decision/{id}`, `signalbox://thread/{id}`, `signalbox://frame/{id}`; `undefined` when this caller has no such thing. */
  readResource(uri: string, caller: Caller): Promise<{ uri: string; mimeType: string; text?: string; blob?: string } | undefined>
  complete(argument: { operation: 'pool' | 'thread' | 'tool'; value: string }, caller: Caller): Promise<string[]>
  /** Resolves when each hosted server has answered or failed, and its tools can be found by meaning: for commands that run once. */
  settled(signal?: AbortSignal): Promise<void>
  /** Calls the listener when what clients see may have changed: by a hosted server's own change, or a reload. Returns the way to stop. */
  onChange(listener: () => void): () => void
  /** What the owner sees and decides. */
  readonly console: Console
  /** Learns the ranking of tools from the outcomes of calls now. @throws {Error} If another process learns, or nothing can be compared. */
  learnTools(options: LearnOptions): Promise<LearningReport>
  /** Requests that a model wrote for the search, by the definition as it is now (`search.examples`). */
  exampleNeeds(tool: HostedTool): readonly string[]
  /** What routing has learnt, for the owner: the command line alone asks for it. */
  readonly routing: Pick<RoutingLearning, 'reputations' | 'learners' | 'move' | 'entries'>
  /** Answers that are kept, for the owner: the command line alone asks for them. After `clear` nothing of what is gone is in the store's files. */
  readonly keptAnswers: Pick<Answers, 'callers' | 'list'> & { clear(callers: readonly string[]): Promise<number> }
  /** Compares ways to find tools on labelled needs: the command line alone asks for it. */
  evaluateTools(request: ToolEvaluationRequest): Promise<ToolEvaluation>
  /** Compares predictors of the best model on labelled outcomes: the command line alone asks for it. */
  evaluateRouting(request: RoutingEvaluationRequest): Promise<RoutingEvaluation>
  /** The bytes of a predictor file, learnt from labelled outcomes: the command line alone asks for it. */
  trainRouting(request: RoutingTrainingRequest): Promise<Uint8Array>
  /** Makes recorded decisions of all callers again under another policy. Nothing is sent anywhere. @throws {PolicyError} */
  replay(request: ReplayRequest): Promise<HistoryReplay>
  /**
   * Takes up a changed configuration; running calls go on. Gives the changed keys that count from the next start on.
   *
   * @throws {PolicyError} and keeps what ran, if the policy cannot be served.
   */
  reconfigure(config: Config): Promise<readonly string[]>
  /** Resolves when everything that was started has ended. */
  close(): Promise<void>
}

/** How the tools that a client sees themselves (`expose: direct`) are shown and called. */
export interface DirectTools {
  shows(tool: HostedTool, viewer: Viewer): boolean
  call(tool: HostedTool, args: Record<string, unknown>, scope: RunScope): Promise<DoneResult>
  /** After how long this caller gets a handle instead of the result. */
  handleAfterMs(caller: Caller): number
}
