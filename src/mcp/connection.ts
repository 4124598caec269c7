import type { Server } from '@modelcontextprotocol/server'
import type { HostedTool } from '../../tools/tool.ts'
import type { Caller } from '../caller.ts'
import type { Log } from '../log.ts'
import type { DoneResult } from '../operations/operation.ts'
import type { RunScope } from '../runs/run.ts'
import type { Signalbox } from '../signalbox.ts'
import type { RequestState } from './request-state.ts'

/** What configuration, policy and client limits say about tools that the client sees themselves. */
export interface DirectTools {
  shows(tool: HostedTool, profile: string | undefined): boolean
  call(tool: HostedTool, args: Record<string, unknown>, scope: RunScope): Promise<DoneResult>
  /** After how long this caller gets a handle instead of the result. */
  handleAfterMs(caller: Caller): number
}

/** What every connection of one door has in common. */
export interface McpOptions {
  /** May still be opening: the handshake is answered meanwhile, requests wait for it. */
  readonly signalbox: Signalbox | Promise<Signalbox>
  readonly log: Log
  readonly door: 'stdio' | 'http'
  /** The fixed subset that this door shows. */
  readonly profile?: string | undefined
  /** Signs what a client carries between two halves of a request. Unset: a key of this process, so that a restart ends what was parked. */
  readonly stateKey?: Uint8Array | undefined
  /** How directly listed tools are shown and called. Unset: all of them, straight to the host. */
  readonly direct?: DirectTools | undefined
}

/** One connection, or one request of the stateless era, as the handlers see it. */
export interface Connection {
  readonly server: Server
  readonly era: 'legacy' | 'modern'
  readonly options: McpOptions
  readonly requestState: RequestState
  /** What `logging/setLevel` asked for (2025-11-25). */
  logLevel: string | undefined
}
