import { dot } from '../../models/embedder.ts'
import { wordsOf } from '../../tools/search/words.ts'
import { createToolSearch } from '../../tools/search.ts'
import type { HostedTool } from '../../tools/tool.ts'
import { isTuned } from '../tool-search/data.ts'
import { type Need, type NeedSet, shareOf } from './data.ts'
import type { PreparedEmbedder } from './vectors.ts'

export interface PreparedNeed extends Need {
  readonly vector: Float32Array
  readonly words: readonly string[]
  /** Places of the right tools. */
  readonly right: readonly number[]
}

/** Scores of all tools for one need, in the order of the tools. */
export type Ranking = (index: number) => Float64Array

export interface PreparedSet {
  readonly name: string
  readonly tools: readonly HostedTool[]
  readonly needs: readonly PreparedNeed[]
  /** A vector of each tool's name and description. */
  readonly toolVectors: readonly Float32Array[]
  readonly words: Ranking
  readonly plain: Ranking
  readonly shipped: Ranking
}

export async function prepareSet(set: NeedSet, embedder: PreparedEmbedder): Promise<PreparedSet> {
  await embedder.prepare(
    set.name.replace(/\W+/g, '-'),
    set.needs.map((need) => need.text),
  )
  // The search goes by name, so that places here and there are the same.
  const tools = set.tools.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const places = new Map(tools.map((tool, place) => [tool.name, place]))
  const vectors = await embedder.embed(set.needs.map((need) => need.text))
  const toolVectors = await embedder.embed(tools.map((tool) => `${tool.tool}: ${tool.description}`.slice(0, 600)))
  const needs = set.needs.map((need, index) => ({
    ...need,
    vector: vectors[index] as Float32Array,
    words: wordsOf(need.text),
    right: need.gold.flatMap((name) => places.get(name) ?? []),
  }))
  return {
    name: set.name,
    tools,
    needs,
    toolVectors,
    words: await scoresOf(needs, tools, undefined),
    shipped: await scoresOf(needs, tools, embedder),
    plain: (index) => Float64Array.from(toolVectors, (vector) => dot(vector, (needs[index] as PreparedNeed).vector)),
  }
}

async function scoresOf(needs: readonly Need[], tools: readonly HostedTool[], embedder: PreparedEmbedder | undefined): Promise<Ranking> {
  const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
  // On a busy machine too: a need whose vector is late would be counted as one by meaning, and was answered by words.
  const search = createToolSearch({ embedder, log: quiet, needLimitMs: 600_000 })
  search.index({ tools, prompts: [], resources: [], templates: [], hash: 'bench' })
  await search.settled()
  const places = new Map(tools.map((tool, place) => [tool.name, place]))
  const all = new Float64Array(needs.length * tools.length)
  for (const [index, need] of needs.entries()) {
    const { hits } = await search.find({ need: need.text, limit: tools.length })
    for (const hit of hits) all[index * tools.length + (places.get(hit.tool.name) as number)] = hit.score
  }
  search.close()
  return (index) => all.slice(index * tools.length, (index + 1) * tools.length)
}

/** A part of a set: what was called before, and what is asked afterwards. */
export interface Split {
  readonly past: readonly number[]
  readonly asked: readonly number[]
}

/** 70 % of the needs are past calls. Of the others, those of one half are asked: constants were chosen with the tuned half alone. */
export function splitOf(set: PreparedSet, part: 'tuned' | 'reported', salt: string): Split {
  // The turns of a conversation stay together.
  const keys = set.needs.map((need) => need.id.split(':turn')[0] as string)
  const isPast = (index: number) => shareOf(keys[index] as string, salt) < 0.7
  const indexes = [...set.needs.keys()]
  return {
    past: indexes.filter(isPast),
    asked: indexes.filter((index) => !isPast(index) && isTuned(keys[index] as string) === (part === 'tuned')),
  }
}

/** How many of the right tools are among the first ten, of those there are. */
export function recallOf(set: PreparedSet, asked: readonly number[], ranking: Ranking): number {
  const shares = asked.map((index) => {
    const { right } = set.needs[index] as PreparedNeed
    return ranksOf(ranking(index), right).filter((rank) => rank < 10).length / right.length
  })
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}

export interface Figures {
  readonly gain: number
  readonly first: number
}

/** nDCG@5, and how often a right tool stands first. */
export function figuresOf(set: PreparedSet, asked: readonly number[], ranking: Ranking): Figures {
  let gain = 0
  let first = 0
  for (const index of asked) {
    const { right } = set.needs[index] as PreparedNeed
    const ranks = ranksOf(ranking(index), right)
    gain += gainAt(ranks) / gainAt(right.map((_, rank) => rank))
    first += ranks.some((rank) => rank === 0) ? 1 : 0
  }
  return { gain: gain / asked.length, first: first / asked.length }
}

function ranksOf(scores: Float64Array, places: readonly number[]): number[] {
  return places.map((place) => {
    const score = scores[place] as number
    let rank = 0
    for (let other = 0; other < scores.length; other += 1) {
      const value = scores[other] as number
      if (value > score || (value === score && other < place)) rank += 1
    }
    return rank
  })
}

function gainAt(ranks: readonly number[]): number {
  return ranks.reduce((sum, rank) => sum + (rank < 5 ? 1 / Math.log2(rank + 2) : 0), 0)
}
