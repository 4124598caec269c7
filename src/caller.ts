/** Whoever sends a request: stdio is `local`, over HTTP it is the key or token. */
export interface Caller {
  readonly principal: string
  /** What the caller is to the policy: whoever has the machine is its `owner`. */
  readonly roles: readonly string[]
  readonly door: 'stdio' | 'http' | 'cli'
  /** The client's own name and version: a hint for limits, never a permission. */
  readonly client?: { readonly name: string; readonly version?: string | undefined } | undefined
  /** The fixed subset of tools that the connection asked for. */
  readonly profile?: string | undefined
  /** What the client declared for this request; a downstream is told no more. */
  readonly capabilities: Readonly<Record<string, unknown>>
}

/** What comes with each call of an operation. */
export interface CallContext {
  readonly caller: Caller
  readonly signal: AbortSignal
  readonly progress: (progress: { progress: number; total?: number | undefined; message?: string | undefined }) => void
  /** Text of the answer as it arrives, for a door that can show it. What was shown is part of the result as well. */
  readonly onText?: ((delta: string) => void) | undefined
  readonly log: (entry: { level: string; logger?: string | undefined; data: unknown }) => void
  /** The log level that this request asked for (2026-07-28). */
  readonly logLevel?: string | undefined
}

/** The roles of a principal that brought none of its own. */
export function rolesOf(principal: string): readonly string[] {
  return principal === 'local' ? ['owner'] : []
}
