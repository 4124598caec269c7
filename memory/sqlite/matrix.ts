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
  cosine: number
}

type HeldRow = Omit<VectorRow, 'vector'>

export type Allows = (row: HeldRow) => boolean

/** The best so many, kept in order while candidates pass by. */
export interface Nearest {
  offer(document: number, cosine: number): void
  /** What a candidate must exceed to get in. */
  floor(): number
  list(): Neighbour[]
}

export function createNearest(limit: number): Nearest {
  const best: Neighbour[] = []
  const floor = () => (best.length < limit ? Number.NEGATIVE_INFINITY : (best.at(-1)?.cosine ?? Number.NEGATIVE_INFINITY))
  return {
    floor,
    offer(document, cosine) {
      if (!(cosine > floor())) return
      let place = best.length
      while (place > 0 && (best[place - 1]?.cosine ?? 0) < cosine) place -= 1
      best.splice(place, 0, { document, cosine })
      if (best.length > limit) best.pop()
    },
    list: () => best,
  }
}

/** The vectors of one embedder and one principal, side by side in one array, ascending by sequence. */
export class Matrix {
  readonly dimensions: number
  #vectors: Float32Array
  #rows: HeldRow[] = []
  readonly #known = new Map<string, string>()

  constructor(dimensions: number) {
    this.dimensions = dimensions
    this.#vectors = new Float32Array(dimensions * 64)
  }

  get length(): number {
    return this.#rows.length
  }

  get bytes(): number {
    return this.#vectors.byteLength
  }

  /** The highest sequence held. */
  get last(): number {
    return this.#rows.at(-1)?.sequence ?? 0
  }

  add({ sequence, document, kind, thread, vector }: VectorRow): void {
    const start = this.#rows.length * this.dimensions
    if (start + this.dimensions > this.#vectors.length) {
      const larger = new Float32Array(Math.ceil(this.#vectors.length * 1.5) + this.dimensions)
      larger.set(this.#vectors)
      this.#vectors = larger
    }
    this.#vectors.set(toVector(vector), start)
    this.#rows.push({ sequence, document, kind: this.#once(kind), thread: thread === null ? null : this.#once(thread) })
  }

  /** Drops what is not alive any more. */
  keep(alive: ReadonlySet<number>): void {
    const kept: HeldRow[] = []
    this.#rows.forEach((row, index) => {
      if (!alive.has(row.sequence)) return
      if (kept.length !== index)
        this.#vectors.copyWithin(kept.length * this.dimensions, index * this.dimensions, (index + 1) * this.dimensions)
      kept.push(row)
    })
    this.#vectors.fill(0, kept.length * this.dimensions, this.#rows.length * this.dimensions)
    this.#rows = kept
  }

  nearest(query: Float32Array, limit: number, allows: Allows): Neighbour[] {
    const nearest = createNearest(limit)
    this.#rows.forEach((row, index) => {
      const cosine = dot(query, this.#vectors, index * this.dimensions)
      if (cosine > nearest.floor() && allows(row)) nearest.offer(row.document, cosine)
    })
    return nearest.list()
  }

  /** Each row brings its own copy of the same few words: one is enough. */
  #once(text: string): string {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    this.#known.set(text, text)
    return text
  }
}

/** Four sums at a time: the processor adds them side by side, which makes this twice as fast as one. */
export function dot(query: Float32Array, vectors: Float32Array, start = 0): number {
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  let index = 0
  const length = query.length
  for (; index + 3 < length; index += 4) {
    const at = start + index
    first += (query[index] as number) * (vectors[at] as number)
    second += (query[index + 1] as number) * (vectors[at + 1] as number)
    third += (query[index + 2] as number) * (vectors[at + 2] as number)
    fourth += (query[index + 3] as number) * (vectors[at + 3] as number)
  }
  for (; index < length; index += 1) first += (query[index] as number) * (vectors[start + index] as number)
  return first + second + third + fourth
}
