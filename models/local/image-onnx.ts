import { EmbedderError } from '../errors.ts'
import type { ImageEncoder } from '../image-encoder.ts'
import type { Raster } from '../images/raster.ts'
import { loadSharp } from '../images/sharp.ts'
import type { EncoderSettings, PictureModel, ToEncoder } from './image-onnx-protocol.ts'
import { type OnnxRuntime, onnxRuntimes } from './minilm-protocol.ts'
import { createModelThread, defaultThreads, type Unit } from './model-thread.ts'

export interface OnnxImageEncoderOptions {
  /** Of the vision part of a model as `.onnx`: pixels in, one vector a picture out. */
  path: string
  family: PictureModel
  /** The side of its pictures, in pixels. */
  size: number
  runtimes?: readonly OnnxRuntime[] | undefined
  threads?: number | undefined
  /** After this long without a picture the worker ends and its memory is given back. */
  idleMs?: number | undefined
  /** Where the worker's file lies, when a bundler has moved it. */
  workerUrl?: URL | undefined
}

interface Job extends Unit<Float32Array> {
  readonly raster: Raster
}

/**
 * A model like CLIP or SigLIP in ONNX Runtime on a worker thread. Pictures are padded to a square, not cut: what is wide has its words at
 * both ends.
 *
 * Nothing is loaded before the first picture. A file that cannot be used fails each call in the same words without another try.
 */
export function createOnnxImageEncoder({
  path,
  family,
  size,
  runtimes = onnxRuntimes,
  threads = defaultThreads(),
  idleMs = 5 * 60_000,
  workerUrl = new URL(import.meta.url.endsWith('.ts') ? './image-onnx-worker.ts' : './image-onnx-worker.js', import.meta.url),
}: OnnxImageEncoderOptions): ImageEncoder {
  const waiting: Job[] = []
  const thread = createModelThread<Job, Float32Array>({
    name: 'signalbox-pictures',
    workerUrl,
    settings: { path, family, runtimes, threads } satisfies EncoderSettings,
    end: { type: 'end' } satisfies ToEncoder,
    idleMs,
    isWaiting: () => waiting.length > 0,
    next: () => waiting.shift(),
    messageFor({ raster }, unit) {
      // A copy, because a job is sent again when its worker dies.
      const data = new Uint8Array(raster.data)
      return { message: { type: 'encode', unit, ...raster, data } satisfies ToEncoder, transfer: [data.buffer as ArrayBuffer] }
    },
    rejectWaiting(reason) {
      for (const job of waiting.splice(0)) job.reject(reason)
    },
    errorFor: (attempt, reason, options) =>
      new EmbedderError(`Cannot ${attempt === 'work' ? 'encode a picture' : 'start the image encoder'} with ${path}: ${reason}`, options),
    closedError: () => new EmbedderError('Cannot encode a picture: the image encoder is closed'),
  })

  const encodeOne = async ({ width, height, data }: Raster, signal: AbortSignal | undefined): Promise<Float32Array> => {
    const sharp = await loadSharp()
    const square = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(size, size, { fit: 'contain', background: '#ffffff' })
      .raw()
      .toBuffer()
    signal?.throwIfAborted()
    thread.requireUsable()
    return new Promise((resolve, reject) => {
      waiting.push({ raster: { width: size, height: size, data: square }, done: resolve, reject })
      thread.proceed()
    })
  }

  return {
    id: `onnx:${path}`,
    async encode(pictures, { signal } = {}) {
      const vectors: Float32Array[] = []
      for (const picture of pictures) {
        signal?.throwIfAborted()
        vectors.push(await encodeOne(picture, signal))
      }
      return vectors
    },
    close: () => thread.close(),
  }
}
