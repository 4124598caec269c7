import type { Step } from '../step.ts'
import type { BanditArm, BanditState } from './knowledge.ts'

/** What a bandit looks at of a step; each lies between 0 and 1, and the first is always 1. */
export function featuresOf(step: Step): number[] {
  return [
    1,
    Math.min(1, Math.log2(1 + step.inputTokens) / 18),
    step.mode === 'agent' ? 1 : 0,
    step.toolLoop ? 1 : 0,
    Math.min(1, step.toolErrors / 3),
    Math.min(1, step.toolsOffered / 20),
    step.images > 0 ? 1 : 0,
    /```|\bfunction\b|\bclass\b|[{};]\s*$/m.test(step.text) ? 1 : 0,
  ]
}

/** How much of an old lesson is left after each further one. */
const discount = 0.997
const ridge = 1

export interface ArmView {
  /** What is expected, and how far it may be off. */
  readonly mean: number
  readonly spread: number
}

/** Discounted LinUCB: ridge regression of the reward on the features. An arm without a lesson expects `prior` and is wholly unsure. */
export function viewArm(arm: BanditArm | undefined, features: readonly number[], lessons: number, prior: number): ArmView {
  const size = features.length
  const kept = arm === undefined ? 0 : discount ** (lessons - arm.at)
  const covariance = Array.from({ length: size * size }, (_, at) => kept * (arm?.covariance[at] ?? 0) + (at % (size + 1) === 0 ? ridge : 0))
  const rewards = Array.from({ length: size }, (_, at) => kept * (arm?.rewards[at] ?? 0))
  const direction = solve(covariance, features)
  // What is learnt is how the reward differs from the prior.
  return { mean: prior + dot(direction, rewards), spread: Math.sqrt(Math.max(0, dot(direction, features))) }
}

/** The state after one more lesson: `reward` is what came of it, less what had been expected before anything was known. */
export function teach(state: BanditState, model: string, features: readonly number[], reward: number): BanditState {
  const lessons = state.lessons + 1
  const arm = state.arms[model]
  const size = features.length
  const kept = arm === undefined ? 0 : discount ** (lessons - arm.at)
  const covariance = Array.from(
    { length: size * size },
    (_, at) => kept * (arm?.covariance[at] ?? 0) + (features[Math.floor(at / size)] ?? 0) * (features[at % size] ?? 0),
  )
  const rewards = Array.from({ length: size }, (_, at) => kept * (arm?.rewards[at] ?? 0) + reward * (features[at] ?? 0))
  return { ...state, lessons, arms: { ...state.arms, [model]: { covariance, rewards, at: lessons } } }
}

/** How fast the price of a dollar follows what is spent. */
const pacing = 0.02

/** After a step that cost so much: dearer dollars while more is spent than planned, down to free ones while less is. */
export function pace(costPressure: number, costUsd: number, budgetUsd: number): number {
  return Math.max(0, costPressure + pacing * (costUsd / budgetUsd - 1))
}

/** By Gauss and Jordan: small and positive definite, so that the diagonal never vanishes. */
function solve(matrix: readonly number[], right: readonly number[]): number[] {
  const size = right.length
  const rows = right.map((value, row) => [...matrix.slice(row * size, (row + 1) * size), value])
  rows.forEach((pivot, at) => {
    const scale = pivot[at] ?? 1
    for (let column = at; column <= size; column += 1) pivot[column] = (pivot[column] ?? 0) / scale
    for (const row of rows) {
      const factor = row[at] ?? 0
      if (row === pivot || factor === 0) continue
      for (let column = at; column <= size; column += 1) row[column] = (row[column] ?? 0) - factor * (pivot[column] ?? 0)
    }
  })
  return rows.map((row) => row[size] ?? 0)
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)
}
