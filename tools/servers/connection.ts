import type { Listing } from '../definitions.ts'
import type { Log } from '../log.ts'
import type { InputRequest, RawResult, ServerOptions } from '../tool.ts'
import type { Capabilities } from './capabilities.ts'
import type { Login } from './login.ts'
import type { Reaper } from './reaper.ts'

export interface ConnectOptions {
  server: string
  transport: ServerOptions['transport']
  /** Of a server over HTTP that brings no authorization of its own. */
  login: Login | undefined
  /** What the server is told. One of 2026-07-28 is told again with each request. */
  capabilities: Capabilities
  /** From an earlier connection: the server knows no `server/discover`. */
  knownLegacy: boolean
  limits: ConnectionLimits
  clientInfo: { name: string; version: string }
  reaper: Reaper
  log: Log
  redact: (text: string) => string
  signal: AbortSignal
  events: ConnectionEvents
}

export interface ConnectionLimits {
  /** From nothing to the first answer, and again for the lists. */
  readonly startMs: number
  /** How long a server may be silent to `server/discover` before it counts as one of 2025. */
  readonly probeMs: number
  /** Of one message, base64 included. */
  readonly maxMessageBytes: number
}

export interface ConnectionEvents {
  /** It has ended, and not because we closed it. */
  lost(ending: string): void
  listChanged(): void
  resourceUpdated(uri: string): void
  logged(entry: { level: string; logger?: string | undefined; data: unknown }): void
  /** A server of 2025 asks. */
  asked(request: InputRequest): Promise<Record<string, unknown>>
}

export interface ServerRequest {
  readonly method: string
  readonly params: Record<string, unknown>
  /** As its caller knows it, for errors. */
  readonly called: string
  /** Of a tool: some of its arguments may have to stand in HTTP headers too. */
  readonly inputSchema?: Record<string, unknown> | undefined
  /** What the caller of this request declared. */
  readonly capabilities?: Capabilities | undefined
  readonly logLevel?: string | undefined
}

export interface RequestOptions {
  signal: AbortSignal
  onProgress?: ((progress: { progress: number; total?: number | undefined; message?: string | undefined }) => void) | undefined
}

/** A running server, spoken to over one pipe or one HTTP session. */
export interface Connection {
  readonly era: 'legacy' | 'modern'
  readonly protocol: string
  readonly pid: number | undefined
  /** Each list whole. A kind that cannot be listed is empty, which the log says. @throws {ToolError} When tools cannot be listed. */
  list(signal: AbortSignal): Promise<Listing>
  /** @throws {ToolError} Or the reason of the signal. */
  request(request: ServerRequest, options: RequestOptions): Promise<RawResult>
  /** Tells `events.resourceUpdated` of changes. Resolves to the way to stop. */
  subscribe(uri: string, signal: AbortSignal): Promise<() => Promise<void>>
  /** Whether a request failed in a way that only a new connection mends, and did not reach the server's tools. */
  isLost(error: unknown): boolean
  close(): Promise<void>
}

/** The server could not be started or reached; the message names the mend. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
