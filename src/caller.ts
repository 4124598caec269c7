/** Whoever sends a request: stdio is `local`, over HTTP it is the key or token. */
export interface Caller extends Viewer {
  readonly principal: string
  readonly door: 'stdio' | 'http' | 'cli' | 'library'
  /** The client's own name and version: a hint for limits, never a permission. */
  readonly client?: { readonly name: string; readonly version?: string | undefined } | undefined
  /** What the client declared for this request; a downstream is told no more. */
  readonly capabilities: Readonly<Record<string, unknown>>
  /** Where the caller works: what new threads belong to, and scope `project` means. */
  readonly project?: string | undefined
  /** What the client says of this request's step: never trusted. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** All that decides what somebody sees and may use. */
export interface Viewer {
  /** The fixed subset of tools that the connection asked for. */
  readonly profile?: string | undefined
  /** What any of them reaches is reached; none reaches nothing. The policy may ask for them as well. */
  readonly roles: readonly string[]
  /** Of a minted key, one for each time that it was narrowed: all of them hold, beside the roles. */
  readonly limits?: readonly KeyLimits[] | undefined
}

/** How far somebody reaches at most. What is absent bounds nothing; an empty list reaches nothing. */
export interface Bounds {
  /** Globs over exposed names. Where there are no `servers`, only tools are reached: no hosted prompt or resource. */
  readonly tools?: readonly string[] | undefined
  /** Globs over the configuration's names. */
  readonly servers?: readonly string[] | undefined
  readonly pools?: readonly string[] | undefined
}

export interface KeyLimits extends Bounds {
  /** Of the link, by which its spend is counted and by which it is revoked. */
  readonly id: string
  /** For all that is ever spent below this link. */
  readonly maxCostUsd?: number | undefined
  /** Calls of models over HTTP, of all that is below this link. */
  readonly callsPerMinute?: number | undefined
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** As whom a request is let in. */
export interface Grant extends Omit<Viewer, 'profile'> {
  readonly principal: string
  /** Calls of models over HTTP. */
  readonly callsPerMinute?: number | undefined
  /** When what was shown for it ends, epoch milliseconds. */
  readonly expiresAt?: number | undefined
}

/** Whoever has it is bound by no role: the local person, and `http.token`. */
export const ownerRole = 'owner'

/** The owner, who looks through a profile or through none. */
export function asOwner(profile?: string | undefined): Viewer {
  return { profile, roles: [ownerRole] }
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
