import type { Region } from '../../../models/computer/action.ts'
import type { Raster } from '../../../models/images/raster.ts'
import { createPause } from '../../../models/images.ts'
import { findReadSecrets, type SecretFinding } from '../../../models/local/detect/index.ts'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'
import { inkWithin } from './ink.ts'

/** What to mask, and why; the value itself is in no box. */
export interface SecretBox extends Region {
  readonly kind: SecretFinding['kind'] | 'marked-field'
  readonly group: SecretFinding['group']
  /** Whether a checksum was found right. */
  readonly checked: boolean
}

const margin = 2

/**
 * The parts of lines that hold keys, tokens and personal numbers: of each line only the value, by where its characters stand.
 *
 * Values are looked for in each box, across the boxes of a row, below a label, and across the lines of a long key that was wrapped. What
 * the page itself marks as secret (`marked`) is masked whatever can be read there. With the pixels at hand, the boxes end where letters end.
 */
export async function secretBoxes(
  boxes: readonly TextBox[],
  { marked = [], raster }: { marked?: readonly Region[] | undefined; raster?: Raster | undefined } = {},
): Promise<SecretBox[]> {
  const found: SecretBox[] = marked.map(({ left, top, right, bottom }) => ({
    left,
    top,
    right,
    bottom,
    kind: 'marked-field',
    group: 'secret',
    checked: false,
  }))
  const parts: SecretPart[] = []
  const pause = createPause()
  for (const reading of readingsOf(boxes)) {
    await pause()
    const { text, places } = joined(reading)
    for (const { start, end, kind, group, checked } of await findReadSecrets(text)) {
      for (const { box, from } of places) {
        const [first, last] = [Math.max(0, start - from), Math.min(box.text.length, end - from)]
        if (last > first) parts.push({ box, first, last, kind, group, checked })
      }
    }
  }
  const seen = new Set<string>()
  for (const { box, first, last, kind, group, checked } of withContinuations(parts, boxes)) {
    const region = partOf(box, first, last)
    const key = `${Math.round(region.left)} ${Math.round(region.top)} ${Math.round(region.right)}`
    if (seen.has(key)) continue
    seen.add(key)
    found.push({ ...(raster ? inkWithin(raster, region) : region), kind, group, checked })
  }
  return found
}

interface Part {
  readonly box: TextBox
  /** What parts it from the one before. */
  readonly after: '' | ' ' | '\t'
}

/** A part of a line that is a value, or a piece of one that goes on in other lines. */
interface SecretPart {
  readonly box: TextBox
  readonly first: number
  readonly last: number
  readonly kind: SecretFinding['kind']
  readonly group: SecretFinding['group']
  readonly checked: boolean
}

const mostLines = 40

/** With the lines above and below that a value fills as well: a key is broken wherever its column ends. */
function withContinuations(parts: readonly SecretPart[], boxes: readonly TextBox[]): SecretPart[] {
  const all = [...parts]
  const isKnown = (box: TextBox) => all.some((part) => part.box === box && part.first === 0)
  for (const part of parts) {
    if (part.kind === 'private-key') {
      for (const box of linesBelow(part, boxes)) {
        if (!/^[A-Za-z0-9+/=|]{24}|^[A-Za-z0-9+/=]+$|END/.test(box.text)) break
        all.push({ ...part, box, first: 0, last: box.text.length })
        if (/KEY/.test(box.text)) break
      }
      continue
    }
    if (part.group !== 'secret') continue
    const value = part.box.text.slice(part.first, part.last)
    const isPhrase = /^(?:[a-z]{3,8} ){3}/.test(value)
    const goesOn = isPhrase ? /^(?:[a-z]{3,8}(?: |$)){1,24}/ : /^[A-Za-z0-9_+/=|.-]{2,}(?=$|[ ,;)])/
    if (part.last === part.box.text.length && (isPhrase || tailOf(value).length >= 8)) {
      let upper = part.box
      for (const box of linesBelow(part, boxes)) {
        const [piece] = goesOn.exec(box.text) ?? []
        if (piece === undefined || isKnown(box) || !isBroken(upper, box) || !(isPhrase || isPiece(piece, box.text))) break
        upper = box
        all.push({ ...part, box, first: 0, last: piece.length })
        if (piece.length < box.text.length) break
      }
    }
    if (part.first === 0 && !/\s/.test(value) && value.length >= 8) {
      for (let lower = part.box; ; ) {
        const above = boxes.find((box) => isBelow(box, lower))
        if (above === undefined || isKnown(above) || !isBroken(above, lower)) break
        const piece = /[A-Za-z0-9_+/=|.-]{12,}$/.exec(above.text)
        if (piece === null || !isPiece(piece[0], above.text)) break
        all.push({ ...part, box: above, first: piece.index, last: above.text.length })
        if (piece.index > 0) break
        lower = above
      }
    }
  }
  return all
}

/** A line that is broken at its column's end is as long as the next one, but for a letter that had no room; rows of a table stand further apart. */
function isBroken(upper: Region, lower: Region): boolean {
  const high = lower.bottom - lower.top
  return lower.right <= upper.right + high && lower.top - upper.bottom < high * 0.2
}

