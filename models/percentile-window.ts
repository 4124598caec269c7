import type { Percentiles } from './pool.ts'

/** The latest samples of one quantity, and their percentiles: exact over a window that forgets what is long past. */
export interface PercentileWindow {
  add(sample: number): void
  read(): Percentiles | undefined
}

const windowSamples = 64

export function createPercentileWindow(): PercentileWindow {
  const samples: number[] = []
  let next = 0
  let known: Percentiles | undefined

  return {
    add(sample) {
      samples[next] = sample
      next = (next + 1) % windowSamples
      known = undefined
    },

    read() {
      if (samples.length === 0) return undefined
      known ??= percentilesOf(samples)
      return known
    },
  }
}

/** By nearest rank. */
function percentilesOf(samples: readonly number[]): Percentiles {
  const sorted = Float64Array.from(samples).sort()
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return { p50: at(0.5), p95: at(0.95), samples: sorted.length }
}
