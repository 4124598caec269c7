import { z } from 'zod'

/** What a small network, trained by `scripts/train-safety.ts`, says of a text by its vector and by the phrases that were found in it. */
export interface SafetyNetwork {
  /** The first one is `none`. */
  readonly labels: readonly string[]
  /** Of the embedder whose vectors it was trained on. */
  readonly embedder: string
  readonly dimensions: number
  readonly hidden: number
  /** Row after row: for each hidden unit the vector's weights, that of the phrases, and its bias. */
  readonly inner: Float32Array
  /** For each label the hidden units' weights, and its bias. */
  readonly outer: Float32Array
  /** From the odds against `none` to a probability, fitted on texts that the network had not seen. */
  readonly calibration: { readonly offset: number; readonly slope: number }
  /** Taken off the odds of a text of fewer words, all of `odds` where there are none. */
  readonly short: { readonly words: number; readonly odds: number }
  /** From where `score` counts as found, for all traffic. */
  readonly threshold: number
  /** The same of `plainScore`. */
  readonly plainThreshold: number
}

export interface SafetyVerdict {
  /** 0–1: that it is not `none`, calibrated where both are as frequent. */
  readonly score: number
  /** The same, however short the text is. */
  readonly plainScore: number
  /** Of each label but `none`, summing up to `plainScore`. */
  readonly shares: readonly { readonly label: string; readonly share: number }[]
}

/** A vector's numbers lie near 0.05, a phrase's score between 0 and 1: so much each counts at the start of the training. */
const vectorScale = 4
const phrasesScale = 2

/** The numbers that the network looks at. */
export function networkInput(vector: Float32Array, phrases: number): Float32Array {
  const input = new Float32Array(vector.length + 2)
  for (const [index, value] of vector.entries()) input[index] = value * vectorScale
  input[vector.length] = phrases * phrasesScale
  input[vector.length + 1] = 1
  return input
}

/** Logits of all labels. */
export function networkLogits(
  { hidden, labels, inner, outer }: Pick<SafetyNetwork, 'hidden' | 'labels' | 'inner' | 'outer'>,
  input: Float32Array,
) {
  const units = new Float64Array(hidden + 1)
  for (let unit = 0; unit < hidden; unit += 1) {
    let sum = 0
    for (let index = 0, at = unit * input.length; index < input.length; index += 1, at += 1)
      sum += (inner[at] as number) * (input[index] as number)
    units[unit] = Math.max(0, sum)
  }
  units[hidden] = 1
  const logits = new Float64Array(labels.length)
  for (let label = 0; label < labels.length; label += 1) {
    for (let unit = 0; unit <= hidden; unit += 1)
      logits[label] = (logits[label] as number) + (outer[label * (hidden + 1) + unit] as number) * (units[unit] as number)
  }
  return logits
}

/** By how much all other labels together are ahead of `none`. */
export function oddsAgainstNone(logits: Float64Array): number {
  const [none = 0, ...others] = logits
  const most = Math.max(...others)
  return most + Math.log(others.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) - none
}

/**
 * By how much a text is too short for an attack: whoever talks a model out of its rules needs words. A short question that sounds bad is
 * a plain one, which `plainScore` tells of.
 */
export function shortness(text: string, { words, odds }: SafetyNetwork['short']): number {
  return odds * Math.max(0, 1 - text.trim().split(/\s+/).length / words)
}

/** @throws {RangeError} If the vector is of another length than those it was trained on. */
export function judgeByNetwork(
  network: SafetyNetwork,
  { text, vector, phrases }: { readonly text: string; readonly vector: Float32Array; readonly phrases: number },
): SafetyVerdict {
  if (vector.length !== network.dimensions) {
    throw new RangeError(`Cannot use the network: it was trained on vectors of ${network.dimensions} numbers, received ${vector.length}`)
  }
  const logits = networkLogits(network, networkInput(vector, phrases))
  const odds = oddsAgainstNone(logits)
  const plainScore = probabilityOf(odds, network.calibration)
  const others = [...logits.slice(1)]
  const most = Math.max(...others)
  const weights = others.map((logit) => Math.exp(logit - most))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return {
    score: probabilityOf(odds - shortness(text, network.short), network.calibration),
    plainScore,
    shares: weights.map((weight, place) => ({ label: network.labels[place + 1] as string, share: (plainScore * weight) / sum })),
  }
}

export function probabilityOf(odds: number, { offset, slope }: SafetyNetwork['calibration']): number {
  return 1 / (1 + Math.exp(-offset - slope * odds))
}

const headerSchema = z.strictObject({
  format: z.literal('signalbox-safety'),
  version: z.literal(1),
  embedder: z.string().max(400),
  dimensions: z.int().min(1).max(8192),
  hidden: z.int().min(1).max(1024),
  labels: z.array(z.string().min(1).max(60)).min(2).max(100),
  calibration: z.strictObject({ offset: z.number(), slope: z.number() }),
  short: z.strictObject({ words: z.int().min(1), odds: z.number().min(0) }),
  threshold: z.number().min(0).max(1),
  plain_threshold: z.number().min(0).max(1),
  /** What it was trained on, and under which licence. */
  trained_on: z.string().max(1000),
  /** How well it did on texts that it had not seen. */
  measured: z.record(z.string().max(100), z.number()),
})

export interface StoredNetwork extends Pick<z.output<typeof headerSchema>, 'trained_on' | 'measured'> {
  readonly network: SafetyNetwork
}

/** One line of JSON that people can read, then the weights as little-endian 32-bit numbers. */
export function encodeNetwork({ network: { inner, outer, plainThreshold, ...facts }, trained_on, measured }: StoredNetwork): Uint8Array {
  const header: z.input<typeof headerSchema> = {
    format: 'signalbox-safety',
    version: 1,
    ...facts,
    labels: [...facts.labels],
    calibration: { ...facts.calibration },
    short: { ...facts.short },
    plain_threshold: plainThreshold,
    trained_on,
    measured,
  }
  const numbers = Buffer.alloc((inner.length + outer.length) * 4)
  for (const [index, value] of [...inner, ...outer].entries()) numbers.writeFloatLE(value, index * 4)
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`, 'utf8'), numbers])
}

/**
 * @param file - For messages.
 * @throws {Error} If it is not a whole network of this version.
 */
export function decodeNetwork(bytes: Uint8Array, file: string): StoredNetwork {
  const end = bytes.indexOf(10)
  const header = headerSchema.parse(JSON.parse(Buffer.from(bytes.subarray(0, Math.max(0, end))).toString('utf8')))
  const { dimensions, hidden, labels, trained_on, measured } = header
  const innerLength = hidden * (dimensions + 2)
  const outerLength = labels.length * (hidden + 1)
  const numbers = Buffer.from(bytes.subarray(end + 1))
  if (numbers.length !== (innerLength + outerLength) * 4) {
    throw new Error(
      `Cannot use the network in ${file}: it must have ${(innerLength + outerLength) * 4} bytes of numbers, has ${numbers.length}`,
    )
  }
  const read = (from: number, length: number) => Float32Array.from({ length }, (_, index) => numbers.readFloatLE((from + index) * 4))
  const { embedder, calibration, short, threshold, plain_threshold: plainThreshold } = header
  const network = {
    labels,
    embedder,
    dimensions,
    hidden,
    calibration,
    short,
    threshold,
    plainThreshold,
    inner: read(0, innerLength),
    outer: read(innerLength, outerLength),
  }
  return { network, trained_on, measured }
}
