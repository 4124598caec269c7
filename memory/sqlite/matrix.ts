import { toInt8 } from '../int8.ts'
import { createProducts, type Products } from './products.ts'
import { toVector } from './vectors.ts'

/** What is known of a vector beside its numbers, so that a search can leave it out without asking the database. */
export interface VectorRow {
  sequence: number
  document: number
  kind: string
  thread: string | null
  vector: Buffer
}

export interface Neighbour {
  document: number
  /** Near enough to choose candidates by. */
  cosine: number
}

export interface NearestFound {
  readonly neighbours: readonly Neighbour[]
  /** The mean cosine of a thread's vectors. */
  readonly threads: ReadonlyMap<string, number>
}

export type Allows = (row: { readonly document: number; readonly kind: string; readonly thread: string | null }) => boolean

/** The best so many, kept in order while candidates pass by. */
export class Nearest {
  readonly #limit: number
  readonly #best: Neighbour[] = []
  readonly #threads = new Map<string, { sum: number; count: number }>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** What a candidate must exceed to get in. */
  get floor(): number {
    return this.#best.length < this.#limit ? Number.NEGATIVE_INFINITY : (this.#best.at(-1)?.cosine ?? Number.NEGATIVE_INFINITY)
  }

  offer(document: number, cosine: number): void {
    if (!(cosine > this.floor)) return
    let place = this.#best.length
    while (place > 0 && (this.#best[place - 1]?.cosine ?? 0) < cosine) place -= 1
    this.#best.splice(place, 0, { document, cosine })
    if (this.#best.length > this.#limit) this.#best.pop()
  }

  count(thread: string, sum: number, count: number): void {
    const known = this.#threads.get(thread)
    this.#threads.set(thread, { sum: (known?.sum ?? 0) + sum, count: (known?.count ?? 0) + count })
  }

  found(): NearestFound {
    return { neighbours: this.#best, threads: new Map([...this.#threads].map(([thread, { sum, count }]) => [thread, sum / count])) }
  }
}

interface HeldRow {
  sequence: number
  document: number
  kind: string
  thread: string | null
  /** The place of its thread in the list of threads; -1 for none. */
  threadNumber: number
}

/** The vectors of one embedder and one principal in bytes, one behind the other, ascending by sequence. */
export class Matrix {
  readonly #products: Products
  #rows: HeldRow[] = []
  #steps = new Float32Array(64)
  readonly #kinds = new Map<string, string>()
  readonly #threads = new Map<string, number>()
  readonly #threadNames: string[] = []

  constructor(dimensions: number) {
    this.#products = createProducts(dimensions)
  }

  get length(): number {
    return this.#rows.length
  }

  get bytes(): number {
    return this.#products.bytes
  }

  /** The highest sequence held. */
  get last(): number {
    return this.#rows.at(-1)?.sequence ?? 0
  }

  add({ sequence, document, kind, thread, vector }: VectorRow): void {
    const row = this.#rows.length
    if (row === this.#steps.length) {
      const longer = new Float32Array(Math.ceil(row * 1.5))
      longer.set(this.#steps)
      this.#steps = longer
    }
    const { values, step } = toInt8(toVector(vector))
    this.#products.set(row, values)
    this.#steps[row] = step
    const threadNumber = thread === null ? -1 : this.#numberOf(thread)
    this.#rows.push({ sequence, document, kind: this.#once(kind), thread: this.#threadNames[threadNumber] ?? null, threadNumber })
  }

  /** Drops what is not alive any more. */
  keep(alive: ReadonlySet<number>): void {
    const kept: HeldRow[] = []
    this.#rows.forEach((row, index) => {
      if (!alive.has(row.sequence)) return
      if (kept.length !== index) {
        this.#products.move(index, kept.length)
        this.#steps[kept.length] = this.#steps[index] as number
      }
      kept.push(row)
    })
    this.#products.clear(kept.length, this.#rows.length)
    this.#rows = kept
  }

  nearest(query: Float32Array, limit: number, allows: Allows): NearestFound {
    const nearest = new Nearest(limit)
    const asked = toInt8(query)
    const sums = new Float64Array(this.#threadNames.length)
    const counts = new Uint32Array(this.#threadNames.length)
    this.#products.each(asked.values, this.#rows.length, (products, first) => {
      for (let index = 0; index < products.length; index += 1) {
        const row = this.#rows[first + index] as HeldRow
        const cosine = (products[index] as number) * (this.#steps[first + index] as number) * asked.step
        if (row.threadNumber >= 0) {
          sums[row.threadNumber] = (sums[row.threadNumber] as number) + cosine
          counts[row.threadNumber] = (counts[row.threadNumber] as number) + 1
        }
        if (cosine > nearest.floor && allows(row)) nearest.offer(row.document, cosine)
      }
    })
    this.#threadNames.forEach((thread, number) => {
      const count = counts[number] as number
      if (count > 0) nearest.count(thread, sums[number] as number, count)
    })
    return nearest.found()
  }

  #numberOf(thread: string): number {
    const known = this.#threads.get(thread)
    if (known !== undefined) return known
    this.#threads.set(thread, this.#threadNames.length)
    return this.#threadNames.push(thread) - 1
  }

  /** Each row brings its own copy of the same few words: one is enough. */
  #once(text: string): string {
    const known = this.#kinds.get(text)
    if (known !== undefined) return known
    this.#kinds.set(text, text)
    return text
  }
}

/** Numbers are added in their order: the same vector has the same product wherever it lies. */
export function dot(query: Float32Array, vector: Float32Array): number {
  let sum = 0
  for (let index = 0; index < query.length; index += 1) sum += (query[index] as number) * (vector[index] as number)
  return sum
}
