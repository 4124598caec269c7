/** Rows of bytes that are all multiplied with one vector at a time. */
export interface Products {
  readonly bytes: number
  /** Rows are set one after the other, or over others. */
  set(row: number, values: Int8Array): void
  move(from: number, to: number): void
  /** Overwrites rows with nothing. */
  clear(from: number, to: number): void
  /** The products of the first so many rows, in slices: each with the number of its first row, and good until the next. */
  each(vector: Int8Array, rows: number, use: (products: Int32Array, first: number) => void): void
}

const block = 16
const rowsPerSlice = 4096
const pageBytes = 65_536
/** So many bytes take the vector and a slice of products, before the rows. */
const rowsAt = pageBytes
const maxWidth = (rowsAt - rowsPerSlice * 4) / 2
/** A memory of WebAssembly takes 10 GB of addresses, of which a process has a hundred times as much: small matrices stay out of it. */
const rowsForKernel = 8192

/** Products of bytes are whole numbers: the same by the kernel as by the plain loop. */
export function createProducts(dimensions: number, kernelFrom = rowsForKernel): Products {
  const width = Math.ceil(dimensions / block) * block
  let memory: WebAssembly.Memory | undefined
  let multiply: Multiply = multiplyPlainly
  let bytes = new Int8Array(rowsAt + width * 64)
  let isPlain = width > maxWidth || typeof WebAssembly === 'undefined'

  const reserve = (rows: number) => {
    const needed = rowsAt + rows * width
    if (!isPlain && memory === undefined && rows >= kernelFrom) moveIn(needed)
    if (needed <= bytes.length) return
    const wanted = Math.ceil(needed * 1.25)
    if (memory !== undefined) {
      memory.grow(Math.ceil((wanted - bytes.length) / pageBytes))
      bytes = new Int8Array(memory.buffer)
      return
    }
    const longer = new Int8Array(wanted)
    longer.set(bytes)
    bytes = longer
  }

  const moveIn = (needed: number) => {
    try {
      const made = new WebAssembly.Memory({ initial: Math.ceil(Math.max(needed, bytes.length) / pageBytes) })
      multiply = kernelOn(made)
      const into = new Int8Array(made.buffer)
      into.set(bytes)
      bytes = into
      memory = made
    } catch (error) {
      // No addresses left, or a processor without such instructions: the loop gives the same.
      if (!(error instanceof Error && ['RangeError', 'CompileError'].includes(error.name))) throw error
      isPlain = true
    }
  }

  return {
    get bytes() {
      return bytes.length
    },
    set(row, values) {
      reserve(row + 1)
      bytes.set(values, rowsAt + row * width)
    },
    move: (from, to) => void bytes.copyWithin(rowsAt + to * width, rowsAt + from * width, rowsAt + (from + 1) * width),
    clear: (from, to) => void bytes.fill(0, rowsAt + from * width, rowsAt + to * width),
    each(vector, rows, use) {
      const { buffer } = bytes
      // Where rows are too wide for the room before them, vector and products stand elsewhere.
      const asked = isPlain ? new Int16Array(width) : new Int16Array(buffer, 0, width)
      const products = isPlain ? new Int32Array(rowsPerSlice) : new Int32Array(buffer, rowsAt - rowsPerSlice * 4, rowsPerSlice)
      asked.set(vector)
      for (let first = 0; first < rows; first += rowsPerSlice) {
        const count = Math.min(rowsPerSlice, rows - first)
        multiply({ bytes, at: rowsAt + first * width, count, width, asked, products })
        use(products.subarray(0, count), first)
      }
    },
  }
}

type Multiply = (of: { bytes: Int8Array; at: number; count: number; width: number; asked: Int16Array; products: Int32Array }) => void

const multiplyPlainly: Multiply = ({ bytes, at, count, width, asked, products }) => {
  for (let row = 0, place = at; row < count; row += 1) {
    let sum = 0
    for (let index = 0; index < width; index += 1, place += 1) sum += (asked[index] as number) * (bytes[place] as number)
    products[row] = sum
  }
}

/** `int8-products.wat`, as wat2wasm of WABT 1.0.39 writes it. */
const kernel =
  'AGFzbQEAAAABCQFgBX9/f39/AAIQAQRob3N0Bm1lbW9yeQIAAQMCAQAHDAEIcHJvZHVjdHMAAArBAQG+AQICfwN7AkADQCAAIAFPDQEgACACaiEGIAMhBf0MAAAAAAAAAAAAAAAAAAAAACEI/QwAAAAAAAAAAAAAAAAAAAAAIQkDQCAA/QAEACEHIAggB/2HASAF/QAEAP26Af2uASEIIAkgB/2IASAF/QAEEP26Af2uASEJIABBEGohACAFQSBqIQUgACAGSQ0ACyAIIAn9rgEhCCAEIAj9GwAgCP0bAWogCP0bAiAI/RsDamo2AgAgBEEEaiEEDAALCws='

let compiled: WebAssembly.Module | undefined

function kernelOn(memory: WebAssembly.Memory): Multiply {
  compiled ??= new WebAssembly.Module(Buffer.from(kernel, 'base64'))
  const products = new WebAssembly.Instance(compiled, { host: { memory } }).exports['products'] as (...numbers: number[]) => void
  return ({ at, count, width, asked, products: into }) => products(at, at + count * width, width, asked.byteOffset, into.byteOffset)
}
