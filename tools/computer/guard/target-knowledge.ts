import type { Region } from '../../../models/computer/action.ts'
import { dot, type Embedder } from '../../../models/embedder.ts'
import type { Raster } from '../../../models/images/raster.ts'

/** Says whether a control looks like what a claim names. A plug-in: none is shipped. */
export interface TargetImages {
  /** @returns 0 to 1, or nothing when it cannot tell. */
  compare(raster: Raster, region: Region, claim: string, options: { signal?: AbortSignal | undefined }): Promise<number | undefined>
}

export interface TargetRisk {
  /** 0 to 1: likeness to the nearest risky target. */
  readonly score: number
  /** How much nearer the risky ones are than the safe ones, beyond what is asked for. */
  readonly margin: number
  readonly nearest: string
}

/** What a deployment knows of its own targets. */
export interface TargetKnowledge {
  score(label: string, options?: { signal?: AbortSignal | undefined }): Promise<TargetRisk | undefined>
}

interface Known {
  readonly safe: Float32Array[]
  readonly risky: Float32Array[]
}

/**
 * Contrastive: a label counts as risky when it is nearer to a risky text than to every safe one, and near enough to mean the same.
 * The lists have their vectors at the first question.
 */
export function createTargetKnowledge(
  embedder: Embedder,
  {
    safe,
    risky,
    least = 0.5,
    margin = 0.05,
  }: { safe: readonly string[]; risky: readonly string[]; least?: number | undefined; margin?: number | undefined },
): TargetKnowledge {
  let loading: Promise<Known> | undefined
  const load = async (): Promise<Known> => {
    const vectors = await embedder.embed([...safe, ...risky])
    return { safe: vectors.slice(0, safe.length), risky: vectors.slice(safe.length) }
  }
  return {
    async score(label, { signal } = {}) {
      if (risky.length === 0) return undefined
      loading ??= load()
      loading.catch(() => {
        loading = undefined
      })
      const known = await loading
      const [vector] = await embedder.embed([label], { signal, priority: 'query' })
      if (!vector) return undefined
      const scores = known.risky.map((other) => dot(vector, other))
      const score = Math.max(...scores)
      const safest = known.safe.reduce((most, other) => Math.max(most, dot(vector, other)), 0)
      if (score < least) return undefined
      return { score: Math.min(1, score), margin: score - safest - margin, nearest: risky[scores.indexOf(score)] ?? '' }
    },
  }
}
