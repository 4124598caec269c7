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

/** Line by line: the whole of a line at once, then where the lines above and below go on. */
function fill({ data, width: across }: Raster, start: Point, colour: number, limits: Region): Region {
  const width = limits.right - limits.left
  const seen = new Uint8Array(width * (limits.bottom - limits.top))
  const [red, green, blue] = [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255]
  const isOpen = (x: number, y: number) => {
    const at = (y * across + x) * 3
    return (
      seen[(y - limits.top) * width + x - limits.left] === 0 &&
      Math.abs((data[at] ?? 0) - red) <= sameColour &&
      Math.abs((data[at + 1] ?? 0) - green) <= sameColour &&
      Math.abs((data[at + 2] ?? 0) - blue) <= sameColour
    )
  }
  const box = { left: start.x, top: start.y, right: start.x + 1, bottom: start.y + 1 }
  const trail: Point[] = [start]
  for (let point = trail.pop(); point !== undefined; point = trail.pop()) {
    const { x, y } = point
    if (!isOpen(x, y)) continue
    let [left, right] = [x, x + 1]
    while (left > limits.left && isOpen(left - 1, y)) left -= 1
    while (right < limits.right && isOpen(right, y)) right += 1
    seen.fill(1, (y - limits.top) * width + left - limits.left, (y - limits.top) * width + right - limits.left)
    box.left = Math.min(box.left, left)
    box.top = Math.min(box.top, y)
    box.right = Math.max(box.right, right)
    box.bottom = Math.max(box.bottom, y + 1)
    for (const next of [y - 1, y + 1]) {
      if (next < limits.top || next >= limits.bottom) continue
      // Of each run there, its first pixel.
      let wasOpen = false
      for (let at = left; at < right; at += 1) {
        const open = isOpen(at, next)
        if (open && !wasOpen) trail.push({ x: at, y: next })
        wasOpen = open
      }
    }
  }
  return box
}

function colourAt({ data, width }: Raster, x: number, y: number): number {
  const at = (y * width + x) * 3
  return ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0)
}

function isLike(left: number, right: number): boolean {
  if (left === right) return true
  const isNear = (shift: number) => Math.abs(((left >> shift) & 255) - ((right >> shift) & 255)) <= sameColour
  return isNear(0) && isNear(8) && isNear(16)
}
