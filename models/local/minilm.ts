import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Embedder, EmbedOptions, WordVectors } from '../embedder.ts'
import { EmbedderError } from '../errors.ts'
import { endOfWork, type OnnxRuntime, onnxRuntimes, type ToWorker, type Vectors, type WorkerSettings } from './minilm-protocol.ts'
import { createModelThread, defaultThreads, outcomeOf, type Unit } from './model-thread.ts'
import { requireReadable } from './readable.ts'
import { maxSequenceTokens } from './wordpiece.ts'

/** Of the shipped `model.onnx` and `vocab.txt` (`minilm/SHA256SUMS`): vectors of another file cannot be compared with these. */
const sha256 = {
  model: '82bd6c5b6839d5decd9f2b17784315b1992dcded02122609f6d9623ba726aa78',
  vocabulary: '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
}
/** By the checksum of the file before it told the words' vectors, too: those of texts are the same to the bit. */
const id = 'minilm-nb8@a55fc2feb43d'
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
  embedWords(texts: readonly string[], options?: EmbedOptions): Promise<WordVectors[]>
}

interface Found {
  readonly vector: Float32Array
  readonly words: WordVectors | undefined
}

interface Job {
  /** Whether the words are wanted, too. */
  words: boolean
  found: Found[]
  missing: number
  resolve(found: Found[]): void
  reject(reason: unknown): void
}

interface Item {
  job: Job
  index: number
  text: string
}

interface Batch extends Unit<Vectors> {
  readonly texts: readonly string[]
  readonly words: boolean
}

/**
 * all-MiniLM-L6-v2 in ONNX Runtime on a worker thread: English, 384 numbers, about 3 ms a short text.
 *
 * Nothing is loaded before the first text. Texts wait in two queues and run in batches; between two batches a `query` passes
 * whatever an `index` run has queued. Text beyond 256 tokens is not seen. A missing or changed file, or no runtime, fails each call in
 * the same words without another try.
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
  const settings: WorkerSettings = { directory, sha256, runtimes, threads }
  const thread = createModelThread<Batch, Vectors>({
    name: 'signalbox-embedder',
    workerUrl,
    settings,
    end: endOfWork,
    idleMs,
    isWaiting: () => queues.query.length > 0 || queues.index.length > 0,
    next: () => batchOf(takeBatch(queues.query.length > 0 ? queues.query : queues.index)),
    messageFor: ({ texts, words }, batch) => ({ message: { batch, texts, words } satisfies ToWorker }),
    rejectWaiting(reason) {
      const items = [...queues.query, ...queues.index]
      queues.query = []
      queues.index = []
      for (const { job } of items) job.reject(reason)
    },
    errorFor: (attempt, reason, options) => new EmbedderError(`${attempts[attempt]}${reason}`, options),
    closedError: () => new EmbedderError('Cannot embed: the embedder is closed'),
  })

  const run = async (texts: readonly string[], words: boolean, { signal, priority = 'index' }: EmbedOptions) => {
    signal?.throwIfAborted()
    const seen = texts.map((text) => text.trimStart().slice(0, maxTextLength))
    requireReadable(seen)
    thread.requireUsable()
    if (texts.length === 0) return []

    return await outcomeOf<Found[]>(signal, (unit) => {
      const takeBack = () => {
        queues[priority] = queues[priority].filter((item) => item.job !== job)
      }
      const job: Job = {
        words,
        found: new Array(texts.length),
        missing: texts.length,
        resolve: unit.done,
        reject(reason) {
          takeBack()
          unit.reject(reason)
        },
      }
      const items = seen.map((text, index) => ({ job, index, text }))
      // Neighbours of like length waste the least padding.
      queues[priority] = queues[priority].concat(items.toSorted((a, b) => a.text.length - b.text.length))
      thread.proceed()
      return takeBack
    })
  }

  return {
    id,
    dimensions,
    get runtime() {
      return thread.runtime
    },
    get skipped() {
      return thread.skipped
    },

    async embed(texts, options = {}) {
      return (await run(texts, false, options)).map(({ vector }) => vector)
    },

    async embedWords(texts, options = {}) {
      // The tokenizer would make one word of a sign of money and its number.
      const apart = texts.map((text) => text.replaceAll(/\p{Sc}/gu, ' $& '))
      return (await run(apart, true, options)).map(({ words = { words: [], vectors: [] } }) => words)
    },

    close: () => thread.close(),
  }
}

const attempts = { load: '', start: 'Cannot start the embedder: ', work: 'Cannot embed the text: ' }

function batchOf(items: readonly Item[]): Batch {
  return {
    texts: items.map(({ text }) => text),
    words: items.some(({ job }) => job.words),
    done(vectors) {
      let word = 0
      const rowOf = (rows: Float32Array, row: number) => rows.slice(row * dimensions, (row + 1) * dimensions)
      for (const [row, { job, index }] of items.entries()) {
        const written = vectors.words?.written[row] ?? []
        const words = vectors.words && {
          words: written,
          vectors: written.map((_, at) => rowOf(vectors.words?.vectors ?? vectors.texts, word + at)),
        }
        word += written.length
        job.found[index] = { vector: rowOf(vectors.texts, row), words }
        job.missing -= 1
        if (job.missing === 0) job.resolve(job.found)
      }
    },
    reject(reason) {
      for (const { job } of items) job.reject(reason)
    },
  }
}

function takeBatch(queue: Item[]): Item[] {
  const batch: Item[] = []
  let longest = 0
  for (const item of queue) {
    longest = Math.max(longest, estimateTokens(item.text))
    const isFull = batch.length === maxBatchTexts || longest * (batch.length + 1) > maxBatchTokens
    if (batch.length > 0 && (isFull || item.job.words !== batch[0]?.job.words)) break
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
