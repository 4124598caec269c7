import { wilsonBounds } from '../../models/wilson.ts'
import type { HostedTool } from '../tool.ts'
import { freshnessOf } from './freshness.ts'
import { keyOf } from './lessons.ts'
import type { ToolOutcome } from './outcome.ts'
import { lessonOf } from './teaching.ts'
import type { Transition } from './transitions.ts'

// Bound what is kept of a tool; what hardly ever comes along changes no order.
const mostOfTool = 20
const leastLower = 0.02

/**
 * How surely a tool served in the same piece of work as another: of the pieces in which `from` served, the lower Wilson bound of the
 * share in which `to` did as well, so that what happened once says little. Older pieces count less.
 *
 * By places among `tools`. What was learnt of another definition of a tool does not count, as in lessons.
 */
export function togetherOf(outcomes: readonly ToolOutcome[], tools: readonly HostedTool[]): Transition[] {
  const places = new Map(tools.map((tool, place) => [tool.name, place]))
  const served = outcomes.filter((one) => {
    const place = places.get(one.tool)
    return place !== undefined && tools[place]?.hash === one.hash && lessonOf(one) > 0
  })
  const newest = served.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY)
  const alone = new Map<number, number>()
  const pairs = new Map<number, Map<number, number>>()
  for (const piece of Map.groupBy(served, pieceOf).values()) {
    const weight = Math.max(...piece.map(({ at }) => freshnessOf(at, newest)))
    const own = new Set(piece.map(({ tool }) => places.get(tool) as number))
    for (const from of own) {
      alone.set(from, (alone.get(from) ?? 0) + weight)
      const along = pairs.get(from) ?? new Map<number, number>()
      pairs.set(from, along)
      for (const to of own) if (to !== from) along.set(to, (along.get(to) ?? 0) + weight)
    }
  }
  return [...pairs]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([from, along]) =>
      [...along]
        .map(([to, weight]) => ({ from, to, lower: wilsonBounds(weight, alone.get(from) as number).lower }))
        .filter(({ lower }) => lower >= leastLower)
        .toSorted((a, b) => b.lower - a.lower || a.to - b.to)
        .slice(0, mostOfTool),
    )
}

/** Calls for one need are one piece of work, wherever nothing more is known. */
function pieceOf({ piece, principal, need }: ToolOutcome): string {
  return JSON.stringify([principal, piece ?? keyOf(need)])
}
