import type { Deployment, Modality } from './deployment.ts'
import type { ProviderErrorKind } from './errors.ts'

/** Deployments that can stand for each other. */
export interface Pool {
  readonly name: string
  readonly deployments: readonly Deployment[]
  /** Whether clients see it as a tool of its own, `ask_<pool>`. */
  readonly expose: boolean
  /** What the pool is for, in the words of the configuration; read by people, models and the embedding signal. */
  readonly purpose: string
  readonly local: boolean
  /** What each deployment of the pool must be able to take. */
  readonly modalities: readonly Modality[]
  readonly computer: boolean
}

export type Availability =
  | { state: 'ready' }
  /** Cooling down until `until` (epoch ms) for the reason named. */
  | { state: 'cooling'; until: number; reason: string }
  /** The cooldown is over and one probe may go; `probing` says that it is under way. */
  | { state: 'half-open'; probing: boolean; reason: string }

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly samples: number
}

export interface DeploymentState {
  deployment: string
  availability: Availability
  /** Dispatched and not yet completed. */
  inFlight: number
  /** Exponentially weighted shares and times; `undefined` before the first sample. */
  failureRate: number | undefined
  firstContentMs: number | undefined
  tokensPerSecond: number | undefined
  /** Of the latest calls: milliseconds to the first content, and for each output token after it; `undefined` before the first sample. */
  firstContent: Percentiles | undefined
  perToken: Percentiles | undefined
  calls: number
  failures: number
  /** Answers of another model than the one that was asked for. */
  servedOther: number
  lastError: { kind: ProviderErrorKind; message: string; at: number } | undefined
}

/** The live state of deployments: what dispatch reports, and what it may use next. */
export interface Health {
  /** May this deployment be called now? */
  availability(deployment: string): Availability
  /** Claims a call. Returns `false` where it is cooling or being probed already. Every claim is released by one of the next three. */
  begin(deployment: string): boolean
  succeeded(deployment: string, facts: CallFacts): void
  failed(deployment: string, failure: CallFailure): void
  /** The caller left: no verdict on the deployment. */
  abandoned(deployment: string): void
  state(deployment: string): DeploymentState
  /** The provider's key or address is another one: what was learnt of its deployments holds no more. */
  providerChanged(provider: string): void
}

export interface CallFacts {
  firstContentMs?: number | undefined
  durationMs: number
  outputTokens: number
  /** Another model answered than the one that was asked for. */
  servedOther?: boolean | undefined
}

export interface CallFailure {
  kind: ProviderErrorKind
  message: string
  status?: number | undefined
  retryAfterMs?: number | undefined
  /** Nobody else can be asked: an outage never cools it, and its caller waits between calls instead. */
  alone: boolean
  /** The part of a failure that it counts as; 1 unless told. */
  weight?: number | undefined
}
