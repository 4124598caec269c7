/** The runtimes that read the shipped file, in the order they are tried. */
export const onnxRuntimes = ['onnxruntime-node', 'onnxruntime-web'] as const
export type OnnxRuntime = (typeof onnxRuntimes)[number]

export interface WorkerSettings {
  directory: string
  sha256: { model: string; vocabulary: string }
  runtimes: readonly OnnxRuntime[]
  threads: number
}

export interface ToWorker {
  batch: number
  texts: readonly string[]
  /** Whether the words of each text are wanted as well. */
  words: boolean
}

/** Sent instead of a batch: the worker ends by itself, since ending it inside the native library brings the process down. */
export const endOfWork = 'end'

export interface Vectors {
  /** One row a text, in the order sent. */
  readonly texts: Float32Array
  /** One row a word, text after text. */
  readonly words?: { readonly vectors: Float32Array; readonly written: readonly (readonly string[])[] } | undefined
}
