/** A network with one layer of units over numbers that are read of a text. */
export interface FeatureNetwork {
  means: number[]
  scales: number[]
  /** A row for each unit, its bias last. */
  inner: number[][]
  /** A weight for each unit, the bias last. */
  outer: number[]
}

/** Whether each number of the network has its place beside so many features. */
export function fitsFeatures({ means, scales, inner, outer }: Readonly<FeatureNetwork>, features: number): boolean {
  return (
    [means, scales].every(({ length }) => length === features) &&
    inner.every(({ length }) => length === features + 1) &&
    outer.length === inner.length + 1
  )
}

/** The logarithm of the odds that it gives. */
export function networkOdds({ means, scales, inner, outer }: Readonly<FeatureNetwork>, features: readonly number[]): number {
  const input = features.map((value, at) => (value - (means[at] ?? 0)) / (scales[at] ?? 1))
  let odds = outer[inner.length] ?? 0
  for (const [unit, weights] of inner.entries()) {
    const sum = input.reduce((total, value, at) => total + value * (weights[at] ?? 0), weights[input.length] ?? 0)
    if (sum > 0) odds += sum * (outer[unit] ?? 0)
  }
  return odds
}
