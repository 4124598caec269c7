import type { Point, Region } from '../../../models/computer/action.ts'
import { pixelsWithin, type Raster } from '../../../models/images/raster.ts'

const tolerance = 14
const leastSide = 8

export interface Surface extends Region {
  /** Whether it goes on beside the view: a row of a list between two lines. */
  readonly isRow: boolean
}

const highestRow = 72

/**
 * The control that a point lies on: the patch of one colour around it, when that ends within the view on all sides, as the face of a
 * button or of a field does, or above and below, as a row does. What else reaches the edges of the view is background, and nothing is
 * returned.
 */
export function surfaceAt(raster: Raster, at: Point, view: Region): Surface | undefined {
  const whole = pixelsWithin(raster, view)
  const start = commonPixel(raster, at, whole)
  return start === undefined ? undefined : surfaceFrom(raster, start, whole)
}

/** The same for what a text stands on: from beside its letters, since the middle of a text may lie within one of them. */
export function surfaceUnder(raster: Raster, text: Region, view: Region): Surface | undefined {
  const whole = pixelsWithin(raster, view)
  const within = pixelsWithin(raster, { ...text, left: Math.max(text.left, view.left), right: Math.min(text.right, view.right) })
  for (const start of besideLetters(raster, within)) {
    if (start === undefined) continue
    const surface = surfaceFrom(raster, start, whole)
    const covered = surface && Math.min(surface.right, text.right) - Math.max(surface.left, text.left)
    if (covered !== undefined && covered >= leastCovered * (text.right - text.left)) return surface
  }
  return undefined
}

function surfaceFrom({ width, height, data }: Raster, start: number, { left, top, right, bottom }: Region): Surface | undefined {
  const [columns, rows] = [right - left, bottom - top]
  if (columns < leastSide || rows < leastSide) return undefined
  const [red, green, blue] = [data[start * 3] ?? 0, data[start * 3 + 1] ?? 0, data[start * 3 + 2] ?? 0]
  const isSame = (pixel: number) =>
    Math.abs((data[pixel * 3] ?? 0) - red) <= tolerance &&
    Math.abs((data[pixel * 3 + 1] ?? 0) - green) <= tolerance &&
    Math.abs((data[pixel * 3 + 2] ?? 0) - blue) <= tolerance

  const first = (Math.floor(start / width) - top) * columns + ((start % width) - left)
  const box = filled({ columns, rows, first }, (x, y) => isSame((y + top) * width + x + left))
  const isOpenBeside = (box.left === 0 && left > 0) || (box.right === columns && right < width)
  const isOpenBelow = (box.top === 0 && top > 0) || (box.bottom === rows && bottom < height)
  const [wide, high] = [box.right - box.left, box.bottom - box.top]
  if (isOpenBelow || (isOpenBeside && high > highestRow)) return betweenLines({ width, data }, start, { left, top, right, bottom })
  if (wide < leastSide || high < leastSide) return undefined
  // The whole picture is no control either.
  if (wide >= width - 2 && high >= height - 2) return undefined
  return { left: left + box.left, top: top + box.top, right: left + box.right, bottom: top + box.bottom, isRow: isOpenBeside }
}

const leastCovered = 0.7

/** Of a text's own pixels those of its background that are furthest to the left, to the right and to the top. */
function besideLetters({ width, data }: Raster, { left, top, right, bottom }: Region): (number | undefined)[] {
  const counts = new Map<number, number>()
  const colourAt = (x: number, y: number) => {
    const at = (y * width + x) * 3
    return ((data[at] ?? 0) >> 3) * 1024 + ((data[at + 1] ?? 0) >> 3) * 32 + ((data[at + 2] ?? 0) >> 3)
  }
  for (let y = top; y < bottom; y += 1)
    for (let x = left; x < right; x += 1) counts.set(colourAt(x, y), (counts.get(colourAt(x, y)) ?? 0) + 1)
  const [background] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [-1, 0])
  const middle = Math.floor((top + bottom) / 2)
  const rows = Array.from({ length: bottom - top }, (_, index) => top + index).toSorted(
    (a, b) => Math.abs(a - middle) - Math.abs(b - middle),
  )
  const columns = Array.from({ length: right - left }, (_, index) => left + index)
  const firstOf = (order: readonly number[]) => {
    for (const x of order) for (const y of rows) if (colourAt(x, y) === background) return y * width + x
    return undefined
  }
  const above = columns.find((x) => colourAt(x, top) === background)
  return [firstOf(columns), firstOf(columns.toReversed()), above === undefined ? undefined : top * width + above]
}

