import type { Deployment } from '../../models/deployment.ts'
import { computerRefused, ProviderError, type ProviderErrorKind } from '../../models/errors.ts'
import type { Attempt, Usage } from '../../models/outcome.ts'
import type { Health } from '../../models/pool.ts'
import type { ModelFinish } from '../../models/provider.ts'
import { pause } from '../pause.ts'
import { type Attributes, offTracer, type Span, type Tracer } from '../telemetry/tracer.ts'
import type { Hold } from './budget.ts'
import { type Arrival, type Clocks, hearInTime, isContent } from './clocks.ts'
import { AnswerCutError, PoolExhaustedError } from './errors.ts'
import { isServedAs } from './served-model.ts'
import { callAttributes, tellOfAttempt } from './trace-step.ts'

export interface Candidate {
  readonly deployment: Deployment
  /** Prepares one call. Reasoning is left out where a provider refused what was given back to it. */
  prepare(options: { withoutReasoning: boolean }): Promise<(signal: AbortSignal) => AsyncIterable<Arrival>>
  /** Whether it is the only one of its pool. */
  readonly alone: boolean
  /** What was said and answered, as a trace may hold it. */
  readonly content?: ((finish: ModelFinish | undefined) => Promise<Attributes>) | undefined
}

export interface AttemptsOptions {
  /** In the order of the plan. */
  candidates: readonly Candidate[]
  reserve(deployment: Deployment): Promise<Hold | undefined>
  /** What usage costs there; `null` when the price is unknown. */
  cost(deployment: Deployment, usage: Usage): number | null
  /** What an answer that broke off after these characters is counted as. */
  brokenUsage(characters: number): Usage
  health: Health
  clocks: Clocks
  signal: AbortSignal
  clock: () => number
  /** What arrives of the answer, from its first content on, with what came before it. What it returns is waited for. */
  onArrival?: ((arrival: Arrival, deployment: Deployment) => void | Promise<void>) | undefined
  /** Each attempt as it ends, however it ends: also one that was refused before it began, and one whose caller left. */
  onAttempt?: ((attempt: Attempt) => void) | undefined
  /** Takes work of the books that the answer need not wait for; without it the answer waits. */
  later?: ((work: Promise<void>) => void) | undefined
  readonly tracer?: Tracer | undefined
  /** 0–1, for the jitter of waits. */
  random?: (() => number) | undefined
}

export interface AttemptsResult {
  readonly deployment: Deployment
  readonly finish: ModelFinish
  readonly attempts: readonly Attempt[]
  readonly warnings: readonly string[]
}

/**
 * The only retry loop: the candidates of a plan in order, by the table of failures in `docs/providers.md`.
 *
 * Until the first content everything may be tried again; after it nothing is. A caller's abort is rethrown as its reason,
 * counts against no deployment and is never retried.
 *
 * @throws {AnswerCutError} When an answer broke off after it had begun.
 * @throws {PoolExhaustedError} When no candidate answered.
 * @throws {ProviderError} When the request itself was refused, or its content filtered: nobody else is asked then.
 */
export async function runAttempts(options: AttemptsOptions): Promise<AttemptsResult> {
  const { candidates, signal, health } = options
  const attempts: Attempt[] = []
  const warnings: string[] = []
  const only = candidates.length === 1
  const deadline = options.clock() + options.clocks.totalMs
  let last: ProviderError | undefined
  let tooLongFor = 0
  let empty: EmptyAnswer | undefined
  let readyAt: number | undefined

  const note = (attempt: Attempt) => {
    attempts.push(attempt)
    options.onAttempt?.(attempt)
  }
  const readyIn = (ms: number | undefined) => {
    if (ms !== undefined) readyAt = Math.min(readyAt ?? Number.POSITIVE_INFINITY, options.clock() + ms)
  }

  const emptyAnswer = async ({ deployment, finish, held }: EmptyAnswer): Promise<AttemptsResult> => {
    for (const arrival of held) await options.onArrival?.(arrival, deployment)
    return { deployment, finish, attempts, warnings: [...warnings, `${deployment.id} answered with nothing`] }
  }

  for (const candidate of candidates) {
    const { deployment } = candidate
    if (deployment.contextTokens <= tooLongFor) continue
    // A timer may fire a millisecond early.
    if (options.clock() >= deadline - 1) break
    let withoutReasoning = false
    let refusedForms = 0
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted()
      const { hold, refusal } = await admit(candidate, options)
      if (hold === undefined) {
        readyIn(refusal.retryAfterMs)
        note({ deployment: deployment.id, startedAt: options.clock(), durationMs: 0, error: refusal })
        break
      }
      const leftMs = deadline - options.clock()
      const {
        finish,
        held = [],
        error,
        received,
      } = await attemptOnce(candidate, hold, { ...options, only, note, withoutReasoning, leftMs })
      if (finish !== undefined && !isEmpty(finish)) {
        return { deployment, finish, attempts, warnings: [...warnings, ...servedOther(deployment, finish)] }
      }
      if (finish !== undefined) {
        const isLast = empty !== undefined || candidate === candidates.at(-1)
        empty = { deployment, finish, held }
        if (!isLast) break
        return emptyAnswer(empty)
      }
      if (error === undefined) throw new TypeError('An attempt ended with neither an answer nor an error')
      last = error
      if (received !== undefined) throw new AnswerCutError(received, attempts, { cause: error })
      if (isReasoningRefused(error) && !withoutReasoning) {
        withoutReasoning = true
        warnings.push(`${deployment.id} refused its own earlier reasoning; it was asked again without`)
        continue
      }
      if (error.providerCode === computerRefused && refusedForms < formsTried) {
        refusedForms += 1
        warnings.push(`${deployment.id} refused the form of its computer tool; it was asked again with another`)
        continue
      }
      if (error.kind === 'bad_request' || error.kind === 'content_filter') {
        if (empty === undefined) throw error
        return emptyAnswer(empty)
      }
      if (error.kind === 'input_too_long') tooLongFor = Math.max(tooLongFor, deployment.contextTokens)
      const rest = restOf(health, deployment.id, options.clock())
      if (isOfConfiguration(error)) warnings.push(error.message)
      else readyIn(rest)
      const wait = rest === undefined && only ? waitBeforeSame(error, tries, options) : undefined
      if (wait === undefined || options.clock() + wait >= deadline) break
      await pause(wait, signal)
    }
  }
  if (empty !== undefined) return emptyAnswer(empty)
  const retryAfterMs = readyAt === undefined ? undefined : Math.max(0, readyAt - options.clock())
  throw new PoolExhaustedError(attempts, { kind: last?.kind ?? 'unavailable', retryAfterMs, cause: last })
}

