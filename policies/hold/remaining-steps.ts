/** What an earlier conversation tells: the letter of the stage of each of its steps, in order; a capital begins a turn of the user. */
export type PastConversation = string

export interface HorizonOptions {
  /** The most that is expected. */
  readonly cap?: number
  /** What is expected while too few conversations are known. */
  readonly unknown?: number
  readonly minSamples?: number
}

/** The part of a conversation's letters that belongs to its newest turn. */
export function turnSoFar(stages: string): string {
  return /(?:^|[A-Z])[^A-Z]*$/.exec(stages)?.[0] ?? ''
}

/**
 * How many steps a turn is expected to go on, the present one included: the median over past turns at this depth, and in this
 * stage where enough of them were in it. Depths count as alike from one power of two to the next. A turn and not the whole
 * conversation, since the next turn is decided anew, and may well go back.
 */
export function remainingSteps(
  past: readonly PastConversation[],
  depth: number,
  stage: string,
  { cap = 30, unknown = 8, minSamples = 3 }: HorizonOptions = {},
): number {
  const band = bandOf(depth)
  const alike: number[] = []
  const atDepth: number[] = []
  for (const turn of past.flatMap((stages) => stages.match(/.[^A-Z]*/g) ?? [])) {
    const [from, to] = [2 ** band - 1, Math.min(turn.length, 2 ** (band + 1) - 1)]
    for (let index = from; index < to; index += 1) {
      atDepth.push(turn.length - index)
      if (turn[index]?.toLowerCase() === stage) alike.push(turn.length - index)
    }
  }
  const samples = alike.length >= minSamples ? alike : atDepth
  return samples.length < minSamples ? Math.min(cap, unknown) : Math.max(1, Math.min(cap, median(samples)))
}

/** The step at index 0 is band 0, 1–2 band 1, 3–6 band 2, and so on. */
function bandOf(depth: number): number {
  return Math.floor(Math.log2(depth + 1))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[Math.max(0, sorted.length % 2 === 0 ? middle - 1 : middle)], sorted[middle]]
  return Math.round((low + high) / 2)
}
