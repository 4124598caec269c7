import { wilsonBounds } from '../../models/wilson.ts'
import { createBm25 } from '../search/bm25.ts'
import { createHeadReader, type Head } from './head.ts'
import type { LearnedFacts, LearnedModel, LearnedQuery, LearnedSettings } from './learned.ts'
import type { Transition } from './transitions.ts'

/*
 * How fast a past need loses its say with distance. At a cosine of 0.9 it has an eighth of it, at 0.8 a fiftieth. Flatter, needs that
 * merely share a topic speak up; steeper, only repetitions do.
 */
const steepness = 20
// Below this no past need of a tool counts as seen: the logarithm of nothing.
const unseenShare = 1e-4
// How strongly needs that a tool failed speak against it, beside those it served.
const failedWeight = 0.5

/** What was learnt that bears on one need. By place of the learnt tool. */
export interface Evidence {
  /** How much the past needs that a tool served, and those it failed, are like this one. */
  readonly served: Float64Array
  readonly failed: Float64Array
  /** The logarithm of the share that the trained head gives, where there is one. */
  readonly head: Float64Array | undefined
  /** How much the words of the need are those of needs that it served, 0–1. */
  readonly words: Float64Array
  /** How surely the tool follows the one that was used last. */
  readonly follows: Float64Array
  /** Which tools served along with each, and how surely. */
  readonly together: ReadonlyMap<number, readonly Transition[]>
  /** The highest share of calls that the tool may serve, given how often it did. */
  readonly trust: Float64Array
}

/** How the tools of a search stand in the model: -1 where they do not. */
export interface Places {
  readonly places: Int32Array
  readonly servers: readonly number[]
}

export function createEvidence({ facts, vectors }: LearnedModel): (query: LearnedQuery) => Evidence | undefined {
  const { tools, width } = facts
  const rows = facts.weights.length
  const starts = new Int32Array(tools.length + 1)
  for (const [place, tool] of tools.entries()) starts[place + 1] = (starts[place] as number) + tool.needs
  const centres = centresOf(facts, vectors, starts)
  const trust = Float64Array.from(tools, ({ accepted, failed }) => wilsonBounds(accepted, accepted + failed).upper)
  const wordsIndex = createBm25(
    tools.map(({ words }) => [words.flatMap(([word, count]) => Array<string>(count).fill(word))]),
    [1],
  )
  const names = new Map(tools.map((tool, place) => [tool.name, place]))
  const together = Map.groupBy(facts.together, ({ from }) => from)
  const transitions = Map.groupBy(facts.transitions, ({ from }) => from)
  const readHead = facts.head && createHeadReader({ ...facts.head, width, numbers: vectors.subarray(rows * width) } satisfies Head)
  const headTools = facts.head?.places

  return ({ vector, words, used }) => {
    if (!vector || vector.length !== width || tools.length === 0) return undefined
    const { served, failed } = likeness(vector)
    const shares = readHead?.({ vector, words })
    // A tool that the head does not know gets what each would have if it knew nothing.
    const head = shares && new Float64Array(tools.length).fill(-Math.log(shares.length))
    for (const [index, place] of headTools?.entries() ?? []) if (head && shares) head[place] = shares[index] as number
    const byWords = wordsIndex.scores(words)
    const best = byWords.reduce((most, score) => Math.max(most, score), 0)
    const follows = new Float64Array(tools.length)
    const last = names.get(used.at(-1) ?? '')
    for (const { to, lower } of (last !== undefined && transitions.get(last)) || []) follows[to] = lower
    return { served, failed, head, words: best === 0 ? byWords : byWords.map((score) => score / best), follows, together, trust }
  }

  function likeness(vector: Float32Array): { served: Float64Array; failed: Float64Array } {
    const served = new Float64Array(tools.length)
    const failed = new Float64Array(tools.length)
    for (const place of comparedPlaces(vector)) {
      for (let row = starts[place] as number; row < (starts[place + 1] as number); row += 1) {
        const weight = facts.weights[row] as number
        const share = Math.abs(weight) * Math.exp(steepness * (dot(vectors, row * width, vector) - 1))
        if (weight > 0) served[place] = (served[place] as number) + share
        else failed[place] = (failed[place] as number) + share
      }
    }
    return { served, failed }
  }

  /** All while they are few; else those whose needs are nearest on the whole, which hold nearly all that counts. */
  function comparedPlaces(vector: Float32Array): Iterable<number> {
    if (rows <= mostRowsCompared) return tools.keys()
    const near = Float64Array.from(tools.keys(), (place) => dot(centres, place * width, vector))
    const order = [...tools.keys()].sort((a, b) => (near[b] as number) - (near[a] as number))
    const compared: number[] = []
    let count = 0
    for (const place of order) {
      if (count > mostRowsCompared) break
      compared.push(place)
      count += (starts[place + 1] as number) - (starts[place] as number)
    }
    return compared
  }
}

