import { dot, type Embedder } from '../../models/embedder.ts'

/** A label with one of the texts that stand for it. */
export interface LabelledExample {
  readonly label: string
  readonly text: string
}

/** Embeds texts once, at the first call; a failure is tried again at the next. */
export function onceEmbedded(texts: readonly string[]): (embedder: Embedder) => Promise<readonly Float32Array[]> {
  let prepared: Promise<readonly Float32Array[]> | undefined
  return (embedder) => {
    prepared ??= embedder.embed(texts).catch((error: unknown) => {
      prepared = undefined
      throw error
    })
    return prepared
  }
}

/** The largest cosine with any of the vectors; −1 without one. */
export function nearestCosine(query: Float32Array, vectors: readonly Float32Array[]): number {
  return vectors.reduce((best, vector) => Math.max(best, dot(query, vector)), -1)
}
