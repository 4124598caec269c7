import type { Region } from '../../computer/action.ts'
import { OcrError } from '../../errors.ts'
import { crop, pixelsWithin, type Raster } from '../../images/raster.ts'
import { type OnnxRuntime, onnxRuntimes } from '../minilm-protocol.ts'
import { createModelThread, defaultThreads, outcomeOf, type Unit } from '../model-thread.ts'
import type { Ocr, TextBox } from './ocr.ts'
import type { OcrWorkerSettings, ReadLine, ToOcrWorker } from './ppocr-protocol.ts'

export interface PpOcrOptions {
  /** Which runtimes may be used, in the order they are tried. */
  runtimes?: readonly OnnxRuntime[] | undefined
  /** Of `onnxruntime-node`; `onnxruntime-web` has one. */
  threads?: number | undefined
  /** After this long without a picture the worker ends and its memory is given back; the next picture starts it again. */
  idleMs?: number | undefined
  /** Where the worker's file lies, when a bundler has moved it. */
  workerUrl?: URL | undefined
}

/** `skipped` says which runtimes were tried before the one that runs, and why they did not work. */
export interface PpOcr extends Ocr {
  readonly runtime: OnnxRuntime | undefined
  readonly skipped: readonly { runtime: string; reason: string }[]
}

interface Job extends Unit<readonly ReadLine[]> {
  readonly raster: Raster
  readonly part: Region
}

/** A small picture is a click's, which a person or an agent waits for: it passes large ones that wait. */
const smallPixels = 200_000

/**
 * PP-OCRv4 in ONNX Runtime on a worker thread: Latin letters and Chinese, each piece of a row in a box of its own.
 *
 * Nothing is loaded before the first picture, and one is read at a time. An aborted one leaves the queue, or ends after the part that
 * is being computed. Packages that are missing fail each call in the same words without another try.
 */
export function createPpOcr({
  runtimes = onnxRuntimes,
  threads = defaultThreads(),
  idleMs = 5 * 60_000,
  workerUrl = new URL(import.meta.url.endsWith('.ts') ? './ppocr-worker.ts' : './ppocr-worker.js', import.meta.url),
}: PpOcrOptions = {}): PpOcr {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`Cannot create the text reader: threads must be an integer >= 1, received ${threads}`)
  }

  let waiting: Job[] = []
  const settings: OcrWorkerSettings = { runtimes, threads }
  const thread = createModelThread<Job, readonly ReadLine[]>({
    name: 'signalbox-ocr',
    workerUrl,
    settings,
    end: { type: 'end' } satisfies ToOcrWorker,
    idleMs,
    isWaiting: () => waiting.length > 0,
    next: () => takeNext(waiting),
    messageFor({ raster, part }, job) {
      // A copy, because the raster is shared and the pixels are handed over.
      const { width, height, data } = crop(raster, part)
      return { message: { type: 'read', job, width, height, data } satisfies ToOcrWorker, transfer: [data.buffer as ArrayBuffer] }
    },
    rejectWaiting(reason) {
      for (const job of waiting.splice(0)) job.reject(reason)
    },
    errorFor: (attempt, reason, options) =>
      new OcrError(`Cannot ${attempt === 'start' ? 'start the text reader' : 'read the texts of a picture'}: ${reason}`, options),
    closedError: () => new OcrError('Cannot read the texts of a picture: the text reader is closed'),
  })

  return {
    id: 'ppocr-v4',
    get runtime() {
      return thread.runtime
    },
    get skipped() {
      return thread.skipped
    },

    async read(raster, { within, signal } = {}) {
      signal?.throwIfAborted()
      thread.requireUsable()
      const part = pixelsWithin(raster, within ?? { left: 0, top: 0, right: raster.width, bottom: raster.height })
      if (part.right <= part.left || part.bottom <= part.top) return []

      const lines = await outcomeOf<readonly ReadLine[]>(signal, (unit) => {
        const job: Job = { ...unit, raster, part }
        waiting.push(job)
        thread.proceed()
        return () => {
          waiting = waiting.filter((other) => other !== job)
          // The worker answers for it still, and then takes the next.
          const number = thread.numberOf(job)
          if (number !== undefined) thread.post({ type: 'cancel', job: number } satisfies ToOcrWorker)
        }
      })
      return lines.map((line) => moved(line, part))
    },

    close: () => thread.close(),
  }
}

function takeNext(waiting: Job[]): Job | undefined {
  const small = waiting.findIndex(({ part }) => (part.right - part.left) * (part.bottom - part.top) <= smallPixels)
  return waiting.splice(Math.max(0, small), 1)[0]
}

function moved({ left, top, right, bottom, centres, ...line }: ReadLine, part: Region): TextBox {
  return {
    ...line,
    left: left + part.left,
    top: top + part.top,
    right: right + part.left,
    bottom: bottom + part.top,
    centres: centres.map((centre) => centre + part.left),
  }
}
