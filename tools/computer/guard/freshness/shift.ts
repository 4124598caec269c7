import type { Point, Region } from '../../../../models/computer/action.ts'
import { pixelsWithin, type Raster } from '../../../../models/images/raster.ts'
import { createPause } from '../../../../models/images.ts'

const farthest = 480
const nearby = 32
const [maxWidth, maxHeight] = [160, 64]
/** Of what the pattern has beside its mean, so much may differ. */
const closeEnough = 0.15
/** Grey levels a pixel, on average: less is too plain to be known again. */
const minInk = 2
/** Pixels of letters and edges, by which most places are given up at once. */
const probes = 16
const probeDifference = 48
const offsetsAtOnce = 256

/** Layouts move up and down or sideways, so those are searched far, and all directions near; the nearest first. */
const offsets: readonly Point[] = [
  ...Array.from({ length: farthest }, (_, index): Point[] => {
    const distance = index + 1
    return [
      { x: 0, y: distance },
      { x: 0, y: -distance },
      { x: distance, y: 0 },
      { x: -distance, y: 0 },
    ]
  }).flat(),
  ...Array.from({ length: (2 * nearby + 1) ** 2 }, (_, index): Point => {
    const side = 2 * nearby + 1
    return { x: (index % side) - nearby, y: Math.floor(index / side) - nearby }
  }).filter(({ x, y }) => x !== 0 && y !== 0),
]

/**
 * Where the middle of a region is now, as a distance from where it was; `undefined` when it is not found again, or is too plain to be
 * known again.
 */
export async function findShift(before: Raster, after: Raster, region: Region): Promise<Point | undefined> {
  const from = pixelsWithin(before, middleOf(region))
  const [width, height] = [from.right - from.left, from.bottom - from.top]
  if (width < 16 || height < 8) return undefined
  const pattern = greysOf(before, from, width, height)
  const mean = pattern.reduce((sum, grey) => sum + grey, 0) / pattern.length
  const ink = pattern.reduce((sum, grey) => sum + Math.abs(grey - mean), 0)
  if (ink < minInk * pattern.length) return undefined
  const search = { pattern, width, height, limit: closeEnough * ink, probes: probesOf(pattern, mean) }
  const pause = createPause()
  for (const [index, { x, y }] of offsets.entries()) {
    if (index % offsetsAtOnce === 0) await pause()
    const [left, top] = [from.left + x, from.top + y]
    if (left < 0 || top < 0 || left + width > after.width || top + height > after.height) continue
    if (isThere(search, after, left, top)) return { x, y }
  }
  return undefined
}

/** Whether all of a region is compared, and not its middle alone. */
export function isSeenWhole({ left, top, right, bottom }: Region): boolean {
  return right - left <= maxWidth && bottom - top <= maxHeight
}

/** As far as a text is pushed by another one that becomes wider, a clock before a link. */
const nudge = 3
/** Of a smoothed pattern, and of each part of it that is as wide as a letter or two: another digit is a part alone. */
const sameEnough = { whole: 0.12, part: 0.3 }
const partWidth = 12

/**
 * Whether a region that is seen whole shows the same up to three pixels further, also where that is no whole pixel: letters are drawn anew
 * then, and no pixel has the same grey.
 */
export async function isNudged(before: Raster, after: Raster, region: Region): Promise<boolean> {
  const from = pixelsWithin(before, middleOf(region))
  const [width, height] = [from.right - from.left, from.bottom - from.top]
  if (width < 16 || height < 8) return false
  const pattern = smoothed(greysOf(before, from, width, height), width, 0)
  const mean = pattern.reduce((sum, grey) => sum + grey, 0) / pattern.length
  const ink = pattern.reduce((sum, grey) => sum + Math.abs(grey - mean), 0)
  if (ink < minInk * pattern.length) return false
  const pause = createPause()
  for (let y = -nudge; y <= nudge; y += 1) {
    for (let x = -nudge; x <= nudge; x += 1) {
      await pause()
      const to = { ...from, left: from.left + x, top: from.top + y }
      if (to.left < 0 || to.top < 0 || to.left + width >= after.width || to.top + height > after.height) continue
      const shown = greysOf(after, to, width, height)
      for (const part of [0, 0.5]) {
        if (isSame(pattern, smoothed(shown, width, part), { width, mean, ink })) return true
      }
    }
  }
  return false
}

