import type { Embedder, EmbedOptions } from '../../../models/embedder.ts'

/** An embedder whose meaning is a list of topics: words of one topic are the same thing to it, and of two topics nothing alike. */
export interface TopicEmbedder extends Embedder {
  /** What it was asked, in order. */
  readonly calls: { texts: readonly string[]; priority: EmbedOptions['priority'] }[]
  /** Fails each call from now on; `undefined` mends it. */
  fail(reason: Error | undefined): void
  /** Holds back each call that matches until the returned function is called. */
  hold(matches: (options: EmbedOptions) => boolean): () => void
}

export function topicEmbedder(topics: readonly (readonly string[])[]): TopicEmbedder {
  const calls: TopicEmbedder['calls'] = []
  let failure: Error | undefined
  let held: { matches: (options: EmbedOptions) => boolean; released: Promise<void> } | undefined

  return {
    id: 'topics',
    dimensions: topics.length + otherMeanings,
    runtime: 'test',
    calls,
    fail(reason) {
      failure = reason
    },
    hold(matches) {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = { matches, released: promise }
      return () => {
        held = undefined
        resolve()
      }
    },
    async embed(texts, options = {}) {
      calls.push({ texts, priority: options.priority })
      if (held?.matches(options)) await Promise.race([held.released, rejectedBy(options.signal)])
      if (failure) throw failure
      return texts.map((text) => vectorOf(text, topics))
    },
    embedWords: async (texts) =>
      texts.map((text) => {
        const words = wordsOf(text)
        return { words, vectors: words.map((word) => vectorOf(word, topics)) }
      }),
    async close() {},
  }
}

function rejectedBy(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }))
}

const otherMeanings = 16

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z]+/g) ?? []
}

/** Text without a topic means something else, mostly another thing than other such text. */
function vectorOf(text: string, topics: readonly (readonly string[])[]): Float32Array {
  const words = wordsOf(text)
  const counts = topics.map((topic) => words.filter((word) => topic.includes(word)).length)
  const other = counts.some((count) => count > 0) ? -1 : text.length % otherMeanings
  const vector = Float32Array.from([...counts, ...Array.from({ length: otherMeanings }, (_, meaning) => (meaning === other ? 1 : 0))])
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
