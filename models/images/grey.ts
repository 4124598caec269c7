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
  const data = new Float32Array(width * height)
  const columns = samplesOf(region.left, region.right, width, raster.width)
  const rows = samplesOf(region.top, region.bottom, height, raster.height)
  for (const [y, ys] of rows.entries()) {
    for (const [x, xs] of columns.entries()) {
      let sum = 0
      for (const row of ys) {
        for (const column of xs) {
          const at = (row * raster.width + column) * 3
          sum += 0.299 * (raster.data[at] ?? 0) + 0.587 * (raster.data[at + 1] ?? 0) + 0.114 * (raster.data[at + 2] ?? 0)
        }
      }
      data[y * width + x] = sum / (ys.length * xs.length)
    }
  }
  return { width, height, data }
}

/** For each of `cells` between two ends, the pixels along one side that are read for it. */
function samplesOf(start: number, end: number, cells: number, side: number): number[][] {
  const step = (end - start) / cells
  const count = Math.min(maxSamples, Math.max(1, Math.round(step)))
  return Array.from({ length: cells }, (_, cell) =>
    Array.from({ length: count }, (_unused, sample) => {
      const at = Math.floor(start + step * (cell + (sample + 0.5) / count))
      return Math.min(side - 1, Math.max(0, at))
    }),
  )
}
