import type { Point, Region } from '../../../../models/computer/action.ts'
import { pixelsWithin, type Raster } from '../../../../models/images/raster.ts'
import { createPause, crop, greyCrop } from '../../../../models/images.ts'

const farthest = 480
const nearby = 32
/** Grey levels a pixel, on average: less is too plain to be known again. */
const minInk = 2
/** Of what the pattern has beside its mean, so much may differ. */
const closeEnough = 0.15

/**
 * Where what stood in a region is now, as a distance from where it was; `undefined` when it is not found again, or is too plain to be
 * known again. Layouts move up and down or sideways, so those are searched far, and all directions near.
 */
export async function findShift(before: Raster, after: Raster, region: Region): Promise<Point | undefined> {
  const from = pixelsWithin(before, region)
  const [width, height] = [from.right - from.left, from.bottom - from.top]
  if (width < 16 || height < 12) return undefined
  const part = crop(before, from)
  const pattern = greyCrop(part, { left: 0, top: 0, right: width, bottom: height }, { width, height })
  const ink = inkOf(pattern.data)
  if (ink < minInk * width * height) return undefined
  const pause = createPause()
  for (const { x, y } of offsets()) {
    await pause()
    const [left, top] = [from.left + x, from.top + y]
    if (left < 0 || top < 0 || left + width > after.width || top + height > after.height) continue
    if (matches(pattern.data, { width, height, limit: closeEnough * ink }, after, left, top)) return { x, y }
  }
  return undefined
}

function* offsets(): Generator<Point> {
  for (let distance = 1; distance <= farthest; distance += 1) {
    yield { x: 0, y: distance }
    yield { x: 0, y: -distance }
    yield { x: distance, y: 0 }
    yield { x: -distance, y: 0 }
  }
  for (let y = -nearby; y <= nearby; y += 1) for (let x = -nearby; x <= nearby; x += 1) if (x !== 0 && y !== 0) yield { x, y }
}

interface Pattern {
  readonly width: number
  readonly height: number
  readonly limit: number
}

/** By rows, each far from the last: most places are given up after a few pixels. */
function matches(pattern: Float32Array, { width, height, limit }: Pattern, raster: Raster, left: number, top: number): boolean {
  let sum = 0
  for (let step = 0; step < height; step += 1) {
    // A height that is a multiple of 7 would visit some rows only.
    const row = height % 7 === 0 ? step : (step * 7) % height
    for (let x = 0; x < width; x += 1) {
      const at = ((top + row) * raster.width + left + x) * 3
      const grey = 0.299 * (raster.data[at] ?? 0) + 0.587 * (raster.data[at + 1] ?? 0) + 0.114 * (raster.data[at + 2] ?? 0)
      sum += Math.abs(grey - (pattern[row * width + x] ?? 0))
    }
    if (sum > limit) return false
  }
  return true
}

function inkOf(greys: Float32Array): number {
  const mean = greys.reduce((sum, grey) => sum + grey, 0) / greys.length
  return greys.reduce((sum, grey) => sum + Math.abs(grey - mean), 0)
}
