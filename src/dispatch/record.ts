import { findSecrets } from '../../models/local/detect/index.ts'
import { recordStep } from '../../policies/index.ts'
import type { PlannedStep } from './dispatch.ts'
import type { Line } from './line.ts'

/** @returns A warning when it could not be recorded: a decision that was made, and what was answered, holds without. */
export async function recordDecision(
  { decisions, log }: Pick<Line, 'decisions' | 'log'>,
  { plan, step, request, resting }: PlannedStep,
  outcome?: unknown,
): Promise<string[]> {
  const { principal, thread, loop } = request
  const recorded = { step: recordStep(step, plan.tools, withoutSecrets), resting }
  try {
    await decisions.record(principal, { id: plan.decision, thread, parent: loop?.parent, plan, recorded, outcome })
    return []
  } catch (error) {
    log.warn('Cannot record a decision', { error })
    return [`the decision ${plan.decision} could not be recorded`]
  }
}

/** A step is kept to be planned again, for which nobody needs its keys and passwords. */
function withoutSecrets(text: string): string {
  const secrets = findSecrets(text).findings.filter(({ group }) => group === 'secret')
  let kept = ''
  let from = 0
  for (const { start, end, kind } of secrets.toSorted((left, right) => left.start - right.start)) {
    if (start < from) continue
    kept += `${text.slice(from, start)}[${kind}]`
    from = end
  }
  return kept + text.slice(from)
}