function isSame(pattern: Float32Array, other: Float32Array, { width, mean, ink }: { width: number; mean: number; ink: number }): boolean {
  // A part without letters has a little noise of what stands beside it.
  const least = (minInk * 2 * partWidth * pattern.length) / width
  const parts = Array.from({ length: Math.ceil(width / partWidth) }, () => ({ ink: 0, difference: 0 }))
  for (const [at, grey] of pattern.entries()) {
    const part = parts[Math.floor((at % width) / partWidth)]
    if (part === undefined) continue
    part.ink += Math.abs(grey - mean)
    part.difference += Math.abs(grey - (other[at] ?? 0))
  }
  return (
    parts.reduce((sum, { difference }) => sum + difference, 0) <= sameEnough.whole * ink &&
    parts.every((part) => part.difference <= sameEnough.part * Math.max(part.ink, least))
  )
}

/** Each pixel with those beside it, as seen from a part of a pixel further right. */
function smoothed(greys: Float32Array, width: number, part: number): Float32Array {
  const at = (row: number, x: number) => greys[row + Math.min(width - 1, Math.max(0, x))] ?? 0
  const around = (row: number, x: number) => (at(row, x - 1) + 2 * at(row, x) + at(row, x + 1)) / 4
  return greys.map((_, place) => {
    const x = place % width
    return (1 - part) * around(place - x, x) + part * around(place - x, x + 1)
  })
}

function middleOf({ left, top, right, bottom }: Region): Region {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2]
  return {
    left: Math.max(left, x - maxWidth / 2),
    top: Math.max(top, y - maxHeight / 2),
    right: Math.min(right, x + maxWidth / 2),
    bottom: Math.min(bottom, y + maxHeight / 2),
  }
}

interface Search {
  readonly pattern: Float32Array
  readonly width: number
  readonly height: number
  readonly limit: number
  /** Places in the pattern. */
  readonly probes: readonly number[]
}

function isThere(
  { pattern, width, height, limit, probes: first }: Search,
  { data, width: stride }: Raster,
  left: number,
  top: number,
): boolean {
  let missed = 0
  for (const at of first) {
    const grey = greyAt(data, (top + Math.floor(at / width)) * stride + left + (at % width))
    if (Math.abs(grey - (pattern[at] ?? 0)) > probeDifference) missed += 1
    if (missed > probes / 4) return false
  }
  let sum = 0
  for (let row = 0; row < height; row += 1) {
    for (let x = 0; x < width; x += 1) {
      sum += Math.abs(greyAt(data, (top + row) * stride + left + x) - (pattern[row * width + x] ?? 0))
    }
    if (sum > limit) return false
  }
  return true
}

/** Of the pixels that differ most from the mean, some from all over the pattern. */
function probesOf(pattern: Float32Array, mean: number): number[] {
  const strength = (at: number) => Math.abs((pattern[at] ?? 0) - mean)
  const part = Math.ceil(pattern.length / probes)
  return Array.from({ length: probes }, (_, index) => {
    let best = Math.min(index * part, pattern.length - 1)
    for (let at = best; at < Math.min(pattern.length, (index + 1) * part); at += 1) if (strength(at) > strength(best)) best = at
    return best
  })
}

function greysOf(raster: Raster, { left, top }: Region, width: number, height: number): Float32Array {
  const greys = new Float32Array(width * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) greys[y * width + x] = greyAt(raster.data, (top + y) * raster.width + left + x)
  }
  return greys
}

function greyAt(data: Uint8Array, pixel: number): number {
  const at = pixel * 3
  return 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0)
}
