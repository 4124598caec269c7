import type { Region } from '../../../../models/computer/action.ts'
import type { Raster } from '../../../../models/images/raster.ts'
import { scaleOf } from './scale.ts'

/** Of a screen of 1280x800: what is larger, or further from the corner, is no short message. */
const message = { width: 420, height: 120, edge: 40 }

/** Whether a change lies in a corner of the screen, or in the middle of its upper or lower edge, as short messages come and go. */
export function isMessage({ left, top, right, bottom }: Region, screen: Raster): boolean {
  const scale = scaleOf(screen)
  const [edge, width, height] = [message.edge * scale, right - left, bottom - top]
  if (width > message.width * scale || height > message.height * scale) return false
  const isAtEdge = top <= edge || screen.height - bottom <= edge
  const isInMiddle = Math.abs((left + right) / 2 - screen.width / 2) <= edge
  return isAtEdge && (left <= edge || screen.width - right <= edge || isInMiddle)
}

/** A place for advertisements or pictures is no larger part of a screen. */
const largestPlace = 0.12
/** Of one colour, between what is inside and what is outside. */
const edgeContrast = 10
const leastEdge = 0.7

/**
 * Whether a place shows something else than before and has the edges that it had: pictures that take turns. What comes up over a page, or
 * goes from it, has its edges on one of the two screens alone.
 */
export function isPlaceOfItsOwn(change: Region, before: Raster, after: Raster): boolean {
  const area = (change.right - change.left) * (change.bottom - change.top)
  if (area > largestPlace * after.width * after.height) return false
  return hasEdges(change, before) && hasEdges(change, after)
}

function hasEdges(box: Region, raster: Raster): boolean {
  const [inner, outer] = [4, -3]
  const side = (from: number, to: number, pointAt: (along: number, by: number) => readonly [number, number]) => {
    let [edges, all] = [0, 0]
    for (let along = from + 8; along < to - 8; along += 4) {
      const inside = colourAt(raster, pointAt(along, inner))
      const outside = colourAt(raster, pointAt(along, outer))
      all += 1
      if (outside === undefined || inside?.some((value, channel) => Math.abs(value - (outside[channel] ?? 0)) >= edgeContrast)) edges += 1
    }
    return all > 0 && edges >= leastEdge * all
  }
  const { left, top, right, bottom } = box
  return (
    side(left, right, (x, by) => [x, top + by]) &&
    side(left, right, (x, by) => [x, bottom - 1 - by]) &&
    side(top, bottom, (y, by) => [left + by, y]) &&
    side(top, bottom, (y, by) => [right - 1 - by, y])
  )
}

function colourAt({ data, width, height }: Raster, [x, y]: readonly [number, number]): readonly number[] | undefined {
  if (x < 0 || y < 0 || x >= width || y >= height) return undefined
  const at = (Math.round(y) * width + Math.round(x)) * 3
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
}
