import type { Attempt } from '../../models/outcome.ts'
import type { Plan } from '../../policies/index.ts'

/** No deployment may answer the step: the plan holds every one that was rejected, and why. */
export class PolicyDeniedError extends Error {
  override readonly name = 'PolicyDeniedError'
  readonly code = 'policy_denied'
  readonly plan: Plan

  constructor(plan: Plan) {
    const reasons = plan.rejected.map((one) => `${one.model} (${one.pool}): ${one.reason}`)
    super(`Cannot answer this step: ${reasons.length === 0 ? 'no pool is configured' : `no model is eligible. ${reasons.join('; ')}`}`)
    this.plan = plan
  }
}

/** Every candidate was tried or passed over, and none answered. */
export class PoolExhaustedError extends Error {
  override readonly name = 'PoolExhaustedError'
  readonly code = 'pool_exhausted'
  readonly attempts: readonly Attempt[]
  /** The kind of the last failure that a provider reported. */
  readonly kind: string
  /** The shortest time after which one of them may be tried again, when that is known. */
  readonly retryAfterMs: number | undefined

  constructor(attempts: readonly Attempt[], options: { kind: string; retryAfterMs?: number | undefined; cause?: unknown }) {
    const tries = attempts.map((attempt) => `${attempt.deployment}: ${attempt.error?.message ?? 'no answer'}`)
    const later = options.retryAfterMs === undefined ? '' : `; the next try makes sense in ${Math.ceil(options.retryAfterMs / 1000)} s`
    super(`Cannot get an answer: ${tries.length === 0 ? 'no deployment could be tried' : tries.join('; ')}${later}`, {
      cause: options.cause,
    })
    this.attempts = attempts
    this.kind = options.kind
    this.retryAfterMs = options.retryAfterMs
  }
}

/** An answer broke off after it had begun: what was received is kept, and nothing is tried again. */
export class AnswerCutError extends Error {
  override readonly name = 'AnswerCutError'
  readonly code = 'answer_cut'
  readonly received: string
  readonly attempts: readonly Attempt[]

  constructor(received: string, attempts: readonly Attempt[], options: { cause: unknown }) {
    const last = attempts.at(-1)
    super(`The answer of ${last?.deployment ?? 'the model'} broke off: ${last?.error?.message ?? 'the stream ended early'}`, options)
    this.received = received
    this.attempts = attempts
  }
}
