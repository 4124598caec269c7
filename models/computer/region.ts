import type { Region } from './action.ts'

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
