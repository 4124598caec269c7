import { dot, type Embedder } from '../../models/embedder.ts'
import type { Signal } from './signal.ts'

export interface EmbeddingOptions {
  name: string
  /** Labels and the texts that stand for each. */
  examples: Readonly<Record<string, readonly string[]>>
  /** The best cosine must reach this, else the value is empty. */
  threshold: number
  /** And be better than the next label's by this. */
  margin: number
  embedder: Embedder
}

/** The text is cut to what the embedder reads well: about 200 words from its start and end. */
const maxWords = 160

/**
 * The label whose examples lie nearest to the step's text, by the largest cosine; empty when none is near enough.
 *
 * The examples are embedded once, at the first reading.
 */
export function embedding({ name, examples, threshold, margin, embedder }: EmbeddingOptions): Signal {
  const labels = Object.entries(examples).flatMap(([label, texts]) => texts.map((text) => ({ label, text })))
  let prepared: Promise<Float32Array[]> | undefined

  return {
    name,
    cost: 'embed',
    type: 'string',
    async read(step, { signal }) {
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
