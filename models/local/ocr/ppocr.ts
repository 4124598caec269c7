import type { Worker } from 'node:worker_threads'
import type { Region } from '../../computer/action.ts'
import { OcrError } from '../../errors.ts'
import { crop, pixelsWithin, type Raster } from '../../images/raster.ts'
import { type OnnxRuntime, onnxRuntimes } from '../minilm-protocol.ts'
import { defaultThreads, endGently, startWorker } from '../worker-thread.ts'
import type { Ocr, TextBox } from './ocr.ts'
import type { FromOcrWorker, OcrWorkerSettings, ReadLine, ToOcrWorker } from './ppocr-protocol.ts'

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

interface Job {
  readonly number: number
  readonly raster: Raster
  readonly part: Region
  crashes: number
  sent: boolean
  resolve(lines: TextBox[]): void
  reject(reason: unknown): void
}

/** A small picture is a click's, which a person or an agent waits for: it passes large ones that wait. */
const smallPixels = 200_000

/**
 * PP-OCRv4 in ONNX Runtime on a worker thread: Latin letters and Chinese, each piece of a row in a box of its own.
 *
 * Nothing is loaded before the first picture, and one is read at a time. An aborted one leaves the queue, or ends after the part that
 * is being computed. A worker that dies is started again once for the picture it held; the second time that picture fails. Packages
 * that are missing fail each call in the same words without another try.
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
  let running: Job | undefined
  let worker: Worker | undefined
  let ready = false
  let jobs = 0
  let crashesInStart = 0
  let failure: OcrError | undefined
  let closed = false
  let runtime: OnnxRuntime | undefined
  let skipped: readonly { runtime: string; reason: string }[] = []
  let idleTimer: NodeJS.Timeout | undefined

  const send = (message: ToOcrWorker, transfer: ArrayBuffer[] = []) => worker?.postMessage(message, transfer)

  const start = () => {
    const settings: OcrWorkerSettings = { runtimes, threads }
    const started = startWorker<FromOcrWorker>(workerUrl, 'signalbox-ocr', settings, {
      message(message) {
        if (worker === started) receive(message)
      },
      exit(cause) {
        if (worker === started) crashed(cause)
      },
    })
    worker = started
    ready = false
  }

  const stop = () => {
    clearTimeout(idleTimer)
    const stopped = worker
    worker = undefined
    ready = false
    return stopped && endGently(stopped, { type: 'end' } satisfies ToOcrWorker)
  }

  const receive = (message: FromOcrWorker) => {
    switch (message.type) {
      case 'ready':
        ready = true
        crashesInStart = 0
        runtime = message.runtime
        skipped = message.skipped
        break
      case 'failed':
        fail(new OcrError(`Cannot read the texts of a picture: ${message.message}`))
        return
      case 'lines':
        settled(message.job)?.resolve(message.lines)
        break
      case 'error':
        settled(message.job)?.reject(new OcrError(`Cannot read the texts of a picture: ${message.message}`))
        break
    }
    proceed()
  }

  const settled = (number: number): { resolve(lines: readonly ReadLine[]): void; reject(reason: unknown): void } | undefined => {
    const job = running
    if (job?.number !== number) return undefined
    running = undefined
    return { resolve: (lines) => job.resolve(lines.map((line) => moved(line, job.part))), reject: job.reject }
  }

  const crashed = (cause: unknown) => {
    worker = undefined
    if (!ready) {
      crashesInStart += 1
      if (crashesInStart > 1) {
        fail(new OcrError(`Cannot start the text reader: ${messageOf(cause)}`, { cause }))
        return
      }
    }
    ready = false
    if (running) {
      running.crashes += 1
      running.sent = false
      if (running.crashes > 1) {
        settled(running.number)?.reject(
          new OcrError(`Cannot read the texts of a picture: the worker ended twice on it, ${messageOf(cause)}`, { cause }),
        )
      }
    }
    proceed()
  }

  const fail = (error: OcrError) => {
    failure = error
    rejectAll(error)
    void stop()
  }

  const rejectAll = (error: OcrError) => {
    const all = running ? [running, ...waiting] : waiting
    running = undefined
    waiting = []
    for (const job of all) job.reject(error)
  }

  /** Sends the next picture when there is one and the worker is free. */
  const proceed = () => {
    if (running?.sent) return
    if (!running && waiting.length === 0) {
      rest()
      return
    }
    clearTimeout(idleTimer)
    if (!worker) start()
    worker?.ref()
    if (!ready) return
    running ??= takeNext(waiting)
    if (!running) return
    running.sent = true
    // A copy, because the raster is shared and the pixels are handed over.
    const { width, height, data } = crop(running.raster, running.part)
    send({ type: 'read', job: running.number, width, height, data }, [data.buffer as ArrayBuffer])
  }

  /** An idle worker keeps nobody from ending, and leaves after a while. */
  const rest = () => {
    if (!worker || !ready) return
    worker.unref()
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => void stop(), idleMs)
    idleTimer.unref()
  }

  return {
    id: 'ppocr-v4',
    get runtime() {
      return runtime
    },
    get skipped() {
      return skipped
    },

    async read(raster, { within, signal } = {}) {
      signal?.throwIfAborted()
      if (closed) throw new OcrError('Cannot read the texts of a picture: the text reader is closed')
      if (failure) throw failure
      const part = pixelsWithin(raster, within ?? { left: 0, top: 0, right: raster.width, bottom: raster.height })
      if (part.right <= part.left || part.bottom <= part.top) return []

      return await new Promise<TextBox[]>((resolve, reject) => {
        const end = () => signal?.removeEventListener('abort', abort)
        const job: Job = {
          number: ++jobs,
          raster,
          part,
          crashes: 0,
          sent: false,
          resolve(lines) {
            end()
            resolve(lines)
          },
          reject(reason) {
            end()
            reject(reason)
          },
        }
        const abort = () => {
          waiting = waiting.filter((other) => other !== job)
          // The worker answers for it still, and then takes the next.
          if (running === job) send({ type: 'cancel', job: job.number })
          job.reject(signal?.reason)
        }
        signal?.addEventListener('abort', abort, { once: true })
        waiting.push(job)
        proceed()
      })
    },

    async close() {
      closed = true
      rejectAll(new OcrError('Cannot read the texts of a picture: the text reader is closed'))
      await stop()
    },
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
