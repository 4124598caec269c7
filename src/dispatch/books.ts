import { type Attempt, addUsage, noUsage, type Outcome } from '../../models/outcome.ts'
import type { Step } from '../../policies/index.ts'
import type { TaughtStep } from '../learning/routing/routing.ts'
import { conversationKey } from './conversation-step.ts'
import { type GroundedServed, signsOf } from './grounding.ts'
import type { Line } from './line.ts'
import type { PlannedStep } from './plan-step.ts'
import { poolsFor } from './pools-for.ts'
import { recordShown } from './record.ts'

/** Counts for its session. A step by itself is none. */
export async function noteSpent(
  { sessionBudgets }: Line,
  { plan, request }: PlannedStep,
  { usage, costUsd }: Pick<Outcome, 'usage' | 'costUsd'>,
): Promise<void> {
  const key = conversationKey(request)
  if (key === undefined || request.background === true) return
  const tokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens
  await sessionBudgets.add(request.principal, key, { tokens, usd: costUsd, domain: plan.selection.domain ?? undefined })
}

/** A step without an answer has taken what came of it until it broke off; one to which nothing came has taken nothing. */
export async function noteCut(line: Line, planned: PlannedStep, attempts: readonly Attempt[]): Promise<void> {
  const begun = attempts.flatMap(({ usage, costUsd = null }) => (usage === undefined ? [] : [{ usage, costUsd }]))
  if (begun.length === 0) return
  await noteSpent(line, planned, {
    usage: begun.reduce((sum, { usage }) => addUsage(sum, usage), noUsage),
    costUsd: begun.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
  })
}

/** An answer that was given up for another one counts for the model that gave it. */
export async function noteEnded(line: Line, taught: TaughtStep, { outcome, escalated, givenUp }: GroundedServed): Promise<void> {
  if (givenUp !== undefined) await line.routing.ended(taught, givenUp, signsOf(givenUp.grounding))
  await line.routing.ended(taught, { ...outcome, escalated }, signsOf(outcome.grounding))
}

/** What this step shows of the one before it. */
export async function noteShown(line: Line, taught: TaughtStep): Promise<void> {
  await recordShown(line, taught.step.principal, await line.routing.begins(taught))
}

/** What was seen of a message counts for its session, also where nobody answers it. */
export async function noteRisk(line: Line, { plan, step, request, seen }: PlannedStep): Promise<void> {
  if (step.kind !== 'background') await line.risks.add(request.principal, conversationKey(request) ?? plan.decision, step.risk, seen)
}

/** What a person says in passing may be meant as a boundary: its owner is told where they are listed. */
export async function noteBoundary({ commitments }: Line, { step, request }: PlannedStep): Promise<void> {
  if (step.kind === 'user_turn' && step.text !== '') await commitments.propose(request.principal, step.text)
}

export function taughtStep(line: Line, { plan, step, context, request, selector }: PlannedStep): TaughtStep {
  const named = new Set(plan.candidates.map(({ model }) => model))
  const candidates = new Map(
    poolsFor(line, request)
      .flatMap(({ deployments }) => deployments)
      .flatMap((one) => (named.has(one.id) ? [[one.id, one]] : [])),
  )
  return {
    plan,
    step,
    selector,
    parent: request.loop?.parent,
    tainted: step.taint.untrustedRead || context.tainted,
    candidates: [...candidates.values()],
  }
}

/** What the outcome teaches at once: how many bytes a token has for this kind of step there. */
export function learn(line: Line, step: Step, { attempts }: Outcome): void {
  const usage = attempts.at(-1)?.usage ?? noUsage
  const inputTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  if (step.images === 0 && inputTokens > 0) line.tokens.observe(step.mode, step.inputTokens, inputTokens)
}
