import { z } from 'zod'

/** The side of a drawing as the network takes it. */
export const signSide = 32

/** Of the drawing, `strokesOf` says by cells what runs through it. */
const cells = 8
const directions = 8
const channels = directions + 4

/**
 * What names drawings by their strokes: convolutions of 3 by 3, if any, then two layers in which everything meets everything. It is small
 * enough to be run without a runtime, and most of what it is given is blank, which costs nothing.
 */
export interface IconNetwork {
  /** In the order of the outputs; a last output is for what has no name. */
  readonly meanings: readonly string[]
  /** By how much the outputs are divided, so that what is said with 0.9 is true nine times of ten. */
  readonly temperature: number
  readonly convolutions: readonly (Layer & { readonly from: number; readonly to: number; readonly stride: number })[]
  readonly hidden: Layer
  readonly last: Layer
}

/** What one input gives to all outputs lies side by side. */
interface Layer {
  readonly weights: Float32Array
  readonly biases: Float32Array
}

const headerSchema = z.strictObject({
  format: z.literal('signalbox-icon-network'),
  version: z.literal(1),
  side: z.literal(signSide),
  meanings: z.array(z.string().min(1).max(40)).min(1).max(250),
  temperature: z.number().positive(),
  convolutions: z
    .array(z.strictObject({ from: z.int().min(1).max(512), to: z.int().min(1).max(512), stride: z.union([z.literal(1), z.literal(2)]) }))
    .max(8),
  hidden: z.int().min(1).max(4096),
  /** Which drawings it was learnt from, and under which licences. */
  trained_on: z.string().max(2000),
  /** How well it did on sets of drawings that it had not seen. */
  measured: z.record(z.string().max(100), z.number()),
})

export type IconNetworkFacts = z.output<typeof headerSchema>

