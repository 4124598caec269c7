import type { CallContext, Caller } from './caller.ts'
import type { DoneResult, Operation, OperationResult } from './operations/operation.ts'
import type { ToolHost } from '../tools/tool.ts'

/** A running Signalbox, as its doors (MCP, HTTP, command line) see it. */
export interface Signalbox {
  readonly version: string
  /** In the fixed order in which clients see them; the same for each caller of a profile. */
  operations(profile?: string): readonly Operation[]
  /** Goes on with a parked run. An unknown handle, or another principal's, is a `lost` result. */
  resume(handle: string, responses: Readonly<Record<string, unknown>>, context: CallContext): Promise<OperationResult>
  /** What runs behind a handle, for doors that wrap it in a protocol of their own (MCP tasks). */
  readonly runs: RunRegistry
  readonly host: ToolHost
  /** Servers whose tools, prompts and resources the client sees themselves (`expose: direct`, narrowed by the profile). */
  directServers(profile?: string): readonly string[]
  /** `signalbox://decision/{id}`, `signalbox://thread/{id}`, `signalbox://frame/{id}`; `undefined` when this caller has no such thing. */
  readResource(uri: string, caller: Caller): Promise<{ uri: string; mimeType: string; text?: string; blob?: string } | undefined>
  complete(argument: { operation: 'pool' | 'thread' | 'tool'; value: string }, caller: Caller): Promise<string[]>
  /** Resolves when everything that was started has ended. */
  close(): Promise<void>
}

export type RunStatus = 'working' | 'input_required' | 'done' | 'failed' | 'cancelled' | 'lost'

export interface RunView {
  readonly handle: string
  readonly status: RunStatus
  readonly operation: string
  readonly startedAt: number
  readonly updatedAt: number
  readonly expiresAt: number
  readonly message?: string | undefined
  /** What it waits for, when `input_required`. */
  readonly requests?: InputRequiredRequests | undefined
  /** When `done`: an answer, which may be `isError`. */
  readonly result?: DoneResult | undefined
}

type InputRequiredRequests = Readonly<Record<string, import('../tools/tool.ts').InputRequest>>

export interface RunRegistry {
  /** Starts an operation whose answer is fetched by handle; durable before it resolves. */
  start(operation: Operation, input: unknown, context: CallContext): Promise<RunView>
  get(handle: string, caller: Caller): Promise<RunView | undefined>
  /** Answers some or all of what a run waits for. */
  answer(handle: string, responses: Readonly<Record<string, unknown>>, caller: Caller): Promise<RunView | undefined>
  cancel(handle: string, caller: Caller): Promise<RunView | undefined>
}
