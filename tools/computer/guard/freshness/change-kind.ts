import type { Region } from '../../../../models/computer/action.ts'
import type { Raster } from '../../../../models/images/raster.ts'
import { type Change, exactDifference } from '../../../../models/images.ts'
import { scaleOf } from './scale.ts'
import { compareStructure } from './structure.ts'

/**
 * `caret`, `line`: too thin to hold or hide anything. `recolour`: the same in other colours. `ring`: a frame around something that did
 * not change itself, as the focus has it. `small`: what a clock, a spinner, a counter or a progress bar changes. `panel`: a rectangle
 * with its edges, as an overlay has it. `content`: anything else.
 */
export type ChangeKind = 'caret' | 'line' | 'recolour' | 'ring' | 'small' | 'panel' | 'content'

export interface Pair {
  readonly before: Raster
  readonly after: Raster
  readonly minDifference: number
}

const largestShare = 0.2

/** What a change looks like, from its shape and from both pictures. */
export function kindOfChange(change: Change, pair: Pair): ChangeKind {
  const scale = scaleOf(pair.after)
  const [width, height] = [change.right - change.left, change.bottom - change.top]
  if (width <= 3 * scale && height >= 8 && height <= 48 * scale) return 'caret'
  if (Math.min(width, height) <= 3 * scale) return 'line'
  const area = width * height
  // Its pixels are many, and no frame of a focus is as large.
  if (area > largestShare * pair.after.width * pair.after.height) return isRecoloured(change, pair) ? 'recolour' : 'content'
  const outline = outlineOf(change, pair, scale)
  if (outline.share >= minOutline(pair) && outline.around >= 0.8 && width >= 32 && height >= 16) {
    return isFocusRing(change, pair) ? 'ring' : 'recolour'
  }
  if (isRecoloured(change, pair)) return 'recolour'
  const isFilled = change.pixels >= 0.5 * area || outline.share < 0.9
  if (outline.straight >= 0.85 && isFilled && area >= 5000 * scale ** 2 && height > 24 * scale) return 'panel'
  const isBar = Math.min(width, height) <= 12 * scale
  const isLittle = area <= 14_000 * scale && Math.min(width, height) <= 72 * scale
  const isRound = Math.max(width, height) <= 120 * scale && Math.max(width, height) <= 1.5 * Math.min(width, height)
  return isBar || isLittle || isRound ? 'small' : 'content'
}

interface Outline {
  /** Of its pixels, those that lie along the edge of its box. */
  readonly share: number
  /** How much of the side that is covered least has a changed pixel near it: near enough for round corners. */
  readonly around: number
  /** The same, right at the side. */
  readonly straight: number
}

function outlineOf(change: Change, pair: Pair, scale: number): Outline {
  const [width, height] = [change.right - change.left, change.bottom - change.top]
  const edge = Math.min(Math.round(7 * scale), Math.floor(Math.min(width, height) / 3))
  const near = createSides(width, height, edge)
  const nearest = createSides(width, height, Math.min(edge, Math.round(4 * scale)))
  let [inside, all] = [0, 0]
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!isChanged(pair, change.left + x, change.top + y)) continue
      all += 1
      if (x >= edge && y >= edge && width - 1 - x >= edge && height - 1 - y >= edge) {
        inside += 1
        continue
      }
      near.mark(x, y)
      nearest.mark(x, y)
    }
  }
  return { share: all === 0 ? 0 : (all - inside) / all, around: near.least(), straight: nearest.least() }
}

/** Which places along the four sides of a box have a pixel within a band. */
function createSides(width: number, height: number, band: number) {
  const [left, top, right, bottom] = [new Uint8Array(height), new Uint8Array(width), new Uint8Array(height), new Uint8Array(width)]
  return {
    mark(x: number, y: number) {
      if (x < band) left[y] = 1
      if (y < band) top[x] = 1
      if (x >= width - band) right[y] = 1
      if (y >= height - band) bottom[x] = 1
    },
    least: () => Math.min(...[left, top, right, bottom].map((side) => side.reduce((sum, one) => sum + one, 0) / side.length)),
  }
}

/** A border that is drawn darker under the pointer is one pixel of grey; a focus is thicker, or in a strong colour. */
function isFocusRing(change: Change, { before, after }: Pair): boolean {
  const perimeter = 2 * (change.right - change.left + change.bottom - change.top)
  return change.pixels / perimeter >= 1.75 || isVivid(after, change) || isVivid(before, change)
}

function isVivid(raster: Raster, { left, top, right }: Region): boolean {
  const at = (top * raster.width + Math.floor((left + right) / 2)) * 3
  const colour = [...raster.data.subarray(at, at + 3)]
  return Math.max(...colour) - Math.min(...colour) >= 70
}

const gentleDifference = 56

function isRecoloured(change: Change, pair: Pair): boolean {
  const { before, after } = pair
  const scale = scaleOf(after)
  const region = withoutUnderline(withoutEdge(change), pair)
  const { textured, different } = compareStructure(before, after, region)
  if (textured > 0) return different <= 0.08 * textured
  // Plain before and after: under a pointer the colour changes a little, a panel that is still empty brings its own.
  const area = (change.right - change.left) * (change.bottom - change.top)
  return area <= 4000 * scale ** 2 || largestDifference(change, pair) <= gentleDifference
}

/** Compression draws a little noise into what a ring surrounds. */
function minOutline({ minDifference }: Pair): number {
  return minDifference === exactDifference ? 0.97 : 0.9
}

const roundCorner = 6

/** Of a rectangle that is filled with another colour the edge is new; text has none that could be left out. */
function withoutEdge({ left, top, right, bottom }: Region): Region {
  const [x, y] = [right - left >= 26 ? roundCorner : 0, bottom - top >= 26 ? roundCorner : 0]
  return { left: left + x, top: top + y, right: right - x, bottom: bottom - y }
}

/** A link is underlined under the pointer: a line right across, at the bottom of what changed. */
function withoutUnderline(region: Region, pair: Pair): Region {
  const width = region.right - region.left
  const reach = Math.max(region.top, region.bottom - Math.round(6 * scaleOf(pair.after)))
  for (let y = reach; y < region.bottom; y += 1) {
    let changed = 0
    for (let x = region.left; x < region.right; x += 1) if (isChanged(pair, x, y)) changed += 1
    if (changed >= 0.7 * width) return { ...region, bottom: Math.max(region.top, y) }
  }
  return region
}

function isChanged({ before, after, minDifference }: Pair, x: number, y: number): boolean {
  const at = (y * after.width + x) * 3
  const old = before.data
  const young = after.data
  return (
    Math.abs((old[at] ?? 0) - (young[at] ?? 0)) >= minDifference ||
    Math.abs((old[at + 1] ?? 0) - (young[at + 1] ?? 0)) >= minDifference ||
    Math.abs((old[at + 2] ?? 0) - (young[at + 2] ?? 0)) >= minDifference
  )
}

function largestDifference({ left, top, right, bottom }: Region, { before, after }: Pair): number {
  let largest = 0
  for (let y = top; y < bottom; y += 2) {
    for (let at = (y * after.width + left) * 3; at < (y * after.width + right) * 3; at += 1) {
      largest = Math.max(largest, Math.abs((before.data[at] ?? 0) - (after.data[at] ?? 0)))
    }
  }
  return largest
}
