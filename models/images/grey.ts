import type { Region } from '../computer/action.ts'
import type { Raster } from './raster.ts'

export interface GreyPicture {
  readonly width: number
  readonly height: number
  /** 0 to 255 each. */
  readonly data: Float32Array
}

// Of a cell that covers many pixels a grid of so many a side is read: the mean of all of them is no better for a comparison.
const maxSamples = 16

/** A region in shades of grey at another size, each pixel the mean of those that it stands for. What lies outside repeats the edge. */
export function greyCrop(raster: Raster, region: Region, { width, height }: { width: number; height: number }): GreyPicture {
  const { data: pixels, width: stride } = raster
  const data = new Float32Array(width * height)
  const columns = samplesOf(region.left, region.right, width, stride)
  const rows = samplesOf(region.top, region.bottom, height, raster.height)
  const [wide, high] = [columns.length / width, rows.length / height]
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0
      for (let row = y * high; row < (y + 1) * high; row += 1) {
        const start = (rows[row] ?? 0) * stride
        for (let column = x * wide; column < (x + 1) * wide; column += 1) {
          const at = (start + (columns[column] ?? 0)) * 3
          sum += 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0)
        }
      }
      data[y * width + x] = sum / (wide * high)
    }
  }
  return { width, height, data }
}

/** For each of `cells` between two ends, the pixels along one side that are read for it: as many for each, one after the other. */
function samplesOf(start: number, end: number, cells: number, side: number): Int32Array {
  const step = (end - start) / cells
  const count = Math.min(maxSamples, Math.max(1, Math.round(step)))
  const samples = new Int32Array(cells * count)
  for (let at = 0; at < samples.length; at += 1) {
    const cell = Math.floor(at / count)
    const place = Math.floor(start + step * (cell + ((at % count) + 0.5) / count))
    samples[at] = Math.min(side - 1, Math.max(0, place))
  }
  return samples
}