/** The box of the patch around a cell: runs of a row at a time, since a patch may be half a screen. */
function filled(
  { columns, rows, first }: { columns: number; rows: number; first: number },
  isSame: (x: number, y: number) => boolean,
): Region {
  const seen = new Uint8Array(columns * rows)
  const box = { left: columns, top: rows, right: 0, bottom: 0 }
  const trail = [first]
  const isOpen = (x: number, y: number) => seen[y * columns + x] === 0 && isSame(x, y)
  for (let cell = trail.pop(); cell !== undefined; cell = trail.pop()) {
    if (seen[cell] === 1) continue
    const middle = cell % columns
    const y = (cell - middle) / columns
    let [from, to] = [middle, middle + 1]
    while (from > 0 && isOpen(from - 1, y)) from -= 1
    while (to < columns && isOpen(to, y)) to += 1
    seen.fill(1, y * columns + from, y * columns + to)
    box.left = Math.min(box.left, from)
    box.right = Math.max(box.right, to)
    box.top = Math.min(box.top, y)
    box.bottom = Math.max(box.bottom, y + 1)
    for (const next of [y - 1, y + 1]) {
      if (next < 0 || next >= rows) continue
      // Of each run there, its first cell.
      let wasOpen = false
      for (let x = from; x < to; x += 1) {
        const open = isOpen(x, next)
        if (open && !wasOpen) trail.push(next * columns + x)
        wasOpen = open
      }
    }
  }
  return box
}

const shortestLine = 120

/** The row of a list or table whose background goes on around its lines: between the next line above and the next one below. */
function betweenLines({ width, data }: { width: number; data: Uint8Array }, start: number, view: Region): Surface | undefined {
  const column = start % width
  const middle = Math.floor(start / width)
  const [first, last] = [Math.max(view.left, column - shortestLine / 2), Math.min(view.right, column + shortestLine / 2)]
  if (last - first < shortestLine) return undefined
  const isLine = (y: number) => {
    const line = (y * width + column) * 3
    if (isNear(data, line, start * 3)) return false
    for (let x = first; x < last; x += 3) if (!isNear(data, (y * width + x) * 3, line)) return false
    return true
  }
  let [top, bottom] = [middle, middle]
  while (top > view.top && middle - top <= highestRow && !isLine(top - 1)) top -= 1
  while (bottom < view.bottom && bottom - middle <= highestRow && !isLine(bottom)) bottom += 1
  const isBounded = top > view.top && bottom < view.bottom && bottom - top <= highestRow && bottom - top >= leastSide
  return isBounded ? { left: view.left, top, right: view.right, bottom, isRow: true } : undefined
}

function isNear(data: Uint8Array, one: number, other: number): boolean {
  return (
    Math.abs((data[one] ?? 0) - (data[other] ?? 0)) <= tolerance &&
    Math.abs((data[one + 1] ?? 0) - (data[other + 1] ?? 0)) <= tolerance &&
    Math.abs((data[one + 2] ?? 0) - (data[other + 2] ?? 0)) <= tolerance
  )
}

/** A pixel near the point with the colour that most pixels near it have: the point itself may lie on a letter. */
function commonPixel({ width, data }: { width: number; data: Uint8Array }, at: Point, view: Region): number | undefined {
  const counts = new Map<number, { count: number; pixel: number; distance: number }>()
  const reach = 7
  const [middleX, middleY] = [Math.floor(at.x), Math.floor(at.y)]
  for (let y = Math.max(view.top, middleY - reach); y <= Math.min(view.bottom - 1, middleY + reach); y += 1) {
    for (let x = Math.max(view.left, middleX - reach); x <= Math.min(view.right - 1, middleX + reach); x += 1) {
      const pixel = y * width + x
      const key = ((data[pixel * 3] ?? 0) >> 3) * 1024 + ((data[pixel * 3 + 1] ?? 0) >> 3) * 32 + ((data[pixel * 3 + 2] ?? 0) >> 3)
      const distance = Math.abs(x - middleX) + Math.abs(y - middleY)
      const entry = counts.get(key) ?? { count: 0, pixel, distance }
      entry.count += 1
      if (distance < entry.distance) {
        entry.pixel = pixel
        entry.distance = distance
      }
      counts.set(key, entry)
    }
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count)[0]?.pixel
}
