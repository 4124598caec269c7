import type { Step } from '../step.ts'

export type SignalValue = boolean | number | string

/** A named fact about a step. It reports, never chooses. */
export interface SignalReading {
  readonly signal: string
  readonly value: SignalValue
  /** 0–1: 1 for what was read, less for what was inferred. */
  readonly confidence: number
  readonly ms: number
}

/**
 * A signal: one file each, named by the policy that wants it.
 *
 * `cost` orders evaluation, cheap before dear. A signal that cannot be computed throws, and the trace says so:
 * it is then absent from conditions, which is not the same as false.
 */
export interface Signal {
  readonly name: string
  readonly cost: 'read' | 'scan' | 'embed'
  readonly type: 'bool' | 'double' | 'string'
  read(
    step: Step,
    options: { signal?: AbortSignal | undefined },
  ): Promise<{ value: SignalValue; confidence: number }> | { value: SignalValue; confidence: number }
}

/** What a reading is when its signal failed: reported as unscored, never as clean. */
export interface SignalFailure {
  readonly signal: string
  readonly error: string
  readonly ms: number
}

const order = { read: 0, scan: 1, embed: 2 } as const

/** Reads signals cheap first, the dear ones in parallel; a failed one costs only itself. */
export async function readSignals(
  signals: readonly Signal[],
  step: Step,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<{ readings: SignalReading[]; failures: SignalFailure[] }> {
  const readings: SignalReading[] = []
  const failures: SignalFailure[] = []
  const sorted = signals.toSorted((left, right) => order[left.cost] - order[right.cost])
  await Promise.all(
    sorted.map(async (one) => {
      options.signal?.throwIfAborted()
      const startedAt = performance.now()
      try {
        const { value, confidence } = await one.read(step, options)
        readings.push({ signal: one.name, value, confidence, ms: elapsed(startedAt) })
      } catch (error) {
        options.signal?.throwIfAborted()
        failures.push({ signal: one.name, error: error instanceof Error ? error.message : String(error), ms: elapsed(startedAt) })
      }
    }),
  )
  const rank = new Map(signals.map((one, index) => [one.name, index]))
  readings.sort((left, right) => (rank.get(left.signal) ?? 0) - (rank.get(right.signal) ?? 0))
  return { readings, failures }
}

function elapsed(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 1000) / 1000
}
