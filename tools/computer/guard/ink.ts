import type { Region } from '../../../models/computer/action.ts'
import { pixelsWithin, type Raster } from '../../../models/images/raster.ts'

const contrast = 24
const margin = 1

/** Whether anything is drawn in a region beside one colour. */
export function hasInk(raster: Raster, region: Region, least = contrast): boolean {
  const { left, top, right, bottom } = pixelsWithin(raster, region)
  const { width, data } = raster
  const first = (top * width + left) * 3
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const at = (y * width + x) * 3
      for (let channel = 0; channel < 3; channel += 1)
        if (Math.abs((data[at + channel] ?? 0) - (data[first + channel] ?? 0)) >= least) return true
    }
  }
  return false
}

/**
 * The region without the empty rows and columns at its edges: a reader's box is larger than its letters. As it was where its background
 * has no one colour, so that on a picture nothing is uncovered.
 */
export function inkWithin(raster: Raster, region: Region): Region {
  const { left, top, right, bottom } = pixelsWithin(raster, region)
  const { width, data } = raster
  const counts = new Map<number, number>()
  const colourAt = (x: number, y: number) => (y * width + x) * 3
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const at = colourAt(x, y)
      const key = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  const [background, count] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0])
  if (count < 0.35 * (right - left) * (bottom - top)) return region
  const paper = [background >> 16, (background >> 8) & 255, background & 255] as const
  // Of pale letters less is enough: their edges are paler still.
  const most = [...counts.keys()].reduce(
    (far, colour) => Math.max(far, ...paper.map((value, channel) => Math.abs(((colour >> (16 - 8 * channel)) & 255) - value))),
    0,
  )
  const enough = Math.min(contrast, Math.max(8, most / 4))
  const ink = { left: right, top: bottom, right: left, bottom: top }
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const at = colourAt(x, y)
      if (paper.every((value, channel) => Math.abs((data[at + channel] ?? 0) - value) < enough)) continue
      ink.left = Math.min(ink.left, x)
      ink.top = Math.min(ink.top, y)
      ink.right = Math.max(ink.right, x + 1)
      ink.bottom = Math.max(ink.bottom, y + 1)
    }
  }
  if (ink.right <= ink.left) return region
  return {
    left: Math.max(region.left, ink.left - margin),
    top: Math.max(region.top, ink.top - margin),
    right: Math.min(region.right, ink.right + margin),
    bottom: Math.min(region.bottom, ink.bottom + margin),
  }
}
