import type { Region } from '../../../models/computer/action.ts'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'

/** Lines that go on in one another, as one text. */
export interface Paragraph extends Region {
  readonly text: string
}

/** An order is one order over however many lines it goes: lines that stand below each other, and pieces of one row, are joined. */
export function paragraphsOf(boxes: readonly TextBox[]): Paragraph[] {
  const paragraphs: { boxes: TextBox[]; last: TextBox; left: number; right: number }[] = []
  for (const line of rowsOf(boxes)) {
    const high = line.bottom - line.top
    const above = paragraphs.findLast(({ last, left, right }) => {
      const gap = line.top - last.bottom
      const isAligned = Math.abs(line.left - left) <= high * 2.5 || (line.left < right && line.right > left)
      return gap > -high && gap < high * 1.3 && isAligned && Math.abs(last.bottom - last.top - high) < high * 0.6
    })
    if (above) {
      above.boxes.push(line)
      above.last = line
      above.left = Math.min(above.left, line.left)
      above.right = Math.max(above.right, line.right)
    } else paragraphs.push({ boxes: [line], last: line, left: line.left, right: line.right })
  }
  return paragraphs.map(({ boxes: lines, left, right }) => ({
    left,
    right,
    top: Math.min(...lines.map(({ top }) => top)),
    bottom: Math.max(...lines.map(({ bottom }) => bottom)),
    // A word that was parted at the end of a line.
    text: lines
      .map(({ text }) => text)
      .join('\n')
      .replaceAll(/(\p{Ll})-\n(?=\p{Ll})/gu, '$1'),
  }))
}

/** Pieces of a row with no more than a wide space between them. */
function rowsOf(boxes: readonly TextBox[]): TextBox[] {
  const rows: TextBox[] = []
  for (const box of boxes.toSorted((a, b) => a.top - b.top || a.left - b.left)) {
    const high = box.bottom - box.top
    const index = rows.findIndex((row) => {
      const shared = Math.min(row.bottom, box.bottom) - Math.max(row.top, box.top)
      const gap = Math.max(box.left - row.right, row.left - box.right)
      return shared > 0.6 * Math.min(high, row.bottom - row.top) && gap < high * 1.2
    })
    const row = rows[index]
    if (!row) {
      rows.push(box)
      continue
    }
    const [first, second] = row.left <= box.left ? [row, box] : [box, row]
    rows[index] = {
      left: Math.min(row.left, box.left),
      top: Math.min(row.top, box.top),
      right: Math.max(row.right, box.right),
      bottom: Math.max(row.bottom, box.bottom),
      text: `${first.text} ${second.text}`,
      confidence: Math.min(row.confidence, box.confidence),
    }
  }
  return rows.toSorted((a, b) => a.top - b.top || a.left - b.left)
}
