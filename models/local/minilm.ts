import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import type { Embedder, EmbedOptions } from '../embedder.ts'
import { EmbedderError } from '../errors.ts'
import { endOfWork, type FromWorker, type OnnxRuntime, onnxRuntimes, type ToWorker, type WorkerSettings } from './minilm-protocol.ts'
import { requireReadable } from './readable.ts'
import { maxSequenceTokens } from './wordpiece.ts'
import { defaultThreads, endGently, startWorker } from './worker-thread.ts'

/** Of the shipped `model.onnx` and `vocab.txt` (`minilm/SHA256SUMS`): vectors of another file cannot be compared with these. */
const sha256 = {
  model: 'a55fc2feb43da8626c6a160b8cda5c597f9140d927d27145c4504fa620471465',
  vocabulary: '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
}
const dimensions = 384

// A query waits for the batch that runs. 512 padded tokens keep that wait near a twentieth of a second; larger batches are no faster
// per text and take more memory, which the runtime keeps.
const maxBatchTexts = 32
const maxBatchTokens = 512
// Far above what 256 tokens of ordinary text need; it bounds the work on a text of megabytes.
const maxTextLength = 32_768

export interface MiniLMOptions {
  /** Folder of `model.onnx` and `vocab.txt`; the packaged one unless told. Their SHA-256 is checked in any case. */
  directory?: string | undefined
  /** Which runtimes may be used, in the order they are tried. */
  runtimes?: readonly OnnxRuntime[] | undefined
  /** Of `onnxruntime-node`; `onnxruntime-web` has one. */
  threads?: number | undefined
  /** After this long without a text the worker ends and its memory is given back; the next text starts it again. */
  idleMs?: number | undefined
  /** Where the worker's file lies, when a bundler has moved it. */
  workerUrl?: URL | undefined
}

/** The built-in embedder. `skipped` says which runtimes were tried before the one that runs, and why they did not work. */
export interface MiniLMEmbedder extends Embedder {
  readonly skipped: readonly { runtime: string; reason: string }[]
}

interface Job {
  vectors: Float32Array[]
  missing: number
  resolve(vectors: Float32Array[]): void
  reject(reason: unknown): void
}

interface Item {
  job: Job
  index: number
  text: string
}

interface Batch {
  number: number
  items: Item[]
  sent: boolean
  crashes: number
}

/**
 * all-MiniLM-L6-v2 in ONNX Runtime on a worker thread: English, 384 numbers, about 3 ms a short text.
 *
 * Nothing is loaded before the first text. Texts wait in two queues and run in batches; between two batches a `query` passes
 * whatever an `index` run has queued. Text beyond 256 tokens is not seen. A worker that dies is started again once for the
 * batch it held; the second time that batch fails. A missing or changed file, or no runtime, fails each call in the same
 * words without another try.
 */
