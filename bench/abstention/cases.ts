import { createHash } from 'node:crypto'
import { dot } from '../../models/embedder.ts'
import { wordsOf } from '../../tools/search/words.ts'
import type { HostedTool } from '../../tools/tool.ts'
import { isTuned } from '../tool-search/data.ts'
import type { Need } from './data.ts'

/** One need before a choice of tools, and whether one of them fits. */
export interface Case {
  readonly id: string
  readonly text: string
  /** Exposed names of the right tools; none when nothing fits. */
  readonly gold: readonly string[]
  /** Exposed names of those that may be chosen; all unless given. */
  readonly among?: ReadonlySet<string> | undefined
  /** Exposed names of those that may not. */
  readonly without?: ReadonlySet<string> | undefined
  readonly tuned: boolean
}

/*
 * A near-duplicate of a tool may do its work, so a need whose right tool was taken away is answered by none only when they go too: those
 * of the same name, those that share four fifths of their words, and those whose vectors of name and description are this near.
 * Settled by reading pairs: what is nearer than .7 mostly does the same. Between .6 and .7 about half of it would do for the need, so
 * figures at .6 and .5 stand beside.
 */
export const nearDuplicateCosine = 0.7
const nearDuplicateWords = 0.8

export type Duplicates = (name: string, cosine: number) => ReadonlySet<string>

/** `vectors` are those of each tool's name and description, in the order of the tools. */
export function createDuplicates(tools: readonly HostedTool[], vectors: readonly Float32Array[]): Duplicates {
  const places = new Map(tools.map((tool, place) => [tool.name, place]))
  const words = tools.map((tool) => new Set(wordsOf(`${tool.tool} ${tool.description}`)))
  const nearness = new Map<string, Float64Array>()

  function nearnessTo(name: string): Float64Array {
    const known = nearness.get(name)
    if (known) return known
    const own = places.get(name)
    if (own === undefined) throw new RangeError(`A tool was expected in the catalogue, received ${name}`)
    const same = (place: number) => tools[place]?.tool.toLowerCase() === tools[own]?.tool.toLowerCase()
    const alike = (place: number) => overlap(words[own] as Set<string>, words[place] as Set<string>) >= nearDuplicateWords
    const near = Float64Array.from(tools.keys(), (place) =>
      same(place) || alike(place) ? 1 : dot(vectors[own] as Float32Array, vectors[place] as Float32Array),
    )
    nearness.set(name, near)
    return near
  }

  return (name, cosine) => {
    const near = nearnessTo(name)
    return new Set(tools.filter((_, place) => (near[place] as number) >= cosine).map((tool) => tool.name))
  }
}

/** The need before all tools. */
export function answerable(need: Need): Case {
  return { id: need.id, text: need.text, gold: need.gold, tuned: isTuned(need.id) }
}

/** The need before all tools but the right ones and their near-duplicates. */
export function unanswerable(need: Need, duplicates: Duplicates, cosine: number): Case {
  return { id: need.id, text: need.text, gold: [], without: goneWith(need, duplicates, cosine), tuned: isTuned(need.id) }
}

/** The need before a few tools, drawn from those that remain: once with a right one in place of the last, once without. */
export function inProfile(need: Need, size: number, tools: readonly HostedTool[], duplicates: Duplicates): Case[] {
  const gone = goneWith(need, duplicates, nearDuplicateCosine)
  const drawn = drawnFrom(
    tools.map((tool) => tool.name).filter((name) => !gone.has(name)),
    size,
    `${size} ${need.id}`,
  )
  const right = need.gold[0] as string
  const common = { id: need.id, text: need.text, tuned: isTuned(need.id) }
  return [
    { ...common, gold: [right], among: new Set([...drawn.slice(0, -1), right]) },
    { ...common, gold: [], among: new Set(drawn) },
  ]
}

/** The need before the tools that its row offers. */
export function amongCandidates(need: Need): Case {
  return { id: need.id, text: need.text, gold: need.gold, among: need.candidates && new Set(need.candidates), tuned: isTuned(need.id) }
}

function goneWith(need: Need, duplicates: Duplicates, cosine: number): ReadonlySet<string> {
  return new Set(need.gold.flatMap((name) => [...duplicates(name, cosine)]))
}

/** The same names each time: a Fisher-Yates shuffle whose numbers follow from the seed. */
function drawnFrom(names: readonly string[], size: number, seed: string): string[] {
  const rest = [...names]
  const hash = createHash('shake128', { outputLength: size * 4 })
  const numbers = hash.update(seed).digest()
  return Array.from({ length: Math.min(size, rest.length) }, (_, draw) => {
    const [name] = rest.splice(numbers.readUInt32BE(draw * 4) % rest.length, 1)
    return name as string
  })
}

function overlap(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const shared = left.intersection(right).size
  return shared / Math.max(1, left.size + right.size - shared)
}
