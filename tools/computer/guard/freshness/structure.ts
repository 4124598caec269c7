import type { Region } from '../../../../models/computer/action.ts'
import type { Raster } from '../../../../models/images/raster.ts'

export interface StructureKept {
  /** How much there is to see beside plain colours, over the windows of the region. */
  readonly textured: number
  /** Of this, what the other picture shows otherwise. */
  readonly different: number
}

const side = 8
/** Variance of grey below which a window is plain: what a shadow or a gradient has. */
const plainVariance = 60
/** Above, a window counts as much as any: text does, a pale border does not. */
const fullVariance = 2000
const minCorrelation = 0.8
const maxWindows = 3000

/**
 * Whether a region shows the same in other colours, as under a pointer that hovers: shapes keep their place, and each window's greys
 * follow from the other's, lighter, darker or inverted. New text, or a panel over old text, does not.
 */
export function compareStructure(before: Raster, after: Raster, region: Region): StructureKept {
  let [textured, different] = [0, 0]
  const rows = startsOf(region.top, region.bottom, before.height)
  const columns = startsOf(region.left, region.right, before.width)
  const stride = Math.max(1, Math.ceil(Math.sqrt((columns.length * rows.length) / maxWindows)))
  for (let row = 0; row < rows.length; row += stride) {
    for (let column = 0; column < columns.length; column += stride) {
      const { variance, correlation } = compareAt(before, after, columns[column] ?? 0, rows[row] ?? 0)
      if (variance < plainVariance) continue
      const weight = Math.min(variance, fullVariance)
      textured += weight
      if (correlation < minCorrelation) different += weight
    }
  }
  return { textured, different }
}

/** Where windows begin along one side, so that they cover all of it; a line lower than a window lies in the middle of one. */
function startsOf(from: number, to: number, limit: number): number[] {
  const length = to - from
  if (length < side) return [Math.max(0, Math.min(limit - side, Math.round((from + to - side) / 2)))]
  const count = Math.ceil(length / side)
  return Array.from({ length: count }, (_, index) => Math.min(from + index * side, to - side))
}

/** Of the greys of one window: the larger variance, and how they go together, whichever way. */
function compareAt(before: Raster, after: Raster, left: number, top: number): { variance: number; correlation: number } {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0]
  for (let y = top; y < top + side; y += 1) {
    for (let x = left; x < left + side; x += 1) {
      const at = (y * before.width + x) * 3
      const a = greyAt(before.data, at)
      const b = greyAt(after.data, at)
      sumA += a
      sumB += b
      squaresA += a * a
      squaresB += b * b
      products += a * b
    }
  }
  const count = side ** 2
  const varianceA = squaresA / count - (sumA / count) ** 2
  const varianceB = squaresB / count - (sumB / count) ** 2
  const covariance = products / count - (sumA / count) * (sumB / count)
  const correlation = Math.abs(covariance) / Math.sqrt(Math.max(1, varianceA) * Math.max(1, varianceB))
  return { variance: Math.max(varianceA, varianceB), correlation }
}

function greyAt(data: Uint8Array, at: number): number {
  return 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0)
}