function tailOf(value: string): string {
  return value.slice(value.search(/\S*$/))
}

/** No word that follows: letters and digits mixed, or the only thing that stands there and no word. */
function isPiece(piece: string, line: string): boolean {
  if (isName(line)) return false
  if (/^[A-Z]?[a-z]*[.,]?$/.test(piece)) return piece.length === line.length && piece.length <= 4
  return /\d/.test(piece) || /[a-z][A-Z]|[_+/=]/.test(piece) || piece.length === line.length
}

/** The lines below a value: under its own beginning, or under that of the line that it stands in. */
function* linesBelow({ box, first, last }: SecretPart, boxes: readonly TextBox[]): Generator<TextBox> {
  const own = { ...box, left: partOf(box, first, last).left }
  let current: TextBox | undefined = below(box, boxes) ?? below(own, boxes)
  for (let count = 0; current !== undefined && count < mostLines; count += 1) {
    yield current
    const upper: TextBox = current
    current = below(upper, boxes)
  }
}

function* readingsOf(boxes: readonly TextBox[]): Generator<Part[]> {
  for (const row of rowsOf(boxes)) {
    // As one text, and as columns: a number goes on in the next box, a label ends before it.
    if (row.length > 1) yield row.map((box, index) => ({ box, after: index === 0 ? '' : ' ' }))
    yield row.map((box, index) => ({ box, after: index === 0 ? '' : '\t' }))
  }
  for (const box of boxes) {
    const lower = below(box, boxes)
    if (!lower) continue
    // A grouped number is broken between two groups.
    if (/[A-Z0-9]{2,4}$/.test(box.text) && /\d\D{0,3}\d/.test(box.text) && /^[A-Z0-9]{1,4}(?: |$)/.test(lower.text))
      yield [
        { box, after: '' },
        { box: lower, after: ' ' },
      ]
    // And a key at a dash in it.
    if (/[A-Za-z0-9][-_]$/.test(box.text) && /^[A-Za-z0-9_-]{4,}(?: |$)/.test(lower.text))
      yield [
        { box, after: '' },
        { box: lower, after: '' },
      ]
    if (!/\s/.test(box.text) && box.text.length >= 20) yield [{ box, after: '' }, ...wrapped(box, boxes)]
    else if (box.text.length <= 40)
      yield [
        { box, after: '' },
        { box: lower, after: '\t' },
      ]
  }
}

/** The lines of a value that fills them. */
function wrapped(upper: TextBox, boxes: readonly TextBox[]): Part[] {
  const parts: Part[] = []
  for (let [last, next] = [upper, below(upper, boxes)]; next && parts.length < mostLines; [last, next] = [next, below(next, boxes)]) {
    if (/\s/.test(next.text) || !isBroken(last, next) || isName(next.text)) break
    parts.push({ box: next, after: '' })
  }
  return parts
}

function below(upper: TextBox, boxes: readonly TextBox[]): TextBox | undefined {
  return boxes.find((other) => isBelow(upper, other))
}

/** A line that begins with the name of something begins anew. */
function isName(line: string): boolean {
  return /^[\p{L}_-]{2,24}[=:]./u.test(line)
}

function joined(parts: readonly Part[]): { text: string; places: { box: TextBox; from: number }[] } {
  let text = ''
  const places = parts.map(({ box, after }) => {
    text += after
    const from = text.length
    text += box.text
    return { box, from }
  })
  return { text, places }
}

function rowsOf(boxes: readonly TextBox[]): TextBox[][] {
  const rows: { boxes: TextBox[]; top: number; bottom: number }[] = []
  for (const box of boxes.toSorted((a, b) => a.top - b.top)) {
    const high = box.bottom - box.top
    const row = rows.find(({ top, bottom }) => Math.min(bottom, box.bottom) - Math.max(top, box.top) > high * 0.6)
    if (row) row.boxes.push(box)
    else rows.push({ boxes: [box], top: box.top, bottom: box.bottom })
  }
  return rows.map((row) => row.boxes.toSorted((a, b) => a.left - b.left))
}

function isBelow(upper: TextBox, lower: TextBox): boolean {
  const high = upper.bottom - upper.top
  const gap = lower.top - upper.bottom
  return lower !== upper && gap > -high / 2 && gap < high * 1.6 && Math.abs(lower.left - upper.left) <= Math.max(14, high)
}

/** The part of a line between two of its characters, by where the reader saw them, else by their share of the length. */
function partOf(box: TextBox, first: number, last: number): Region {
  const { left, right, top, bottom, text } = box
  const pitch = (right - left) / text.length
  const middleOf = (index: number) => box.centres?.[index] ?? left + (index + 0.5) * pitch
  // Half way to the neighbour: a reader says where a character is, and not how wide it is.
  const from = first === 0 ? left : (middleOf(first - 1) + middleOf(first)) / 2 - margin
  const to = last === text.length ? right : (middleOf(last - 1) + middleOf(last)) / 2 + margin
  return { left: Math.max(left, from), top, right: Math.min(right, to), bottom }
}
