import type { Point, Region } from '../../../models/computer/action.ts'
import { areaOf, overlaps, unionOf } from '../../../models/computer/region.ts'
import {
  type Change,
  changedTiles,
  createPause,
  exactDifference,
  findChanges,
  greyCrop,
  structuralSimilarity,
} from '../../../models/images.ts'
import type { Frame, OpenFrame } from '../frame.ts'
import { type ChangeKind, kindOfChange } from './freshness/change-kind.ts'
import { elementBox } from './freshness/element-box.ts'
import { isMessage, isPlaceOfItsOwn } from './freshness/elsewhere.ts'
import { scaleOf } from './freshness/scale.ts'
import { findShift, isNudged, isSeenWhole } from './freshness/shift.ts'
import type { Finding, LayerReport } from './verdict.ts'

export interface FreshnessQuestion {
  /** The frame that the model saw when it decided. */
  readonly decidedOn: Frame | OpenFrame
  /** The newest frame of the thread, taken as shortly before the action as there is one. */
  readonly newest: Frame | OpenFrame
  /** In pixels as taken. Absent for an action that goes where the focus is. */
  readonly point?: Point | undefined
  /** The box of what is clicked, when it is known, beside what the pixels say around the point. */
  readonly target?: Region | undefined
  /** Where something is known to move by itself: it is not looked at, unless the click goes there. */
  readonly masks?: readonly Region[] | undefined
  /** The action's place in the model's turn, from 0. */
  readonly block?: number | undefined
  /** Whether a mistake would be more than a click too many: as the consent layer has it. */
  readonly isConsequential?: boolean | undefined
}

/** Of the whole picture: so much may change somewhere else without the page having become another. */
const maxElsewhereShare = 0.05
const maxElsewhere = 6
/** Without pixels, tiles of 64 alone are compared: a clock or a spinner changes one to four. */
const maxElsewhereTiles = 0.03
/** A pointer colours one thing, and leaves another one. */
const maxRecolouredShare = 0.2
const maxRecoloured = 4
const maxLiftedShare = 0.15

/**
 * Whether the screen is still the one that the action was decided on: same page, same window, nothing that moved, came or went where
 * it matters. Caret, clock, spinner, counter and what a pointer colours do not count.
 *
 * What changes without a pixel changing cannot be seen here.
 */
export async function judgeFreshness(question: FreshnessQuestion): Promise<LayerReport> {
  const startedAt = performance.now()
  const { decidedOn, newest, block = 0, isConsequential = false } = question
  const report = (findings: readonly Finding[], unscored?: string): LayerReport => ({
    layer: 'freshness',
    findings,
    unscored,
    ms: performance.now() - startedAt,
  })

  if (decidedOn.id === newest.id) {
    if (block === 0 || !isConsequential) return report([])
    return report([finding('stale-batch', 'An earlier action of the same turn may have changed the screen, and nobody has looked since')])
  }
  const gone = elsewhere(decidedOn, newest)
  if (gone !== undefined) return report([gone])
  if (decidedOn.sha256 === newest.sha256) return report([])
  if (!('raster' in decidedOn) || !('raster' in newest)) {
    const found = judgeTiles(question)
    return report(found === undefined ? [] : [found], 'The pixels of a frame are gone: compared by tiles of 64 pixels only')
  }
  const found = await judgePixels(question, decidedOn, newest)
  return report(found === undefined ? [] : [found])
}

/** What can be told without looking: another page, another window, another size. */
function elsewhere(before: Frame, after: Frame): Finding | undefined {
  if (before.url !== undefined && after.url !== undefined && before.url !== after.url) {
    const [old, now] = [hostOf(before.url), hostOf(after.url)]
    return finding(
      'navigated',
      old === now ? `Another page of ${now} is open` : `The page is another one: it was of ${old} and is of ${now}`,
    )
  }
  if (before.window !== undefined && after.window !== undefined && before.window !== after.window) {
    return finding('focus', 'Another window has the focus')
  }
  const [old, size] = [before.source, after.source]
  if (old.width !== size.width || old.height !== size.height) {
    return finding('moved', `The screen has another size: it was ${old.width}x${old.height} and is ${size.width}x${size.height}`)
  }
  return undefined
}

