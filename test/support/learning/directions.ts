import { createHash } from 'node:crypto'
import type { Embedder } from '../../../models/embedder.ts'
import { type CallEntry, toBase64 } from '../../../src/learning/outcome-entry.ts'
import { hostedTool } from '../search/needs.ts'

export const dimensions = 24
export const tools = Array.from({ length: 30 }, (_, index) => hostedTool(`office/job${index}`, `Does the work of desk ${index}`))

/** A direction of its own for each text: nothing is alike but what is the same. */
function unit(text: string, around?: Float32Array): Float32Array {
  const digest = createHash('shake256', { outputLength: dimensions }).update(text).digest()
  const own = Float32Array.from(digest, (byte) => byte / 127.5 - 1)
  const sum = own.map((value, index) => (around === undefined ? value : (around[index] ?? 0) + 0.15 * value))
  const length = Math.hypot(...sum)
  return sum.map((value) => value / length)
}
export const embedder: Embedder = {
  id: 'directions',
  dimensions,
  runtime: 'test',
  embed: async (texts) => texts.map((text) => unit(text)),
  close: async () => undefined,
}

/** What a need means that is the `number`th and one of eight kinds. */
export function needVector(number: number): Float32Array {
  return unit(`need ${number}`, unit(`kind ${number % 8}`))
}

/** A call that served the `number`th need, unless `facts` say otherwise. */
export function callOf(number: number, tool: number, facts: Partial<CallEntry> = {}): CallEntry {
  const { name, hash } = tools[tool] as (typeof tools)[number]
  const need = { vector: toBase64(needVector(number)), embedder: embedder.id, words: [] }
  return { tool: name, server: 'office', hash, door: 'call', outcome: 'accepted', ms: 1, need, rank: 0, propensity: 1, ...facts }
}
