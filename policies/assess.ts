import type { Policy } from './policy.ts'
import { type ProjectionReading, readProjections } from './projections.ts'
import { type Choice, chooseRule } from './rules.ts'
import { type ReadContext, readSignals, type SignalFailure, type SignalReading } from './signals/signal.ts'
import type { Step } from './step.ts'

/** What a policy makes of a step before any model is looked at. */
export interface Assessment {
  readonly readings: readonly SignalReading[]
  readonly failures: readonly SignalFailure[]
  readonly projected: readonly ProjectionReading[]
  readonly choice: Choice
}

/** Signals, then projections, then rules: the first half of a decision. `fixed` stands for signals that are given instead of read. */
export async function assessStep(
  policy: Policy,
  step: Step,
  context: ReadContext,
  fixed: readonly SignalReading[] = [],
): Promise<Assessment> {
  const given = new Set(fixed.map(({ signal }) => signal))
  const toRead = policy.signals.filter(({ name }) => !given.has(name))
  const { readings: read, failures } = await readSignals(toRead, step, context)
  const readings = [...fixed, ...read]
  const projected = readProjections(policy.projections, { step, readings })
  return { readings, failures, projected, choice: chooseRule({ step, policy, readings, projected }) }
}
