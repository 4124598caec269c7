/** One logged step of which something is known: what was chosen with which probability, how it turned out, and what another would choose. */
export interface LoggedChoice {
  /** 0–1. */
  readonly reward: number
  /** With which the logged model was chosen: above 0, at most 1. */
  readonly propensity: number
  /** The probability with which the other policy chooses the logged model: 0 or 1 for a rule. */
  readonly target: number
  /** What is expected of the logged model, and of the one that the other policy would choose, without this step. */
  readonly expectedLogged: number
  readonly expectedTarget: number
}

export interface Estimate {
  readonly value: number
  /** 95 %, by the normal approximation. */
  readonly low: number
  readonly high: number
}

export interface OffPolicyEstimates {
  readonly steps: number
  /** Steps on which both agree: the only ones that inverse propensity can speak of. */
  readonly overlapping: number
  /** Of what was done. */
  readonly logged: Estimate | null
  /** Of the other policy, by self-normalised inverse propensity; `null` without overlap. */
  readonly inversePropensity: Estimate | null
  /** Of the other policy, doubly robust (Dudík, Langford and Li 2011). */
  readonly doublyRobust: Estimate | null
}

/** Weights beyond this are cut: a step that was nearly never chosen says little, and would say everything. */
const maxWeight = 20

/** What another policy would have earned on steps that were not its own. Pure; never fewer assumptions than it says. */
export function estimateOffPolicy(choices: readonly LoggedChoice[]): OffPolicyEstimates {
  const weights = choices.map(({ target, propensity }) => Math.min(maxWeight, target / propensity))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const overlapping = weights.filter((weight) => weight > 0).length
  return {
    steps: choices.length,
    overlapping,
    logged: meanOf(choices.map(({ reward }) => reward)),
    inversePropensity: total === 0 ? null : selfNormalised(choices, weights, total),
    doublyRobust: meanOf(
      choices.map(
        ({ reward, expectedLogged, expectedTarget }, index) => expectedTarget + (weights[index] ?? 0) * (reward - expectedLogged),
      ),
    ),
  }
}

function meanOf(values: readonly number[]): Estimate | null {
  if (values.length === 0) return null
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const error = values.length < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(squares / (values.length - 1) / values.length)
  return within(mean, error)
}

function selfNormalised(choices: readonly LoggedChoice[], weights: readonly number[], total: number): Estimate {
  const mean = choices.reduce((sum, { reward }, index) => sum + (weights[index] ?? 0) * reward, 0) / total
  const squares = choices.reduce((sum, { reward }, index) => sum + ((weights[index] ?? 0) * (reward - mean)) ** 2, 0)
  const overlapping = weights.filter((weight) => weight > 0).length
  return within(mean, overlapping < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(squares) / total)
}

/** Rewards lie between 0 and 1, so whatever is estimated of them is cut there. */
function within(value: number, error: number): Estimate {
  const cut = (one: number) => Math.min(1, Math.max(0, one))
  return { value, low: cut(value - 1.96 * error), high: cut(value + 1.96 * error) }
}
