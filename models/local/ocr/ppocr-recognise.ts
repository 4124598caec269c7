import type { Region } from '../../computer/action.ts'
import type { Raster } from '../../images/raster.ts'
import type { InputTensor } from './ppocr-detect.ts'

const lineHeight = 48
const narrowest = 16
/** A line is read at no more than this; what is longer is pressed together, which costs letters and not memory. */
const widest = 2400
/** Of the sum of padded widths: bounds the answer, which has 6,625 numbers for each eight pixels. */
const batchWidth = 2400

export interface Crop {
  readonly box: Region
  /** At a height of 48. */
  readonly width: number
}

/** The boxes in batches of like width, so that little of a batch is padding. */
export function batchesOf(boxes: readonly Region[]): Crop[][] {
  const crops = boxes
    .map((box) => {
      const width = Math.round((lineHeight * (box.right - box.left)) / (box.bottom - box.top))
      return { box, width: Math.min(widest, Math.max(narrowest, width)) }
    })
    .toSorted((a, b) => a.width - b.width)
  const batches: Crop[][] = []
  for (const crop of crops) {
    const last = batches.at(-1)
    const narrow = last?.[0]?.width ?? 0
    if (last && crop.width * (last.length + 1) <= batchWidth && crop.width <= narrow * 1.25 + 16) last.push(crop)
    else batches.push([crop])
  }
  return batches
}

/** Each line at a height of 48 in its proportions, the shorter ones padded on the right. */
export function recognitionInput(raster: Raster, crops: readonly Crop[]): InputTensor {
  const width = Math.ceil(crops.reduce((most, crop) => Math.max(most, crop.width), 0) / 8) * 8
  const data = new Float32Array(crops.length * 3 * lineHeight * width)
  for (const [index, crop] of crops.entries()) {
    writeLine(raster, crop, { data, width, start: index * 3 * lineHeight * width })
  }
  return { data, shape: [crops.length, 3, lineHeight, width] }
}

/** Between two pixels their mixture; of a line higher than 96 pixels several samples for each pixel that is written. */
function writeLine(
  { width, height, data }: Raster,
  { box, width: written }: Crop,
  target: { data: Float32Array; width: number; start: number },
): void {
  const stepX = (box.right - box.left) / written
  const stepY = (box.bottom - box.top) / lineHeight
  const samples = Math.min(8, Math.max(1, Math.floor(stepY / 2) + 1))
  const plane = lineHeight * target.width
  const columns = placesAlong(box.left, stepX, { count: written, samples, side: width })
  const rows = placesAlong(box.top, stepY, { count: lineHeight, samples, side: height })
  const share = 1 / (samples * samples * 127.5)
  for (let y = 0; y < lineHeight; y += 1) {
    for (let x = 0; x < written; x += 1) {
      let [red, green, blue] = [0, 0, 0]
      for (let sampleY = y * samples; sampleY < (y + 1) * samples; sampleY += 1) {
        const partY = rows.part[sampleY] ?? 0
        const [upper, lower] = [(rows.first[sampleY] ?? 0) * width, (rows.second[sampleY] ?? 0) * width]
        for (let sampleX = x * samples; sampleX < (x + 1) * samples; sampleX += 1) {
          const partX = columns.part[sampleX] ?? 0
          const [before, after] = [columns.first[sampleX] ?? 0, columns.second[sampleX] ?? 0]
          const [a, b, c, d] = [(upper + before) * 3, (upper + after) * 3, (lower + before) * 3, (lower + after) * 3]
          const [weightA, weightB] = [(1 - partX) * (1 - partY), partX * (1 - partY)]
          const [weightC, weightD] = [(1 - partX) * partY, partX * partY]
          red += (data[a] ?? 0) * weightA + (data[b] ?? 0) * weightB + (data[c] ?? 0) * weightC + (data[d] ?? 0) * weightD
          green += (data[a + 1] ?? 0) * weightA + (data[b + 1] ?? 0) * weightB + (data[c + 1] ?? 0) * weightC + (data[d + 1] ?? 0) * weightD
          blue += (data[a + 2] ?? 0) * weightA + (data[b + 2] ?? 0) * weightB + (data[c + 2] ?? 0) * weightC + (data[d + 2] ?? 0) * weightD
        }
      }
      const at = target.start + y * target.width + x
      target.data[at] = red * share - 1
      target.data[at + plane] = green * share - 1
      target.data[at + 2 * plane] = blue * share - 1
    }
  }
}

interface Places {
  readonly first: Int32Array
  readonly second: Int32Array
  readonly part: Float32Array
}

function placesAlong(start: number, step: number, { count, samples, side }: { count: number; samples: number; side: number }): Places {
  const all = count * samples
  const places = { first: new Int32Array(all), second: new Int32Array(all), part: new Float32Array(all) }
  for (let index = 0; index < all; index += 1) {
    const at = Math.min(side - 1, Math.max(0, start + ((index + 0.5) * step) / samples - 0.5))
    const first = Math.floor(at)
    places.first[index] = first
    places.second[index] = Math.min(side - 1, first + 1)
    places.part[index] = at - first
  }
  return places
}

export interface Recognised {
  readonly text: string
  readonly confidence: number
  /** For each UTF-16 unit the middle of its character, from 0 at the left edge of the box to 1 at its right one. */
  readonly centres: readonly number[]
}

/** Class 0 is "nothing", the last one a space, between them the lines of the dictionary. */
export function decodeLine(
  scores: Float32Array,
  {
    start,
    steps,
    classes,
    dictionary,
    share,
  }: { start: number; steps: number; classes: number; dictionary: readonly string[]; share: number },
): Recognised {
  const centres: number[] = []
  let [text, sum, count, last] = ['', 0, 0, 0]
  for (let step = 0; step < steps; step += 1) {
    const from = start + step * classes
    let [best, score] = [0, scores[from] ?? 0]
    for (let index = 1; index < classes; index += 1) {
      const value = scores[from + index] ?? 0
      if (value > score) [best, score] = [index, value]
    }
    if (best !== 0 && best !== last) {
      const character = best === classes - 1 ? ' ' : (dictionary[best - 1] ?? '')
      text += character
      for (let unit = 0; unit < character.length; unit += 1) centres.push(Math.min(1, (step + 0.5) / steps / share))
      sum += score
      count += 1
    }
    last = best
  }
  const leading = text.length - text.trimStart().length
  const trimmed = text.trim()
  return { text: trimmed, confidence: count === 0 ? 0 : sum / count, centres: centres.slice(leading, leading + trimmed.length) }
}
