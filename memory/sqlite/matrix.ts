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
    const cosines = dots(query, this.#vectors, this.#rows.length)
    this.#rows.forEach((row, index) => {
      const cosine = cosines[index] as number
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

/** The dot product with each row, four rows at a time: that reads the query once for all four, which makes it twice as fast as one by one. */
function dots(query: Float32Array, vectors: Float32Array, rows: number): Float64Array {
  const width = query.length
  const products = new Float64Array(rows)
  let row = 0
  for (; row + 3 < rows; row += 4) {
    const first = row * width
    const second = first + width
    const third = second + width
    const fourth = third + width
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let index = 0; index < width; index += 1) {
      const value = query[index] as number
      s0 += value * (vectors[first + index] as number)
      s1 += value * (vectors[second + index] as number)
      s2 += value * (vectors[third + index] as number)
      s3 += value * (vectors[fourth + index] as number)
    }
    products[row] = s0
    products[row + 1] = s1
    products[row + 2] = s2
    products[row + 3] = s3
  }
  for (; row < rows; row += 1) products[row] = dot(query, vectors, row * width)
  return products
}

/** Numbers are added in their order, as for many rows: the same vector has the same product wherever it lies. */
export function dot(query: Float32Array, vectors: Float32Array, start = 0): number {
  let sum = 0
  for (let index = 0; index < query.length; index += 1) sum += (query[index] as number) * (vectors[start + index] as number)
  return sum
}
