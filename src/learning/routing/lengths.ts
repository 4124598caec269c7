/** How long recent steps were, in tokens. */
export interface Lengths {
  add(tokens: number): void
  /** Below which this share of them lies; `undefined` while there are too few. */
  quantile(share: number): number | undefined
  clear(): void
}

const windowSteps = 1000
const leastSteps = 100

export function createLengths(): Lengths {
  let lengths: number[] = []
  let sorted: Float64Array | undefined

  return {
    add(tokens) {
      lengths.push(tokens)
      // Cut now and then, not at each step.
      if (lengths.length >= 2 * windowSteps) lengths = lengths.slice(-windowSteps)
      sorted = undefined
    },

    quantile(share) {
      if (lengths.length < leastSteps) return undefined
      sorted ??= Float64Array.from(lengths.slice(-windowSteps)).sort()
      return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
    },

    clear() {
      lengths = []
      sorted = undefined
    },
  }
}
