import { z } from 'zod'
import type { Head } from './head.ts'

const count = z.int().min(0).max(100_000)
const text = z.string().max(400)

const headerSchema = z.strictObject({
  format: z.literal('signalbox-head'),
  version: z.literal(1),
  signal: text,
  embedder: text,
  dimensions: z.int().min(1).max(8192),
  gamma: z.number().positive(),
  labels: z.array(text.min(1)).min(1).max(1000),
  label_of: z.array(count).min(1).max(4000),
  landmarks: count,
  word_buckets: count,
  centres: z.strictObject({ weight: z.number().positive(), words: z.number().positive() }).optional(),
  calibration: z.strictObject({ offset: z.number(), slope: z.number() }),
  /** What it was trained on, and under which licence. */
  trained_on: text,
  /** How well it did on texts that it was not trained on, and beside what. */
  measured: z.record(z.string().max(100), z.union([z.number(), text])),
})

export type HeadHeader = z.output<typeof headerSchema>
export type HeadNotes = Pick<HeadHeader, 'signal' | 'trained_on' | 'measured'>

export interface StoredHead extends HeadNotes {
  readonly head: Head
}

/** A file that is no head, or not a whole one. */
export class HeadFileError extends Error {
  override readonly name = 'HeadFileError'
  readonly code = 'head_file'
}

/**
 * A head as a file: one line of JSON that people can read, then the numbers in the order of `Blocks`, little-endian.
 *
 * Landmarks have 8 bits and a scale for each vector, coefficients 16 and words 8 with a scale for each class: nothing that a
 * measurement shows, a fourth of the size.
 */
export function encodeHead({ head, signal, trained_on, measured }: StoredHead): Uint8Array {
  const classes = head.labelOf.length
  const landmarks = head.landmarks.length / head.dimensions
  const header: HeadHeader = {
    format: 'signalbox-head',
    version: 1,
    signal,
    embedder: head.embedder,
    dimensions: head.dimensions,
    gamma: head.gamma,
    labels: [...head.labels],
    label_of: [...head.labelOf],
    landmarks,
    word_buckets: head.words?.rarity.length ?? 0,
    ...(head.centres !== undefined && { centres: { weight: head.centres.weight, words: head.centres.words } }),
    calibration: head.calibration,
    trained_on,
    measured,
  }
  const vectors = quantiseRows(head.landmarks, head.dimensions)
  const coefficients = quantiseColumns(head.coefficients, classes, 32_767)
  const blocks = [
    bytesOf(vectors.scales),
    bytesOf(vectors.values),
    bytesOf(coefficients.scales),
    bytesOf(Int16Array.from(coefficients.values)),
  ]
  if (head.words !== undefined) {
    const words = quantiseColumns(head.words.coefficients, classes, 127)
    blocks.push(bytesOf(head.words.rarity), bytesOf(words.scales), bytesOf(Int8Array.from(words.values)))
  }
  if (head.centres !== undefined) {
    const centres = quantiseRows(head.centres.vectors, head.dimensions)
    blocks.push(bytesOf(centres.scales), bytesOf(centres.values))
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`, 'utf8'), ...blocks])
}

/**
 * @param file - For messages.
 * @throws {HeadFileError} If it is not a whole head of this version.
 */
export function decodeHead(bytes: Uint8Array, file: string): StoredHead {
  const end = bytes.indexOf(10)
  const refuse = (why: string) => new HeadFileError(`Cannot use the head in ${file}: ${why}`)
  if (end === -1) throw refuse('it must begin with a line of JSON')
  let data: unknown
  try {
    data = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString('utf8'))
  } catch (cause) {
    throw new HeadFileError(`Cannot use the head in ${file}: its first line must be JSON`, { cause })
  }
  const parsed = headerSchema.safeParse(data)
  if (!parsed.success)
    throw refuse(parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'first line'}: ${message}`).join('; '))
  const header = parsed.data
  if (header.label_of.some((label) => label >= header.labels.length)) throw refuse('label_of must name labels that are there')

  const classes = header.label_of.length
  const { landmarks, dimensions, word_buckets: buckets } = header
  const sizes = [landmarks * 4, landmarks * dimensions, classes * 4, landmarks * classes * 2]
  if (buckets > 0) sizes.push(buckets * 4, classes * 4, buckets * classes)
  if (header.centres !== undefined) sizes.push(header.labels.length * 4, header.labels.length * dimensions)
  const wanted = sizes.reduce((sum, size) => sum + size, 0)
  const view = new DataView(bytes.buffer, bytes.byteOffset + end + 1, bytes.length - end - 1)
  if (view.byteLength !== wanted) throw refuse(`it must have ${wanted} bytes of numbers, has ${view.byteLength}`)
  let at = 0
  const take = (length: number, size: 1 | 2 | 4) => {
    const taken = new Float32Array(length)
    for (let index = 0; index < length; index += 1, at += size) {
      taken[index] = size === 1 ? view.getInt8(at) : size === 2 ? view.getInt16(at, true) : view.getFloat32(at, true)
    }
    return taken
  }
  const takeRows = (rows: number) => {
    const scales = take(rows, 4)
    return take(rows * dimensions, 1).map((value, index) => value * (scales[Math.floor(index / dimensions)] as number))
  }
  const vectors = takeRows(landmarks)
  const columnScales = take(classes, 4)
  const coefficients = take(landmarks * classes, 2).map((value, index) => value * (columnScales[index % classes] as number))
  const head: Head = {
    labels: header.labels,
    labelOf: header.label_of,
    embedder: header.embedder,
    dimensions,
    gamma: header.gamma,
    landmarks: vectors,
    coefficients,
    words: buckets > 0 ? takeWords(take, buckets, classes) : undefined,
    centres: header.centres && { ...header.centres, vectors: takeRows(header.labels.length) },
    calibration: header.calibration,
  }
  return { head, signal: header.signal, trained_on: header.trained_on, measured: header.measured }
}

