import { z } from 'zod'
import { openPredictor } from './kinds.ts'
import { type Predictor, PredictorFileError, type TrainedPredictor } from './predictor.ts'

/** Counts up with each change of what a file holds or means. */
const version = 1
const magic = 'signalbox-predictor'

const headerSchema = z.strictObject({
  format: z.literal(magic),
  version: z.literal(version),
  kind: z.string(),
  /** Of the embedder whose vectors were learnt from; `null` when none were. */
  embedder: z.string().nullable(),
  /** Prompts that were learnt from. */
  rows: z.int().positive(),
  facts: z.unknown(),
  /** How many numbers of each name follow, in this order. */
  numbers: z.array(z.tuple([z.string(), z.int().nonnegative()])),
})

export interface PredictorFile {
  readonly trained: TrainedPredictor
  readonly embedder: string | undefined
  readonly rows: number
}

/** A line of JSON that says what follows, and then 32-bit floats, least byte first. */
export function toPredictorBytes({ trained, embedder, rows }: PredictorFile): Uint8Array {
  const named = Object.entries(trained.numbers)
  const header: z.output<typeof headerSchema> = {
    format: magic,
    version,
    kind: trained.kind,
    embedder: embedder ?? null,
    rows,
    facts: trained.facts,
    numbers: named.map(([name, values]) => [name, values.length]),
  }
  const line = Buffer.from(`${JSON.stringify(header)}\n`)
  const floats = Buffer.alloc(4 * named.reduce((sum, [, values]) => sum + values.length, 0))
  let offset = 0
  for (const [, values] of named) for (const value of values) offset = floats.writeFloatLE(value, offset)
  return Buffer.concat([line, floats])
}

/**
 * @throws {PredictorFileError} If the bytes are no such file, of another version, cut off, or hold what a predictor of its kind cannot.
 */
export function fromPredictorBytes(bytes: Uint8Array): PredictorFile & { readonly predictor: Predictor } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = buffer.indexOf(0x0a)
  const header = headerOf(buffer.subarray(0, Math.max(0, end)).toString('utf8'))
  const expected = 4 * header.numbers.reduce((sum, [, count]) => sum + count, 0)
  const found = buffer.length - end - 1
  if (found !== expected)
    throw new PredictorFileError(`Cannot read a predictor: ${expected} bytes of numbers must follow, received ${found}`)
  const numbers: Record<string, Float32Array> = {}
  let offset = end + 1
  for (const [name, count] of header.numbers) {
    const values = new Float32Array(count)
    for (let index = 0; index < count; index += 1, offset += 4) values[index] = buffer.readFloatLE(offset)
    numbers[name] = values
  }
  const trained = { kind: header.kind, facts: header.facts, numbers }
  return { trained, embedder: header.embedder ?? undefined, rows: header.rows, predictor: openPredictor(trained) }
}

function headerOf(line: string): z.output<typeof headerSchema> {
  let data: unknown
  try {
    data = JSON.parse(line)
  } catch (cause) {
    throw new PredictorFileError('Cannot read a predictor: the file must begin with a line of JSON', { cause })
  }
  const parsed = headerSchema.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new PredictorFileError(`Cannot read a predictor: ${issue?.path.join('.')}: ${issue?.message}`)
}
