import type { Size } from '../../../../models/computer/space.ts'

/** How large things are drawn on a screen of this size, beside one of 1280x800: pixels of a limit are multiplied by it. */
export function scaleOf({ width, height }: Size): number {
  return Math.min(2, Math.max(1, Math.sqrt((width * height) / (1280 * 800))))
}
