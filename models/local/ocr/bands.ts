import type { Region } from '../../computer/action.ts'

/** A part of a picture that is looked at by itself. */
export interface Band extends Region {
  /** Lines whose middle lies from here on, and before `to`, are this band's; in the overlap the neighbour sees them as well. */
  readonly from: number
  readonly to: number
}

/** What is computed for a part takes about 250 bytes a pixel; larger ones are no faster a pixel. */
const mostPixels = 600_000
/** Higher than most lines, so that each stands whole in one of two neighbours. */
const overlap = 64

/** From edge to edge, since lines are wide and low, so that a picture of any height takes bounded memory. */
export function bandsOf({ width, height }: { width: number; height: number }): Band[] {
  const high = Math.max(2 * overlap, Math.floor(mostPixels / width))
  if (height <= high) {
    return [{ left: 0, top: 0, right: width, bottom: height, from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }]
  }
  const count = Math.ceil((height - overlap) / (high - overlap))
  const tops = Array.from({ length: count }, (_, index) => Math.round((index * (height - high)) / (count - 1)))
  const middles = tops.slice(1).map((top, index) => ((tops[index] ?? 0) + high + top) / 2)
  return tops.map((top, index) => ({
    left: 0,
    top,
    right: width,
    bottom: top + high,
    from: middles[index - 1] ?? Number.NEGATIVE_INFINITY,
    to: middles[index] ?? Number.POSITIVE_INFINITY,
  }))
}

/** The boxes that were found in a band, in pixels of the whole picture, without those that are a neighbour's. */
export function ownBoxes(boxes: readonly Region[], { top: offset, from, to }: Band): Region[] {
  return boxes.flatMap(({ left, top, right, bottom }) => {
    const middle = offset + (top + bottom) / 2
    return middle >= from && middle < to ? [{ left, top: top + offset, right, bottom: bottom + offset }] : []
  })
}
