import { createHash } from 'node:crypto'
import type { Embedder, VectorCache } from '../embedder.ts'

export interface CachedEmbedder extends Embedder {
  readonly counts: CacheCounts
}

/** Since the process started. */
export interface CacheCounts {
  /** Texts for which the model ran. */
  readonly computed: number
  /** Texts whose vector was kept from before; a text that stands twice in one call counts once. */
  readonly cached: number
  /** Reads and writes of the cache that failed. */
  readonly cacheFailures: number
}

/**
 * An embedder that computes a text once: the same text has the same vector from the cache, in this process and the next.
 *
 * A query is neither looked up nor kept: people's queries rarely repeat, each would wait for the look-up, and the cache would grow
 * with each. A cache that fails, or holds something that cannot be a vector of this embedder, costs the time of computing and
 * never an answer.
 */
export function withCache(embedder: Embedder, cache: VectorCache): CachedEmbedder {
  const counts = { computed: 0, cached: 0, cacheFailures: 0 }

  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch {
      counts.cacheFailures += 1
      return undefined
    }
  }

  return {
    id: embedder.id,
    get dimensions() {
      return embedder.dimensions
    },
    get runtime() {
      return embedder.runtime
    },
    get counts() {
      return { ...counts }
    },

    async embed(texts, options = {}) {
      options.signal?.throwIfAborted()
      if (options.priority === 'query') {
        const vectors = await embedder.embed(texts, options)
        counts.computed += texts.length
        return vectors
      }
      const hashOf = new Map(texts.map((text) => [text, contentHash(text)]))
      const distinct = [...hashOf.keys()]
      if (distinct.length === 0) return []
      const kept = await attempt(() => cache.get(embedder.id, [...hashOf.values()]))
      options.signal?.throwIfAborted()

      const vectorOf = new Map<string, Float32Array>()
      for (const [position, text] of distinct.entries()) {
        const vector = kept?.[position]
        if (vector && isUnitVector(vector, embedder.dimensions)) vectorOf.set(text, vector)
      }
      counts.cached += vectorOf.size

      const missing = distinct.filter((text) => !vectorOf.has(text))
      if (missing.length > 0) {
        const computed = await embedder.embed(missing, options)
        counts.computed += missing.length
        const entries: { hash: string; vector: Float32Array }[] = []
        for (const [position, text] of missing.entries()) {
          const [vector, hash] = [computed[position], hashOf.get(text)]
          if (!vector || hash === undefined)
            throw new TypeError(`Cannot embed: ${embedder.id} gave ${computed.length} vectors for ${missing.length} texts`)
          vectorOf.set(text, vector)
          entries.push({ hash, vector })
        }
        await attempt(() => cache.put(embedder.id, entries))
      }
      return texts.map((text) => vectorOf.get(text) as Float32Array)
    },

    // Words have too many numbers to be kept.
    embedWords: embedder.embedWords && ((texts, options) => embedder.embedWords?.(texts, options) ?? Promise.resolve([])),

    close: () => embedder.close(),
  }
}

/** The key of a text in a `VectorCache`. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

function isUnitVector(vector: Float32Array, dimensions: number | undefined): boolean {
  if (dimensions !== undefined && vector.length !== dimensions) return false
  const square = vector.reduce((sum, value) => sum + value * value, 0)
  return Math.abs(square - 1) < 1e-2
}
