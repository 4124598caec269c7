/** One line of the table. Times are milliseconds. */
export interface Figure {
  readonly what: string
  readonly unit: string
  readonly measured: number
  /** The least and the most of the rounds. */
  readonly spread?: readonly [number, number] | undefined
  readonly atMost?: number | undefined
  /** What the same work costs without Signalbox, or with the least that could stand in its place. */
  readonly floor?: { readonly what: string; readonly measured: number } | undefined
  readonly note?: string | undefined
}

export interface MeasureOptions {
  readonly rounds: number
  /** Says on stderr what is being done. */
  progress(text: string): void
}

export type Measurement = (options: MeasureOptions) => Promise<Figure[]>

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** The median of rounds with their spread. */
export function ofRounds(values: readonly number[]): { measured: number; spread: readonly [number, number] } {
  return { measured: median(values), spread: [Math.min(...values), Math.max(...values)] }
}

/** How long each call takes, one after the other. */
export async function timesOf<Input>(inputs: Iterable<Input>, call: (input: Input) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (const input of inputs) {
    const start = performance.now()
    await call(input)
    times.push(performance.now() - start)
  }
  return times
}
