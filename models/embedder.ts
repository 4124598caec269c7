/** Turns texts into unit vectors, so that a dot product is a cosine. */
export interface Embedder {
  /** Model, variant and checksum, or endpoint and model: stored beside each vector, since others are not comparable. */
  readonly id: string
  /** Numbers a vector; `undefined` while only the first answer of an endpoint can tell. */
  readonly dimensions: number | undefined
  /** What runs it, for `status` and `doctor`: `onnxruntime-node`, `onnxruntime-web` or `endpoint`; `undefined` before its first use. */
  readonly runtime: string | undefined
  /**
   * One vector a text, in order. `query` passes a running re-index.
   *
   * @throws {RangeError} If a text is empty: its vector would look valid and mean nothing.
   * @throws {EmbedderError} If the model cannot run.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>
  /** The words of each text as they stand in it, under the conditions of `embed`; not there where only whole texts have vectors. */
  readonly embedWords?: ((texts: readonly string[], options?: EmbedOptions) => Promise<WordVectors[]>) | undefined
  close(): Promise<void>
}

/** The words of a text, in order and in lower case, each with a unit vector of what it means where it stands. */
export interface WordVectors {
  readonly words: readonly string[]
  readonly vectors: readonly Float32Array[]
}

export interface EmbedOptions {
  signal?: AbortSignal | undefined
  priority?: 'query' | 'index' | undefined
}

/** Where vectors are kept between runs, keyed by embedder id and content hash (lower-case hex SHA-256 of the text). */
export interface VectorCache {
  get(embedderId: string, hashes: readonly string[]): Promise<(Float32Array | undefined)[]>
  put(embedderId: string, entries: readonly { hash: string; vector: Float32Array }[]): Promise<void>
}

/** Of two vectors of one length: their cosine where both are unit vectors. */
export function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0)
  return sum
}
