import type { Region } from '../../computer/action.ts'
import type { Raster } from '../../images/raster.ts'

const grid = 32
const textThreshold = 0.3
const meanThreshold = 0.5
const shortestSide = 3
/** The network was taught to mark the core of a line; the recipe of DBNet says how much lies around it. */
const growth = 1.8
const mean = [0.485, 0.456, 0.406] as const
const deviation = [0.229, 0.224, 0.225] as const

export interface InputTensor {
  readonly data: Float32Array
  readonly shape: [batch: number, channels: number, height: number, width: number]
}

/** Padded, not stretched: letters keep their size, and the map has the picture's coordinates. */
export function detectionInput({ width, height, data }: Raster): InputTensor {
  const [paddedWidth, paddedHeight] = [Math.ceil(width / grid) * grid, Math.ceil(height / grid) * grid]
  const plane = paddedWidth * paddedHeight
  const input = new Float32Array(3 * plane)
  for (let channel = 0; channel < 3; channel += 1) {
    const scale = 1 / (255 * (deviation[channel] ?? 1))
    const shift = (mean[channel] ?? 0) / (deviation[channel] ?? 1)
    for (let y = 0; y < height; y += 1) {
      let from = y * width * 3 + channel
      let to = channel * plane + y * paddedWidth
      for (let x = 0; x < width; x += 1, from += 3, to += 1) input[to] = (data[from] ?? 0) * scale - shift
    }
  }
  return { data: input, shape: [1, 3, paddedHeight, paddedWidth] }
}

/** The boxes of a map of probabilities, one for each patch of text: neighbours in a row are not joined. */
export function boxesIn(map: Float32Array, columns: number, { width, height }: { width: number; height: number }): Region[] {
  const boxes: Region[] = []
  const waiting = new Uint8Array(map.length)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0, at = y * columns; x < width; x += 1, at += 1) {
      if ((map[at] ?? 0) > textThreshold) waiting[at] = 1
    }
  }
  const trail: number[] = []
  for (let first = waiting.indexOf(1); first >= 0; first = waiting.indexOf(1, first + 1)) {
    waiting[first] = 0
    trail.push(first)
    let [left, top, right, bottom, sum, count] = [columns, Number.POSITIVE_INFINITY, 0, 0, 0, 0]
    for (let at = trail.pop(); at !== undefined; at = trail.pop()) {
      const x = at % columns
      const y = (at - x) / columns
      if (x < left) left = x
      if (x >= right) right = x + 1
      if (y < top) top = y
      if (y >= bottom) bottom = y + 1
      sum += map[at] ?? 0
      count += 1
      if (x > 0 && waiting[at - 1] === 1) trail.push(take(waiting, at - 1))
      if (x < columns - 1 && waiting[at + 1] === 1) trail.push(take(waiting, at + 1))
      if (waiting[at - columns] === 1) trail.push(take(waiting, at - columns))
      if (waiting[at + columns] === 1) trail.push(take(waiting, at + columns))
    }
    const [wide, high] = [right - left, bottom - top]
    if (wide < shortestSide || high < shortestSide || sum / count < meanThreshold) continue
    const distance = (wide * high * growth) / (2 * (wide + high))
    boxes.push({
      left: Math.max(0, left - distance),
      top: Math.max(0, top - distance),
      right: Math.min(width, right + distance),
      bottom: Math.min(height, bottom + distance),
    })
  }
  return boxes
}

function take(waiting: Uint8Array, at: number): number {
  waiting[at] = 0
  return at
}
