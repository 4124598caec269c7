import type { Message } from '../../models/message.ts'
import type { Attempt, Outcome } from '../../models/outcome.ts'
import type { Citation } from '../../models/provider.ts'
import type { Plan } from '../../policies/index.ts'
import { redactions } from '../telemetry/metrics.ts'
import type { Span } from '../telemetry/tracer.ts'
import { coolingRefusal } from './attempt.ts'
import { learn, noteBoundary, noteCut, noteEnded, noteRisk, noteShown, noteSpent, taughtStep } from './books.ts'
import { serveCascade } from './cascade.ts'
import type { StepContext } from './context.ts'
import { keepConversation } from './conversation-step.ts'
import { countAttempt, countEnd, countPlan } from './count-step.ts'
import { PolicyDeniedError, PoolExhaustedError } from './errors.ts'
import { serveGrounded } from './grounding.ts'
import { hearWhole } from './heard.ts'
import { openKept } from './kept-answers.ts'
import type { Line } from './line.ts'
import { servePanel } from './panel.ts'
import { type PlannedStep, planStep } from './plan-step.ts'
import { recordDecision } from './record.ts'
import { type Served, type ServeOptions, servePlan } from './serve.ts'
import { sessionWarnings } from './session-budget.ts'
import type { StepOptions, StepRequest } from './step-request.ts'
import { tellOfOutcome, tellOfPlan } from './trace-step.ts'

export interface StepResult {
  plan: Plan
  outcome: Outcome
  /** The whole answer as the same model must have it back. */
  message: Message
  /** Of the tokens of tool arguments, where they were wanted and the provider gives them. */
  argumentLogprobs?: readonly number[] | undefined
  citations: readonly Citation[]
  warnings: string[]
  context: StepContext
  redacted?: Served['redacted']
  restore?: Served['restore']
  refusedTool: PlannedStep['refusedTool']
}

/**
 * The line: one step, one direction.
 *
 * recall → signals → policy → plan → dispatch → outcome → learn. Remembering is the caller's last act, since a
 * tool loop is remembered as one exchange. Each decision is recorded, also one that nobody could answer.
 *
 * @throws {PolicyDeniedError} When no deployment is eligible, and whatever `runAttempts` throws.
 * @throws {PoolExhaustedError} When those that are eligible are all cooling down: it says how long at least.
 */
export function dispatchStep(line: Line, request: StepRequest, options: StepOptions): Promise<StepResult> {
  return line.tracer.span('signalbox.step', {}, (span) => runStep(line, request, options, span))
}