export function createMiniLM({
  directory = packagedDirectory(),
  runtimes = onnxRuntimes,
  threads = defaultThreads(),
  idleMs = 10 * 60_000,
  workerUrl = new URL(import.meta.url.endsWith('.ts') ? './minilm-worker.ts' : './minilm-worker.js', import.meta.url),
}: MiniLMOptions = {}): MiniLMEmbedder {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`Cannot create the embedder: threads must be an integer >= 1, received ${threads}`)
  }

  const queues: Record<'query' | 'index', Item[]> = { query: [], index: [] }
  let worker: Worker | undefined
  let ready = false
  let running: Batch | undefined
  let batches = 0
  let crashesInStart = 0
  let failure: EmbedderError | undefined
  let closed = false
  let runtime: OnnxRuntime | undefined
  let skipped: readonly { runtime: string; reason: string }[] = []
  let idleTimer: NodeJS.Timeout | undefined

  const start = () => {
    const settings: WorkerSettings = { directory, sha256, runtimes, threads }
    const started = startWorker<FromWorker>(workerUrl, 'signalbox-embedder', settings, {
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
    return stopped && endGently(stopped, endOfWork)
  }

  const receive = (message: FromWorker) => {
    switch (message.type) {
      case 'ready':
        ready = true
        crashesInStart = 0
        runtime = message.runtime
        skipped = message.skipped
        break
      case 'failed':
        fail(new EmbedderError(message.message))
        return
      case 'vectors':
        settle(message.batch, (item, row) => {
          item.job.vectors[item.index] = message.vectors.slice(row * dimensions, (row + 1) * dimensions)
          item.job.missing -= 1
          if (item.job.missing === 0) item.job.resolve(item.job.vectors)
        })
        break
      case 'error':
        settle(message.batch, (item) => item.job.reject(new EmbedderError(`Cannot embed the text: ${message.message}`)))
        break
    }
    proceed()
  }

  const settle = (number: number, each: (item: Item, row: number) => void) => {
    if (running?.number !== number) return
    const { items } = running
    running = undefined
    for (const [row, item] of items.entries()) each(item, row)
  }

  const crashed = (cause: unknown) => {
    worker = undefined
    if (!ready) {
      crashesInStart += 1
      if (crashesInStart > 1) {
        fail(new EmbedderError(`Cannot start the embedder: ${messageOf(cause)}`, { cause }))
        return
      }
    }
    ready = false
    if (running) {
      running.crashes += 1
      running.sent = false
      if (running.crashes > 1) {
        const error = new EmbedderError(`Cannot embed the text: the worker ended twice on it, ${messageOf(cause)}`, { cause })
        settle(running.number, (item) => item.job.reject(error))
      }
    }
    proceed()
  }

  const fail = (error: EmbedderError) => {
    failure = error
    rejectAll(error)
    void stop()
  }

  const rejectAll = (error: EmbedderError) => {
    const items = [...(running?.items ?? []), ...queues.query, ...queues.index]
    running = undefined
    queues.query = []
    queues.index = []
    for (const { job } of items) job.reject(error)
  }

  /** Sends the next batch when there is one and the worker is free. */
  const proceed = () => {
    const waiting = queues.query.length > 0 ? queues.query : queues.index
    if (running?.sent) return
    if (!running && waiting.length === 0) {
      rest()
      return
    }
    clearTimeout(idleTimer)
    if (!worker) start()
    worker?.ref()
    if (!ready) return
    running ??= { number: ++batches, items: takeBatch(waiting), sent: false, crashes: 0 }
    running.sent = true
    const message: ToWorker = { batch: running.number, texts: running.items.map(({ text }) => text) }
    worker?.postMessage(message)
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
    id: `minilm-nb8@${sha256.model.slice(0, 12)}`,
    dimensions,
    get runtime() {
      return runtime
    },
    get skipped() {
      return skipped
    },

    async embed(texts, { signal, priority = 'index' }: EmbedOptions = {}) {
      signal?.throwIfAborted()
      const seen = texts.map((text) => text.trimStart().slice(0, maxTextLength))
      requireReadable(seen)
      if (closed) throw new EmbedderError('Cannot embed: the embedder is closed')
      if (failure) throw failure
      if (texts.length === 0) return []

      return await new Promise<Float32Array[]>((resolve, reject) => {
        const end = () => signal?.removeEventListener('abort', abort)
        const job: Job = {
          vectors: new Array(texts.length),
          missing: texts.length,
          resolve(vectors) {
            end()
            resolve(vectors)
          },
          reject(reason) {
            end()
            queues[priority] = queues[priority].filter((item) => item.job !== job)
            reject(reason)
          },
        }
        const abort = () => job.reject(signal?.reason)
        signal?.addEventListener('abort', abort, { once: true })
        const items = seen.map((text, index) => ({ job, index, text }))
        // Neighbours of like length waste the least padding.
        queues[priority] = queues[priority].concat(items.toSorted((a, b) => a.text.length - b.text.length))
        proceed()
      })
    },

    async close() {
      closed = true
      rejectAll(new EmbedderError('Cannot embed: the embedder is closed'))
      await stop()
    },
  }
}

function takeBatch(queue: Item[]): Item[] {
  const batch: Item[] = []
  let longest = 0
  for (const item of queue) {
    longest = Math.max(longest, estimateTokens(item.text))
    if (batch.length > 0 && (batch.length === maxBatchTexts || longest * (batch.length + 1) > maxBatchTokens)) break
    batch.push(item)
  }
  queue.splice(0, batch.length)
  return batch
}

/** By bytes, since a character that is a token of its own (Chinese, emoji) has three or four. */
function estimateTokens(text: string): number {
  return Math.min(maxSequenceTokens, Math.ceil(Buffer.byteLength(text) / 3.5) + 2)
}

/** The model lies at the same place under the package's root whether this file runs as source or from `dist`. */
function packagedDirectory(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  for (let folder = here; ; folder = dirname(folder)) {
    const candidate = join(folder, 'models', 'local', 'minilm')
    if (existsSync(join(candidate, 'SHA256SUMS'))) return candidate
    if (folder === dirname(folder)) return join(here, 'minilm')
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
