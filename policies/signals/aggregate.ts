import { dot } from '../../models/embedder.ts'
import type { LabelledExample } from './example-vectors.ts'
import type { SignalResult } from './signal.ts'

/** How the cosines of a label's examples make one score. */
export type Aggregation = 'max' | 'top_k' | 'prototypes'

const topExamples = 3
const prototypeCosine = 0.9
const maxPrototypes = 8

/** The label with the best score, if that reaches the threshold and leads by the margin. */
export function nearestLabel(
  query: Float32Array,
  vectors: readonly Float32Array[],
  examples: readonly LabelledExample[],
  { aggregation, threshold, margin }: { aggregation: Aggregation; threshold: number; margin: number },
): SignalResult {
  const byLabel = Map.groupBy(
    examples.map(({ label }, place) => ({ label, vector: vectors[place] as Float32Array })),
    ({ label }) => label,
  )
  const scores = [...byLabel].map(([label, ones]) => {
    const own = ones.map(({ vector }) => vector)
    return { label, score: scoreOf(query, own, aggregation) }
  })
  const [first, second] = scores.toSorted((left, right) => right.score - left.score || (left.label < right.label ? -1 : 1))
  if (first === undefined) return { value: '', confidence: 0 }
  const isClear = first.score >= threshold && first.score - (second?.score ?? -1) >= margin
  return { value: isClear ? first.label : '', confidence: Math.max(0, Math.min(1, first.score)) }
}

function scoreOf(query: Float32Array, vectors: readonly Float32Array[], aggregation: Aggregation): number {
  const representatives = aggregation === 'prototypes' ? prototypesOf(vectors) : vectors
  const cosines = representatives.map((vector) => dot(query, vector)).toSorted((left, right) => right - left)
  const counted = cosines.slice(0, aggregation === 'top_k' ? topExamples : 1)
  return counted.reduce((sum, cosine) => sum + cosine, 0) / counted.length
}

const prototypes = new WeakMap<Float32Array, readonly Float32Array[]>()

/**
 * Examples that lie within a cosine of .9 are drawn together into their mean; of more than eight groups, the smallest join the
 * nearest other. Kept by the first example, since the same label is asked of each step.
 */
export function prototypesOf(vectors: readonly Float32Array[]): readonly Float32Array[] {
  const [first] = vectors
  const known = first && prototypes.get(first)
  if (known !== undefined) return known
  const groups: Group[] = []
  for (const vector of vectors) {
    const near = nearestGroup(groups, vector)
    if (near !== undefined && dot(centreOf(near), vector) >= prototypeCosine) join(near, vector, 1)
    else groups.push({ sum: vector.slice(), members: 1 })
  }
  while (groups.length > maxPrototypes) {
    groups.sort((left, right) => right.members - left.members)
    const smallest = groups.pop() as Group
    join(nearestGroup(groups, centreOf(smallest)) as Group, smallest.sum, smallest.members)
  }
  const centres = groups.map(centreOf)
  if (first !== undefined) prototypes.set(first, centres)
  return centres
}

interface Group {
  readonly sum: Float32Array
  members: number
}

function join(group: Group, sum: Float32Array, members: number): void {
  for (let index = 0; index < sum.length; index += 1) group.sum[index] = (group.sum[index] as number) + (sum[index] as number)
  group.members += members
}

function centreOf({ sum }: Group): Float32Array {
  const norm = Math.sqrt(dot(sum, sum))
  return norm === 0 ? sum : sum.map((value) => value / norm)
}

function nearestGroup(groups: readonly Group[], vector: Float32Array): Group | undefined {
  let [best, bestCosine]: [Group | undefined, number] = [undefined, Number.NEGATIVE_INFINITY]
  for (const group of groups) {
    const cosine = dot(centreOf(group), vector)
    if (cosine > bestCosine) [best, bestCosine] = [group, cosine]
  }
  return best
}
