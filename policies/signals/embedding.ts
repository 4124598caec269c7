import { z } from 'zod'
import { dot } from '../../models/embedder.ts'
import type { Pool } from '../../models/pool.ts'
import { defineSignal, type SignalSurroundings } from './signal.ts'

/** The text is cut to what the embedder reads well: about 200 words from its start and end. */
const maxWords = 160

/**
 * The label whose examples lie nearest to the step's text, by the largest cosine; empty when none is near enough.
 *
 * The examples are embedded once, at the first reading.
 */
export const embedding = defineSignal({
  schema: z.strictObject({
    kind: z.literal('embedding'),
    /** Labels and the texts that stand for each; `pools` takes what each pool says it is for. */
    examples: z.union([z.literal('pools'), z.record(z.string(), z.array(z.string().min(1).max(1000)).min(1).max(200))]),
    /** The best cosine must reach this, else the value is empty. */
    threshold: z.number().min(0).max(1).default(0.35),
    /** And be better than the next label's by this. */
    margin: z.number().min(0).max(1).default(0.03),
  }),
  create(name, { examples, threshold, margin }, surroundings) {
    const texts = examples === 'pools' ? purposesOf(surroundings.pools) : examples
    const labels = Object.entries(texts).flatMap(([label, ones]) => ones.map((text) => ({ label, text })))
    let prepared: Promise<Float32Array[]> | undefined

    return {
      name,
      cost: 'embed',
      type: 'string',
      values: ['', ...Object.keys(texts)],
      async read(step, { signal }) {
        const embedder = embedderOf(surroundings)
        if (labels.length === 0 || step.text === '') return { value: '', confidence: 0 }
        prepared ??= embedder.embed(labels.map(({ text }) => text)).catch((error: unknown) => {
          prepared = undefined
          throw error
        })
        const vectors = await prepared
        const [query] = await embedder.embed([excerpt(step.text)], { signal, priority: 'query' })
        if (query === undefined) return { value: '', confidence: 0 }
        return nearest(query, vectors, labels, threshold, margin)
      },
    }
  },
})

function embedderOf({ embedder }: SignalSurroundings) {
  if (embedder === undefined) throw new Error('no embedder is configured')
  return embedder
}

/** What each pool says it is for, a piece of text between commas being one example. */
function purposesOf(pools: readonly Pool[]): Record<string, string[]> {
  const purposes: Record<string, string[]> = {}
  for (const pool of pools) {
    const pieces = pool.purpose
      .split(/[,;\n]/)
      .map((piece) => piece.trim())
      .filter((piece) => piece !== '')
    if (pieces.length > 0) purposes[pool.name] = pieces
  }
  return purposes
}

function nearest(
  query: Float32Array,
  vectors: readonly Float32Array[],
  labels: readonly { label: string }[],
  threshold: number,
  margin: number,
) {
  const best = new Map<string, number>()
  vectors.forEach((vector, index) => {
    const label = labels[index]?.label ?? ''
    best.set(label, Math.max(best.get(label) ?? -1, dot(query, vector)))
  })
  const [first, second] = [...best].toSorted((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))
  if (first === undefined) return { value: '', confidence: 0 }
  const clear = first[1] >= threshold && first[1] - (second?.[1] ?? -1) >= margin
  return { value: clear ? first[0] : '', confidence: Math.max(0, Math.min(1, first[1])) }
}

function excerpt(text: string): string {
  const words = text.split(/\s+/)
  if (words.length <= maxWords) return text
  return [...words.slice(0, maxWords / 2), ...words.slice(-maxWords / 2)].join(' ')
}
