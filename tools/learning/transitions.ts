import { wilsonBounds } from '../../models/wilson.ts'
import type { Lesson } from './lessons.ts'

/** How surely one tool follows another, 0–1. */
export interface Transition {
  /** Places among all tools. */
  readonly from: number
  readonly to: number
  /** The lower Wilson bound of the share, so that two or three cases say little. Older cases count less. */
  readonly lower: number
}

const leastTimes = 3
// Bounds the list; what hardly ever follows changes no order.
const leastLower = 0.02

export function transitionsOf(lessons: readonly Lesson[]): Transition[] {
  const served = lessons.filter(({ weight, previous }) => weight > 0 && previous !== undefined)
  return [...Map.groupBy(served, ({ previous }) => previous as number)]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([from, after]) =>
      [...Map.groupBy(after, ({ tool }) => tool)]
        .filter(([, times]) => times.length >= leastTimes)
        .map(([to, times]) => ({ from, to, lower: wilsonBounds(freshOf(times), freshOf(after)).lower }))
        .filter(({ lower }) => lower >= leastLower)
        .toSorted((a, b) => a.to - b.to),
    )
}

function freshOf(lessons: readonly Lesson[]): number {
  return lessons.reduce((sum, { freshness }) => sum + freshness, 0)
}