/** The host alone: what follows in an address may be a secret. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an unknown address'
}

function judgeTiles({ decidedOn, newest, point, target, masks = [] }: FreshnessQuestion): Finding | undefined {
  const changed = changedTiles(decidedOn.tiles, newest.tiles) ?? []
  const box = target ?? (point && around(point, scaleOf(newest.source)))
  if (box !== undefined && changed.some((tile) => overlaps(tile, box))) return finding('changed', 'Something changed where the click goes')
  const visible = changed.filter((tile) => !masks.some((mask) => overlaps(tile, mask)))
  if (visible.length <= Math.max(4, maxElsewhereTiles * newest.tiles.hashes.length)) return undefined
  return finding('changed', 'Much of the screen changed since the action was decided')
}

interface Judged {
  readonly change: Change
  readonly kind: ChangeKind
}

async function judgePixels(question: FreshnessQuestion, decidedOn: OpenFrame, newest: OpenFrame): Promise<Finding | undefined> {
  const [before, after] = [decidedOn.raster, newest.raster]
  const scale = scaleOf(after)
  const pause = createPause()
  const { point } = question
  const target = targetOf(question, before, scale)
  await pause()
  const masks = (question.masks ?? []).filter((mask) => target === undefined || !overlaps(mask, target))
  const { regions, minDifference } = await findChanges(before, after, { masks })
  const judged: Judged[] = []
  for (const change of regions) {
    await pause()
    judged.push({ change, kind: kindOfChange(change, { before, after, minDifference }) })
  }
  const screen = after.width * after.height
  const similarity = async () => point && (await similarityAt(before, after, point, scale))

  const substantial = judged.filter(({ kind }) => isSubstantial(kind))
  const onTarget = substantial.filter(({ change }) => target !== undefined && overlaps(change, target))
  const targetShift = target === undefined ? undefined : await shiftOf(onTarget, target, decidedOn, newest)
  const isLittle = totalArea(onTarget) <= maxLiftedShare * screen
  const mayBeNudged = target !== undefined && onTarget.length > 0 && onTarget.every(({ kind }) => kind !== 'panel') && isSeenWhole(target)
  const isTargetLifted = isLittle && (isLift(targetShift) || (mayBeNudged && (await isNudged(before, after, target))))
  if (target !== undefined && onTarget.length > 0 && !isTargetLifted) {
    if (targetShift !== undefined)
      return finding('moved', `What stood where the click goes has moved ${wayOf(targetShift)}`, await similarity())
    const covers = onTarget.some(({ change }) => areaOf(change) >= 3 * areaOf(target))
    if (covers) return finding('overlay', 'Something has come over the place where the click goes, or gone from it', await similarity())
    return finding('changed', 'What stands where the click goes is no longer the same', await similarity())
  }

  const others = substantial.filter((one) => !onTarget.includes(one) && !isHarmless(one.change, { before, after, target }))
  const large = others.filter(({ kind }) => kind === 'panel' || kind === 'content')
  const [first] = large
  const shift = first && (await findShift(before, after, first.change))
  const isLifted = large.length === 1 && isLift(shift) && totalArea(large) <= maxLiftedShare * screen
  if ((large.length > 0 && !isLifted) || others.length > maxElsewhere || (!isLifted && totalArea(others) > maxElsewhereShare * screen)) {
    if (shift !== undefined) return finding('moved', `The layout has moved ${wayOf(shift)}`, await similarity())
    return finding('overlay', 'Something large has come up, or gone, since the action was decided', await similarity())
  }
  // Noise of a compression, here and there in what it covers, is no colour that came.
  const isDense = (change: Change) => minDifference === exactDifference || change.pixels >= 0.12 * areaOf(change)
  const recoloured = judged.filter(({ kind, change }) => kind === 'recolour' && isDense(change))
  if (totalArea(recoloured) > maxRecolouredShare * screen || recoloured.length > maxRecoloured) {
    return finding('overlay', 'The screen was dimmed, as it is behind a dialog', await similarity())
  }
  if (hasFocusMoved(judged, target)) return finding('focus', 'The focus has moved to something else', await similarity())
  return undefined
}

/** Of the target, or of what changed in it when it is one thing. */
async function shiftOf(onTarget: readonly Judged[], target: Region, { raster: before }: OpenFrame, { raster: after }: OpenFrame) {
  const [only] = onTarget
  if (only === undefined) return undefined
  const shift = await findShift(before, after, target)
  return shift ?? (onTarget.length === 1 && areaOf(only.change) < areaOf(target) ? findShift(before, after, only.change) : undefined)
}

/** What takes turns in a place of its own, or comes as a message into a corner, changes nothing of where the click goes. */
function isHarmless(
  change: Change,
  { before, after, target }: { before: OpenFrame['raster']; after: OpenFrame['raster']; target: Region | undefined },
): boolean {
  const space = 24 * scaleOf(after)
  const { left, top, right, bottom } = change
  if (target === undefined || overlaps({ left: left - space, top: top - space, right: right + space, bottom: bottom + space }, target)) {
    return false
  }
  return isMessage(change, after) || isPlaceOfItsOwn(change, before, after)
}

