import type { Region } from '../../../models/computer/action.ts'
import { dot, type Embedder } from '../../../models/embedder.ts'
import type { ImageEncoder } from '../../../models/image-encoder.ts'
import { crop, type Raster } from '../../../models/images/raster.ts'

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

/** What a deployment knows of its own targets by how they look. */
export interface TargetPictures {
  /** @throws {EmbedderError} If the pictures cannot be compared. */
  score(raster: Raster, region: Region, options?: { signal?: AbortSignal | undefined }): Promise<TargetRisk | undefined>
  close(): Promise<void>
}

export interface KnownPicture {
  /** By which people know it: its file. */
  readonly name: string
  readonly raster: Raster
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
      return vector && contrast(vector, known, { least, margin, names: risky })
    },
  }
}

/**
 * The same by pictures: a target counts as risky when it looks more like a risky example than like every safe one, and enough like it.
 * How alike pictures of different things are differs from model to model, and so does what is enough.
 */
export function createTargetPictures(
  encoder: ImageEncoder,
  examples: () => Promise<{ readonly safe: readonly KnownPicture[]; readonly risky: readonly KnownPicture[] }>,
  { least, margin = 0.02 }: { least: number; margin?: number | undefined },
): TargetPictures {
  let loading: Promise<Known & { readonly names: readonly string[] }> | undefined
  const load = async () => {
    const { safe, risky } = await examples()
    const vectors = await encoder.encode([...safe, ...risky].map(({ raster }) => raster))
    return { safe: vectors.slice(0, safe.length), risky: vectors.slice(safe.length), names: risky.map(({ name }) => name) }
  }
  return {
    async score(raster, region, { signal } = {}) {
      loading ??= load()
      loading.catch(() => {
        loading = undefined
      })
      const known = await loading
      const [vector] = await encoder.encode([crop(raster, region)], { signal })
      return vector && contrast(vector, known, { least, margin, names: known.names })
    },
    close: () => encoder.close(),
  }
}

function contrast(
  vector: Float32Array,
  { safe, risky }: Known,
  { least, margin, names }: { least: number; margin: number; names: readonly string[] },
): TargetRisk | undefined {
  const scores = risky.map((other) => dot(vector, other))
  const score = Math.max(...scores)
  const safest = safe.reduce((most, other) => Math.max(most, dot(vector, other)), 0)
  if (score < least) return undefined
  return { score: Math.min(1, score), margin: score - safest - margin, nearest: names[scores.indexOf(score)] ?? '' }
}
