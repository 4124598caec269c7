import type { Region } from '../../models/computer/action.ts'
import type { Raster } from '../../models/images/raster.ts'
import { maskBoxes } from '../../models/images.ts'

/** A part of the screen that not every destination may see. The value that stands there is nowhere in it. */
export interface SecretBox extends Region {
  /** `password`, `card`, `iban`, `api-key` … as who found it calls it. */
  readonly kind: string
}

export interface Redacted {
  /** The same raster when nothing was masked, else a copy. */
  readonly raster: Raster
  readonly masked: readonly SecretBox[]
  /** Masked pixels, of all of the picture's. */
  readonly share: number
}

/** Letters reach a little beyond the boxes that are found for them, and what is left of them can be read. */
const margin = 1

/**
 * A copy of a frame's pixels, as taken, for a destination that may not see what stands in the boxes.
 *
 * Nothing moves, so the destination's coordinates are those of the whole picture. It is masked before it is resized: smaller
 * pixels would carry a shade of what stood at the edge of a box.
 */
export async function redact(raster: Raster, boxes: readonly SecretBox[]): Promise<Redacted> {
  const masked = boxes.flatMap((box): SecretBox[] => {
    const within = {
      kind: box.kind,
      left: Math.max(0, Math.floor(box.left) - margin),
      top: Math.max(0, Math.floor(box.top) - margin),
      right: Math.min(raster.width, Math.ceil(box.right) + margin),
      bottom: Math.min(raster.height, Math.ceil(box.bottom) + margin),
    }
    return within.left < within.right && within.top < within.bottom ? [within] : []
  })
  if (masked.length === 0) return { raster, masked, share: 0 }
  return { raster: await maskBoxes(raster, masked), masked, share: areaOfUnion(masked) / (raster.width * raster.height) }
}

/** Boxes of neighbouring words overlap: each pixel counts once. */
function areaOfUnion(boxes: readonly Region[]): number {
  const edges = [...new Set(boxes.flatMap(({ left, right }) => [left, right]))].toSorted((a, b) => a - b)
  let area = 0
  for (const [index, left] of edges.slice(0, -1).entries()) {
    const right = edges[index + 1] ?? left
    let [high, reached] = [0, Number.NEGATIVE_INFINITY]
    for (const box of boxes.filter((one) => one.left <= left && one.right >= right).toSorted((a, b) => a.top - b.top)) {
      high += Math.max(0, box.bottom - Math.max(box.top, reached))
      reached = Math.max(reached, box.bottom)
    }
    area += (right - left) * high
  }
  return area
}
