import type { ComputerAction, Point } from '../../models/computer/action.ts'
import type { Raster } from '../../models/images/raster.ts'
import { greyCrop } from '../../models/images.ts'

/** Of a side of the part of the screen that is looked at, in pixels (AVR, arXiv 2603.12823). */
const cropSide = 100

/** What is known of a proposed action before it is done. */
export interface Proposed {
  readonly action: ComputerAction
  readonly raster: Raster
  /** Whether words were read at the target, and whether they are those of the claim. `undefined`: nobody looked. */
  readonly label?: 'matches' | 'other' | 'none' | undefined
}

/**
 * How hard it is to hit the right thing, 0 to 1: hardest where a click goes to something small among much, without words that say
 * what it is. An action that goes nowhere (typing, waiting, scrolling the page) is easy.
 */
export function difficultyOf({ action, raster, label }: Proposed): number {
  const point = pointOf(action)
  if (point === undefined) return 0.1
  const crowded = crowdOf(raster, point)
  const byLabel = label === 'matches' ? 0 : label === 'none' ? 0.35 : label === 'other' ? 0.5 : 0.25
  return Math.min(1, 0.15 + byLabel + 0.4 * crowded)
}

/** What the model that proposed it must be sure of: .80 where it is easy (<= .3), .92 where it is hard (>= .7), linear between. */
export function neededConfidence(difficulty: number): number {
  return 0.8 + 0.12 * Math.min(1, Math.max(0, (difficulty - 0.3) / 0.4))
}

/**
 * How sure a model was of the arguments of its call, by the log-probabilities of their tokens: (mean + |min|) / |min|, where |min|
 * counts as 1 at least, since tokens that are all equally sure would else be no sign of anything. `undefined` without any.
 */
export function confidenceOf(logprobs: readonly number[]): number | undefined {
  if (logprobs.length === 0) return undefined
  const mean = logprobs.reduce((sum, one) => sum + one, 0) / logprobs.length
  return Math.max(0, 1 + mean / Math.max(1, Math.abs(Math.min(...logprobs))))
}

function pointOf(action: ComputerAction): Point | undefined {
  if ('at' in action && action.at !== undefined) return action.at
  return action.type === 'drag' ? action.path.at(-1) : undefined
}

/** The share of pixels round the point at which brightness changes: a plain surface has 0, small print about .3. */
function crowdOf(raster: Raster, { x, y }: Point): number {
  const half = cropSide / 2
  const box = {
    left: Math.max(0, Math.round(x) - half),
    top: Math.max(0, Math.round(y) - half),
    right: Math.min(raster.width, Math.round(x) + half),
    bottom: Math.min(raster.height, Math.round(y) + half),
  }
  if (box.right - box.left < 2 || box.bottom - box.top < 2) return 1
  const grey = greyCrop(raster, box, { width: box.right - box.left, height: box.bottom - box.top })
  let edges = 0
  for (let row = 0; row < grey.height; row += 1) {
    for (let column = 1; column < grey.width; column += 1) {
      const at = row * grey.width + column
      if (Math.abs((grey.data[at] ?? 0) - (grey.data[at - 1] ?? 0)) > 24) edges += 1
    }
  }
  return Math.min(1, edges / (grey.width * grey.height) / 0.3)
}
