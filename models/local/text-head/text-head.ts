import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { z } from 'zod'
import { type TextFeatures, textFeatures } from './features.ts'

/** Linear scores of texts by their words: one row of weights for each label. It asks no model, and takes a fraction of a millisecond. */
export interface TextHead {
  readonly labels: readonly string[]
  readonly buckets: number
  readonly biases: readonly number[]
  /** By how much the whole numbers of a label's row are to be multiplied. */
  readonly scales: readonly number[]
  /** From where the probability of a label counts. */
  readonly thresholds: readonly number[]
  /** Label after label. */
  readonly weights: Int8Array
}

/** Probabilities, in the order of the head's labels. */
export function scoreText(head: TextHead, features: TextFeatures): number[] {
  const { labels, buckets, biases, scales, weights } = head
  return labels.map((_, label) => {
    let sum = 0
    for (let place = 0; place < features.buckets.length; place += 1)
      sum += (weights[label * buckets + (features.buckets[place] as number)] as number) * (features.values[place] as number)
    return 1 / (1 + Math.exp(-(sum * (scales[label] as number) + (biases[label] as number))))
  })
}

const headerSchema = z.strictObject({
  format: z.literal('signalbox-text-head'),
  version: z.literal(1),
  labels: z.array(z.string().min(1).max(60)).min(1).max(100),
  buckets: z
    .int()
    .min(1)
    .max(1 << 20),
  biases: z.array(z.number()),
  scales: z.array(z.number()),
  thresholds: z.array(z.number().min(0).max(1)),
  /** What it was trained on, and under which licence. */
  trained_on: z.string().max(1000),
  /** How its weights are kept. Most of those of a wide head are zero. */
  packing: z.literal('brotli').optional(),
  /** How well it did on texts that it had not seen. */
  measured: z.record(z.string().max(100), z.number()),
})

export type StoredTextHead = TextHead & Pick<z.output<typeof headerSchema>, 'trained_on' | 'measured' | 'packing'>

/** One line of JSON that people can read, then a byte for each weight, packed or not. */
export function encodeTextHead({ weights, ...facts }: StoredTextHead): Uint8Array {
  const { labels, biases, scales, thresholds } = facts
  const header: z.input<typeof headerSchema> = {
    format: 'signalbox-text-head',
    version: 1,
    ...facts,
    labels: [...labels],
    biases: [...biases],
    scales: [...scales],
    thresholds: [...thresholds],
  }
  const bytes = new Uint8Array(weights.buffer, weights.byteOffset, weights.length)
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`, 'utf8'), facts.packing === 'brotli' ? brotliCompressSync(bytes) : bytes])
}

/**
 * @param file - For messages.
 * @throws {Error} If it is not a whole head of this version.
 */
export function decodeTextHead(bytes: Uint8Array, file: string): StoredTextHead {
  const end = bytes.indexOf(10)
  const {
    format: _,
    version: __,
    ...header
  } = headerSchema.parse(JSON.parse(Buffer.from(bytes.subarray(0, Math.max(0, end))).toString('utf8')))
  const count = header.labels.length
  const weights = new Int8Array(header.packing === 'brotli' ? unpacked(bytes.subarray(end + 1), file) : bytes.subarray(end + 1))
  const isWhole = [header.biases, header.scales, header.thresholds].every(({ length }) => length === count)
  if (!isWhole || weights.length !== count * header.buckets)
    throw new Error(
      `Cannot use the head in ${file}: it must have ${count} rows of ${header.buckets} weights, has ${weights.length} weights`,
    )
  return { ...header, weights }
}

function unpacked(packed: Uint8Array, file: string): Uint8Array {
  try {
    return brotliDecompressSync(packed)
  } catch (cause) {
    throw new Error(`Cannot use the head in ${file}: it must have weights packed by Brotli, and they cannot be unpacked`, { cause })
  }
}

export { textFeatures }
