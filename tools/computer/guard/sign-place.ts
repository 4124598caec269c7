import type { Point, Region } from '../../../models/computer/action.ts'
import { unionOf } from '../../../models/computer/region.ts'
import { crop, type Raster } from '../../../models/images/raster.ts'
import { signSide } from '../../../models/local/icons/icon-network.ts'

/** A drawing near a point, freed of its colours, its size and what is around it. */
export interface SignPlace {
  readonly box: Region
  /** `signSide` rows of as many values: how far each pixel is from the paper, 255 for the ink that is farthest. */
  readonly ink: Uint8Array<ArrayBuffer>
}

/** Around the point: what is larger is no sign. */
const reach = 64
/** In one channel, between two pixels of one paper. */
const sameWithin = 14
const inkFrom = 26
const smallest = 5
const largest = 76
/** From the point to the nearest ink: on a page, and on a face that is wide. */
const beside = { page: 14, face: 40 }
const margin = 2

/** Colours within others: a drawing may be what is filled, or what is left blank in it. */
const mostPapers = 4

interface Grid {
  readonly left: number
  readonly top: number
  readonly columns: number
  readonly rows: number
  /** RGB, row after row. */
  readonly data: Uint8Array
}

/**
 * What may be the sign under a point, the innermost first: a click goes to a stroke, to the hole of a letter, into a filled shape or beside
 * all of it on the face of a button, and by the colour there alone nobody can tell which.
 */
export function signsAt(raster: Raster, at: Point): SignPlace[] {
  const left = Math.max(0, Math.floor(at.x) - reach)
  const top = Math.max(0, Math.floor(at.y) - reach)
  const columns = Math.min(raster.width, Math.floor(at.x) + reach) - left
  const rows = Math.min(raster.height, Math.floor(at.y) + reach) - top
  if (columns < smallest || rows < smallest) return []
  const { data } = crop(raster, { left, top, right: left + columns, bottom: top + rows })
  const grid: Grid = { left, top, columns, rows, data }
  const point = { x: Math.min(columns - 1, Math.floor(at.x) - left), y: Math.min(rows - 1, Math.floor(at.y) - top) }
  const found: SignPlace[] = []
  let start = commonCell(grid, { left: point.x - 3, top: point.y - 3, right: point.x + 4, bottom: point.y + 4 })
  let within: Region | undefined
  for (let paper = 0; paper < mostPapers && start !== undefined; paper += 1) {
    const { box, isPaper } = paperFrom(grid, start)
    const isOpen = box.left === 0 || box.top === 0 || box.right === columns || box.bottom === rows
    // A paper that does not lie around the last one lies beside it.
    if (within === undefined || holds(box, within)) {
      const sign = signOn(grid, point, { start, box, isPaper, isOpen })
      if (sign && !found.some((other) => areAlike(other.box, sign.box))) found.push(sign)
    }
    if (isOpen) break
    within = unionOf(box, within)
    start = aroundOf(grid, within)
  }
  return found
}

interface Paper {
  readonly start: number
  readonly box: Region
  readonly isPaper: Uint8Array
  readonly isOpen: boolean
}

/** The ink on one paper that belongs together and lies nearest to the point. */
function signOn(grid: Grid, point: Point, { start, box, isPaper, isOpen }: Paper): SignPlace | undefined {
  const { columns } = grid
  const [wide, high] = [box.right - box.left, box.bottom - box.top]
  if (!isOpen && (wide < smallest || high < smallest)) return undefined
  const ink = inkOn(grid, start, box)
  if (!isOpen) clearOutside(ink, isPaper, box, columns)
  const pieces = piecesOf(ink, box, columns)
  const nearest = pieces.reduce<Piece | undefined>(
    (best, piece) => (best === undefined || distance(point, piece) < distance(point, best) ? piece : best),
    undefined,
  )
  if (nearest === undefined) return undefined
  const isFace = !isOpen && wide <= 96 && high <= 96 && wide < 2.2 * high && high < 2.2 * wide
  if (!isFace && distance(point, nearest) > (isOpen ? beside.page : beside.face)) return undefined
  const whole = isFace ? joined(pieces) : cluster(nearest, pieces)
  if (sideOf(whole.box) < smallest || sideOf(whole.box) > largest) return undefined
  return { box: moved(whole.box, grid), ink: freed(grid, start, ink, whole) }
}

interface Piece extends Region {
  readonly name: number
}

interface Whole {
  readonly box: Region
  readonly names: ReadonlySet<number>
}

function joined(pieces: readonly Piece[]): Whole {
  return { box: pieces.reduce<Region>(unionOf, pieces[0] as Region), names: new Set(pieces.map(({ name }) => name)) }
}

/**
 * The parts of one drawing stand closer than two drawings do. Dots go on as far apart as they are large, and strokes that lie side by side
 * as the lines of a menu do.
 */
function cluster(first: Piece, pieces: readonly Piece[]): Whole {
  let box: Region = first
  const names = new Set([first.name])
  for (let grew = true; grew; ) {
    grew = false
    for (const piece of pieces) {
      if (names.has(piece.name)) continue
      const together = unionOf(box, piece)
      if (apart(box, piece) > gapBetween(box, piece) || sideOf(together) > largest) continue
      box = together
      names.add(piece.name)
      grew = true
    }
  }
  return { box, names }
}

