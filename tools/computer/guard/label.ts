import type { Point, Region } from '../../../models/computer/action.ts'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'
import type { Surface } from './surface.ts'

export interface TargetLabel {
  readonly text: string
  readonly box: Region
  /**
   * `on`: it stands on the control, or under the point. `card`: the point is on a blank part of a surface with these texts. `field`: it
   * stands where the name of a field stands. `near`: it is the nearest text, and may belong to something else.
   */
  readonly how: 'on' | 'card' | 'field' | 'near'
}

const margin = 3
/** A surface that is higher is a card or a dialog, and may hold several controls. */
const highestControl = 72
/** Between the words of one label, in parts of their height: what stands beside another in a bar or a list is a thing of its own. */
const gaps = { control: 1.2, row: 0.5 }
/** How far a name stands from what it names. */
const reach = { before: 160, behind: 40, above: 30 }

/** What stands under a point: the text it touches and what belongs to it, else the texts of the surface, else the one that names it. */
export function labelAt(boxes: readonly TextBox[], at: Point, surface: Surface | undefined): TargetLabel | undefined {
  const touched = boxes.find((box) => holds(box, at, 0)) ?? boxes.find((box) => holds(box, at, margin))
  const on = surface ? boxes.filter((box) => holds(surface, { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 }, 2)) : []
  const isControl = surface !== undefined && surface.bottom - surface.top <= highestControl
  if (touched) {
    const text = inOrder(isControl ? clusterOf(touched, on, surface.isRow ? gaps.row : gaps.control) : [touched])
    return { text, box: surface && isControl && !surface.isRow ? surface : touched, how: 'on' }
  }
  if (surface && on.length > 0) {
    const first = on[0]
    const isOne = first !== undefined && clusterOf(first, on, gaps.control).length === on.length
    return { text: inOrder(on), box: surface, how: isControl && isOne ? 'on' : 'card' }
  }
  const control = surface ?? { left: at.x - 10, top: at.y - 10, right: at.x + 10, bottom: at.y + 10 }
  const named = naming(boxes, control)
  if (!named) return undefined
  const isField = surface !== undefined && isControl && surface.right - surface.left >= 80 && named.cost <= 40
  return { text: named.box.text, box: surface ?? named.box, how: isField ? 'field' : 'near' }
}

/** The texts that go on in one another, as the lines and words of one label do. */
function clusterOf(start: TextBox, boxes: readonly TextBox[], gap: number): TextBox[] {
  const cluster = [start]
  for (const one of cluster) {
    for (const other of boxes) {
      if (cluster.includes(other)) continue
      const high = Math.min(one.bottom - one.top, other.bottom - other.top)
      const apartX = Math.max(other.left - one.right, one.left - other.right)
      const apartY = Math.max(other.top - one.bottom, one.top - other.bottom)
      if ((apartY < -high / 2 && apartX < high * gap) || (apartX < 0 && apartY < high * 0.8)) cluster.push(other)
    }
  }
  return cluster
}

function naming(boxes: readonly TextBox[], control: Region): { box: TextBox; cost: number } | undefined {
  const middle = (control.top + control.bottom) / 2
  let best: { box: TextBox; cost: number } | undefined
  for (const box of boxes) {
    const isInRow = box.top - 4 <= middle && box.bottom + 4 >= middle
    const behind = box.left - control.right
    const before = control.left - box.right
    const above = control.top - box.bottom
    const isAbove = above >= -4 && above <= reach.above && box.left < control.right && box.right > control.left - 20
    let cost = Number.POSITIVE_INFINITY
    if (isInRow && behind >= -6 && behind <= reach.behind) cost = behind
    else if (isInRow && before >= -6 && before <= reach.before) cost = before * 0.3
    else if (isAbove) cost = above + 4
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
