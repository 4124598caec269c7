import type { Point, Region } from '../../../models/computer/action.ts'
import { contains, distance } from '../../../models/computer/region.ts'
import type { Raster } from '../../../models/images/raster.ts'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'
import { fitOf, namesExactly, type Wanted } from './claim.ts'
import { hasInk } from './ink.ts'
import { clusterOf, highestControl, naming, type TargetLabel, textsOn } from './label.ts'
import { type Surface, surfaceUnder } from './surface.ts'
import { partOf } from './things.ts'

/** What was read around a point, and what the pixels say of it. */
export interface View {
  readonly boxes: readonly TextBox[]
  readonly label: TargetLabel | undefined
  /** What the point is on. */
  readonly surface: Surface | undefined
  readonly region: Region
  readonly raster: Raster
}

/** A text that is claimed, and that a click at the point does not go to. */
export interface Misplaced {
  readonly text: string
  readonly fit: number
  /** In pixels, from what carries the text. */
  readonly distance: number
}

export const matches = 0.72
const surelyMatches = 0.85
const nearlyMatches = 0.6
/** Around a text that stands free, in heights of it: where a link still is. */
const space = { beside: 0.5, above: 0.2 }
/** A text that goes on over so many letters is a sentence: what is claimed is a word in it. */
const sentence = 24
/** More are not looked at: each costs a search for its face. */
const mostTexts = 8

/**
 * Whether what was claimed stands elsewhere: near the point, and not on what the point is on. Of texts that fit alike, one that a click at
 * the point goes to is enough; where the claim names a row, those in it alone count.
 */
export function placement(at: Point, wanted: Wanted, view: View): Misplaced | undefined {
  const { boxes, label } = view
  const isUnder = label?.how === 'on' && (label.isTouched || wanted.isField !== true || view.surface?.isRow === false)
  const underFit = isUnder ? fitOf(label.text, wanted) : 0
  const found = boxes
    .map((box) => ({ box: wordIn(box, wanted), whole: box, fit: fitOf(box.text, wanted) }))
    .filter(({ box, fit }) => fit >= (label?.text.includes(box.text) ? matches : surelyMatches))
    .toSorted((a, b) => b.fit - a.fit || distance(at, a.box) - distance(at, b.box))
  const rows = rowsOf(wanted, boxes)
  const otherRow = isInOtherRow(at, rows, boxes) ? misplaced(at, { box: nearestOf(at, rows), fit: 1 }) : undefined
  const fitting = found.filter(({ box }) => !rows.includes(box))
  const best = fitting[0]
  if (!best) return otherRow
  const alike = fitting.filter(({ fit }) => fit >= best.fit - 0.1).slice(0, mostTexts)
  const inRow = alike.filter(({ box }) => rows.some((row) => isBeside(row, box)))
  const meant = inRow.length > 0 ? inRow : alike
  if (meant.some(({ box }) => goesTo(at, box, wanted, view))) return undefined
  // A text may have the name of a sign that stands elsewhere.
  if (wanted.isSign) return otherRow
  const [nearest = best] = meant
  // What is read under the point fits as well: that counts unless the text that fits has a face of its own, and the point is beside it.
  const face = faceOf(nearest.box, view)
  const own = face?.isRow === true ? undefined : face
  const isOwn = meant === alike && nearest.box === nearest.whole
  if (underFit >= matches && isOwn && (own === undefined || !label?.text.includes(nearest.box.text))) return undefined
  if (underFit < matches && nearest.fit < underFit + 0.1) return undefined
  return misplaced(at, nearest, own)
}

function misplaced(at: Point, { box, fit }: Pick<Fitting, 'box' | 'fit'>, face: Region = box): Misplaced {
  return { text: box.text, fit, distance: Math.round(distance(at, face)) }
}

interface Fitting {
  readonly box: TextBox
  /** What was read as one, where the box is a word in it. */
  readonly whole: TextBox
  readonly fit: number
}

/** "Edit" in the row of Alice: what names the row, and is not the target itself. */
function rowsOf({ row }: Wanted, boxes: readonly TextBox[]): readonly TextBox[] {
  if (row === undefined) return []
  const isTarget = (box: TextBox) => row.target !== undefined && fitOf(box.text, row.target) >= nearlyMatches
  return boxes.filter((box) => namesExactly(box.text, row.place) && !isTarget(box))
}

