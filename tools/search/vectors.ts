import type { Embedder } from '../../models/embedder.ts'
import type { CachedEmbedder } from '../../models/local/index.ts'
import type { Log } from '../log.ts'
import { createMatrix } from './matrix.ts'

// Who has just started may be asked at once, and is answered by words before so many vectors have been read.
const manyTexts = 2000
const firstAnswerMs = 300
// Small enough that a query which waits behind it, and a catalogue that changes meanwhile, lose little.
const batchTexts = 64
// An endpoint that failed may be back; the built-in model answers the same at once.
const retryMs = 30_000
const growth = 1.5
const spareRows = 256

export interface VectorsOptions {
  embedder: Embedder | CachedEmbedder | undefined
  log: Log
  now: () => number
}

/** Vectors of texts in one matrix, filled in the background and kept as long as the text is wanted. */
export interface Vectors {
  /**
   * Says which texts are needed from now on, and returns the row of each. What is known of them stays; the rest is dropped.
   * A row means something until the next call only.
   */
  want(texts: readonly string[]): ReadonlyMap<string, number>
  /** Whether the vector of a row is there. */
  has(row: number): boolean
  /** @throws {RangeError} Unless the vector can be compared with the rows. */
  check(vector: Float32Array | undefined): asserts vector
  /** The dot product of a checked `vector` with each row. */
  dots(vector: Float32Array): Float32Array
  /** The dot product of a checked `vector` with one row. */
  dot(vector: Float32Array, row: number): number
  /** Goes on after a failure when it is time to. */
  resume(): void
  /** Reports that an embedding failed elsewhere: nothing is asked of the embedder for a while. */
  failed(error: unknown): void
  /** Reports that the embedder answered elsewhere. */
  worked(): void
  /** Reports that what had failed with this reason has come after all: a model that was starting is there. */
  recovered(reason: unknown): void
  /** Whether the embedder may be asked now. */
  usable(): boolean
  settled(): Promise<void>
  /** How many texts were handed to the embedder, less those that its cache says it answered meanwhile. */
  readonly computed: number
  readonly error: string | undefined
  close(): void
}

export function createVectors({ embedder, log, now }: VectorsOptions): Vectors {
  // Unknown until an endpoint has answered once.
  let dimensions = embedder?.dimensions ?? 0
  const closing = new AbortController()
  const rows = new Map<string, number>()
  /** Rows below `used` that no text has. */
  let free: number[] = []
  let used = 0
  let matrix = createMatrix(dimensions)
  let there = new Uint8Array(0)
  let missing: string[] = []
  let running: Promise<void> | undefined
  let hasBegun = false
  let computed = 0
  let error: string | undefined
  let retryAt = Number.NEGATIVE_INFINITY
  let lastFailure: unknown
  // Who is late once was starting; who is late again before it was ever in time is slow, and not every need is to wait for it.
  let wasLate = false

  const usable = () => embedder !== undefined && !closing.signal.aborted && now() >= retryAt

  function want(texts: readonly string[]): ReadonlyMap<string, number> {
    const wanted = new Set(texts)
    for (const [text, row] of rows) {
      if (wanted.has(text)) continue
      rows.delete(text)
      there[row] = 0
      free.push(row)
    }
    // Rows that nobody has are multiplied all the same, and take their place.
    if (free.length > rows.size + spareRows) compact()
    for (const text of wanted) {
      if (rows.has(text)) continue
      const row = free.pop() ?? used++
      rows.set(text, row)
    }
    reserve()
    missing = [...rows].filter(([, row]) => there[row] === 0).map(([text]) => text)
    resume()
    return rows
  }

  /** Room for more rows than there are, so that a catalogue that grows server by server is seldom copied. */
  function reserve(): void {
    if (there.length >= used) return
    const longer = new Uint8Array(Math.max(used, Math.ceil(there.length * growth)))
    longer.set(there)
    matrix.reserve(longer.length)
    there = longer
  }

  function compact(): void {
    const nextMatrix = createMatrix(dimensions)
    nextMatrix.reserve(rows.size)
    const nextThere = new Uint8Array(rows.size)
    for (const [next, [text, row]] of [...rows].entries()) {
      nextMatrix.set(next, matrix.row(row))
      nextThere[next] = there[row] as number
      rows.set(text, next)
    }
    matrix = nextMatrix
    there = nextThere
    free = []
    used = rows.size
  }

  function resume(): void {
    if (running || missing.length === 0 || !usable()) return
    running = fill().finally(() => {
      running = undefined
    })
  }

  async function fill(): Promise<void> {
    // The caller that brought the catalogue goes on first.
    const isFirst = !hasBegun && missing.length >= manyTexts
    hasBegun = true
    await new Promise<void>((resolve) => (isFirst ? setTimeout(resolve, firstAnswerMs) : setImmediate(resolve)))
    while (missing.length > 0 && embedder && !closing.signal.aborted) {
      const before = missing
      const texts = missing.slice(0, batchTexts)
      try {
        const hits = cacheHits(embedder)
        const vectors = await embedder.embed(texts, { priority: 'index', signal: closing.signal })
        if (dimensions === 0) learnDimensions(vectors[0]?.length ?? 0)
        for (const index of texts.keys()) check(vectors[index])
        computed += Math.max(0, texts.length - (cacheHits(embedder) - hits))
        for (const [index, text] of texts.entries()) put(text, vectors[index] as Float32Array)
        error = undefined
        retryAt = Number.NEGATIVE_INFINITY
      } catch (reason) {
        failed(reason)
        return
      }
      // Another catalogue may have come meanwhile.
      missing = missing === before ? missing.slice(texts.length) : missing.filter((text) => there[rows.get(text) as number] === 0)
    }
  }

  function learnDimensions(width: number): void {
    dimensions = width
    matrix = createMatrix(width)
    matrix.reserve(there.length)
  }

  function check(vector: Float32Array | undefined): asserts vector {
    if (vector?.length !== dimensions) {
      throw new RangeError(`Cannot compare vectors: ${dimensions} numbers were needed, received ${vector?.length ?? 'none'}`)
    }
  }

  function put(text: string, vector: Float32Array): void {
    const row = rows.get(text)
    if (row === undefined) return
    matrix.set(row, vector)
    there[row] = 1
  }

  function failed(reason: unknown): void {
    if (closing.signal.aborted) return
    const message = reason instanceof Error ? reason.message : String(reason)
    if (message !== error) log.warn('Tools are searched by words only: the embedder failed', { error: message })
    error = message
    lastFailure = reason
    retryAt = now() + retryMs
  }

  function worked(): void {
    wasLate = false
    if (missing.length === 0) error = undefined
  }

  function recovered(reason: unknown): void {
    if (wasLate || reason !== lastFailure) return
    wasLate = true
    error = undefined
    retryAt = Number.NEGATIVE_INFINITY
    resume()
  }

  return {
    want,
    resume,
    failed,
    worked,
    recovered,
    usable,
    has: (row) => there[row] === 1,
    check,
    dots: (vector) => matrix.dots(vector, used),
    dot: (vector, row) => matrix.dot(vector, row),
    async settled() {
      while (running) await running
    },
    get computed() {
      return computed
    },
    get error() {
      return error
    },
    close() {
      closing.abort(new Error('The tool search is closed'))
    },
  }
}

function cacheHits(embedder: Embedder | CachedEmbedder): number {
  return 'counts' in embedder ? embedder.counts.cached : 0
}