function gapBetween(box: Region, piece: Region): number {
  const [side, own] = [sideOf(box), sideOf(piece)]
  const dot = own <= 9 && side <= 40 ? Math.min(1.5 * own, 8) : 0
  const across = Math.min(box.right, piece.right) - Math.max(box.left, piece.left)
  const along = Math.min(box.bottom, piece.bottom) - Math.max(box.top, piece.top)
  const isStroke = own >= 3 * Math.min(piece.right - piece.left, piece.bottom - piece.top) && Math.max(across, along) >= 0.6 * own
  return Math.max(3, dot, (isStroke ? 0.4 : 0.16) * Math.min(side, 2 * own, 32))
}

/** 0 for paper, 1 for ink that no piece has yet. */
function inkOn(grid: Grid, start: number, box: Region): Int32Array {
  const ink = new Int32Array(grid.columns * grid.rows)
  for (let y = box.top; y < box.bottom; y += 1) {
    for (let x = box.left; x < box.right; x += 1) {
      const cell = y * grid.columns + x
      if (difference(grid, cell, start) >= inkFrom) ink[cell] = 1
    }
  }
  return ink
}

/** What reaches the edges of a face's box beside the face is what lies around its round corners. */
function clearOutside(ink: Int32Array, isPaper: Uint8Array, box: Region, columns: number): void {
  const trail: number[] = []
  for (let x = box.left; x < box.right; x += 1) trail.push(box.top * columns + x, (box.bottom - 1) * columns + x)
  for (let y = box.top; y < box.bottom; y += 1) trail.push(y * columns + box.left, y * columns + box.right - 1)
  const seen = new Uint8Array(ink.length)
  for (let cell = trail.pop(); cell !== undefined; cell = trail.pop()) {
    if (seen[cell] === 1 || isPaper[cell] === 1) continue
    seen[cell] = 1
    ink[cell] = 0
    const x = cell % columns
    const y = (cell - x) / columns
    if (x > box.left) trail.push(cell - 1)
    if (x < box.right - 1) trail.push(cell + 1)
    if (y > box.top) trail.push(cell - columns)
    if (y < box.bottom - 1) trail.push(cell + columns)
  }
}

/** The patches of ink, corners touching; each of its cells has its name from then on. Specks are left out. */
function piecesOf(ink: Int32Array, box: Region, columns: number): Piece[] {
  const pieces: Piece[] = []
  let name = 1
  for (let y = box.top; y < box.bottom; y += 1) {
    for (let x = box.left; x < box.right; x += 1) {
      if (ink[y * columns + x] !== 1) continue
      name += 1
      const piece = { left: x, top: y, right: x + 1, bottom: y + 1, name }
      const trail = [y * columns + x]
      ink[y * columns + x] = name
      let cells = 0
      for (let cell = trail.pop(); cell !== undefined; cell = trail.pop()) {
        cells += 1
        const column = cell % columns
        const row = (cell - column) / columns
        piece.left = Math.min(piece.left, column)
        piece.right = Math.max(piece.right, column + 1)
        piece.top = Math.min(piece.top, row)
        piece.bottom = Math.max(piece.bottom, row + 1)
        for (let beneath = Math.max(box.top, row - 1); beneath <= Math.min(box.bottom - 1, row + 1); beneath += 1) {
          for (let along = Math.max(box.left, column - 1); along <= Math.min(box.right - 1, column + 1); along += 1) {
            const next = beneath * columns + along
            if (ink[next] !== 1) continue
            ink[next] = name
            trail.push(next)
          }
        }
      }
      if (cells >= 2) pieces.push(piece)
    }
  }
  return pieces
}

/** The drawing by itself, as large as it may be on a square with some room. */
function freed(grid: Grid, start: number, ink: Int32Array, { box, names }: Whole): Uint8Array<ArrayBuffer> {
  const { columns, rows } = grid
  const [left, top] = [Math.max(0, box.left - 1), Math.max(0, box.top - 1)]
  const [wide, high] = [Math.min(columns, box.right + 1) - left, Math.min(rows, box.bottom + 1) - top]
  const values = new Float32Array(wide * high)
  let most = 1
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const cell = (top + y) * columns + left + x
      const name = ink[cell] ?? 0
      // Paper, soft edges, or this drawing; what belongs to another is left out.
      if (name !== 0 && !names.has(name)) continue
      const value = difference(grid, cell, start)
      values[y * wide + x] = value
      if (value > most) most = value
    }
  }
  const room = signSide - 2 * margin
  const scale = Math.max(box.right - box.left, box.bottom - box.top) / room
  const middle = { x: (box.left + box.right) / 2 - left, y: (box.top + box.bottom) / 2 - top }
  const across = resampled(values, { wide, high }, { scale, middle: middle.x })
  const down = resampled(across, { wide: high, high: signSide }, { scale, middle: middle.y })
  return Uint8Array.from(down, (value) => Math.min(255, Math.round((value * 255) / most)))
}

