import { seededRandom, shuffled } from '../../policies/signals/heads/landmarks.ts'
import { networkInput, networkLogits, oddsAgainstNone, type SafetyNetwork } from '../../policies/signals/safety/network.ts'

export interface SafetyExample {
  readonly text: string
  /** The first label of the network, `none`, or another one. */
  readonly label: string
  /** Texts of a kind share their weight, so that many of one kind do not drown the others. */
  readonly kind: string
  readonly fold: number
  readonly vector: Float32Array
  readonly phrases: number
}

type Weights = Pick<SafetyNetwork, 'labels' | 'hidden' | 'inner' | 'outer'>

const epochs = 45
const batch = 256
const dropout = 0.3
const vectorNoise = 0.03
const decay = 0.03

/** How many hidden units each network has, and of how many the mean is taken. */
export interface NetworkSize {
  readonly hidden: number
  readonly members: number
}

/**
 * Several networks as one: their hidden units side by side, the mean of what they say. They err in other places, and agree where they
 * are right.
 */
export function fitNetwork(examples: readonly SafetyExample[], labels: readonly string[], { hidden, members }: NetworkSize): Weights {
  const all = Array.from({ length: members }, (_, place) => fitMember(examples, labels, { hidden, seed: place + 1 }))
  const inner = Float32Array.from(all.flatMap((one) => [...one.inner]))
  const outer: number[] = []
  for (let label = 0; label < labels.length; label += 1) {
    const rows = all.map((one) => [...one.outer.slice(label * (hidden + 1), (label + 1) * (hidden + 1))].map((value) => value / members))
    outer.push(
      ...rows.flatMap((row) => row.slice(0, hidden)),
      rows.reduce((sum, row) => sum + (row[hidden] as number), 0),
    )
  }
  return { labels, hidden: hidden * members, inner, outer: Float32Array.from(outer) }
}

/** Draws of a normal distribution, by Box and Muller. */
export function normalOf(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Trains by Adam on noisy vectors, half of the weight being `none`. The same examples and seed give the same network. */
function fitMember(
  examples: readonly SafetyExample[],
  labels: readonly string[],
  { hidden, seed }: { readonly hidden: number; readonly seed: number },
): Weights {
  const random = seededRandom(seed)
  const normal = normalOf(random)
  const width = (examples[0] as SafetyExample).vector.length + 2
  const inner = Float32Array.from({ length: hidden * width }, () => normal() / 20)
  const outer = Float32Array.from({ length: labels.length * (hidden + 1) }, () => normal() / Math.sqrt(hidden))
  const inputs = examples.map(({ vector, phrases }) => networkInput(vector, phrases))
  const targets = examples.map(({ label }) => labels.indexOf(label))
  const weights = weightsOf(examples)
  const adam = [inner, outer].map((values) => ({
    values,
    gradient: new Float64Array(values.length),
    mean: new Float64Array(values.length),
    square: new Float64Array(values.length),
  }))
  const [innerState, outerState] = adam as [(typeof adam)[number], (typeof adam)[number]]
  const units = new Float64Array(hidden + 1)
  let steps = 0
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const rate = 3e-3 * (1 - epoch / epochs) + 1e-5
    const order = shuffled(examples.length, random)
    for (let start = 0; start < order.length; start += batch) {
      const rows = order.slice(start, start + batch)
      for (const state of adam) state.gradient.fill(0)
      for (const row of rows) {
        const input = Float32Array.from(inputs[row] as Float32Array)
        for (let index = 0; index < width - 2; index += 1) input[index] = (input[index] as number) + 4 * vectorNoise * normal()
        // A phrase is no proof: at times the vector has to do without.
        if (random() < dropout) input[width - 2] = 0
        for (let unit = 0; unit < hidden; unit += 1) {
          let sum = 0
          for (let index = 0, at = unit * width; index < width; index += 1, at += 1) sum += (inner[at] as number) * (input[index] as number)
          units[unit] = sum > 0 && random() >= dropout ? sum / (1 - dropout) : 0
        }
        units[hidden] = 1
        const logits = new Float64Array(labels.length)
        for (let label = 0; label < labels.length; label += 1)
          for (let unit = 0; unit <= hidden; unit += 1)
            logits[label] = (logits[label] as number) + (outer[label * (hidden + 1) + unit] as number) * (units[unit] as number)
        const most = Math.max(...logits)
        const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0)
        const times = (weights[row] as number) / rows.length
        const back = new Float64Array(hidden)
        for (let label = 0; label < labels.length; label += 1) {
          const error = times * (Math.exp((logits[label] as number) - most) / sum - (targets[row] === label ? 1 : 0))
          for (let unit = 0; unit <= hidden; unit += 1) {
            const at = label * (hidden + 1) + unit
            outerState.gradient[at] = (outerState.gradient[at] as number) + error * (units[unit] as number)
            if (unit < hidden && (units[unit] as number) > 0) back[unit] = (back[unit] as number) + error * (outer[at] as number)
          }
        }
        for (let unit = 0; unit < hidden; unit += 1) {
          const error = (back[unit] as number) / (1 - dropout)
          if (error === 0) continue
          for (let index = 0, at = unit * width; index < width; index += 1, at += 1)
            innerState.gradient[at] = (innerState.gradient[at] as number) + error * (input[index] as number)
        }
      }
      steps += 1
      for (const { values, gradient, mean, square } of adam) {
        const [first, second] = [1 - 0.9 ** steps, 1 - 0.999 ** steps]
        for (let index = 0; index < values.length; index += 1) {
          const slope = gradient[index] as number
          mean[index] = 0.9 * (mean[index] as number) + 0.1 * slope
          square[index] = 0.999 * (square[index] as number) + 0.001 * slope * slope
          const value = values[index] as number
          values[index] =
            value - rate * ((mean[index] as number) / first / (Math.sqrt((square[index] as number) / second) + 1e-8) + decay * value)
        }
      }
    }
  }
  return { labels, hidden, inner, outer }
}

