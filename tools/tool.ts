/** Options of one downstream MCP server, as the configuration gives them. Milliseconds and counts, defaults filled in. */
export interface ServerOptions {
  /** The configuration key: our id of the server, never its self-reported name. */
  readonly name: string
  readonly transport: StdioTransportOptions | HttpTransportOptions
  /** Globs over original tool names. An empty `allow` allows all; `block` wins. */
  readonly allow: readonly string[]
  readonly block: readonly string[]
  /** Globs of tools that configuration calls read-only; `true` for all of the server's. */
  readonly readOnly: readonly string[] | true
  readonly timeoutMs: number
  readonly concurrency: number
  /** Calls that may start in a minute; no limit unless given. */
  readonly ratePerMinute?: number | undefined
  /** A server without a call for this long is stopped and started again on demand; 0 keeps it. */
  readonly idleMs: number
  /** `search`: found by `find_tools` only. `direct`: its tools, prompts and resources are listed themselves. */
  readonly expose: 'search' | 'direct'
  /** Whether exposed names carry the server's name. */
  readonly prefix: boolean
  /** `off`, or what happens to a definition that changed: see `tools/pins.ts`. Suspicious text is held back under each. */
  readonly pin: 'first-sight' | 'ask' | 'off'
  /** Globs of tools that configuration says reach nothing outside; `true` for all of the server's. */
  readonly staysInside?: readonly string[] | true | undefined
  /** Globs of tools whose results are private, `true` for all, `false` for none. Unset: see `readsPrivate` in `definitions.ts`. */
  readonly private?: readonly string[] | boolean | undefined
  /** Whether the server's own `readOnlyHint` and the like count. */
  readonly trustAnnotations: boolean
}

export interface StdioTransportOptions {
  readonly kind: 'stdio'
  readonly command: string
  readonly args: readonly string[]
  /** The only variables that the child gets beyond the platform's basic ones. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string | undefined
}

export interface HttpTransportOptions {
  readonly kind: 'http'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** How to log in, where the authorization server does not let clients register themselves. */
  readonly oauth?: OAuthClientOptions | undefined
}

export interface OAuthClientOptions {
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /** Asked for instead of those that the server names. */
  readonly scopes?: readonly string[] | undefined
}

/** What a person's login for a server left. */
export interface KeptLogin {
  /** The server that the tokens are for: they go nowhere else. */
  readonly url: string
  readonly authorizationServer: string
  /** Of the authorization server (RFC 8414), as it was at the login. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** What the tokens are made out to (RFC 8707). */
  readonly resource?: string | undefined
  /** As registered. A secret that is configured is not repeated here. */
  readonly client: Readonly<Record<string, unknown>> & { readonly client_id: string }
  readonly tokens: {
    readonly access_token: string
    readonly token_type: string
    readonly refresh_token?: string | undefined
    readonly scope?: string | undefined
  }
}

/** Keeps logins where other processes of this user find them and nobody else does. */
export interface LoginKeeper {
  /** As it stands now. @throws {Error} That says what to do, if it is there and cannot be read. */
  read(server: string): Promise<KeptLogin | undefined>
  write(server: string, login: KeptLogin): Promise<void>
  /** Resolves to whether there was one. */
  remove(server: string): Promise<boolean>
  /** Does the work while nobody else, in this process or another, does any for the same server. */
  alone<Result>(server: string, work: () => Promise<Result>): Promise<Result>
  /** Whether tokens and what they are got with may travel to an address, for the sake of a server at another. */
  mayAsk(url: string, serverUrl: string): boolean
}

/** A tool of a downstream server, as Signalbox hosts it. Schemas and annotations are the server's, unchanged. */
export interface HostedTool {
  /**
   * Exposed name: unique, `[a-z0-9_-]`, at most 40 characters, stable across restarts and catalogue order.
   * A server with `prefix: false` keeps its own names, `[a-zA-Z0-9_-]`, up to 64 characters.
   */
  readonly name: string
  readonly server: string
  /** The name that the server itself uses. */
  readonly tool: string
  readonly title?: string | undefined
  readonly description: string
  readonly inputSchema: Record<string, unknown>
  readonly outputSchema?: Record<string, unknown> | undefined
  readonly annotations?: Record<string, unknown> | undefined
  /** The definition as received, for `expose: direct`. */
  readonly definition: Record<string, unknown>
  /** Whether `call_tool` may run it: decided by configuration, policy, then trusted annotations. Unknown means no. */
  readonly readOnly: boolean
  /** Of tools that write: whether they may destroy. Only a trusted `destructiveHint: false` says no. */
  readonly destructive?: boolean | undefined
  /** Whether it is known to reach nothing outside: by configuration, then by a trusted and pinned `openWorldHint: false`. */
  readonly staysInside?: boolean | undefined
  /** Whether what it returns is nobody else's business. */
  readonly readsPrivate?: boolean | undefined
  /** Lower-case hex SHA-256 of what a model is told of the tool: name, title, description, schemas and annotations, canonical. */
  readonly hash: string
  /** Why it may not be shown or called, when it may not (pin changed, flagged text). */
  readonly quarantined?: string | undefined
}