// Bounds the time of a search: 4,000 rows of 384 numbers are 1.5 million products.
const mostRowsCompared = 4000

/**
 * The static scores, and on top of them what was learnt.
 *
 * A tool without evidence keeps its score, unless others of its server served needs like this one.
 */
export function blend(scores: Float64Array, evidence: Evidence, settings: LearnedSettings, { places, servers }: Places): Float64Array {
  const { served, failed, head, words, follows, trust } = evidence
  // Only the tools that may be found here share the say, so that others change nothing.
  const present = [...places.entries()].filter(([, place]) => place >= 0)
  const total = present.reduce((sum, [, place]) => sum + (served[place] as number), 0)
  const against = present.reduce((sum, [, place]) => sum + (failed[place] as number), 0)
  const density = total / (total + settings.unseen)
  const logits = present.map(([, place]) => {
    const near = Math.log((served[place] as number) / Math.max(total, 1e-12) + unseenShare)
    return settings.sharpness * (near + (settings.head ? (head?.[place] ?? 0) : 0) + settings.words * (words[place] as number))
  })
  const most = logits.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY)
  const powers = logits.map((value) => Math.exp(value - most))
  const sum = powers.reduce((all, value) => all + value, 0)

  const result = scores.slice()
  const ofServer = new Float64Array(servers.reduce((last, server) => Math.max(last, server + 1), 0))
  for (const [at, [index, place]] of present.entries()) {
    const share = (density * (powers[at] as number)) / sum
    const lost = (failedWeight * (failed[place] as number)) / (total + against + settings.unseen)
    const fit = (share - lost) * (trust[place] as number)
    result[index] = (result[index] as number) + settings.fit * fit + settings.follows * (follows[place] as number)
    const server = servers[index] as number
    if (server >= 0) ofServer[server] = (ofServer[server] as number) + share
  }
  if (settings.server > 0) {
    for (const [index, server] of servers.entries()) {
      if (server >= 0) result[index] = (result[index] as number) + settings.server * (ofServer[server] as number)
    }
  }
  if (settings.together > 0) addTogether(result, present, evidence, settings.together)
  return result
}

// Of the scores: a tool that is so much behind the first one has a third of its say.
const firstSpread = 0.05
const leastShare = 0.01

/** What stands first for a need brings along what served with it before: one need may ask for several tools. */
function addTogether(result: Float64Array, present: readonly (readonly [number, number])[], { together }: Evidence, weight: number): void {
  if (together.size === 0) return
  const most = result.reduce((best, score) => Math.max(best, score), Number.NEGATIVE_INFINITY)
  const total = result.reduce((sum, score) => sum + Math.exp((score - most) / firstSpread), 0)
  const indexes = new Map(present.map(([index, place]) => [place, index]))
  const shares = present.map(([index, place]) => [place, Math.exp(((result[index] as number) - most) / firstSpread) / total] as const)
  for (const [place, share] of shares) {
    if (share < leastShare) continue
    for (const { to, lower } of together.get(place) ?? []) {
      const index = indexes.get(to)
      if (index !== undefined) result[index] = (result[index] as number) + weight * share * lower
    }
  }
}

/** The mean of the needs that each tool served. */
function centresOf({ width, weights }: LearnedFacts, vectors: Float32Array, starts: Int32Array): Float32Array {
  const centres = new Float32Array((starts.length - 1) * width)
  for (let place = 0; place + 1 < starts.length; place += 1) {
    const rows = weights.slice(starts[place], starts[place + 1]).flatMap((weight, at) => (weight > 0 ? (starts[place] as number) + at : []))
    for (const row of rows) {
      for (let at = 0; at < width; at += 1) {
        centres[place * width + at] = (centres[place * width + at] as number) + (vectors[row * width + at] as number) / rows.length
      }
    }
  }
  return centres
}

function dot(vectors: Float32Array, start: number, vector: Float32Array): number {
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  let at = 0
  for (; at + 3 < vector.length; at += 4) {
    first += (vectors[start + at] as number) * (vector[at] as number)
    second += (vectors[start + at + 1] as number) * (vector[at + 1] as number)
    third += (vectors[start + at + 2] as number) * (vector[at + 2] as number)
    fourth += (vectors[start + at + 3] as number) * (vector[at + 3] as number)
  }
  for (; at < vector.length; at += 1) first += (vectors[start + at] as number) * (vector[at] as number)
  return first + second + third + fourth
}
