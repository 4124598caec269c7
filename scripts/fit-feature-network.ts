import type { FeatureNetwork } from '../models/local/feature-network.ts'
import { seededRandom, shuffled } from '../policies/signals/heads/landmarks.ts'
import { normalOf } from './safety/fit-network.ts'

export interface FeatureExample {
  readonly features: readonly number[]
  readonly target: boolean
  /** How much it counts; 1 of one among others. */
  readonly weight: number
}

interface FeatureNetworkSize {
  readonly hidden: number
  /** Networks whose mean is taken: each errs elsewhere. */
  readonly members: number
  readonly epochs: number
  readonly batch: number
  /** Values at the start, in shares of a normal distribution. */
  readonly start: number
}

const dropout = 0.15
const noise = 0.1
const decay = 0.02

/** Trains by Adam on noisy features. The same examples give the same network, with five digits a weight. */
export function fitFeatureNetwork(examples: readonly FeatureExample[], size: FeatureNetworkSize): FeatureNetwork {
  const width = examples[0]?.features.length ?? 0
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const columns = Array.from({ length: width }, (_, at) => examples.map(({ features }) => features[at] ?? 0))
  const means = columns.map(mean)
  const scales = columns.map((column, at) => Math.sqrt(mean(column.map((value) => (value - (means[at] ?? 0)) ** 2))) || 1)
  const inputs = examples.map(({ features }) => Float64Array.from(features, (value, at) => (value - (means[at] ?? 0)) / (scales[at] ?? 1)))
  const all = Array.from({ length: size.members }, (_, member) => fitMember(examples, inputs, { ...size, seed: member + 1 }))
  const rounded = (values: readonly number[]) => values.map((value) => Math.round(value * 1e5) / 1e5)
  const biases = all.reduce((sum, { outer }) => sum + (outer[size.hidden] ?? 0), 0)
  return {
    means: rounded(means),
    scales: rounded(scales),
    inner: all.flatMap(({ inner }) => inner.map(rounded)),
    outer: rounded([...all.flatMap(({ outer }) => outer.slice(0, size.hidden)), biases].map((value) => value / size.members)),
  }
}

function fitMember(
  examples: readonly FeatureExample[],
  inputs: readonly Float64Array[],
  { hidden, epochs, batch, start, seed }: FeatureNetworkSize & { readonly seed: number },
): { inner: number[][]; outer: number[] } {
  const random = seededRandom(seed)
  const normal = normalOf(random)
  const width = inputs[0]?.length ?? 0
  // One row for each unit with its bias last, then the outer weights with theirs.
  const row = width + 1
  const outerAt = hidden * row
  const values = Float64Array.from({ length: outerAt + hidden + 1 }, (_, at) => (at % row === width && at < outerAt ? 0 : normal() * start))
  const [gradient, slope, square] = [new Float64Array(values.length), new Float64Array(values.length), new Float64Array(values.length)]
  const input = new Float64Array(width)
  const units = new Float64Array(hidden)
  let steps = 0
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const rate = 3e-3 * (1 - epoch / epochs) + 1e-5
    const order = shuffled(inputs.length, random)
    for (let from = 0; from < order.length; from += batch) {
      const rows = order.slice(from, from + batch)
      gradient.fill(0)
      for (const place of rows) {
        const { target, weight } = examples[place] as FeatureExample
        const plain = inputs[place] as Float64Array
        for (let at = 0; at < width; at += 1) input[at] = (plain[at] as number) + noise * normal()
        let odds = values[outerAt + hidden] as number
        for (let unit = 0; unit < hidden; unit += 1) {
          let sum = values[unit * row + width] as number
          for (let at = 0; at < width; at += 1) sum += (input[at] as number) * (values[unit * row + at] as number)
          units[unit] = sum > 0 && random() >= dropout ? sum / (1 - dropout) : 0
          odds += (units[unit] as number) * (values[outerAt + unit] as number)
        }
        const error = ((1 / (1 + Math.exp(-odds)) - Number(target)) * weight) / rows.length
        gradient[outerAt + hidden] = (gradient[outerAt + hidden] as number) + error
        for (let unit = 0; unit < hidden; unit += 1) {
          if (units[unit] === 0) continue
          gradient[outerAt + unit] = (gradient[outerAt + unit] as number) + error * (units[unit] as number)
          const back = (error * (values[outerAt + unit] as number)) / (1 - dropout)
          for (let at = 0; at < width; at += 1)
            gradient[unit * row + at] = (gradient[unit * row + at] as number) + back * (input[at] as number)
          gradient[unit * row + width] = (gradient[unit * row + width] as number) + back
        }
      }
      steps += 1
      for (let at = 0; at < values.length; at += 1) {
        slope[at] = 0.9 * (slope[at] as number) + 0.1 * (gradient[at] as number)
        square[at] = 0.999 * (square[at] as number) + 0.001 * (gradient[at] as number) ** 2
        const step = (slope[at] as number) / (1 - 0.9 ** steps) / (Math.sqrt((square[at] as number) / (1 - 0.999 ** steps)) + 1e-8)
        values[at] = (values[at] as number) - rate * (step + decay * (values[at] as number))
      }
    }
  }
  const inner = Array.from({ length: hidden }, (_, unit) => [...values.slice(unit * row, (unit + 1) * row)])
  return { inner, outer: [...values.slice(outerAt)] }
}
