import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Span } from '../normalise.ts'
import { featureBits, hashOf, type RankOf, visitFeatures } from './features.ts'
import type { Token } from './tokens.ts'

/** What a token belongs to. Organisations are told apart from people, and left out. */
export const nameTags = ['none', 'person', 'address', 'place', 'organisation'] as const
export type NameTag = (typeof nameTags)[number]

export interface NameModel {
  /** One row of `nameTags` for each feature. */
  readonly weights: Float32Array
  /** From one tag to the next. */
  readonly transitions: Float32Array
  readonly rankOf: RankOf
}

export interface NameFinding extends Span {
  readonly type: 'person' | 'address' | 'place'
  readonly score: number
}

const tags = nameTags.length

/** For each token the probability of each tag, over all ways to read the text (a linear chain). */
function probabilities(tokens: readonly Token[], model: NameModel): Float64Array[] {
  const factors = Float64Array.from(model.transitions, Math.exp)
  const emitted = emissions(tokens, model)
  const forward: Float64Array[] = []
  for (const [index, own] of emitted.entries()) {
    const before = forward[index - 1]
    const row = new Float64Array(tags)
    for (let tag = 0; tag < tags; tag += 1) {
      let sum = before === undefined ? 1 : 0
      if (before !== undefined)
        for (let from = 0; from < tags; from += 1) sum += (before[from] as number) * (factors[from * tags + tag] as number)
      row[tag] = sum * (own[tag] as number)
    }
    forward.push(scaled(row))
  }
  let backward: Float64Array = new Float64Array(tags).fill(1)
  const result: Float64Array[] = new Array(tokens.length)
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    result[index] = scaled((forward[index] as Float64Array).map((value, tag) => value * (backward[tag] as number)))
    const own = emitted[index] as Float64Array
    const next = new Float64Array(tags)
    for (let from = 0; from < tags; from += 1) {
      for (let tag = 0; tag < tags; tag += 1) {
        next[from] = (next[from] as number) + (factors[from * tags + tag] as number) * (own[tag] as number) * (backward[tag] as number)
      }
    }
    backward = scaled(next)
  }
  return result
}

/** Up to a factor, so that no number grows out of its range. */
function emissions(tokens: readonly Token[], { weights, rankOf }: NameModel): Float64Array[] {
  const sums = new Float64Array(tokens.length * tags)
  visitFeatures(tokens, { rankOf }, (index, feature) => {
    const to = index * tags
    const from = feature * tags
    for (let tag = 0; tag < tags; tag += 1) sums[to + tag] = (sums[to + tag] as number) + (weights[from + tag] as number)
  })
  return tokens.map((_, index) => {
    const row = sums.subarray(index * tags, (index + 1) * tags)
    const most = Math.max(...row)
    return row.map((value) => Math.exp(value - most))
  })
}

function scaled(row: Float64Array): Float64Array {
  let sum = 0
  for (const value of row) sum += value
  return row.map((value) => value / sum)
}

/** Names, places and addresses: a token counts from the score on, so that more is found than is likely. */
export function tagNames(tokens: readonly Token[], model: NameModel, { threshold }: { threshold: number }): NameFinding[] {
  if (tokens.length === 0) return []
  const rows = probabilities(tokens, model)
  const found: NameFinding[] = []
  let open: { type: NameFinding['type']; from: number; to: number; scores: number[] } | undefined
  const close = () => {
    if (open !== undefined) found.push(...spanOf(tokens, open))
    open = undefined
  }
  for (const [index, row] of rows.entries()) {
    const tag = bestOf(row)
    const type = nameTags[tag]
    const score = row[tag] as number
    if (type === 'none' || type === 'organisation' || type === undefined || score < threshold) {
      close()
      continue
    }
    if (open?.type !== type) close()
    open ??= { type, from: index, to: index, scores: [] }
    open.to = index
    open.scores.push(score)
  }
  close()
  return found
}

/** The likeliest tag but `none`. */
function bestOf(row: Float64Array): number {
  let best = 1
  for (let tag = 2; tag < tags; tag += 1) if ((row[tag] as number) > (row[best] as number)) best = tag
  return best
}

function spanOf(
  tokens: readonly Token[],
  { type, from, to, scores }: { type: NameFinding['type']; from: number; to: number; scores: number[] },
): NameFinding[] {
  let [first, last] = [from, to]
  const isSign = (index: number) => !/[\p{L}\d]/u.test(tokens[index]?.text ?? '')
  while (first <= last && isSign(first)) first += 1
  while (last >= first && isSign(last)) last -= 1
  const [start, end] = [tokens[first]?.start, tokens[last]?.end]
  if (first > last || start === undefined || end === undefined) return []
  return [{ type, start, end, score: Math.max(...scores) }]
}

let shipped: NameModel | undefined

/** The model that comes with Signalbox, read with the first text. `scripts/train-names.ts` made it. */
export function shippedNames(): NameModel {
  shipped ??= decodeNames(readFileSync(fileURLToPath(new URL('./names.head', import.meta.url))))
  return shipped
}

/** One line of JSON that people can read; weights in 8 bits; then the words that have a rank, as 29 bits of hash and 3 of rank. */
export function encodeNames(
  model: Pick<NameModel, 'weights' | 'transitions'>,
  ranks: ReadonlyMap<string, number>,
  notes: Readonly<Record<string, unknown>>,
): Buffer {
  const scale = model.weights.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127
  const header = { format: 'signalbox-names', version: 1, tags: nameTags, bits: featureBits, scale, words: ranks.size, ...notes }
  const words = Uint32Array.from(ranks, ([word, rank]) => ((hashOf(word) >>> 3) << 3) | rank).toSorted()
  const weights = Int8Array.from(model.weights, (value) => Math.round(value / scale))
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(header)}\n`),
    Buffer.from(weights.buffer),
    Buffer.from(Float32Array.from(model.transitions).buffer),
    Buffer.from(words.buffer),
  ])
}

function decodeNames(file: Uint8Array): NameModel {
  const bytes = Buffer.from(file)
  const line = bytes.indexOf(10)
  const header = JSON.parse(bytes.subarray(0, line).toString('utf8')) as { format: string; bits: number; scale: number; words: number }
  if (header.format !== 'signalbox-names' || header.bits !== featureBits)
    throw new Error('Cannot read names.head: it is of another version')
  let at = line + 1
  const block = (length: number) => {
    const part = Uint8Array.from(bytes.subarray(at, at + length)).buffer
    at += length
    return part
  }
  const weights = Float32Array.from(new Int8Array(block(tags * 2 ** featureBits)), (value) => value * header.scale)
  const transitions = new Float32Array(block(tags * tags * 4))
  const words = new Uint32Array(block(header.words * 4))
  return { weights, transitions, rankOf: (word) => rankIn(words, hashOf(word)) }
}

const unranked = 5

function rankIn(words: Uint32Array, hash: number): number {
  const wanted = ((hash >>> 3) << 3) >>> 0
  let [low, high] = [0, words.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((words[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  const found = words[low] ?? 0
  return low < words.length && found >>> 3 === wanted >>> 3 ? found & 7 : unranked
}