export type ServerPhase = 'idle' | 'starting' | 'ready' | 'failed' | 'stopped'

export interface ServerState {
  readonly name: string
  readonly transport: 'stdio' | 'http'
  readonly phase: ServerPhase
  /** Protocol version in use, when connected. */
  readonly protocol?: string | undefined
  readonly tools: number
  /** Whether the tools come from the snapshot of an earlier run and were not confirmed yet. */
  readonly fromSnapshot: boolean
  readonly restarts: number
  /** Of its callers: under way at the server, and waiting for a place there. */
  readonly requests?: { readonly running: number; readonly waiting: number } | undefined
  readonly pid?: number | undefined
  /** The last failure, in a sentence that names the mend where one is known. */
  readonly error?: string | undefined
  /** When the next start is tried, epoch ms. */
  readonly retryAt?: number | undefined
}

/** All that is hosted, at one moment: sorted by name, the same order for the same content. */
export interface Catalogue {
  readonly tools: readonly HostedTool[]
  readonly prompts: readonly HostedPrompt[]
  readonly resources: readonly HostedResource[]
  readonly templates: readonly HostedTemplate[]
  /** Changes exactly when the content changes. */
  readonly hash: string
}

export interface HostedPrompt {
  readonly name: string
  readonly server: string
  readonly prompt: string
  readonly definition: Record<string, unknown>
}

export interface HostedResource {
  /** The server's own URI when no other server has it, else namespaced. */
  readonly uri: string
  readonly server: string
  readonly original: string
  readonly definition: Record<string, unknown>
}

export interface HostedTemplate {
  readonly uriTemplate: string
  readonly server: string
  readonly original: string
  readonly definition: Record<string, unknown>
}

/** An MCP `CallToolResult` (or the like) as received, less the server's identity in `_meta`. */
export type RawResult = Record<string, unknown>

/** What a downstream asks of the caller's client in the middle of a request: MCP elicitation, sampling or roots. */
export interface InputRequest {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list'
  readonly params: Record<string, unknown>
}

export interface CallOptions {
  signal?: AbortSignal | undefined
  /** Who calls: connections that hold a caller's state are never shared between principals. */
  principal: string
  onProgress?: ((progress: { progress: number; total?: number | undefined; message?: string | undefined }) => void) | undefined
  onLog?: ((entry: { level: string; logger?: string | undefined; data: unknown }) => void) | undefined
  /** The log level that this request asked for (2026-07-28), passed on. */
  logLevel?: string | undefined
  /** Answers what the downstream asks, by key. Without it, or when it throws, the downstream is told that nobody answers. */
  onInput?: ((requests: Readonly<Record<string, InputRequest>>) => Promise<Record<string, unknown>>) | undefined
  /** What this caller's client declared: a downstream is told no more than that. */
  clientCapabilities?: Record<string, unknown> | undefined
  timeoutMs?: number | undefined
  /** Sent along in `_meta`: `traceparent` and the like. */
  meta?: Readonly<Record<string, string>> | undefined
  /** Told what is wrong with a result that is not of MCP, or breaks the tool's own output schema. The result comes all the same. */
  onDrift?: ((fault: string) => void) | undefined
}

/** Arguments that the tool's schema allows, and what their sender should know: what was mended, what looks like a slip. */
export interface CheckedArguments {
  readonly args: Record<string, unknown>
  readonly warnings: readonly string[]
}

/**
 * The servers behind Signalbox. One that is dead, slow or hostile costs only itself.
 *
 * `start` returns at once; the catalogue of the last run answers until servers confirm or change it.
 */