function takeWords(take: (length: number, size: 1 | 2 | 4) => Float32Array, buckets: number, classes: number): NonNullable<Head['words']> {
  const rarity = take(buckets, 4)
  const scales = take(classes, 4)
  return { rarity, coefficients: take(buckets * classes, 1).map((value, index) => value * (scales[index % classes] as number)) }
}

function quantiseRows(table: Float32Array, length: number): { scales: Float32Array; values: Int8Array } {
  const scales = new Float32Array(table.length / length)
  const values = new Int8Array(table.length)
  for (let row = 0; row < scales.length; row += 1) {
    const numbers = table.subarray(row * length, (row + 1) * length)
    const scale = largest(numbers) / 127
    scales[row] = scale
    numbers.forEach((value, index) => {
      values[row * length + index] = scale === 0 ? 0 : Math.round(value / scale)
    })
  }
  return { scales, values }
}

function quantiseColumns(table: Float32Array, columns: number, steps: number): { scales: Float32Array; values: Float64Array } {
  const scales = new Float32Array(columns)
  table.forEach((value, index) => {
    scales[index % columns] = Math.max(scales[index % columns] as number, Math.abs(value) / steps)
  })
  const values = Float64Array.from(table, (value, index) => {
    const scale = scales[index % columns] as number
    return scale === 0 ? 0 : Math.max(-steps, Math.min(steps, Math.round(value / scale)))
  })
  return { scales, values }
}

function largest(numbers: Float32Array): number {
  return numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function bytesOf(numbers: Float32Array | Int8Array | Int16Array): Uint8Array {
  const bytes = new Uint8Array(numbers.length * numbers.BYTES_PER_ELEMENT)
  const view = new DataView(bytes.buffer)
  numbers.forEach((value, index) => {
    if (numbers instanceof Float32Array) view.setFloat32(index * 4, value, true)
    else if (numbers instanceof Int16Array) view.setInt16(index * 2, value, true)
    else view.setInt8(index, value)
  })
  return bytes
}
