import { areaOf } from '../../src/evaluation/measures.ts'
import { shareOf } from '../signals/figures.ts'

/** A number that should be higher where a tool fits. */
export interface Judged {
  readonly fits: boolean
  readonly value: number
}

/** How often a need with a fitting tool has a higher value than one without; ties count half. */
export function aucOf(judged: readonly Judged[]): number {
  const values = (wanted: boolean) => judged.filter(({ fits }) => fits === wanted).map(({ value }) => value)
  return areaOf(values(true), values(false))
}

/** The value that `kept` of the needs with a fitting tool reach. */
function thresholdOf(judged: readonly Judged[], kept: number): number {
  const values = judged.filter((one) => one.fits).map((one) => one.value)
  return values.toSorted((a, b) => b - a)[Math.ceil(values.length * kept) - 1] as number
}

/** How many of the needs with no fitting tool would be offered one, while `kept` of the others are. */
export function falseOffersOf(judged: readonly Judged[], kept: number): number {
  const threshold = thresholdOf(judged, kept)
  return shareOf(
    judged.filter((one) => !one.fits),
    (one) => one.value >= threshold,
  )
}

export interface Reliability {
  readonly upTo: number
  readonly needs: number
  readonly said: number
  readonly true: number
}

/** What was said against what was true, both answers weighing the same. */
export function reliabilityOf(judged: readonly Judged[]): Reliability[] {
  const fitting = judged.filter((one) => one.fits).length
  const weightOf = (one: Judged) => (one.fits ? 1 / fitting : 1 / (judged.length - fitting))
  return [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].map((upTo, index, bounds) => {
    const floor = bounds[index - 1] ?? 0
    const within = judged.filter(({ value }) => value >= floor && (value < upTo || upTo === 1))
    const weight = within.reduce((sum, one) => sum + weightOf(one), 0)
    const mean = (of: (one: Judged) => number) => within.reduce((sum, one) => sum + weightOf(one) * of(one), 0) / weight
    return { upTo, needs: within.length, said: mean((one) => one.value), true: mean((one) => (one.fits ? 1 : 0)) }
  })
}

export interface Example {
  readonly fits: boolean
  readonly weight: number
  readonly values: readonly number[]
}

/** The weights of a logistic regression, the bias last, by Newton's method. A little is taken off large ones. */
export function fitLogistic(examples: readonly Example[]): number[] {
  const rows = examples.map(({ values }) => [...values, 1])
  const total = examples.reduce((sum, { weight }) => sum + weight, 0)
  const width = rows[0]?.length ?? 0
  let weights = new Array<number>(width).fill(0)
  for (let round = 0; round < 50; round += 1) {
    const gradient = weights.map((weight, index) => (index === width - 1 ? 0 : penalty * weight))
    const curvature = weights.map((_, index) =>
      weights.map((_, other) => (index === other ? (index === width - 1 ? 0 : penalty) + 1e-12 : 0)),
    )
    for (const [index, row] of rows.entries()) {
      const { fits, weight } = examples[index] as Example
      const said = logistic(row.reduce((sum, value, place) => sum + value * (weights[place] as number), 0))
      for (let place = 0; place < width; place += 1) {
        const value = row[place] as number
        gradient[place] = (gradient[place] as number) + (weight / total) * (said - (fits ? 1 : 0)) * value
        const line = curvature[place] as number[]
        for (let other = 0; other < width; other += 1) {
          line[other] = (line[other] as number) + (weight / total) * said * (1 - said) * value * (row[other] as number)
        }
      }
    }
    const step = solve(curvature, gradient)
    weights = weights.map((weight, index) => weight - (step[index] as number))
    if (step.every((value) => Math.abs(value) < 1e-9)) break
  }
  return weights
}

const penalty = 1e-6

export function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value))
}

/** Gaussian elimination; a curvature is positive, so no row has to be exchanged. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] as number])
  for (const [pivot, line] of rows.entries()) {
    for (const [index, row] of rows.entries()) {
      if (index === pivot) continue
      const factor = (row[pivot] as number) / (line[pivot] as number)
      for (let place = pivot; place < row.length; place += 1) row[place] = (row[place] as number) - factor * (line[place] as number)
    }
  }
  return rows.map((row, index) => (row[row.length - 1] as number) / (row[index] as number))
}
