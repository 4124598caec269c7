import type { Stage } from '../../../policies/index.ts'
import { type Estimate, estimateOffPolicy } from '../../evaluation/off-policy.ts'
import { expectedRewards } from '../../replay/expected-rewards.ts'
import type { LearnerState } from './kept-learners.ts'
import { withinShares } from './shares.ts'
import type { StepEntry } from './step-log.ts'

/** A step of a selector that learns, of which it is known how it turned out. */
export interface JudgedStep {
  readonly entry: StepEntry
  readonly principal: string
  readonly at: number
  /** 0–1. */
  readonly reward: number
}

export interface LearnerEvaluation {
  /** Judged steps since the stage began. */
  readonly steps: number
  /** Those on which the other one would have chosen the same: where what happened speaks for it. */
  readonly agreeing: number
  /** What the steps earned as they were decided. */
  readonly earned: Estimate | null
  /** What the other one would have earned (doubly robust): the learner while it does not serve, the incumbent while it does. */
  readonly other: Estimate | null
  /** What should become of it. */
  readonly verdict: { readonly stage: Stage; readonly why: string; readonly baseline?: number | undefined }
}

/** Fewer judged steps say nothing. */
const leastSteps = 50
/** A model that was never tried is estimated by all others: to be tried at all, it may be estimated so much worse. */
const trialMargin = 0.02
/** So many of them must be ones that the learner would have decided alike, before it decides about all. */
const leastAgreeing = 20

/**
 * Whether a selector that learns may go on, by the steps since its stage began.
 *
 * From the shadow to the trial it must be estimated to earn about as much as the incumbent; from the trial to serving, the lower end of
 * its interval must lie above what was earned. It goes back one stage when the upper end of what it earns lies below what the incumbent
 * earned then: the two bounds lie apart, so that it does not flap.
 */
export function evaluateLearner(state: LearnerState, judged: readonly JudgedStep[]): LearnerEvaluation {
  const since = withinShares(judged.filter(({ at, entry }) => at >= state.since && entry.learner?.stage === state.stage))
  const expected = expectedRewards(since.map(({ entry, reward }) => ({ decision: { id: entry.decision }, model: entry.model, reward })))
  const other = ({ entry }: JudgedStep) => (state.stage === 'serving' ? entry.learner?.incumbent : entry.learner?.model) ?? entry.model
  const estimates = estimateOffPolicy(
    since.map((one) => ({
      reward: one.reward,
      propensity: one.entry.propensity,
      target: other(one) === one.entry.model ? 1 : 0,
      expectedLogged: expected(one.entry.model, one.entry.decision),
      expectedTarget: expected(other(one), one.entry.decision),
    })),
  )
  const { logged: earned, doublyRobust } = estimates
  const seen = { steps: since.length, agreeing: estimates.overlapping, earned, other: doublyRobust }
  return { ...seen, verdict: judge(state, seen) }
}

function judge(state: LearnerState, { steps, agreeing, earned, other }: Omit<LearnerEvaluation, 'verdict'>): LearnerEvaluation['verdict'] {
  const stay = (why: string) => ({ stage: state.stage, why })
  if (steps < leastSteps || earned === null || other === null) return stay(`${steps} judged steps are too few: ${leastSteps} are needed`)
  const told = `${percent(other.value)} (${percent(other.low)} to ${percent(other.high)})`
  if (state.stage !== 'shadow' && earnsLess(state, earned)) {
    const why = `the steps earned ${percent(earned.value)} (at most ${percent(earned.high)}), and the incumbent ${percent(state.baseline ?? 0)} before`
    return { stage: state.stage === 'serving' ? 'canary' : 'shadow', why }
  }
  if (state.stage === 'serving') {
    return stay(
      `it earns ${percent(earned.value)}; ${agreeing === 0 ? 'nothing tells what the incumbent would' : `the incumbent would earn ${told}`}`,
    )
  }
  if (state.stage === 'shadow') {
    if (other.value < earned.value - trialMargin) return stay(`it would earn ${told}, the incumbent earns ${percent(earned.value)}`)
    return { stage: 'canary', why: `it would earn ${told}, the incumbent ${percent(earned.value)}`, baseline: earned.value }
  }
  if (agreeing < leastAgreeing) return stay(`only ${agreeing} steps were decided as it would: ${leastAgreeing} are needed`)
  if (other.low <= earned.value) return stay(`it would earn ${told}, which is not surely more than ${percent(earned.value)}`)
  return {
    stage: 'serving',
    why: `it would earn ${told}, surely more than the ${percent(earned.value)} that was earned`,
    baseline: earned.value,
  }
}

function earnsLess({ baseline }: LearnerState, earned: Estimate): boolean {
  return baseline !== undefined && earned.high < baseline
}

/** An estimate may lie a little above all that can be earned. */
function percent(share: number): string {
  return `${(100 * Math.min(1, Math.max(0, share))).toFixed(1)} %`
}

const stages: readonly Stage[] = ['shadow', 'canary', 'serving']

/** The stage after or before; the same at either end. */
export function neighbour(stage: Stage, direction: 'up' | 'down'): Stage {
  return stages[stages.indexOf(stage) + (direction === 'up' ? 1 : -1)] ?? stage
}
