import type { Point } from './action.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * In which numbers a model says where something is: pixels of the picture that it was sent, or a grid laid over it
 * (Gemini and Qwen 3: 0 to 1000).
 */
export type CoordinateSpace =
  | { readonly kind: 'pixels'; readonly width: number; readonly height: number }
  | { readonly kind: 'grid'; readonly size: number }

/** A model's coordinate in pixels of the picture as it was taken. */
export function toSource({ x, y }: Point, space: CoordinateSpace, source: Size): Point {
  const { width, height } = sizeOf(space)
  return { x: (x / width) * source.width, y: (y / height) * source.height }
}

/** The way back. Not rounded: whoever writes it down for a vendor that wants integers rounds it. */
export function fromSource({ x, y }: Point, space: CoordinateSpace, source: Size): Point {
  const { width, height } = sizeOf(space)
  return { x: (x / source.width) * width, y: (y / source.height) * height }
}

/** How far the numbers of a space go. */
export function sizeOf(space: CoordinateSpace): Size {
  return space.kind === 'grid' ? { width: space.size, height: space.size } : { width: space.width, height: space.height }
}
