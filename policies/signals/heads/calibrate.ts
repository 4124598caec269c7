import { factorise, solve } from './cholesky.ts'
import type { Example } from './fit.ts'
import type { Calibration } from './head.ts'
import { kernelRow, packed } from './kernel.ts'
import { seededRandom, shuffled } from './landmarks.ts'

const maxExamples = 800

/** Where there is too little to calibrate on: half way between the score of what is known and of what is not. */
const uncalibrated: Calibration = { offset: -4, slope: 8 }

/**
 * How sure a best score makes us, learnt from the training examples alone.
 *
 * Each example is scored once without itself, and once without its whole label, as if that had never been thought of: the
 * second stands for what is out of scope. Both come out of one inverse of the kernel matrix, in closed form. Above 800 examples
 * whole labels are drawn until there are so many.
 */
export async function calibrate(
  all: readonly Example[],
  { gamma, ridge, seed, signal }: { gamma: number; ridge: number; seed: number; signal?: AbortSignal | undefined },
): Promise<Calibration> {
  const examples = someLabels(all, seed)
  const labels = [...new Set(examples.map(({ label }) => label))]
  const count = examples.length
  if (labels.length < 2 || count < 3 * labels.length) return uncalibrated

  const landmarks = packed(examples.map(({ vector }) => vector))
  const matrix = new Float64Array(count * count)
  examples.forEach(({ vector }, row) => {
    matrix.set(kernelRow(vector, landmarks, gamma), row * count)
    matrix[row * count + row] = (matrix[row * count + row] as number) + ridge
  })
  await factorise(matrix, count, signal)
  const inverse = new Float64Array(count * count)
  for (let row = 0; row < count; row += 1) inverse[row * count + row] = 1
  await solve(matrix, count, inverse, count, signal)

  const labelOf = examples.map(({ label }) => labels.indexOf(label))
  const dual = dualOf(inverse, labelOf, labels.length)
  const observed = [...withoutItself(inverse, dual, labelOf, labels.length), ...(await withoutLabel(inverse, dual, labelOf, labels.length))]
  return fitLogistic(observed)
}

interface Observed {
  readonly score: number
  readonly isRight: boolean
  readonly isInScope: boolean
}

/** K⁻¹Y: a row for each example, a column for each label. */
function dualOf(inverse: Float64Array, labelOf: readonly number[], labels: number): Float64Array {
  const count = labelOf.length
  const dual = new Float64Array(count * labels)
  for (let row = 0; row < count; row += 1) {
    labelOf.forEach((label, other) => {
      dual[row * labels + label] = (dual[row * labels + label] as number) + (inverse[row * count + other] as number)
    })
  }
  return dual
}

/** f₋ᵢ(xᵢ) = yᵢ − αᵢ / (K⁻¹)ᵢᵢ. */
function withoutItself(inverse: Float64Array, dual: Float64Array, labelOf: readonly number[], labels: number): Observed[] {
  return labelOf.map((own, row) => {
    let [best, score] = [0, Number.NEGATIVE_INFINITY]
    for (let label = 0; label < labels; label += 1) {
      const predicted = (label === own ? 1 : 0) - (dual[row * labels + label] as number) / (inverse[row * labelOf.length + row] as number)
      if (predicted > score) [best, score] = [label, predicted]
    }
    return { score, isRight: best === own, isInScope: true }
  })
}

/** For all rows of a label at once: f(x_B) = y_B − ((K⁻¹)_BB)⁻¹ α_B, of the other labels. */
async function withoutLabel(inverse: Float64Array, dual: Float64Array, labelOf: readonly number[], labels: number): Promise<Observed[]> {
  const observed: Observed[] = []
  for (let own = 0; own < labels; own += 1) {
    const rows = labelOf.flatMap((label, row) => (label === own ? [row] : []))
    const block = new Float64Array(rows.length * rows.length)
    rows.forEach((row, place) => {
      rows.forEach((other, column) => {
        block[place * rows.length + column] = inverse[row * labelOf.length + other] as number
      })
    })
    const right = Float64Array.from(rows.flatMap((row) => Array.from(dual.subarray(row * labels, (row + 1) * labels))))
    await factorise(block, rows.length)
    await solve(block, rows.length, right, labels)
    for (let place = 0; place < rows.length; place += 1) {
      let score = Number.NEGATIVE_INFINITY
      for (let label = 0; label < labels; label += 1) {
        if (label !== own) score = Math.max(score, -(right[place * labels + label] as number))
      }
      observed.push({ score, isRight: false, isInScope: false })
    }
  }
  return observed
}

/** Newton's method on two numbers; what is in scope and what is not weigh alike, with a little pull towards 0. */
function fitLogistic(observed: readonly Observed[]): Calibration {
  const inScope = observed.filter((one) => one.isInScope).length
  const weightOf = (one: Observed) => 0.5 / (one.isInScope ? inScope : observed.length - inScope)
  let { offset, slope } = uncalibrated
  for (let round = 0; round < 30; round += 1) {
    let [g0, g1, h00, h01, h11] = [0, 1e-4 * slope, 1e-6, 0, 1e-4]
    for (const one of observed) {
      const probability = 1 / (1 + Math.exp(-offset - slope * one.score))
      const weight = weightOf(one)
      const error = weight * (probability - (one.isRight ? 1 : 0))
      const bend = weight * probability * (1 - probability)
      g0 += error
      g1 += error * one.score
      h00 += bend
      h01 += bend * one.score
      h11 += bend * one.score * one.score
    }
    const determinant = h00 * h11 - h01 * h01
    if (!(determinant > 0)) return uncalibrated
    offset -= (h11 * g0 - h01 * g1) / determinant
    slope -= (h00 * g1 - h01 * g0) / determinant
  }
  // A score that says less the higher it is would be noise.
  return Number.isFinite(offset) && slope > 0 ? { offset, slope } : uncalibrated
}

function someLabels(examples: readonly Example[], seed: number): readonly Example[] {
  if (examples.length <= maxExamples) return examples
  const labels = [...new Set(examples.map(({ label }) => label))]
  const random = seededRandom(seed)
  const byLabel = Map.groupBy(examples, ({ label }) => label)
  const chosen: Example[] = []
  // Few labels of many examples each: some of each. Else whole labels.
  const share = Math.max(10, Math.floor(maxExamples / labels.length))
  for (const place of shuffled(labels.length, random)) {
    const ones = byLabel.get(labels[place] as string) ?? []
    if (chosen.length + Math.min(share, ones.length) > maxExamples) continue
    chosen.push(
      ...shuffled(ones.length, random)
        .slice(0, share)
        .map((row) => ones[row] as Example),
    )
  }
  return chosen
}
