import type { Point, Region } from './action.ts'

export function overlaps(one: Region, other: Region): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
}

/** The smallest that holds both. */
export function unionOf(one: Region, other: Region | undefined): Region {
  if (other === undefined) return one
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  }
}

export function areaOf({ left, top, right, bottom }: Region): number {
  return (right - left) * (bottom - top)
}

/** Whether all of a part lies in the whole, but for a pixel of rounding at each side. */
export function contains(whole: Region, part: Region): boolean {
  return part.left >= whole.left - 1 && part.right <= whole.right + 1 && part.top >= whole.top - 1 && part.bottom <= whole.bottom + 1
}

/** From a point to the nearest edge, in pixels; 0 inside. */
export function distance({ x, y }: Point, { left, top, right, bottom }: Region): number {
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom))
}
