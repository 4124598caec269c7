import type { ToolHost } from '../tools/tool.ts'
import type { CallContext, Caller } from './caller.ts'
import type { Operation, OperationResult } from './operations/operation.ts'
import type { RunRegistry } from './runs/run.ts'

export type { RunRegistry, RunStatus, RunView } from './runs/run.ts'

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
