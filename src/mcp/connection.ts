import type { Server } from '@modelcontextprotocol/server'
import type { Log } from '../log.ts'
import type { Signalbox } from '../signalbox.ts'
import type { RequestState } from './request-state.ts'

/** What every connection of one door has in common. */
export interface McpOptions {
  /** May still be opening: the handshake is answered meanwhile, requests wait for it. */
  readonly signalbox: Signalbox | Promise<Signalbox>
  readonly log: Log
  readonly door: 'stdio' | 'http'
  /** The fixed subset that this door shows. */
  readonly profile?: string | undefined
  /** `--project`. */
  readonly project?: string | undefined
  /** Signs what a client carries between two halves of a request. Unset: a key of this process, so that a restart ends what was parked. */
  readonly stateKey?: Uint8Array | undefined
}

/** One connection, or one request of the stateless era, as the handlers see it. */
export interface Connection {
  readonly server: Server
  readonly era: 'legacy' | 'modern'
  readonly options: McpOptions
  readonly requestState: RequestState
  /** What `logging/setLevel` asked for (2025-11-25). */
  logLevel: string | undefined
  /** The first of the client's roots, once it has told them (2025-11-25). */
  root: Promise<string | undefined>
}