export function oddsOf(weights: Weights, { vector, phrases }: Pick<SafetyExample, 'vector' | 'phrases'>): number {
  return oddsAgainstNone(networkLogits(weights, networkInput(vector, phrases)))
}

/** From odds to probabilities, by Newton's method on two numbers; both sides weigh alike. */
export function calibrateOdds(seen: readonly { readonly odds: number; readonly isNone: boolean }[]): SafetyNetwork['calibration'] {
  const none = seen.filter(({ isNone }) => isNone).length
  let [offset, slope] = [0, 1]
  for (let round = 0; round < 30; round += 1) {
    let [g0, g1, h00, h01, h11] = [0, 1e-4 * slope, 1e-6, 0, 1e-4]
    for (const { odds, isNone } of seen) {
      const weight = 0.5 / (isNone ? none : seen.length - none)
      const probability = 1 / (1 + Math.exp(-offset - slope * odds))
      const error = weight * (probability - (isNone ? 0 : 1))
      const bend = weight * probability * (1 - probability)
      g0 += error
      g1 += error * odds
      h00 += bend
      h01 += bend * odds
      h11 += bend * odds * odds
    }
    const determinant = h00 * h11 - h01 * h01
    offset -= (h11 * g0 - h01 * g1) / determinant
    slope -= (h00 * g1 - h01 * g0) / determinant
  }
  return { offset, slope }
}

function weightsOf(examples: readonly SafetyExample[]): number[] {
  const keyOf = ({ label, kind }: SafetyExample) => `${label}\n${kind}`
  const sizes = new Map<string, number>()
  for (const one of examples) sizes.set(keyOf(one), (sizes.get(keyOf(one)) ?? 0) + 1)
  const raw = examples.map((one) => 1 / Math.sqrt(sizes.get(keyOf(one)) as number))
  const sum = (isNone: boolean) =>
    raw.reduce((total, weight, row) => total + (((examples[row] as SafetyExample).label === 'none') === isNone ? weight : 0), 0)
  const [none, others] = [sum(true), sum(false)]
  return raw.map(
    (weight, row) => ((examples[row] as SafetyExample).label === 'none' ? weight / none : weight / others) * 0.5 * examples.length,
  )
}
