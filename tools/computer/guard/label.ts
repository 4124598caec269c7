import type { Point, Region } from '../../../models/computer/action.ts'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'
import type { Surface } from './surface.ts'
import { goesOn } from './things.ts'

export interface TargetLabel {
  readonly text: string
  readonly box: Region
  /**
   * `on`: it stands on the control, or under the point. `card`: the point is on a blank part of a surface with these texts. `field`: it
   * stands where the name of a field stands. `near`: it is the nearest text, and may belong to something else.
   */
  readonly how: 'on' | 'card' | 'field' | 'near'
  /** Whether the point is on its letters. */
  readonly isTouched: boolean
}

const margin = 3
/** Of a point that is on nothing, what is named beside it: more than a tick. */
const around = { x: 15, y: 8 }
/** A surface that is higher is a card or a dialog, and may hold several controls. */
export const highestControl = 72
/** Between the words of one label whose letters have no places, in parts of their height: what stands further is a thing of its own. */
const gap = 0.5
/** How far a name stands from what it names; across a row, when nothing stands between them. */
const reach = { before: 170, behind: 40, below: 14, acrossRow: 480 }
/** Above a field, in heights of the name. */
const highAbove = 0.8
/** No tick or radio button is larger. */
const largestTick = 28

/** What stands under a point: the text it touches and what belongs to it, else the texts of the surface, else the one that names it. */
export function labelAt(boxes: readonly TextBox[], at: Point, surface: Surface | undefined): TargetLabel | undefined {
  const touched = boxes.find((box) => holds(box, at, 0)) ?? boxes.find((box) => holds(box, at, margin))
  const on = surface ? textsOn(surface, boxes) : []
  const isControl = surface !== undefined && surface.bottom - surface.top <= highestControl
  if (touched) {
    const text = inOrder(isControl ? clusterOf(touched, on) : [touched])
    return { text, box: surface && isControl && !surface.isRow ? surface : touched, how: 'on', isTouched: true }
  }
  if (surface && on.length > 0) {
    const first = on[0]
    const isOne = first !== undefined && clusterOf(first, on).length === on.length
    return { text: inOrder(on), box: surface, how: isControl && isOne ? 'on' : 'card', isTouched: false }
  }
  const control = surface ?? { left: at.x - around.x, top: at.y - around.y, right: at.x + around.x, bottom: at.y + around.y }
  const named = naming(boxes, control)
  if (!named) return undefined
  const isField = surface !== undefined && isControl && surface.right - surface.left >= 80 && named.cost <= 40
  return { text: named.box.text, box: surface ?? named.box, how: isField ? 'field' : 'near', isTouched: false }
}

/** The texts whose middles lie on a surface. */
export function textsOn<Box extends Region>(surface: Region, boxes: readonly Box[]): Box[] {
  return boxes.filter((box) => holds(surface, { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 }, 2))
}

/** The texts that go on in one another, as the lines and words of one label do. */
export function clusterOf(start: TextBox, boxes: readonly TextBox[]): TextBox[] {
  const cluster = [start]
  for (const one of cluster) {
    for (const other of boxes) {
      if (cluster.includes(other)) continue
      const high = Math.min(one.bottom - one.top, other.bottom - other.top)
      const apartX = Math.max(other.left - one.right, one.left - other.right)
      const apartY = Math.max(other.top - one.bottom, one.top - other.bottom)
      const isBeside = apartY < -high / 2 && (goesOn(one, other) ?? apartX < high * gap)
      if (isBeside || (apartY >= -high / 2 && apartX < 0 && apartY < high * 0.8)) cluster.push(other)
    }
  }
  return cluster
}

/** The text that names a control without one of its own: behind a tick, before or above a field, before a switch, below a sign. */
export function naming(boxes: readonly TextBox[], control: Region): { box: TextBox; cost: number } | undefined {
  const middle = { x: (control.left + control.right) / 2, y: (control.top + control.bottom) / 2 }
  const [wide, high] = [control.right - control.left, control.bottom - control.top]
  const isSmall = wide <= 64 && high <= 44
  const isTick = wide <= largestTick && high <= largestTick
  const inRow = boxes.filter((box) => box.top - 4 <= middle.y && box.bottom + 4 >= middle.y)
  const isFree = (from: number, to: number) => !inRow.some((box) => box.left > from - 2 && box.right < to + 2)
  let best: { box: TextBox; cost: number } | undefined
  for (const box of boxes) {
    const isInRow = inRow.includes(box)
    const behind = box.left - control.right
    const before = control.left - box.right
    const above = control.top - box.bottom
    const below = box.top - control.bottom
    const isOver = box.left < control.right && box.right > control.left - 20
    let cost = Number.POSITIVE_INFINITY
    // A reader may take the tick for a part of the text behind it.
    const isBehind = behind >= (isTick ? -largestTick : -6) && behind <= reach.behind && box.right > control.right + 6
    if (isInRow && isBehind) cost = Math.max(0, behind)
    else if (isInRow && before >= -6 && before <= reach.before) cost = before * 0.3
    else if (isInRow && before > 0 && before <= reach.acrossRow && isFree(box.right, control.left)) cost = before * 0.3
    else if (isOver && !isTick && above >= -4 && above <= highAbove * (box.bottom - box.top)) cost = above + 4
    else if (isSmall && below >= -4 && below <= reach.below && Math.abs((box.left + box.right) / 2 - middle.x) <= 12) cost = below + 4
    if (cost < (best?.cost ?? Number.POSITIVE_INFINITY)) best = { box, cost }
  }
  return best
}

function inOrder(boxes: readonly TextBox[]): string {
  return boxes
    .toSorted((a, b) => (Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4 ? a.left - b.left : a.top - b.top))
    .map(({ text }) => text)
    .join(' ')
}

function holds({ left, top, right, bottom }: Region, { x, y }: Point, by: number): boolean {
  return x >= left - by && x <= right + by && y >= top - by && y <= bottom + by
}
