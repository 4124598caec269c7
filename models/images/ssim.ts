import type { GreyPicture } from './grey.ts'

const windowSide = 8
const stride = 4
const c1 = (0.01 * 255) ** 2
const c2 = (0.03 * 255) ** 2

export interface Similarity {
  /** The index of Wang et al. (2004), mean over windows of 8x8: 1 for the same picture. */
  readonly mean: number
  /** The least similar window: a small change in a large region is seen here. */
  readonly least: number
}

/** @throws {RangeError} Unless both have the same size, of at least one window. */
export function structuralSimilarity(left: GreyPicture, right: GreyPicture): Similarity {
  const { width, height } = left
  if (right.width !== width || right.height !== height || width < windowSide || height < windowSide) {
    const sizes = `${width}x${height} and ${right.width}x${right.height}`
    throw new RangeError(`Cannot compare pictures: both must have the same size, from ${windowSide}x${windowSide}, received ${sizes}`)
  }
  let [sum, count, least] = [0, 0, 1]
  for (let top = 0; top + windowSide <= height; top += stride) {
    for (let start = 0; start + windowSide <= width; start += stride) {
      const similarity = ofWindow(left.data, right.data, top * width + start, width)
      sum += similarity
      count += 1
      least = Math.min(least, similarity)
    }
  }
  return { mean: sum / count, least }
}

function ofWindow(left: Float32Array, right: Float32Array, start: number, width: number): number {
  const count = windowSide ** 2
  let [sumLeft, sumRight, squaresLeft, squaresRight, products] = [0, 0, 0, 0, 0]
  for (let y = 0; y < windowSide; y += 1) {
    for (let at = start + y * width; at < start + y * width + windowSide; at += 1) {
      const [a, b] = [left[at] ?? 0, right[at] ?? 0]
      sumLeft += a
      sumRight += b
      squaresLeft += a * a
      squaresRight += b * b
      products += a * b
    }
  }
  const [meanLeft, meanRight] = [sumLeft / count, sumRight / count]
  const varianceLeft = squaresLeft / count - meanLeft ** 2
  const varianceRight = squaresRight / count - meanRight ** 2
  const covariance = products / count - meanLeft * meanRight
  const luminance = (2 * meanLeft * meanRight + c1) / (meanLeft ** 2 + meanRight ** 2 + c1)
  return luminance * ((2 * covariance + c2) / (varianceLeft + varianceRight + c2))
}