/** Rows of another length, and rows and columns exchanged: a tent over each new place, wider where many old ones go into it. */
function resampled(
  values: Float32Array,
  { wide, high }: { wide: number; high: number },
  { scale, middle }: { scale: number; middle: number },
): Float32Array {
  const result = new Float32Array(signSide * high)
  const support = Math.max(1, scale)
  for (let place = 0; place < signSide; place += 1) {
    const at = middle + (place + 0.5 - signSide / 2) * scale - 0.5
    const [first, last] = [Math.max(0, Math.ceil(at - support)), Math.min(wide - 1, Math.floor(at + support))]
    for (let y = 0; y < high; y += 1) {
      let sum = 0
      for (let x = first; x <= last; x += 1) sum += (values[y * wide + x] as number) * (1 - Math.abs(x - at) / support)
      result[place * high + y] = sum / support
    }
  }
  return result
}

/** The patch of one colour around a cell. */
function paperFrom(grid: Grid, start: number): { box: Region; isPaper: Uint8Array } {
  const { columns, rows } = grid
  const isPaper = new Uint8Array(columns * rows)
  const box = { left: columns, top: rows, right: 0, bottom: 0 }
  const trail = [start]
  isPaper[start] = 1
  const go = (cell: number) => {
    if (isPaper[cell] === 1 || difference(grid, cell, start) > sameWithin) return
    isPaper[cell] = 1
    trail.push(cell)
  }
  for (let cell = trail.pop(); cell !== undefined; cell = trail.pop()) {
    const x = cell % columns
    const y = (cell - x) / columns
    box.left = Math.min(box.left, x)
    box.right = Math.max(box.right, x + 1)
    box.top = Math.min(box.top, y)
    box.bottom = Math.max(box.bottom, y + 1)
    if (x > 0) go(cell - 1)
    if (x < columns - 1) go(cell + 1)
    if (y > 0) go(cell - columns)
    if (y < rows - 1) go(cell + columns)
  }
  return { box, isPaper }
}

/** A cell of the colour that is met most beside a box. */
function aroundOf(grid: Grid, { left, top, right, bottom }: Region): number | undefined {
  const out = 3
  return commonCell(grid, { left: left - out, top: top - out, right: right + out, bottom: bottom + out }, { left, top, right, bottom })
}

/** Of the colours in a region, beside what is left out, the one that most cells have; of those, the cell nearest to its middle. */
function commonCell({ columns, rows, data }: Grid, region: Region, without?: Region): number | undefined {
  const counts = new Map<number, { count: number; cell: number; distance: number }>()
  const middle = { x: (region.left + region.right - 1) / 2, y: (region.top + region.bottom - 1) / 2 }
  for (let y = Math.max(0, region.top); y < Math.min(rows, region.bottom); y += 1) {
    for (let x = Math.max(0, region.left); x < Math.min(columns, region.right); x += 1) {
      if (without && x >= without.left && x < without.right && y >= without.top && y < without.bottom) continue
      const at = (y * columns + x) * 3
      const key = ((data[at] ?? 0) >> 3) * 1024 + ((data[at + 1] ?? 0) >> 3) * 32 + ((data[at + 2] ?? 0) >> 3)
      const away = Math.abs(x - middle.x) + Math.abs(y - middle.y)
      const entry = counts.get(key) ?? { count: 0, cell: y * columns + x, distance: away }
      entry.count += 1
      if (away < entry.distance) {
        entry.cell = y * columns + x
        entry.distance = away
      }
      counts.set(key, entry)
    }
  }
  let best: { count: number; cell: number } | undefined
  for (const entry of counts.values()) if (best === undefined || entry.count > best.count) best = entry
  return best?.cell
}

/** In the channel where they differ most. */
function difference({ data }: Grid, one: number, other: number): number {
  const [a, b] = [one * 3, other * 3]
  const red = Math.abs((data[a] as number) - (data[b] as number))
  const green = Math.abs((data[a + 1] as number) - (data[b + 1] as number))
  const blue = Math.abs((data[a + 2] as number) - (data[b + 2] as number))
  return Math.max(red, green, blue)
}

function moved({ left, top, right, bottom }: Region, grid: Grid): Region {
  return { left: left + grid.left, top: top + grid.top, right: right + grid.left, bottom: bottom + grid.top }
}

function sideOf({ left, top, right, bottom }: Region): number {
  return Math.max(right - left, bottom - top)
}

function apart(one: Region, other: Region): number {
  return Math.max(one.left - other.right, other.left - one.right, one.top - other.bottom, other.top - one.bottom, 0)
}

function holds(outer: Region, inner: Region): boolean {
  return outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom
}

function areAlike(one: Region, other: Region): boolean {
  return [one.left - other.left, one.top - other.top, one.right - other.right, one.bottom - other.bottom].every((by) => Math.abs(by) <= 1)
}

function distance({ x, y }: Point, { left, top, right, bottom }: Region): number {
  return Math.hypot(Math.max(left - x, 0, x - right + 1), Math.max(top - y, 0, y - bottom + 1))
}
