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
  const seen = new Set<string>()
  const pause = createPause()
  for (const parts of readingsOf(boxes)) {
    await pause()
    const { text, places } = joined(parts)
    for (const { start, end, kind, group, checked } of await findReadSecrets(text)) {
      for (const { box, from } of places) {
        const [first, last] = [Math.max(0, start - from), Math.min(box.text.length, end - from)]
        if (last <= first) continue
        const region = partOf(box, first, last)
        const key = `${Math.round(region.left)} ${Math.round(region.top)} ${Math.round(region.right)}`
        if (seen.has(key)) continue
        seen.add(key)
        found.push({ ...(raster ? inkWithin(raster, region) : region), kind, group, checked })
      }
    }
  }
  return found
}

interface Part {
  readonly box: TextBox
  /** What parts it from the one before. */
  readonly after: '' | ' ' | '\t'
}

function* readingsOf(boxes: readonly TextBox[]): Generator<Part[]> {
  for (const row of rowsOf(boxes)) {
    // As one text, and as columns: a number goes on in the next box, a label ends before it.
    if (row.length > 1) yield row.map((box, index) => ({ box, after: index === 0 ? '' : ' ' }))
    yield row.map((box, index) => ({ box, after: index === 0 ? '' : '\t' }))
  }
  for (const box of boxes) {
    const below = boxes.find((other) => isBelow(box, other))
    if (!below) continue
    if (!/\s/.test(box.text) && box.text.length >= 20) yield [{ box, after: '' }, ...wrapped(below, boxes)]
    else if (box.text.length <= 40)
      yield [
        { box, after: '' },
        { box: below, after: '\t' },
      ]
  }
}

const mostLines = 12

/** The lines of a value that fills them. */
function wrapped(first: TextBox, boxes: readonly TextBox[]): Part[] {
  const parts: Part[] = []
  for (let next: TextBox | undefined = first; next && !/\s/.test(next.text) && parts.length < mostLines; ) {
    parts.push({ box: next, after: '' })
    const current: TextBox = next
    next = boxes.find((other) => isBelow(current, other))
  }
  return parts
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
