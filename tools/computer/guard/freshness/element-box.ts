import type { Point, Region } from '../../../../models/computer/action.ts'
import type { Raster } from '../../../../models/images/raster.ts'
import { scaleOf } from './scale.ts'

const sameColour = 12

/**
 * The box of the button, field or row under a point, when nobody has said it: as far as the colour around the point goes without a
 * gap. `undefined` where that colour is the page's own.
 */
export function elementBox(raster: Raster, point: Point): Region | undefined {
  const scale = scaleOf(raster)
  const [x, y] = [Math.floor(point.x), Math.floor(point.y)]
  if (x < 0 || y < 0 || x >= raster.width || y >= raster.height) return undefined
  const limits = {
    left: Math.max(0, x - Math.round(420 * scale)),
    top: Math.max(0, y - Math.round(48 * scale)),
    right: Math.min(raster.width, x + Math.round(420 * scale)),
    bottom: Math.min(raster.height, y + Math.round(48 * scale)),
  }
  const colour = commonColour(raster, x, y, Math.round(8 * scale))
  const start = nearest(raster, x, y, colour, Math.round(8 * scale))
  if (start === undefined) return undefined
  const box = fill(raster, start, colour, limits)
  const isPage = (box.top <= limits.top && limits.top > 0) || (box.bottom >= limits.bottom && limits.bottom < raster.height)
  return isPage ? undefined : box
}

/** The background of what stands there: the most frequent colour around the point, since the point may be on a letter. */
function commonColour(raster: Raster, x: number, y: number, reach: number): number {
  const counts = new Map<number, number>()
  for (let row = Math.max(0, y - reach); row <= Math.min(raster.height - 1, y + reach); row += 1) {
    for (let column = Math.max(0, x - reach); column <= Math.min(raster.width - 1, x + reach); column += 1) {
      const colour = colourAt(raster, column, row)
      counts.set(colour, (counts.get(colour) ?? 0) + 1)
    }
  }
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), [0, 0])[0]
}

function nearest(raster: Raster, x: number, y: number, colour: number, reach: number): Point | undefined {
  for (let distance = 0; distance <= reach; distance += 1) {
    for (let row = Math.max(0, y - distance); row <= Math.min(raster.height - 1, y + distance); row += 1) {
      for (let column = Math.max(0, x - distance); column <= Math.min(raster.width - 1, x + distance); column += 1) {
        if (isLike(colourAt(raster, column, row), colour)) return { x: column, y: row }
      }
    }
  }
  return undefined
}

function fill(raster: Raster, start: Point, colour: number, limits: Region): Region {
  const width = limits.right - limits.left
  const seen = new Uint8Array(width * (limits.bottom - limits.top))
  const box = { left: start.x, top: start.y, right: start.x + 1, bottom: start.y + 1 }
  const trail = [start.x, start.y]
  while (trail.length > 0) {
    const y = trail.pop() ?? 0
    const x = trail.pop() ?? 0
    if (x < limits.left || y < limits.top || x >= limits.right || y >= limits.bottom) continue
    const at = (y - limits.top) * width + x - limits.left
    if (seen[at] === 1 || !isLike(colourAt(raster, x, y), colour)) continue
    seen[at] = 1
    box.left = Math.min(box.left, x)
    box.top = Math.min(box.top, y)
    box.right = Math.max(box.right, x + 1)
    box.bottom = Math.max(box.bottom, y + 1)
    trail.push(x - 1, y, x + 1, y, x, y - 1, x, y + 1)
  }
  return box
}

function colourAt({ data, width }: Raster, x: number, y: number): number {
  const at = (y * width + x) * 3
  return ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0)
}

function isLike(left: number, right: number): boolean {
  for (const shift of [0, 8, 16]) {
    if (Math.abs(((left >> shift) & 255) - ((right >> shift) & 255)) > sameColour) return false
  }
  return true
}
