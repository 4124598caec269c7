/** A mean cost and the mean quality that it buys. */
export interface Point {
  readonly cost: number
  readonly quality: number
}

/**
 * The non-decreasing concave hull, cheapest first: what can be had by mixing the points. A point that another beats or that a mix of
 * two beats is left out.
 */
export function hullOf(points: readonly Point[]): Point[] {
  const hull: Point[] = []
  for (const point of points.toSorted((left, right) => left.cost - right.cost || right.quality - left.quality)) {
    const last = hull.at(-1)
    if (last !== undefined && point.quality <= last.quality) continue
    while (hull.length >= 2 && isBelow(hull.at(-1) as Point, hull.at(-2) as Point, point)) hull.pop()
    hull.push(point)
  }
  return hull
}

/** The quality that a cost buys: flat beyond the dearest point, nothing below the cheapest. */
export function qualityAt(hull: readonly Point[], cost: number): number {
  const last = hull.at(-1)
  const first = hull[0]
  if (first === undefined || last === undefined || cost < first.cost) return 0
  if (cost >= last.cost) return last.quality
  const next = hull.findIndex((point) => point.cost > cost)
  const [left, right] = [hull[next - 1] as Point, hull[next] as Point]
  return left.quality + ((right.quality - left.quality) * (cost - left.cost)) / (right.cost - left.cost)
}

/** The least cost that buys a quality; `undefined` when no point has it. */
export function costAt(hull: readonly Point[], quality: number): number | undefined {
  const next = hull.findIndex((point) => point.quality >= quality - 1e-12)
  const right = hull[next]
  const left = hull[next - 1]
  if (right === undefined || left === undefined) return right?.cost
  return left.cost + ((right.cost - left.cost) * (quality - left.quality)) / (right.quality - left.quality)
}

/** AIQ (RouterBench 2403.12031): the mean quality of the hull over a range of costs, flat to its end; 0 below the hull's cheapest. */
export function aiqOf(hull: readonly Point[], from: number, to: number): number {
  const start = Math.max(from, hull[0]?.cost ?? to)
  if (!(to > start)) return to > from ? 0 : qualityAt(hull, to)
  const inner = hull.filter(({ cost }) => cost > start && cost < to)
  const edges = [start, ...inner.map(({ cost }) => cost), to].map((cost) => ({ cost, quality: qualityAt(hull, cost) }))
  let area = 0
  for (const [index, right] of edges.entries()) {
    const left = edges[index - 1] ?? right
    area += ((left.quality + right.quality) / 2) * (right.cost - left.cost)
  }
  return area / (to - from)
}

/** Of one prompt: what the weak and the strong model scored, and how much it should go to the strong one. */
export interface Deferral {
  readonly weak: number
  readonly strong: number
  readonly need: number
}

export interface DeferralMeasures {
  /** Mean share of the performance gap recovered, over strong shares of 0, 10, ... 100 % (trapezoid). */
  readonly apgr: number
  /** The share of prompts for the strong model that recovers so much of the gap; `undefined` when none does. */
  readonly cpt50: number | undefined
  readonly cpt80: number | undefined
}

const shares = 10

/** As RouteLLM measures (2406.18665). Equal needs count as a mix. `undefined` when the strong model is not the better one. */
export function deferralOf(prompts: readonly Deferral[]): DeferralMeasures | undefined {
  const gap = prompts.reduce((sum, { weak, strong }) => sum + strong - weak, 0)
  if (!(gap > 0)) return undefined
  const recovered = recoveredBy(prompts).map((gained) => gained / gap)
  const at = (share: number) => {
    const place = share * prompts.length
    const below = Math.floor(place)
    const start = recovered[below] as number
    return start + ((recovered[below + 1] ?? start) - start) * (place - below)
  }
  let apgr = 0
  for (let step = 0; step < shares; step += 1) apgr += (at(step / shares) + at((step + 1) / shares)) / 2 / shares
  const reaching = (part: number) => {
    const sent = recovered.findIndex((share) => share >= part - 1e-12)
    return sent < 0 ? undefined : sent / prompts.length
  }
  return { apgr, cpt50: reaching(0.5), cpt80: reaching(0.8) }
}

/** What is gained when the first 0, 1, ... all prompts by need go to the strong model. */
function recoveredBy(prompts: readonly Deferral[]): number[] {
  const sorted = prompts.toSorted((left, right) => right.need - left.need)
  const gained = [0]
  for (let start = 0; start < sorted.length; ) {
    let end = start
    let sum = 0
    for (; end < sorted.length && sorted[end]?.need === sorted[start]?.need; end += 1) {
      const { weak, strong } = sorted[end] as Deferral
      sum += strong - weak
    }
    const before = gained.at(-1) as number
    for (let index = 1; index <= end - start; index += 1) gained.push(before + (sum * index) / (end - start))
    start = end
  }
  return gained
}

/** Whether `middle` lies on or below the line from `left` to `right`. */
function isBelow(middle: Point, left: Point, right: Point): boolean {
  return (middle.quality - left.quality) * (right.cost - left.cost) <= (right.quality - left.quality) * (middle.cost - left.cost)
}
