import { Buffer } from 'node:buffer'
import type { Region } from '../computer/action.ts'
import { areaOf } from '../computer/region.ts'
import { createPause } from './pause.ts'
import { pixelsWithin, type Raster } from './raster.ts'

/** Pixels that changed and stand together, with the box that just holds them. */
export interface Change extends Region {
  readonly pixels: number
}

export interface PixelChanges {
  /** From the largest to the smallest. */
  readonly regions: readonly Change[]
  /** Of all pixels of the picture, those that changed. */
  readonly share: number
  /** By how much a channel must differ (of 255) for its pixel to count: more where the pictures were compressed like photographs. */
  readonly minDifference: number
}

/** A power of two: `>> 3` finds the cell of a pixel. */
const cellSide = 8
/** Cells that are no further apart belong together: the letters and words of a line do. */
const reach = 2
/** By how much a channel must differ in pictures without the noise of a compression. */
export const exactDifference = 6
const lossyDifference = 32
const faintDifference = 16
const minFaint = 20
const samples = 40_000

/**
 * Where two pictures of the same size differ, outside of the masks.
 *
 * @throws {RangeError} If their sizes differ.
 */
export async function findChanges(
  before: Raster,
  after: Raster,
  { masks = [] }: { masks?: readonly Region[] | undefined } = {},
): Promise<PixelChanges> {
  const { width, height } = after
  if (before.width !== width || before.height !== height) {
    throw new RangeError(`Cannot compare pictures: both must have ${width}x${height} pixels, received ${before.width}x${before.height}`)
  }
  const minDifference = isLossyPair(before.data, after.data) ? lossyDifference : exactDifference
  const cells = await countCells(before, after, { minDifference, masks: masks.map((mask) => pixelsWithin(after, mask)) })
  const found = await joined(cells)
  const regions = minDifference === exactDifference ? found : found.filter((region) => !isNoise(region))
  const pixels = regions.reduce((sum, region) => sum + region.pixels, 0)
  return { regions, share: pixels / (width * height), minDifference }
}

/**
 * Compression for photographs leaves a faint noise of many values beside what changed. What is drawn in a slightly different colour
 * differs by one or two values everywhere.
 */
function isLossyPair(before: Uint8Array, after: Uint8Array): boolean {
  const pixels = after.length / 3
  const stride = Math.max(1, Math.floor(pixels / samples)) | 1
  const faint = new Uint32Array(2 * faintDifference + 1)
  let strong = 0
  for (let pixel = 0; pixel < pixels; pixel += stride) {
    const difference = (after[pixel * 3 + 1] ?? 0) - (before[pixel * 3 + 1] ?? 0)
    if (difference === 0) continue
    const at = difference + faintDifference
    if (at < 0 || at >= faint.length) strong += 1
    else faint[at] = (faint[at] ?? 0) + 1
  }
  const [first = 0, second = 0, ...rest] = faint.toSorted((a, b) => b - a)
  const all = rest.reduce((sum, one) => sum + one, first + second)
  return all >= minFaint && all > 0.4 * strong && first + second <= 0.75 * all
}

/** At the edges of letters the noise is as strong as a change, but only here and there. */
function isNoise(region: Change): boolean {
  const density = region.pixels / areaOf(region)
  return region.pixels < 12 || density < 0.01 || (region.pixels < 90 && density < 0.06)
}

function differenceAt(before: Uint8Array, after: Uint8Array, at: number): number {
  const red = Math.abs((before[at] ?? 0) - (after[at] ?? 0))
  const green = Math.abs((before[at + 1] ?? 0) - (after[at + 1] ?? 0))
  const blue = Math.abs((before[at + 2] ?? 0) - (after[at + 2] ?? 0))
  return Math.max(red, green, blue)
}

/** By index, row by row; what lies outside of every change has no pixels. */
interface Cells {
  readonly columns: number
  readonly rows: number
  readonly pixels: Uint8Array
  readonly left: Uint16Array
  readonly top: Uint16Array
  readonly right: Uint16Array
  readonly bottom: Uint16Array
}

