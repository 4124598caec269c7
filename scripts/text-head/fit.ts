import type { TextFeatures } from '../../models/local/text-head/features.ts'
import type { TextHead } from '../../models/local/text-head/text-head.ts'
import { seededRandom, shuffled } from '../../policies/signals/heads/landmarks.ts'

export interface HeadExample {
  readonly features: TextFeatures
  /** Places of the labels that it has. */
  readonly labels: readonly number[]
  /** How much it counts. */
  readonly weight: number
}

/** For each label a logistic regression against all else, by Adam with decay on what is met. The same examples and seed give the same head. */
export function fitHead(
  examples: readonly HeadExample[],
  {
    labels,
    buckets,
    epochs = 14,
    rate = 0.03,
    decay = 2e-4,
    seed = 1,
  }: { labels: readonly string[]; buckets: number; epochs?: number; rate?: number; decay?: number; seed?: number },
): Omit<TextHead, 'thresholds'> {
  const random = seededRandom(seed)
  const rows = labels.map(() => ({
    weights: new Float32Array(buckets),
    mean: new Float32Array(buckets),
    square: new Float32Array(buckets),
    bias: -1,
    biasMean: 0,
    biasSquare: 0,
  }))
  let step = 0
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const now = rate * (1 - epoch / epochs) + 1e-4
    for (const place of shuffled(examples.length, random)) {
      const { features, labels: own, weight } = examples[place] as HeadExample
      const count = features.buckets.length
      step += 1
      const warm = Math.sqrt(1 - 0.999 ** Math.min(step, 10_000)) / (1 - 0.9 ** Math.min(step, 1000))
      for (const [label, row] of rows.entries()) {
        let sum = row.bias
        // By place: iterators take most of the time here.
        for (let at = 0; at < count; at += 1)
          sum += (row.weights[features.buckets[at] as number] as number) * (features.values[at] as number)
        const error = (1 / (1 + Math.exp(-sum)) - (own.includes(label) ? 1 : 0)) * weight
        row.biasMean = 0.9 * row.biasMean + 0.1 * error
        row.biasSquare = 0.999 * row.biasSquare + 0.001 * error * error
        row.bias -= (now * warm * row.biasMean) / (Math.sqrt(row.biasSquare) + 1e-6)
        if (Math.abs(error) < 1e-3) continue
        for (let at = 0; at < count; at += 1) {
          const bucket = features.buckets[at] as number
          const held = row.weights[bucket] as number
          const gradient = error * (features.values[at] as number) + decay * held
          const mean = 0.9 * (row.mean[bucket] as number) + 0.1 * gradient
          const square = 0.999 * (row.square[bucket] as number) + 0.001 * gradient * gradient
          row.mean[bucket] = mean
          row.square[bucket] = square
          row.weights[bucket] = held - (now * warm * mean) / (Math.sqrt(square) + 1e-5)
        }
      }
    }
  }
  const scales = rows.map(({ weights }) => weights.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127 || 1)
  const whole = new Int8Array(labels.length * buckets)
  for (const [label, { weights }] of rows.entries())
    for (const [bucket, value] of weights.entries()) whole[label * buckets + bucket] = Math.round(value / (scales[label] as number))
  return { labels, buckets, biases: rows.map(({ bias }) => bias), scales, weights: whole }
}
