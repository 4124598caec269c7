import { dot } from '../../models/embedder.ts'
import type { Lesson } from './lessons.ts'

/** Past needs of one tool: with each a weight, below 0 where the tool failed it. */
export interface Prototypes {
  readonly vectors: readonly Float32Array[]
  readonly weights: readonly number[]
}

/*
 * Bounds what is kept and what a search compares: 20,000 vectors of 384 numbers are 31 MB. Beyond that, the needs of a tool are
 * drawn together around those that are most unlike each other.
 */
const mostOfTool = 500
const mostInAll = 20_000

/** By place of the tool. */
export function prototypesOf(lessons: readonly Lesson[]): Map<number, Prototypes> {
  const groups = [...Map.groupBy(lessons, (lesson) => lesson.tool)].toSorted(([a], [b]) => a - b)
  let limit = mostOfTool
  const kept = () => groups.reduce((sum, [, own]) => sum + Math.min(limit, own.length), 0)
  while (limit > 1 && kept() > mostInAll) limit -= 1
  return new Map(groups.map(([tool, own]) => [tool, drawnTogether(own, limit)]))
}

function drawnTogether(lessons: readonly Lesson[], limit: number): Prototypes {
  if (lessons.length <= limit) return { vectors: lessons.map(({ need }) => need.vector), weights: lessons.map(({ weight }) => weight) }
  const served = lessons.filter(({ weight }) => weight > 0)
  const failed = lessons.filter(({ weight }) => weight < 0)
  const room = Math.max(failed.length === 0 ? 0 : 1, Math.round((limit * failed.length) / lessons.length))
  const groups = [around(served, limit - room), around(failed, room)]
  return { vectors: groups.flatMap(({ vectors }) => vectors), weights: groups.flatMap(({ weights }) => weights) }
}

/** Chooses the needs that lie farthest from each other, and gives each other need to its nearest. */
function around(lessons: readonly Lesson[], count: number): Prototypes {
  if (lessons.length <= count) return { vectors: lessons.map(({ need }) => need.vector), weights: lessons.map(({ weight }) => weight) }
  const nearest = new Float64Array(lessons.length).fill(Number.NEGATIVE_INFINITY)
  const owner = new Int32Array(lessons.length)
  let next = 0
  for (let chosen = 0; chosen < count; chosen += 1) {
    const centre = (lessons[next] as Lesson).need.vector
    for (const [index, { need }] of lessons.entries()) {
      const cosine = dot(need.vector, centre)
      if (cosine <= (nearest[index] as number)) continue
      nearest[index] = cosine
      owner[index] = chosen
    }
    next = nearest.indexOf(Math.min(...nearest))
  }
  const sums = Array.from({ length: count }, () => ({ weight: 0, sum: new Float32Array(lessons[0]?.need.vector.length ?? 0) }))
  for (const [index, { need, weight }] of lessons.entries()) {
    const own = sums[owner[index] as number]
    if (!own) continue
    own.weight += weight
    for (let at = 0; at < own.sum.length; at += 1) own.sum[at] = (own.sum[at] as number) + Math.abs(weight) * (need.vector[at] as number)
  }
  return { vectors: sums.map(({ sum }) => unit(sum)), weights: sums.map(({ weight }) => weight) }
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector))
  return length === 0 ? vector : vector.map((value) => value / length)
}
