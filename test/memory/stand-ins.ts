import type { Embedder } from '../../models/embedder.ts'

export const estimateTokens = (text: string): number => Math.ceil(text.length / 4)

/** An embedder whose meaning is the first letters of words: texts with like words point the same way. It records what it was asked. */
export function letters({
  fails,
}: {
  fails?: () => Error | undefined
} = {}): Embedder & { asked: { texts: readonly string[]; priority: string | undefined }[] } {
  const asked: { texts: readonly string[]; priority: string | undefined }[] = []
  return {
    id: 'letters',
    dimensions: 26,
    runtime: 'test',
    asked,
    async embed(texts, { signal, priority } = {}) {
      signal?.throwIfAborted()
      asked.push({ texts, priority })
      const failure = fails?.()
      if (failure !== undefined) throw failure
      return texts.map((text) => {
        if (text.trim() === '' || text.startsWith('(refused)')) throw new RangeError('Cannot embed this text')
        const vector = new Float32Array(26)
        for (const word of text.toLowerCase().match(/[a-z]+/g) ?? [])
          vector[word.charCodeAt(0) - 97] = (vector[word.charCodeAt(0) - 97] ?? 0) + 1
        const length = Math.hypot(...vector) || 1
        return vector.map((value) => value / length)
      })
    },
    close: async () => undefined,
  }
}