/** One line of JSON that people can read, then of each layer its weights, a byte each, and as float32 their scales and biases. */
export function encodeIconNetwork(facts: IconNetworkFacts, layers: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(facts)}\n`, 'utf8'), layers])
}

/**
 * @param file - For messages.
 * @throws {Error} If it is not a whole network of this version.
 */
export function decodeIconNetwork(bytes: Uint8Array, file: string): IconNetwork {
  const line = bytes.indexOf(10)
  const facts = headerSchema.parse(JSON.parse(Buffer.from(bytes.subarray(0, Math.max(0, line))).toString('utf8')))
  const { meanings, temperature, hidden } = facts
  const end = facts.convolutions.reduce((side, { stride }) => Math.ceil(side / stride), cells)
  const flat = end * end * (facts.convolutions.at(-1)?.to ?? channels)
  const sizes = [
    ...facts.convolutions.map(({ from, to }) => ({ inputs: 9 * from, outputs: to })),
    { inputs: flat, outputs: hidden },
    { inputs: hidden, outputs: meanings.length + 1 },
  ]
  const whole = sizes.reduce((sum, { inputs, outputs }) => sum + inputs * outputs + 8 * outputs, line + 1)
  if (bytes.length !== whole) throw new Error(`Cannot use the network in ${file}: it must have ${whole} bytes, has ${bytes.length}`)
  // Floats are read where they may not be aligned: from a copy that is.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let place = line + 1
  const layers = sizes.map(({ inputs, outputs }): Layer => {
    const scalesAt = place + inputs * outputs
    const weights = Float32Array.from(
      { length: inputs * outputs },
      (_, at) => view.getInt8(place + at) * view.getFloat32(scalesAt + 4 * (at % outputs), true),
    )
    const biases = Float32Array.from({ length: outputs }, (_, at) => view.getFloat32(scalesAt + 4 * (outputs + at), true))
    place = scalesAt + 8 * outputs
    return { weights, biases }
  })
  return {
    meanings,
    temperature,
    convolutions: facts.convolutions.map((one, at) => ({ ...one, ...(layers[at] as Layer) })),
    hidden: layers.at(-2) as Layer,
    last: layers.at(-1) as Layer,
  }
}

/** The probability of each meaning, and last that it is none of them. */
export function probabilitiesOf(network: IconNetwork, ink: Uint8Array): Float32Array {
  let side = cells
  let values = strokesOf(ink)
  for (const layer of network.convolutions) {
    const next = convolved(values, side, layer)
    side = Math.ceil(side / layer.stride)
    values = next
  }
  const outputs = dense(positive(dense(values, network.hidden)), network.last)
  const most = outputs.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY)
  const raised = outputs.map((value) => Math.exp((value - most) / network.temperature))
  const sum = raised.reduce((total, value) => total + value, 0)
  return raised.map((value) => value / sum)
}

/**
 * For each cell how much runs through it in each direction, from light to dark, and how much ink its quarters hold. A pixel gives to the
 * cells around it by how near their middles are, so that a drawing that lies a little aside is nearly the same.
 */
function strokesOf(ink: Uint8Array): Float32Array<ArrayBuffer> {
  const result = new Float32Array(cells * cells * channels)
  const width = signSide / cells
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= signSide || y >= signSide ? 0 : (ink[y * signSide + x] as number) / 255)
  const give = (place: number, value: number) => {
    result[place] = (result[place] as number) + value
  }
  for (let y = 0; y < signSide; y += 1) {
    for (let x = 0; x < signSide; x += 1) {
      const quarter = 2 * Math.floor((2 * (y % width)) / width) + Math.floor((2 * (x % width)) / width)
      give((Math.floor(y / width) * cells + Math.floor(x / width)) * channels + directions + quarter, (4 * at(x, y)) / width ** 2)
      const [across, down] = [at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1)]
      const strength = Math.sqrt(across * across + down * down)
      if (strength === 0) continue
      const turn = ((Math.atan2(down, across) / (2 * Math.PI)) * directions + directions) % directions
      const first = Math.floor(turn)
      const share = turn - first
      const [placeX, placeY] = [(x + 0.5) / width - 0.5, (y + 0.5) / width - 0.5]
      for (let row = Math.max(0, Math.floor(placeY)); row <= Math.min(cells - 1, Math.floor(placeY) + 1); row += 1) {
        for (let column = Math.max(0, Math.floor(placeX)); column <= Math.min(cells - 1, Math.floor(placeX) + 1); column += 1) {
          const value = strength * (1 - Math.abs(placeX - column)) * (1 - Math.abs(placeY - row))
          const cell = (row * cells + column) * channels
          give(cell + first, value * (1 - share))
          give(cell + ((first + 1) % directions), value * share)
        }
      }
    }
  }
  return result.map((value, place) => (place % channels < directions ? Math.sqrt(value) / 2 : value))
}

function convolved(
  values: Float32Array<ArrayBuffer>,
  side: number,
  { weights, biases, from, to, stride }: IconNetwork['convolutions'][number],
): Float32Array<ArrayBuffer> {
  const wide = Math.ceil(side / stride)
  const result = new Float32Array(wide * wide * to)
  const sums = new Float32Array(to)
  for (let y = 0; y < wide; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      sums.set(biases)
      for (let down = 0; down < 3; down += 1) {
        const row = y * stride + down - 1
        if (row < 0 || row >= side) continue
        for (let along = 0; along < 3; along += 1) {
          const column = x * stride + along - 1
          if (column < 0 || column >= side) continue
          const start = (row * side + column) * from
          const tap = (down * 3 + along) * from
          for (let channel = 0; channel < from; channel += 1) {
            const value = values[start + channel] as number
            if (value === 0) continue
            const weight = (tap + channel) * to
            for (let output = 0; output < to; output += 1)
              sums[output] = (sums[output] as number) + value * (weights[weight + output] as number)
          }
        }
      }
      const place = (y * wide + x) * to
      for (let output = 0; output < to; output += 1) result[place + output] = Math.max(0, sums[output] as number)
    }
  }
  return result
}

function dense(values: Float32Array, { weights, biases }: Layer): Float32Array<ArrayBuffer> {
  const sums = new Float32Array(biases)
  for (const [input, value] of values.entries()) {
    if (value === 0) continue
    const weight = input * sums.length
    for (let output = 0; output < sums.length; output += 1)
      sums[output] = (sums[output] as number) + value * (weights[weight + output] as number)
  }
  return sums
}

function positive(values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return values.map((value) => Math.max(0, value))
}
