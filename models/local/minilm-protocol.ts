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
}

/** Sent instead of a batch: the worker ends by itself, since ending it inside the native library brings the process down. */
export const endOfWork = 'end'

export type FromWorker =
  | { type: 'ready'; runtime: OnnxRuntime; skipped: { runtime: string; reason: string }[] }
  /** Nothing can run; the worker ends. */
  | { type: 'failed'; message: string }
  /** One row a text, in the order sent. */
  | { type: 'vectors'; batch: number; vectors: Float32Array }
  | { type: 'error'; batch: number; message: string }
