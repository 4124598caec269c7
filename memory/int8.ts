/** A vector in a quarter of its bytes: each number in steps of a 127th of the largest one. Products come out right to about 0.005. */
export interface Int8Vector {
  readonly values: Int8Array
  readonly step: number
}

const steps = 127

export function toInt8(vector: Float32Array): Int8Vector {
  let largest = 0
  for (const value of vector) largest = Math.max(largest, Math.abs(value))
  const step = largest / steps
  const values = new Int8Array(vector.length)
  if (step > 0) for (let index = 0; index < vector.length; index += 1) values[index] = Math.round((vector[index] as number) / step)
  return { values, step }
}

/** Several vectors one behind the other, as a column holds them: each its step, then its numbers. */
export function packInt8(vectors: readonly Float32Array[]): Buffer {
  return Buffer.concat(
    vectors.map((vector) => {
      const { values, step } = toInt8(vector)
      const head = Buffer.alloc(4)
      head.writeFloatLE(step)
      return Buffer.concat([head, Buffer.from(values.buffer)])
    }),
  )
}

/** The largest dot product of `query` with any of the packed vectors. */
export function bestOfPacked(query: Float32Array, packed: Buffer): number {
  const width = query.length
  let best = Number.NEGATIVE_INFINITY
  for (let at = 0; at + 4 + width <= packed.length; at += 4 + width) {
    let sum = 0
    for (let index = 0; index < width; index += 1) sum += (query[index] as number) * (((packed[at + 4 + index] as number) << 24) >> 24)
    best = Math.max(best, sum * packed.readFloatLE(at))
  }
  return best
}