/** A card rises by two or three pixels under a pointer: what is under the click stays there. */
function isLift(shift: Point | undefined): boolean {
  return shift !== undefined && Math.abs(shift.x) <= 3 && Math.abs(shift.y) <= 3
}

/** What can hold or hide something. */
function isSubstantial(kind: ChangeKind): boolean {
  return kind === 'small' || kind === 'panel' || kind === 'content'
}

/** A ring came to or left something other than the target; or the caret blinks at two places, where one alone would be in one. */
function hasFocusMoved(judged: readonly Judged[], target: Region | undefined): boolean {
  const rings = judged.filter(({ kind, change }) => kind === 'ring' && (target === undefined || !overlaps(change, target)))
  return rings.length > 0 || judged.filter(({ kind }) => kind === 'caret').length > 1
}

/** What is clicked, as it was read and as its pixels say; of what goes on beside it, a bar or a row, only what was read under the point. */
function targetOf({ target, point }: FreshnessQuestion, before: OpenFrame['raster'], scale: number): Region | undefined {
  const element = point && elementBox(before, point)
  const isOnBar = element !== undefined && element.right - element.left > 320 * scale
  if (target === undefined || point === undefined || !isOnBar || !isSmall(target, scale) || !isAt(target, point)) {
    const seen = point && targetAt(before, point, element, scale)
    return target === undefined ? seen : unionOf(target, seen)
  }
  const space = 6 * scale
  return { left: target.left - space, top: target.top - space, right: target.right + space, bottom: target.bottom + space }
}

function isSmall({ left, top, right, bottom }: Region, scale: number): boolean {
  return right - left <= 320 * scale && bottom - top <= 72 * scale
}

function isAt({ left, top, right, bottom }: Region, { x, y }: Point): boolean {
  return x >= left - 3 && x <= right + 3 && y >= top - 3 && y <= bottom + 3
}

function targetAt(before: OpenFrame['raster'], point: Point, element: Region | undefined, scale: number): Region {
  const near = around(point, scale)
  if (element === undefined) return near
  // Of a small button its surroundings too; of a row or a head of the page only what is near the point, unless nothing is there.
  const least = 16 * scale
  const isWide = element.right - element.left > 320 * scale
  const most =
    isWide && !isPlain(before, { ...element, left: point.x - 80 * scale, right: point.x + 80 * scale }) ? 80 * scale : 420 * scale
  return {
    left: Math.max(point.x - most, Math.min(element.left, point.x - least)),
    top: Math.min(element.top, point.y - 10 * scale),
    right: Math.min(point.x + most, Math.max(element.right, point.x + least)),
    bottom: Math.max(element.bottom, point.y + 10 * scale),
  }
}

/** Whether a part of a row holds nothing but its own colour. */
function isPlain(raster: OpenFrame['raster'], { left, top, right, bottom }: Region): boolean {
  const { data } = greyCrop(raster, { left, top: top + 3, right, bottom: bottom - 3 }, { width: 80, height: 12 })
  return Math.max(...data) - Math.min(...data) < 24
}

function around({ x, y }: Point, scale: number): Region {
  return { left: x - 64 * scale, top: y - 18 * scale, right: x + 64 * scale, bottom: y + 18 * scale }
}

/** The index of structural similarity of 256x192 pixels around the point. */
async function similarityAt(before: OpenFrame['raster'], after: OpenFrame['raster'], { x, y }: Point, scale: number): Promise<number> {
  const region = { left: x - 128 * scale, top: y - 96 * scale, right: x + 128 * scale, bottom: y + 96 * scale }
  const size = { width: 128, height: 96 }
  const pause = createPause()
  const left = greyCrop(before, region, size)
  await pause()
  const right = greyCrop(after, region, size)
  await pause()
  return Math.max(0, structuralSimilarity(left, right).mean)
}

function wayOf({ x, y }: Point): string {
  const ways = [
    ...(y === 0 ? [] : [`${Math.abs(y)} pixels ${y > 0 ? 'down' : 'up'}`]),
    ...(x === 0 ? [] : [`${Math.abs(x)} pixels to the ${x > 0 ? 'right' : 'left'}`]),
  ]
  return ways.join(' and ')
}

function totalArea(judged: readonly Judged[]): number {
  return judged.reduce((sum, { change }) => sum + areaOf(change), 0)
}

function finding(code: string, reason: string, score?: number): Finding {
  return { layer: 'freshness', verdict: 'reobserve', code, reason, score }
}