/** Whether the point is beside something else that begins where the name of the row does, above or below it and what belongs to it. */
function isInOtherRow(at: Point, rows: readonly TextBox[], boxes: readonly TextBox[]): boolean {
  const own = rows.flatMap((row) => clusterOf(row, boxes))
  if (rows.length === 0 || own.some((box) => isLevel(at, box, 0.9))) return false
  return boxes.some((box) => isLevel(at, box, 0.1) && rows.some((row) => Math.abs(row.left - box.left) <= 6))
}

function isLevel({ y }: Point, { top, bottom }: Region, by: number): boolean {
  return y >= top - by * (bottom - top) && y <= bottom + by * (bottom - top)
}

function nearestOf(at: Point, boxes: readonly TextBox[]): TextBox {
  return boxes.reduce((best, box) => (distance(at, box) < distance(at, best) ? box : best))
}

/** Of a sentence the word that is claimed, else the whole text. */
function wordIn(box: TextBox, { texts }: Wanted): TextBox {
  return box.text.length < sentence ? box : (partOf(box, texts) ?? box)
}

function isBeside(one: Region, other: Region): boolean {
  const high = Math.min(one.bottom - one.top, other.bottom - other.top)
  return Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > high / 2
}

/** Whether a click at the point goes to what a text stands on, or to what it names. */
function goesTo(at: Point, text: TextBox, { isField }: Wanted, view: View): boolean {
  if (within(at, text, 1)) return true
  const face = faceOf(text, view)
  if (face && !face.isRow) return within(at, face, 1)
  if (isCloseBy(at, text) || (face && isField !== true && within(at, face, 1))) return true
  const { surface, boxes, raster } = view
  if (isOnSignOf(at, text, raster)) return true
  const isApart = surface !== undefined && !within(middle(text), surface, 2)
  if (surface && isApart && (!surface.isRow || isField === true)) return isNameOf(text, { surface, isField }, view)
  const beside = surface && !surface.isRow ? textsOn(surface, boxes) : boxes
  if (isField === true && surface && isOverValue(at, text, beside)) return true
  return (isField !== true && isInList(at, text, beside)) || (surface !== undefined && isHeadingOf(text, surface, boxes))
}

/** The face of the button, field or row that a text stands on, where it stands on one alone. */
function faceOf(text: TextBox, { raster, region, boxes }: View): Surface | undefined {
  const face = surfaceUnder(raster, text, region)
  if (!face || face.bottom - face.top > highestControl) return undefined
  const others = textsOn(face, boxes).filter((box) => /[\p{L}\p{N}]{2}|\p{sc=Han}/u.test(box.text))
  const label = clusterOf(text, others)
  const apart = others.filter((box) => !label.includes(box) && !within(middle(box), text, 2))
  // A row may show its value at its end.
  const isRow = apart.length === 1 && apart.every((box) => box.left - text.right > 2 * (text.bottom - text.top))
  return apart.length === 0 || (isRow && !face.isRow) ? face : undefined
}

/** Whether a text stands on a button or in a field, and not in a row of a page or free. */
function hasFace(text: TextBox, view: View): boolean {
  return faceOf(text, view)?.isRow === false
}

function isCloseBy(at: Point, text: Region): boolean {
  const high = text.bottom - text.top
  const [beside, above] = [high * space.beside, high * space.above]
  return at.x >= text.left - beside && at.x <= text.right + beside && at.y >= text.top - above && at.y <= text.bottom + above
}

/** Whether the point is on a tick or radio button before a text, or on the picture over it that tabs have at the bottom of a screen. */
function isOnSignOf(at: Point, text: Region, raster: Raster): boolean {
  const high = text.bottom - text.top
  const before = { left: text.left - 1.5 * high, top: text.top, right: text.left, bottom: text.bottom }
  if (within(at, before, 0)) return hasInk(raster, { left: at.x - 6, top: at.y - 6, right: at.x + 6, bottom: at.y + 6 })
  const centre = (text.left + text.right) / 2
  const beside = Math.max(1.2 * high, (text.right - text.left) / 2)
  const over = { left: centre - beside, top: text.top - 1.8 * high, right: centre + beside, bottom: text.top }
  const isUnderPicture = (half: number) =>
    hasPicture(raster, { left: centre - half, top: over.top, right: centre + half, bottom: text.top }, high)
  return within(at, over, 0) && (isUnderPicture(high) || isUnderPicture(2 * high))
}