/** The newest, the one to step down to, and then a plain function. */
const formsTried = 2

/** Why a deployment may not be called now, as its attempt is recorded. */
export interface Refusal {
  kind: string
  message: string
  retryAfterMs?: number
}

/** `undefined` where the deployment may be called. */
export function coolingRefusal(health: Health, deployment: string, now: number): Refusal | undefined {
  const state = health.availability(deployment)
  if (state.state === 'ready' || (state.state === 'half-open' && !state.probing)) return undefined
  if (state.state === 'half-open') return { kind: 'probing', message: `it is being probed after ${state.reason}` }
  return { kind: 'cooling', message: `it is cooling down after ${state.reason}`, retryAfterMs: Math.max(0, state.until - now) }
}

/** How long the deployment cools; `undefined` when it does not. */
function restOf(health: Health, deployment: string, now: number): number | undefined {
  return coolingRefusal(health, deployment, now)?.retryAfterMs
}

type Admission = { hold: Hold; refusal?: never } | { hold?: never; refusal: Refusal }

/** Claims the deployment and reserves the money for one call. */
async function admit({ deployment }: Candidate, { health, reserve, clock }: AttemptsOptions): Promise<Admission> {
  const refusal = coolingRefusal(health, deployment.id, clock())
  if (refusal !== undefined) return { refusal }
  const hold = await reserve(deployment)
  if (hold === undefined) return { refusal: { kind: 'budget', message: 'the budget has no room for what it may cost' } }
  if (health.begin(deployment.id)) return { hold }
  await hold.settle(0)
  return { refusal: { kind: 'probing', message: 'it is being probed after a failure' } }
}

interface EmptyAnswer {
  deployment: Deployment
  finish: ModelFinish
  held: readonly Arrival[]
}

interface AttemptEnd {
  finish?: ModelFinish
  /** What came of an answer without any content. */
  held?: readonly Arrival[]
  error?: ProviderError
  /** What had arrived of an answer that broke off. */
  received?: string
}

type OneAttempt = AttemptsOptions & {
  /** Whether the plan has no other candidate. */
  only: boolean
  note: (attempt: Attempt) => void
  withoutReasoning: boolean
  leftMs: number
}

const callerLeft = { kind: 'aborted', message: 'the caller left' }

function attemptOnce(candidate: Candidate, hold: Hold, options: OneAttempt): Promise<AttemptEnd> {
  const { deployment } = candidate
  const { tracer = offTracer } = options
  const named = { kind: 'client', attributes: callAttributes(deployment) } as const
  return tracer.span(`chat ${deployment.model}`, named, async (span) => {
    const end = await callOnce(candidate, hold, options, span)
    if (tracer.content && candidate.content !== undefined) span.set(await candidate.content(end.finish))
    return end
  })
}

