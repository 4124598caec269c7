import type { Deployment } from '../../models/deployment.ts'
import { ProviderError, type ProviderErrorKind } from '../../models/errors.ts'
import type { Attempt, Usage } from '../../models/outcome.ts'
import type { Health } from '../../models/pool.ts'
import type { ModelFinish, ModelRequest, Provider } from '../../models/provider.ts'
import { pause } from '../pause.ts'
import type { Hold } from './budget.ts'
import { type Clocks, isContent, withClocks } from './clocks.ts'
import { AnswerCutError, PoolExhaustedError } from './errors.ts'

export interface Candidate {
  readonly deployment: Deployment
  readonly provider: Provider
  /** Whether it is the only one of its pool. */
  readonly alone: boolean
}

export interface AttemptsOptions {
  /** In the order of the plan. */
  candidates: readonly Candidate[]
  /** Reasoning is left out where a provider refused what was given back to it. */
  request(deployment: Deployment, options: { withoutReasoning: boolean }): Promise<ModelRequest>
  reserve(deployment: Deployment): Promise<Hold | undefined>
  /** What usage costs there; `null` when the price is unknown. */
  cost(deployment: Deployment, usage: Usage): number | null
  /** What an answer that broke off after these characters is counted as. */
  brokenUsage(characters: number): Usage
  health: Health
  clocks: Clocks
  signal: AbortSignal
  clock: () => number
  /** 0–1, for the jitter of waits. */
  random?: (() => number) | undefined
}

export type AttemptEvent =
  | { type: 'text-delta'; text: string }
  | { type: 'result'; deployment: Deployment; finish: ModelFinish; attempts: readonly Attempt[]; warnings: readonly string[] }

/** How often the only deployment of a plan is tried again, by the kind of its failure. */
const sameAgain: Partial<Record<ProviderErrorKind, number>> = { unavailable: 2, bad_response: 1, rate_limit: 3 }
const firstWaitMs = 1000
const longestWaitMs = 30_000

/**
 * The only retry loop: the candidates of a plan in order, by the failure matrix of `routing.md`, section 7.2.
 *
 * Until the first content everything may be tried again; after it nothing is. A caller's abort is rethrown as its reason,
 * counts against no deployment and is never retried.
 *
 * @throws {AnswerCutError} When an answer broke off after it had begun.
 * @throws {PoolExhaustedError} When no candidate answered.
 * @throws {ProviderError} When the request itself was refused, or its content filtered: nobody else is asked then.
 */
export async function* runAttempts(options: AttemptsOptions): AsyncGenerator<AttemptEvent, void, undefined> {
  const { candidates, signal } = options
  const attempts: Attempt[] = []
  const warnings: string[] = []
  const deadline = options.clock() + options.clocks.totalMs
  let last: ProviderError | undefined
  let tooLongFor = 0
  let empty: { deployment: Deployment; finish: ModelFinish } | undefined
  let retryAfterMs: number | undefined

  const later = (ms: number | undefined) => {
    if (ms !== undefined) retryAfterMs = Math.min(retryAfterMs ?? ms, ms)
  }

  for (const candidate of candidates) {
    const { deployment } = candidate
    if (deployment.contextTokens <= tooLongFor) continue
    // A timer may fire a millisecond early.
    if (options.clock() >= deadline - 1) break
    let withoutReasoning = false
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted()
      const { hold, refusal } = await admit(candidate, options)
      if (hold === undefined) {
        later(refusal.retryAfterMs)
        attempts.push({ deployment: deployment.id, startedAt: options.clock(), durationMs: 0, error: refusal })
        break
      }
      const { record, finish, error, received } = yield* attemptOnce(candidate, hold, {
        ...options,
        withoutReasoning,
        leftMs: deadline - options.clock(),
      })
      attempts.push(record)
      if (finish !== undefined && !isEmpty(finish)) {
        yield { type: 'result', deployment, finish, attempts, warnings: [...warnings, ...servedOther(deployment, finish)] }
        return
      }
      if (finish !== undefined) {
        if (empty !== undefined || candidate === candidates.at(-1)) {
          yield { type: 'result', deployment, finish, attempts, warnings: [...warnings, `${deployment.id} answered with nothing`] }
          return
        }
        empty = { deployment, finish }
        break
      }
      if (error === undefined) throw new TypeError('An attempt ended with neither an answer nor an error')
      last = error
      if (received !== undefined) throw new AnswerCutError(received, attempts, { cause: error })
      if (error.kind === 'bad_request' && isReasoningRefused(error) && !withoutReasoning) {
        withoutReasoning = true
        warnings.push(`${deployment.id} refused its own earlier reasoning; it was asked again without`)
        continue
      }
      if (error.kind === 'bad_request' || error.kind === 'content_filter') throw error
      if (error.kind === 'input_too_long') tooLongFor = Math.max(tooLongFor, deployment.contextTokens)
      later(error.retryAfterMs)
      const wait = waitBeforeSame(error, tries, candidates.length === 1, options.random ?? Math.random)
      if (wait === undefined || options.clock() + wait >= deadline) break
      await pause(wait, signal)
    }
  }
  if (empty !== undefined) {
    yield { type: 'result', ...empty, attempts, warnings: [...warnings, `${empty.deployment.id} answered with nothing`] }
    return
  }
  throw new PoolExhaustedError(attempts, { kind: last?.kind ?? 'unavailable', retryAfterMs, cause: last })
}

type Admission = { hold: Hold; refusal?: never } | { hold?: never; refusal: { kind: string; message: string; retryAfterMs?: number } }