/** Whether something stands in the middle of a region alone, where a line would go on to its sides. */
function hasPicture(raster: Raster, { left, top, right, bottom }: Region, high: number): boolean {
  let rows = 0
  for (let y = Math.round(top); y < bottom; y += 1) {
    const isPlain = (from: number, to: number) => !hasInk(raster, { left: from, top: y, right: to, bottom: y + 1 })
    const middleOf = (left + right) / 2
    if (!isPlain(middleOf - high / 2, middleOf + high / 2) && isPlain(left, left + high / 4) && isPlain(right - high / 4, right)) rows += 1
  }
  return rows >= 0.4 * high
}

/** Whether a control without a label has its name in a text that stands beside, above or below it; of a field, with a value in it. */
export function isNameOf(text: TextBox, { surface, isField }: { surface: Surface; isField: boolean | undefined }, view: View): boolean {
  const own = textsOn(surface, view.boxes)
  if (own.length > 0 && (isField === false || !isValue(own, surface, text))) return false
  let others = view.boxes.filter((box) => !own.includes(box))
  for (let tries = 0; tries < mostTexts; tries += 1) {
    const named = naming(others, surface)
    if (named === undefined) return false
    if (named.box === text || contains(named.box, text)) return !hasFace(named.box, view)
    // What stands on a control of its own names no other.
    if (!hasFace(named.box, view)) return false
    others = others.filter((box) => box !== named.box)
  }
  return false
}

/** Whether what stands in a control is the value of a field: at its beginning, much of it empty; or close below its name. */
export function isValue(own: readonly Region[], { left, top, right, bottom, isRow }: Surface, name?: Region): boolean {
  const [wide, high] = [right - left, bottom - top]
  if (high > 64) return false
  const [first, last] = [Math.min(...own.map((box) => box.left)), Math.max(...own.map((box) => box.right))]
  if (!isRow && wide >= 3 * high && right - last > 3 * Math.max(6, first - left)) return true
  if (name === undefined) return false
  const below = top - name.bottom
  return below >= -4 && below <= 12 && first - name.left >= -8 && first - name.left <= 20
}

/** Whether the point is on what goes on blank behind a text in a list, whose entries begin below each other. */
function isInList(at: Point, text: Region, boxes: readonly TextBox[]): boolean {
  const high = text.bottom - text.top
  if (at.y < text.top - 2 || at.y > text.bottom + 2 || at.x < text.left) return false
  const isOne = boxes.some((box) => {
    const apart = Math.max(box.top - text.bottom, text.top - box.bottom)
    return Math.abs(box.left - text.left) <= 4 && apart > -high / 2 && apart <= 2 * high
  })
  const next = Math.min(...boxes.filter((box) => isBeside(text, box) && box.left >= text.right - 2).map(({ left }) => left))
  return isOne && (next === Number.POSITIVE_INFINITY || at.x <= text.right + 0.6 * (next - text.right))
}

/** Whether the point is below the name of a field that has it within: where its value stands, or would. */
function isOverValue(at: Point, text: Region, boxes: readonly TextBox[]): boolean {
  const high = text.bottom - text.top
  const next = Math.min(...boxes.filter((box) => isBeside(text, box) && box.left > text.right).map(({ left }) => left))
  const right = Math.min(next - high / 2, text.right + 3 * high)
  return within(at, { left: text.left - high / 2, top: text.top, right, bottom: text.bottom + 1.8 * high }, 0)
}

/** A card may be one target by the name of its heading. */
function isHeadingOf(text: Region, card: Surface, boxes: readonly TextBox[]): boolean {
  if (card.isRow || card.bottom - card.top <= highestControl) return false
  const high = text.bottom - text.top
  return boxes.every((other) => other.top >= text.top - high || !within(middle(other), card, 2))
}

function middle({ left, top, right, bottom }: Region): Point {
  return { x: (left + right) / 2, y: (top + bottom) / 2 }
}

function within({ x, y }: Point, { left, top, right, bottom }: Region, margin: number): boolean {
  return x >= left - margin && x <= right + margin && y >= top - margin && y <= bottom + margin
}