export interface ToolHost {
  start(): void
  /** Resolves when the catalogue of the last run has been read; from then on `catalogue` answers. */
  loaded(): Promise<void>
  /** Resolves when each server is ready, failed or past its start limit; for commands that run once. */
  settled(signal?: AbortSignal): Promise<void>
  catalogue(): Catalogue
  servers(): readonly ServerState[]
  find(name: string): HostedTool | undefined
  /**
   * `args` is an object; what is not valid is mended as `checkArguments` says.
   *
   * @throws {ToolError} with stage `lookup`, `input` or `run`; the tool's own `isError` is a result, not a throw.
   */
  call(name: string, args: unknown, options: CallOptions): Promise<RawResult>
  /**
   * The arguments as `call` would send them, mended and valid, with what their sender should be told of it.
   *
   * Only what can be meant in one way is mended (`tools/arguments/repair.ts`); what is valid stays as it is.
   *
   * @throws {ToolError} with stage `lookup` or `input`: what is wrong, and an example that is valid.
   */
  checkArguments(name: string, args: unknown): Promise<CheckedArguments>
  getPrompt(name: string, args: Record<string, string>, options: CallOptions): Promise<RawResult>
  readResource(uri: string, options: CallOptions): Promise<RawResult>
  complete(
    ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string },
    argument: { name: string; value: string },
    context: Record<string, string> | undefined,
    options: CallOptions,
  ): Promise<RawResult>
  subscribe(uri: string, listener: () => void, options: CallOptions): Promise<() => Promise<void>>
  /** Definitions that wait for a person's decision, sorted by name. */
  pins(): readonly PinChange[]
  /**
   * Accepts the offered definition of a tool. With `hash`, only the one that was shown.
   *
   * @throws {ToolError} with stage `lookup` when nothing of that name (and hash) waits.
   */
  acceptPin(name: string, hash?: string): Promise<void>
  /** Called after each change of the catalogue's content. Returns the way to stop listening. */
  onChange(listener: (catalogue: Catalogue) => void): () => void
  /** Applies changed options: servers that did not change are left running. */
  configure(servers: readonly ServerOptions[]): Promise<void>
  /** Stops every child process and connection; resolves when none is left. */
  close(): Promise<void>
}

/** A definition that is quarantined until a person accepts it. */
export interface PinChange {
  /** Exposed name. */
  readonly name: string
  readonly server: string
  readonly tool: string
  /** `new` under `pin: ask` or when its text is suspicious, `changed` when another definition was pinned. */
  readonly kind: 'new' | 'changed'
  /** Why it waits: see `HostedTool.quarantined`. */
  readonly reason: string
  readonly pinned?: Record<string, unknown> | undefined
  readonly offered: Record<string, unknown>
  /** Of the offered definition: see `HostedTool.hash`. */
  readonly hash: string
  /** When the offered definition was first seen, epoch ms. */
  readonly since: number
}

/** What the host needs to keep between runs; `src` joins it to the store. */
export interface CatalogueKeeper {
  load(server: string): Promise<unknown>
  save(server: string, snapshot: unknown): Promise<void>
}

/** Where accepted definitions are kept between runs, and between people. */
export interface PinKeeper {
  /** Of one server: for each tool what is `pinned` and what is `offered`. Rejects when it cannot be used: nothing is accepted then. */
  load(server: string): Promise<unknown>
  /** Replaces what is kept by what `change` makes of it. Where other processes write too, nobody comes between. */
  update(server: string, change: (stored: unknown) => unknown): Promise<void>
  /** What `remember` was told of just what is kept now; `undefined` as soon as one byte of that differs. */
  recall?(server: string): Promise<unknown>
  /** Keeps what was found out about something that `load` gave, where nobody but this user writes. */
  remember?(server: string, loaded: unknown, found: unknown): Promise<void>
}

export interface ToolErrorOptions {
  tool: string
  stage: 'lookup' | 'input' | 'run'
  /** What failed, for the outcome log. */
  kind?: 'transport' | 'auth' | 'quota' | 'schema' | 'timeout' | 'unavailable' | 'internal' | undefined
  /** Nearest allowed names, on a failed lookup. */
  nearest?: readonly string[] | undefined
  cause?: unknown
}

/** A hosted tool could not be found, called or finished. The model reads the message. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly code = 'tool_error'
  readonly tool: string
  readonly stage: 'lookup' | 'input' | 'run'
  readonly kind: NonNullable<ToolErrorOptions['kind']> | undefined
  readonly nearest: readonly string[]

  constructor(message: string, options: ToolErrorOptions) {
    super(message, { cause: options.cause })
    this.tool = options.tool
    this.stage = options.stage
    this.kind = options.kind
    this.nearest = options.nearest ?? []
  }
}