/** Claims the deployment and reserves the money for one call. */
async function admit({ deployment }: Candidate, { health, reserve, clock }: AttemptsOptions): Promise<Admission> {
  const state = health.availability(deployment.id)
  if (state.state === 'cooling') {
    return {
      refusal: { kind: 'cooling', message: `it is cooling down after ${state.reason}`, retryAfterMs: Math.max(0, state.until - clock()) },
    }
  }
  const hold = await reserve(deployment)
  if (hold === undefined) return { refusal: { kind: 'budget', message: 'the budget has no room for what it may cost' } }
  if (health.begin(deployment.id)) return { hold }
  await hold.settle(0)
  return { refusal: { kind: 'probing', message: 'it is being probed after a failure' } }
}

interface AttemptEnd {
  record: Attempt
  finish?: ModelFinish
  error?: ProviderError
  /** What had arrived of an answer that broke off. */
  received?: string
}

type OneAttempt = AttemptsOptions & { withoutReasoning: boolean; leftMs: number }

async function* attemptOnce(
  candidate: Candidate,
  hold: Hold,
  options: OneAttempt,
): AsyncGenerator<{ type: 'text-delta'; text: string }, AttemptEnd, undefined> {
  const { deployment, provider } = candidate
  const { health, clock, signal } = options
  const startedAt = clock()
  const record = (facts: Partial<Attempt>): Attempt => ({ deployment: deployment.id, startedAt, durationMs: clock() - startedAt, ...facts })
  let text = ''
  let characters = 0
  let firstContentMs: number | undefined
  let released = false
  try {
    const request = await options.request(deployment, { withoutReasoning: options.withoutReasoning })
    const events = withClocks((inner) => provider.send(request, { signal: inner }), {
      deployment: deployment.id,
      local: deployment.local,
      clocks: options.clocks,
      leftMs: options.leftMs,
      signal,
    })
    for await (const event of events) {
      if (isContent(event)) firstContentMs ??= clock() - startedAt
      if (event.type === 'text-delta') {
        text += event.text
        yield { type: 'text-delta', text: event.text }
      }
      characters += event.type === 'tool-call-delta' ? event.inputText.length : 'text' in event ? event.text.length : 0
      if (event.type !== 'finish') continue
      released = true
      if (isEmpty(event))
        health.failed(deployment.id, { kind: 'bad_response', message: 'an empty answer', alone: candidate.alone, weight: 0.5 })
      else health.succeeded(deployment.id, { firstContentMs, durationMs: clock() - startedAt, outputTokens: event.usage.outputTokens })
      const costUsd = options.cost(deployment, event.usage)
      await hold.settle(costUsd)
      return { record: record({ ...(firstContentMs !== undefined && { firstContentMs }), usage: event.usage, costUsd }), finish: event }
    }
    throw new ProviderError(`${deployment.id} ended its stream without its last event`, { kind: 'unavailable', deployment: deployment.id })
  } catch (error) {
    if (released) throw error
    released = true
    if (signal.aborted || !(error instanceof ProviderError)) {
      await settleBroken()
      health.abandoned(deployment.id)
      throw signal.aborted ? signal.reason : error
    }
    const { kind, message, status, retryAfterMs } = error
    if (isOurs(kind)) health.abandoned(deployment.id)
    else health.failed(deployment.id, { kind, message, status, retryAfterMs, alone: candidate.alone })
    const spent = await settleBroken()
    return {
      record: record({
        ...(firstContentMs !== undefined && { firstContentMs }),
        ...spent,
        error: { kind, message, ...(status !== undefined && { status }) },
      }),
      error,
      ...(firstContentMs !== undefined && { received: text }),
    }
  } finally {
    // The consumer left in the middle of the stream.
    if (!released) {
      await settleBroken()
      health.abandoned(deployment.id)
    }
  }

  /** A provider charges for what it had sent; before any content it is counted as nothing. */
  async function settleBroken(): Promise<{ usage: Usage; costUsd: number | null } | undefined> {
    if (firstContentMs === undefined) {
      await hold.settle(0)
      return undefined
    }
    const usage = options.brokenUsage(characters)
    const costUsd = options.cost(deployment, usage)
    await hold.settle(costUsd)
    return { usage, costUsd }
  }
}

/** Failures that say nothing about the deployment's health. */
function isOurs(kind: ProviderErrorKind): boolean {
  return kind === 'bad_request' || kind === 'input_too_long' || kind === 'content_filter'
}

function isEmpty(finish: ModelFinish): boolean {
  const said = finish.message.content.some((part) => part.type === 'tool-call' || (part.type === 'text' && part.text !== ''))
  return !said && finish.finishReason === 'stop'
}

function isReasoningRefused(error: ProviderError): boolean {
  return error.providerCode === 'reasoning_refused'
}

/** How long to wait before the same deployment is asked again; `undefined`: not at all. */
function waitBeforeSame(error: ProviderError, tries: number, only: boolean, random: () => number): number | undefined {
  if (!only || tries >= (sameAgain[error.kind] ?? 0)) return undefined
  if (error.kind === 'rate_limit' && error.retryAfterMs !== undefined) return undefined
  const backoff = Math.min(longestWaitMs, firstWaitMs * 2 ** tries)
  return backoff * (0.5 + random() / 2)
}

/** Providers answer with dated names: only another model is worth a word. */
function servedOther(deployment: Deployment, finish: ModelFinish): string[] {
  const served = finish.servedModel?.split('/').at(-1)
  const asked = deployment.model.split('/').at(-1) ?? deployment.model
  if (served === undefined || served.startsWith(asked) || asked.startsWith(served)) return []
  return [`${deployment.id} was asked for and ${finish.servedModel} answered`]
}