async function runStep(line: Line, request: StepRequest, options: StepOptions, span: Span): Promise<StepResult> {
  const begunAt = performance.now()
  const planned = await planStep(line, request, options)
  const { plan, step, context } = planned
  const { meter, tracer } = line
  countPlan(meter, plan, performance.now() - begunAt)
  tellOfPlan(span, planned)
  const kept = plan.pool === null ? undefined : await openKept(line, planned, options.signal)
  if (kept?.hit !== undefined) span.set({ 'signalbox.answer': 'kept' })
  if (kept?.hit !== undefined) return giveAgain(line, planned, { ...kept, hit: kept.hit }, options)
  const taught = taughtStep(line, planned)
  // The answer waits for nothing that is written down, and is lost over none of it; all of it goes into one commit.
  const books: Promise<void>[] = []
  const note = (work: Promise<void>) => {
    books.push(work.catch((error: unknown) => line.log.warn('Cannot note what belongs to a step', { error, decision: plan.decision })))
  }
  note(noteShown(line, taught))
  note(noteRisk(line, planned))
  note(noteBoundary(line, planned))
  const attempts: Attempt[] = []
  const onAttempt = (attempt: Attempt) => {
    attempts.push(attempt)
    countAttempt(meter, attempt)
    if (typeof attempt.costUsd === 'number') options.onSpend?.(attempt.costUsd)
  }
  try {
    if (plan.pool === null) throw refusalOf(line, plan, planned.wouldAnswer)
    const serving = { ...options, onAttempt, later: note }
    const result = await serveGrounded(line, planned, serving, (one, heard) => serveWay(line, one, heard))
    const { grounding } = result.outcome
    learn(line, step, result.outcome)
    countEnd(meter, plan, 'answered', result.outcome.pool)
    tellOfOutcome(span, result.outcome)
    for (const [kind, count] of Object.entries(result.redacted ?? {})) meter.add(redactions, { kind }, count)
    const guarded = options.guarded?.() ?? []
    note(noteEnded(line, taught, result))
    note(noteSpent(line, planned, result.outcome))
    note(keepConversation(line, planned, result.outcome))
    if (grounding?.verdict !== 'partly' && grounding?.verdict !== 'ungrounded' && kept !== undefined) note(kept.keep(result))
    const [warnings] = await tracer.span('signalbox.learn', { leaf: true }, () =>
      Promise.all([
        recordDecision(line, planned, {
          ...result.outcome,
          text: result.outcome.text.slice(0, 2000).toWellFormed(),
          ...(result.way !== undefined && { way: result.way }),
          ...(result.redacted !== undefined && { redacted: result.redacted }),
          ...(guarded.length > 0 && { guard: guarded }),
        }),
        ...books,
      ]),
    )
    return {
      ...result,
      plan,
      context,
      refusedTool: planned.refusedTool,
      warnings: [...context.warnings, ...sessionWarnings(plan.budget.session), ...result.warnings, ...warnings],
    }
  } catch (error) {
    const left = attempts.findLast(({ firstContentMs }) => firstContentMs !== undefined)
    if (options.signal.aborted && left !== undefined) {
      const { deployment, costUsd = null } = left
      note(line.routing.ended(taught, { model: deployment, costUsd }, [{ sign: 'abandoned', source: 'harness' }]))
    }
    countEnd(meter, plan, options.signal.aborted ? 'left' : plan.pool === null ? 'refused' : 'failed')
    note(noteCut(line, planned, attempts))
    note(recordDecision(line, planned, failureOf(error, attempts)).then(() => undefined))
    // A client over HTTP is told at once: what is written down is on its way.
    if (request.passage === undefined) await Promise.all(books)
    throw error
  }
}

/** An answer that was kept is a decision of its own. It costs nothing, and teaches nothing: no model was asked. */
async function giveAgain(
  line: Line,
  planned: PlannedStep,
  { hit, used }: { hit: Served; used: () => Promise<void> },
  options: StepOptions,
): Promise<StepResult> {
  const { plan, context, refusedTool } = planned
  options.signal.throwIfAborted()
  await hearWhole(hit, plan, { onArrival: options.onArrival })
  countEnd(line.meter, plan, 'kept')
  const text = hit.outcome.text.slice(0, 2000).toWellFormed()
  const [warnings] = await Promise.all([recordDecision(line, planned, { ...hit.outcome, text }), used()])
  return { ...hit, plan, context, refusedTool, warnings: [...context.warnings, ...warnings] }
}

/** One model after the other until one answers, unless the selector has another way. A cascade that went on before stays where it is. */
function serveWay(line: Line, planned: PlannedStep, options: ServeOptions): Promise<Served> {
  const { way } = planned.selector
  if (way?.kind === 'panel') return servePanel(line, planned, way, options)
  return way?.kind === 'cascade' && !planned.escalated ? serveCascade(line, planned, way, options) : servePlan(line, planned, options)
}

function refusalOf({ health, now }: Line, plan: Plan, resting: readonly string[]): PolicyDeniedError | PoolExhaustedError {
  const refusals = resting.flatMap((deployment) => {
    const refusal = coolingRefusal(health, deployment, now())
    return refusal === undefined ? [] : [{ deployment, ...refusal }]
  })
  if (refusals.length === 0) return new PolicyDeniedError(plan)
  const [soonest] = refusals.toSorted((left, right) => (left.retryAfterMs ?? Infinity) - (right.retryAfterMs ?? Infinity))
  const kind = soonest && health.state(soonest.deployment).lastError?.kind
  const attempts = refusals.map(({ deployment, kind, message }) => ({
    deployment,
    startedAt: now(),
    durationMs: 0,
    error: { kind, message },
  }))
  return new PoolExhaustedError(attempts, { kind: kind ?? 'unavailable', retryAfterMs: soonest?.retryAfterMs })
}

function failureOf(error: unknown, attempts: readonly Attempt[]) {
  const refused = error instanceof PoolExhaustedError ? error.attempts : attempts
  return { error: error instanceof Error ? error.message : String(error), attempts: refused }
}