async function countCells(
  before: Raster,
  after: Raster,
  { minDifference, masks }: { minDifference: number; masks: readonly Region[] },
): Promise<Cells> {
  const { width, height } = after
  const columns = Math.ceil(width / cellSide)
  const rows = Math.ceil(height / cellSide)
  const numbers = () => new Uint16Array(columns * rows)
  const cells: Cells = {
    columns,
    rows,
    pixels: new Uint8Array(columns * rows),
    left: numbers().fill(0xffff),
    top: numbers(),
    right: numbers(),
    bottom: numbers(),
  }
  const earlier = Buffer.from(before.data.buffer, before.data.byteOffset, before.data.byteLength)
  const later = Buffer.from(after.data.buffer, after.data.byteOffset, after.data.byteLength)
  const pause = createPause()
  for (let y = 0; y < height; y += 1) {
    if (y % cellSide === 0) await pause()
    const start = y * width * 3
    const end = start + width * 3
    if (earlier.compare(later, start, end, start, end) === 0) continue
    countRow(cells, before.data, after.data, { y, width, minDifference, hidden: masks.filter((mask) => y >= mask.top && y < mask.bottom) })
  }
  return cells
}

interface RowToCount {
  readonly y: number
  readonly width: number
  readonly minDifference: number
  readonly hidden: readonly Region[]
}

function countRow(cells: Cells, before: Uint8Array, after: Uint8Array, { y, width, minDifference, hidden }: RowToCount): void {
  const { pixels, left, top, right, bottom } = cells
  const first = Math.floor(y / cellSide) * cells.columns
  let at = y * width * 3
  for (let x = 0; x < width; x += 1, at += 3) {
    if (before[at] === after[at] && before[at + 1] === after[at + 1] && before[at + 2] === after[at + 2]) continue
    if (differenceAt(before, after, at) < minDifference) continue
    if (hidden.length > 0 && hidden.some((mask) => x >= mask.left && x < mask.right)) continue
    const cell = first + (x >> 3)
    if (pixels[cell] === 0) top[cell] = y
    pixels[cell] = (pixels[cell] ?? 0) + 1
    if (x < (left[cell] ?? 0)) left[cell] = x
    if (x >= (right[cell] ?? 0)) right[cell] = x + 1
    bottom[cell] = y + 1
  }
}

async function joined(cells: Cells): Promise<Change[]> {
  const regions: Change[] = []
  const waiting = cells.pixels.map((pixels) => (pixels > 0 ? 1 : 0))
  const pause = createPause()
  for (let first = waiting.indexOf(1); first >= 0; first = waiting.indexOf(1, first + 1)) {
    await pause()
    const region = { left: Number.POSITIVE_INFINITY, top: Number.POSITIVE_INFINITY, right: 0, bottom: 0, pixels: 0 }
    const trail = [first]
    waiting[first] = 0
    for (let cell = trail.pop(), steps = 0; cell !== undefined; cell = trail.pop(), steps += 1) {
      if (steps % 1024 === 0) await pause()
      region.left = Math.min(region.left, cells.left[cell] ?? 0)
      region.top = Math.min(region.top, cells.top[cell] ?? 0)
      region.right = Math.max(region.right, cells.right[cell] ?? 0)
      region.bottom = Math.max(region.bottom, cells.bottom[cell] ?? 0)
      region.pixels += cells.pixels[cell] ?? 0
      takeNeighbours(cells, waiting, cell, trail)
    }
    regions.push(region)
  }
  return regions.toSorted((a, b) => areaOf(b) - areaOf(a))
}

function takeNeighbours({ columns, rows }: Cells, waiting: Uint8Array, cell: number, trail: number[]): void {
  const [column, row] = [cell % columns, Math.floor(cell / columns)]
  const [right, bottom] = [Math.min(columns - 1, column + reach), Math.min(rows - 1, row + reach)]
  for (let y = Math.max(0, row - reach); y <= bottom; y += 1) {
    for (let x = Math.max(0, column - reach); x <= right; x += 1) {
      const next = y * columns + x
      if (waiting[next] !== 1) continue
      waiting[next] = 0
      trail.push(next)
    }
  }
}