async function callOnce(candidate: Candidate, hold: Hold, options: OneAttempt, span: Span): Promise<AttemptEnd> {
  const { deployment } = candidate
  const { health, clock, signal, onArrival } = options
  const startedAt = clock()
  const note = (facts: Partial<Attempt>) => {
    const reached = firstContentMs === undefined ? {} : { firstContentMs }
    const attempt: Attempt = { deployment: deployment.id, startedAt, durationMs: clock() - startedAt, ...reached, ...facts }
    tellOfAttempt(span, attempt, finish)
    options.note(attempt)
  }
  let text = ''
  let characters = 0
  let firstContentMs: number | undefined
  let released = false
  let held: Arrival[] = []
  let finish: ModelFinish | undefined

  const hear = (arrival: Arrival): void | Promise<void> => {
    for (const event of arrival.events) {
      if (isContent(event)) firstContentMs ??= clock() - startedAt
      if (event.type === 'text-delta') text += event.text
      characters += event.type === 'tool-call-delta' ? event.inputText.length : 'text' in event ? event.text.length : 0
    }
    const last = arrival.events.at(-1)
    if (last?.type === 'finish') finish = last
    // Nothing of an answer without content is passed on: somebody else may have one.
    if (firstContentMs === undefined && (finish === undefined || isEmpty(finish))) {
      held.push(arrival)
      return
    }
    if (held.length === 0) return onArrival?.(arrival, deployment)
    const due = [...held, arrival]
    held = []
    return passOn(due)
  }
  const passOn = async (due: readonly Arrival[]) => {
    for (const one of due) await onArrival?.(one, deployment)
  }
  try {
    const send = await candidate.prepare({ withoutReasoning: options.withoutReasoning })
    const { local, id } = deployment
    await hearInTime(send, { deployment: id, local, clocks: options.clocks, leftMs: options.leftMs, signal }, hear)
    if (finish !== undefined) {
      released = true
      if (isEmpty(finish)) {
        const alone = options.only || candidate.alone
        health.failed(deployment.id, { kind: 'bad_response', message: 'an empty answer', alone, weight: 0.5 })
      } else {
        const servedOther = !isServedAs(deployment.model, finish.servedModel)
        const { outputTokens } = finish.usage
        health.succeeded(deployment.id, { firstContentMs, durationMs: clock() - startedAt, outputTokens, servedOther })
      }
      const costUsd = options.cost(deployment, finish.usage)
      await settle(costUsd)
      note({ usage: finish.usage, costUsd })
      return { finish, held }
    }
    throw new ProviderError(`${deployment.id} ended its stream without its last event`, { kind: 'unavailable', deployment: deployment.id })
  } catch (error) {
    if (released) throw error
    released = true
    if (signal.aborted || !(error instanceof ProviderError)) {
      await abandon(signal.aborted ? callerLeft : { kind: 'not_sent', message: error instanceof Error ? error.message : String(error) })
      throw signal.aborted ? signal.reason : error
    }
    const { kind, message, status, retryAfterMs } = error
    // A rate limit leaves a lone deployment uncooled only where nobody else can be asked instead.
    const alone = options.only || (candidate.alone && kind !== 'rate_limit')
    if (isOurs(kind)) health.abandoned(deployment.id)
    else health.failed(deployment.id, { kind, message, status, retryAfterMs, alone })
    note({ ...(await settleBroken()), error: { kind, message, ...(status !== undefined && { status }) } })
    return { error, ...(firstContentMs !== undefined && { received: text }) }
  }

  /** No verdict on the deployment; what it had sent is paid for. */
  async function abandon(error: { kind: string; message: string }): Promise<void> {
    health.abandoned(deployment.id)
    note({ ...(await settleBroken()), error })
  }

  /** A provider charges for what it had sent; before any content it is counted as nothing. */
  async function settleBroken(): Promise<{ usage: Usage; costUsd: number | null } | undefined> {
    if (firstContentMs === undefined) {
      await settle(0)
      return undefined
    }
    const usage = options.brokenUsage(characters)
    const costUsd = options.cost(deployment, usage)
    await settle(costUsd)
    return { usage, costUsd }
  }

  /** Neither an answer, nor its failure, nor the next attempt waits for the commit; the next reservation sees it. */
  async function settle(costUsd: number | null): Promise<void> {
    const settled = hold.settle(costUsd)
    if (options.later === undefined) await settled
    else options.later(settled)
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

/** What only a person can mend: the key, or the model's name. */
function isOfConfiguration({ kind }: ProviderError): boolean {
  return kind === 'auth' || kind === 'not_found'
}

/** How long to wait before the only deployment is asked again; `undefined`: not at all. */
function waitBeforeSame(error: ProviderError, tries: number, { clocks, random = Math.random }: AttemptsOptions): number | undefined {
  if (tries >= sameAgain(error)) return undefined
  return Math.min(clocks.longestWaitMs, clocks.firstWaitMs * 2 ** tries) * (1 + random() / 4)
}

/**
 * How often the only deployment is asked again. A broken connection once; a provider that says that it is overloaded or
 * limited more often, since it mends in time: six waits reach the longest one, and together a minute.
 */
function sameAgain({ kind, status }: ProviderError): number {
  switch (kind) {
    case 'rate_limit':
      return 6
    case 'unavailable':
      return status === undefined ? 1 : 2
    case 'bad_response':
      return 1
    default:
      return 0
  }
}

function servedOther({ id, model }: Deployment, { servedModel }: ModelFinish): string[] {
  return isServedAs(model, servedModel) ? [] : [`${id} was asked for and ${servedModel} answered`]
}
