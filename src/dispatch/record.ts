import { recordStep } from '../../policies/index.ts'
import { type SeenSign, signs } from '../learning/routing/signs.ts'
import { coverOutcome, coverStep } from '../privacy/cover-record.ts'
import { privacyOf } from '../privacy/privacy.ts'
import { withoutSecrets } from '../privacy/traced-content.ts'
import { activeTrace } from '../telemetry/active.ts'
import type { Line } from './line.ts'
import type { PlannedStep } from './plan-step.ts'

/** @returns A warning when it could not be recorded: a decision that was made, and what was answered, holds without. */
export async function recordDecision(
  { decisions, log, policy }: Pick<Line, 'decisions' | 'log' | 'policy'>,
  { plan, step, request, resting }: PlannedStep,
  given?: unknown,
): Promise<string[]> {
  const { principal, thread, loop, passage } = request
  const guard = policy().default.guards?.privacy
  const privacy = guard === undefined || guard.redact === 'never' ? undefined : privacyOf(guard)
  const covered = privacy === undefined ? undefined : await coverStep(step, privacy)
  const outcome = covered === undefined || privacy === undefined ? given : await coverOutcome(given, privacy, covered.placeholders)
  const trace = activeTrace()
  const recorded = {
    step: recordStep(covered?.step ?? step, plan.tools, maskedOnce),
    resting,
    ...(trace !== undefined && { trace_id: trace.context.traceId }),
  }
  try {
    // A client over HTTP has its answer by then; others wait for what comes after.
    const mayWait = passage !== undefined
    await decisions.record(principal, { id: plan.decision, thread, parent: loop?.parent, plan, recorded, outcome }, { mayWait })
    return []
  } catch (error) {
    log.warn('Cannot record a decision', { error, decision: plan.decision })
    return [`the decision ${plan.decision} could not be recorded`]
  }
}

/** Single calls say too little of a step to be a verdict on it. */
const leastOfVerdict = 0.5

/** What a step showed of the one before it stands beside that decision, as a verdict. */
export async function recordShown(
  { decisions, log }: Pick<Line, 'decisions' | 'log'>,
  principal: string,
  shown: { readonly decision: string; readonly signs: readonly SeenSign[] } | undefined,
): Promise<void> {
  const said = shown?.signs.filter(({ sign, tool }) => tool === undefined && signs[sign].weight >= leastOfVerdict) ?? []
  for (const { sign, source } of said) {
    try {
      await decisions.rate(principal, shown?.decision ?? '', { outcome: signs[sign].good ? 'good' : 'wrong', note: sign, by: source })
    } catch (error) {
      log.warn('Cannot record how a step turned out', { error })
    }
  }
}

/** A step is kept to be planned again, for which nobody needs its keys and passwords. */
function maskedOnce(text: string): string {
  const known = masked.get(text)
  if (known !== undefined) return known
  const kept = withoutSecrets(text)
  if (masked.size >= mostMasked) masked.clear()
  masked.set(text, kept)
  return kept
}

/** The course of a conversation comes again with each of its steps. Texts are short here. */
const masked = new Map<string, string>()
const mostMasked = 4000
