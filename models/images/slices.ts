import type { Region } from '../computer/action.ts'

export type Slice = Region

/**
 * A page that is much higher than wide, in parts from top to bottom that a model can read; scaled to a model's limits as one picture
 * its text would be lost. A coordinate in a part, plus the part's `left` and `top`, is one of the page.
 *
 * Neighbours overlap, so that what one of them cuts stands whole in the other. The last one is as high as the others. Where there
 * would be more than `most`, each is higher instead.
 */
export function sliceTall(
  { width, height }: { width: number; height: number },
  { maxAspect = 1.5, overlap = 0.1, most = 12 }: { maxAspect?: number; overlap?: number; most?: number } = {},
): Slice[] {
  if (!(maxAspect > 0) || !(overlap >= 0 && overlap < 1) || !(most >= 2)) {
    throw new RangeError(
      `Cannot slice: maxAspect must be above 0, overlap from 0 below 1 and most from 2, received ${maxAspect}, ${overlap} and ${most}`,
    )
  }
  const part = Math.max(1, Math.round(width * maxAspect), Math.ceil(height / (most * (1 - overlap) + overlap)))
  if (height <= part * (1 + overlap)) return [{ left: 0, top: 0, right: width, bottom: height }]
  const shared = Math.min(part - 1, Math.round(part * overlap))
  const count = Math.min(most, Math.ceil((height - shared) / (part - shared)))
  const step = (height - part) / (count - 1)
  return Array.from({ length: count }, (_, index) => {
    const top = Math.round(index * step)
    return { left: 0, top, right: width, bottom: top + part }
  })
}
