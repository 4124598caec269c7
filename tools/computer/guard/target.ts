import type { Point, Region } from '../../../models/computer/action.ts'
import { contains, distance, overlaps, unionOf } from '../../../models/computer/region.ts'
import type { Raster } from '../../../models/images/raster.ts'
import { createPause } from '../../../models/images.ts'
import type { IconReader } from '../../../models/local/icons/index.ts'
import type { Ocr, TextBox } from '../../../models/local/ocr/ocr.ts'
import { type Claim, fitOf, isMisreadSign, isOneOfPages, ofOneScript, type Wanted, wantedBy } from './claim.ts'
import { meaningsOf } from './concepts.ts'
import { hasInk } from './ink.ts'
import { labelAt, type TargetLabel, textsOn } from './label.ts'
import { isForeign } from './languages.ts'
import { isNameOf, isValue, type Misplaced, matches, placement, type View } from './placement.ts'
import { isNamed, judgeSign, readSign, type SeenSign } from './sign-target.ts'
import { type Surface, surfaceAt, surfaceUnder } from './surface.ts'
import type { TargetImages, TargetKnowledge } from './target-knowledge.ts'
import { thingsOf } from './things.ts'
import type { Finding, LayerReport } from './verdict.ts'

/** What looks at a target; each is asked alone, and none can excuse what another finds. */
export interface TargetChannels {
  readonly ocr?: Ocr | undefined
  /** The kinds of consequences that a text announces (`classifyAction` of the consent layer), none for a harmless one. */
  readonly risksOf?: ((text: string) => readonly string[]) | undefined
  readonly knowledge?: TargetKnowledge | undefined
  readonly images?: TargetImages | undefined
  /** Names signs without letters. */
  readonly signs?: IconReader | undefined
}

export interface TargetInput {
  readonly raster: Raster
  readonly at: Point
  readonly claim?: Claim | undefined
  /** When the whole picture has been read already, nothing is read again. */
  readonly text?: readonly TextBox[] | undefined
  readonly signal?: AbortSignal | undefined
}

export interface TargetReport extends LayerReport {
  /** What stands on the target, for the layers that judge by it. */
  readonly label?: string | undefined
  /** What a sign without letters is read as, where no text beside it says what it is. */
  readonly sign?: SeenSign | undefined
  /** The control that was recognised, or the text under the point. */
  readonly box?: Region | undefined
  /** Lines around the target, from top to bottom. */
  readonly nearby: readonly string[]
}

const near = { width: 256, height: 128 }
const far = { width: 384, height: 192 }
/** In which a control is looked for, and the most that is read of it. */
export const outer = { width: 640, height: 320 }
/** Of a row that a claim names, or at whose end a switch is, so much above and below the point is read from one side to the other. */
const rowReach = 60
/** Around a control: where the name of a field stands. */
const names = { before: 170, above: 34 }

const nearlyMatches = 0.6
const differs = 0.5
const hardlyFits = 0.4
const surelyRead = 0.75
/** Of signs in Chinese, which each are a word. */
const surelyReadSigns = 0.95

/**
 * Whether a click hits what its agent says that it hits, judged by the pixels around the point and by nothing else that the page says of
 * itself.
 *
 * A target without letters is judged by what its sign is read as, and `unscored` where nothing knows it. A claim that names nothing leaves
 * only the label's risk.
 *
 * @throws {OcrError} If texts cannot be read.
 */
export async function checkTarget(input: TargetInput, channels: TargetChannels): Promise<TargetReport> {
  const startedAt = performance.now()
  const wanted = input.claim && wantedBy(input.claim)
  let view = await look(input, wanted, channels)
  const pause = createPause()
  const sign = channels.signs && !view.unread ? await readSign({ ...input, ...view }, channels.signs) : undefined
  // Of what lies around a sign that is known, nothing is its label.
  if (isNamed(sign)) view = { ...view, label: undefined }
  const { label } = view
  const report = (findings: readonly Finding[], unscored?: string): TargetReport => ({
    layer: 'target',
    findings,
    unscored,
    ms: performance.now() - startedAt,
    label: label && isReadable(label.text) ? label.text : undefined,
    ...(typeof sign === 'object' && { sign }),
    box: label?.box ?? view.surface,
    nearby: view.boxes.map(({ text }) => text),
  })
  if (view.unread) return report([], 'nothing reads the texts of pictures')

  const isField = wanted !== undefined && isNamedField(wanted, view)
  const isDrawn = wanted !== undefined && isSign(input, wanted, view)
  await pause()
  const findings = [
    ...(isField || isDrawn ? [] : risks(label, wanted, input.claim, channels)),
    ...(await known(label, channels, input.signal)),
  ]
  await pause()
  if (!wanted) return report(findings, input.claim ? 'the claim names no target' : 'the click comes without a claim')

  if (isField) return report(findings)
  const placed = placement(input.at, wanted, view)
  await pause()
  if (placed) return report([...findings, offTarget(placed, label, wanted)])
  if (label && fitOf(label.text, wanted) >= matches) return report(findings)
  const empty = emptiness(input, wanted, view)
  if (empty) return report([...findings, empty])
  const bySign = channels.signs && judgeSign(sign, input.claim ?? {})
  if (typeof bySign === 'object') return report([...findings, bySign])
  if (sign !== undefined && bySign === undefined) return report(findings)
  const unscored = bySign ?? 'the target carries no text'
  if (!label || isDrawn) return await ofIcon(input, { view, wanted, channels, findings, unscored, report })
  if (!isReadable(label.text)) return report(findings, bySign ?? 'the label under the point is a sign without letters')
  const fit = fitOf(label.text, wanted)
  if (fit >= (label.how === 'on' || label.how === 'field' ? nearlyMatches : differs)) return report(findings)
  if (fit >= hardlyFits && isHardlyRead(label.text, view)) return report(findings, 'the label under the point can hardly be read')
  if (isOneOfPages(label.text, wanted)) return report(findings, 'numbers beside each other were read as one')
  if (isMisreadSign(label.text, wanted, !isHardlyRead(label.text, view, surelyReadSigns)))
    return report(findings, 'the label under the point can hardly be read')
  if (isValueOf(view, wanted)) return report(findings, 'what stands in a field does not name it')
  if (!ofOneScript(label.text, wanted) && (meaningsOf(label.text).size === 0 || wanted.meanings.size === 0)) {
    return report(findings, 'the label and the claim are in different scripts')
  }
  if (isForeign(textOf(input.claim ?? {}), wanted.texts.join(' '), [...view.boxes.map(({ text }) => text)])) {
    return report(findings, 'the page and the claim are in different languages')
  }
  if (label.how === 'near') return report(findings, bySign ?? 'nothing stands on the target, and what stands beside it does not name it')
  if (label.how === 'card' && !contains(view.region, label.box)) return report(findings, 'the target is a part of something large')
  return report([...findings, mismatch(label.text, wanted, fit, input.claim, channels)])
}

interface Looked extends View {
  readonly unread?: boolean
}

/** Reads around the point: as much as the control and its name take, and more where that holds no text or cuts the label. */
async function look({ raster, at, text, signal }: TargetInput, wanted: Wanted | undefined, { ocr }: TargetChannels): Promise<Looked> {
  const most = around(at, outer, raster)
  const patch = surfaceAt(raster, at, most)
  const viewOf = (region: Region, read: readonly TextBox[]): Looked => {
    const boxes = read.filter((box) => !isFrame(box)).flatMap(thingsOf)
    // On a letter, what is around the point may be the inside of that letter.
    const on = boxes.find((box) => distance(at, box) === 0)
    const surface = (on && surfaceUnder(raster, on, most)) ?? patch
    return { boxes, label: labelAt(boxes, at, surface), surface, region, raster }
  }
  const row = common(
    { left: 0, top: at.y - rowReach, right: raster.width, bottom: at.y + rowReach },
    { ...most, left: 0, right: raster.width },
  )
  const isSwitch = patch !== undefined && !patch.isRow && isSmall(patch) && !wanted?.isSign
  const isInRow = (boxes: readonly TextBox[]) => {
    const looked = wanted?.row?.place ?? (isSwitch ? wanted : undefined)
    return looked !== undefined && !boxes.some((box) => fitOf(box.text, looked) >= matches)
  }
  if (text) {
    const close = text.filter((box) => overlaps(box, most))
    return viewOf(most, isInRow(close) ? text.filter((box) => overlaps(box, most) || overlaps(box, row)) : close)
  }
  if (!ocr) return { ...viewOf(most, []), unread: true }
  const read = async (region: Region) => {
    const boxes = await ocr.read(raster, { within: region, signal })
    if (!isInRow(boxes) || (region.left <= 0 && region.right >= raster.width)) return viewOf(region, boxes)
    const beside = await ocr.read(raster, { within: row, signal })
    return viewOf(region, [...boxes, ...beside.filter((box) => !overlaps(box, region))])
  }

  const first = await read(common(unionOf(around(at, near, raster), patch && withName(patch)), most))
  const { label } = first
  const isCut = label !== undefined && touches(label.box, first.region, raster) && !patch
  if (isCut) return await read(common({ ...first.region, left: most.left, right: most.right }, most))
  const larger = around(at, far, raster)
  return label || contains(first.region, larger) ? first : await read(unionOf(first.region, larger))
}

/** A tick, a switch or a sign: what names it may stand at the other end of its row. */
function isSmall({ left, top, right, bottom }: Region): boolean {
  return right - left <= 64 && bottom - top <= 44
}

/** An empty box for a tick, a radio button or a ring: a reader takes it for a letter. */
function isFrame({ text, left, top, right, bottom }: TextBox): boolean {
  const [wide, high] = [right - left, bottom - top]
  return /^[0OoD口回□☐○◯]$/u.test(text.trim()) && wide < high * 1.6 && high < wide * 1.6
}

/** Whether it is a field with a value, and what is beside or above it is what the claim names. */
function isNamedField(wanted: Wanted, view: View): boolean {
  const { surface, boxes } = view
  if (surface === undefined) return false
  return boxes.some((box) => fitOf(box.text, wanted) >= matches && isNameOf(box, { surface, isField: wanted.isField }, view))
}

/**
 * Whether something is drawn under the point that no text is, where a sign is claimed or the texts of the surface stand elsewhere on it:
 * they are no label of it. A reader may take a sign for a letter.
 */
function isSign({ at, raster }: TargetInput, { isSign: isClaimed }: Wanted, { label, surface, boxes }: View): boolean {
  if (label === undefined || label.how === 'field') return false
  if (label.isTouched) return isClaimed && !/\p{L}{2}|\p{sc=Han}{2}/u.test(label.text)
  const isBar = surface !== undefined && (surface.isRow || surface.right - surface.left > widestButton)
  const apart = label.how === 'card' || isBar ? 0.5 : 2
  const isFar = surface !== undefined && textsOn(surface, boxes).every((box) => distance(at, box) > apart * (box.bottom - box.top))
  return (isClaimed || isFar) && hasInk(raster, square(at, 8))
}

function square({ x, y }: Point, reach: number): Region {
  return { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach }
}

/** Whether what stands under the point is what has been written into a field, or into what is as wide as one where one is claimed. */
function isValueOf({ surface, boxes }: View, { isField }: Wanted): boolean {
  const own = surface ? textsOn(surface, boxes) : []
  if (surface === undefined || own.length === 0 || isField === false) return false
  return isValue(own, surface) || (isField === true && surface.bottom - surface.top <= 64 && surface.right - surface.left > widestButton)
}

function withName({ left, top, right, bottom, isRow }: Surface): Region {
  const isField = !isRow && bottom - top <= 64 && right - left >= 80
  return { left: left - (isField ? names.before : 4), top: top - (isField ? names.above : 4), right: right + 4, bottom: bottom + 4 }
}

function offTarget({ text, fit, distance: pixels }: Misplaced, label: TargetLabel | undefined, wanted: Wanted): Finding {
  const isOther = label?.how === 'on' && fitOf(label.text, wanted) < matches
  return {
    layer: 'target',
    verdict: 'reobserve',
    code: 'off-target',
    reason: `The click is ${pixels} pixels beside "${shown(text)}", which it claims to hit${isOther ? `; it would hit "${shown(label.text)}"` : ''}`,
    score: fit,
  }
}

function mismatch(label: string, wanted: Wanted, fit: number, claim: Claim | undefined, { risksOf }: TargetChannels): Finding {
  const own = risksOf?.(label) ?? []
  const claimed = new Set(claim ? risksOf?.(textOf(claim)) : [])
  const unsaid = own.filter((risk) => !claimed.has(risk))
  return {
    layer: 'target',
    verdict: unsaid.length > 0 ? 'deny' : 'reobserve',
    code: 'label-mismatch',
    reason: `The click would hit "${shown(label)}", but claims to hit "${shown(wanted.texts[0] ?? '')}"`,
    score: 1 - fit,
  }
}

/** What the label says of consequences that the claim says nothing of. */
function risks(
  label: TargetLabel | undefined,
  wanted: Wanted | undefined,
  claim: Claim | undefined,
  { risksOf }: TargetChannels,
): Finding[] {
  if (label?.how !== 'on' || !risksOf || !isReadable(label.text)) return []
  // Named as it stands there, nothing is kept back, whatever words the sentence has around it.
  if (wanted && fitOf(label.text, wanted) >= matches) return []
  // In another script the claim cannot say the same: the label alone is judged where consequences are.
  if (wanted && !ofOneScript(label.text, wanted)) return []
  const claimed = new Set(claim ? risksOf(textOf(claim)) : [])
  const unsaid = risksOf(label.text).filter((risk) => !claimed.has(risk))
  if (unsaid.length === 0) return []
  const reason = `The click would hit "${shown(label.text)}" (${unsaid.join(', ')}), of which its claim says nothing`
  return [{ layer: 'target', verdict: 'confirm', code: 'risky-label', reason }]
}

async function known(label: TargetLabel | undefined, { knowledge }: TargetChannels, signal: AbortSignal | undefined): Promise<Finding[]> {
  if (!knowledge || !label || !isReadable(label.text)) return []
  const risk = await knowledge.score(label.text, { signal })
  if (!risk || risk.margin <= 0) return []
  return [
    {
      layer: 'target',
      verdict: 'confirm',
      code: 'known-risky-target',
      reason: `"${shown(label.text)}" is like "${shown(risk.nearest)}", which this deployment lists as risky`,
      score: risk.score,
    },
  ]
}

interface IconCase {
  readonly view: View
  readonly wanted: Wanted
  readonly channels: TargetChannels
  readonly findings: readonly Finding[]
  /** Why nothing can be said of it, where no images are compared. */
  readonly unscored: string
  report(findings: readonly Finding[], unscored?: string): TargetReport
}

async function ofIcon(
  { raster, at, signal }: TargetInput,
  { view, wanted, channels, findings, unscored, report }: IconCase,
): Promise<TargetReport> {
  if (!channels.images) return report(findings, unscored)
  const region = view.surface ?? around(at, { width: 64, height: 64 }, raster)
  const likelihood = await channels.images.compare(raster, region, wanted.texts.join(' '), { signal })
  if (likelihood === undefined) return report(findings, unscored)
  if (likelihood >= 0.5) return report(findings)
  const reason = `The picture under the click does not look like "${shown(wanted.texts[0] ?? '')}"`
  return report([...findings, { layer: 'target', verdict: 'reobserve', code: 'icon-mismatch', reason, score: 1 - likelihood }])
}

function textOf({ targetText = '', intent = '' }: Claim): string {
  return `${targetText} ${intent}`.trim()
}

/** One line of a page, short enough for a sentence. */
export function shown(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 60 ? `${line.slice(0, 57)}…` : line
}

function isHardlyRead(text: string, { boxes }: View, least = surelyRead): boolean {
  return boxes.some((box) => box.confidence < least && text.includes(box.text))
}

/** What is wider is a bar, a row or a field. */
const widestButton = 240
/** Controls that are no wider than what stands on them: of a field or a row much is empty. */
const smallControls =
  /(?<!\p{L})(?:button|checkbox|tick ?box|radio|icon|switch|toggle|schaltfläche|knopf|kästchen|symbol|schalter|botón|casilla|icono|bouton|case|icône|interrupteur)(?!\p{L})|按钮|按鈕|复选框|图标|开关|单选|ボタン|アイコン/iu
/** How far around a point an icon or a tick would be seen. */
const emptyReach = 16
/** A sign fills its button, but for a margin. */
const signReach = 12

/** Whether a sign or a small control is claimed where the background goes on, without a line, a sign or, for what may have one, a text nearby. */
function emptiness({ at, raster, claim }: TargetInput, wanted: Wanted, { label, surface, boxes }: View): Finding | undefined {
  const finding: Finding = {
    layer: 'target',
    verdict: 'reobserve',
    code: 'off-target',
    reason: `Nothing stands where the click would go, which claims to hit "${shown(wanted.texts[0] ?? '')}"`,
  }
  const isOnButton = surface !== undefined && isSmall(surface)
  if (wanted.isSign && !isOnButton && label?.isTouched !== true && !hasInk(raster, square(at, signReach))) return finding
  if (surface || (label && label.how !== 'near') || !claim || !smallControls.test(textOf(claim))) return undefined
  if (boxes.some((box) => distance(at, box) < emptyReach || isInRow(at, box))) return undefined
  return hasInk(raster, square(at, emptyReach), 10) ? undefined : finding
}

function isReadable(text: string): boolean {
  return /\p{L}{2}|\d/u.test(text) || meaningsOf(text).size > 0
}

export function around(at: Point, { width, height }: { width: number; height: number }, raster: Raster): Region {
  const start = (middleAt: number, side: number, whole: number) =>
    Math.round(Math.min(Math.max(0, middleAt - side / 2), Math.max(0, whole - side)))
  const left = start(at.x, width, raster.width)
  const top = start(at.y, height, raster.height)
  return { left, top, right: Math.min(raster.width, left + width), bottom: Math.min(raster.height, top + height) }
}

function touches(box: Region, view: Region, raster: Raster): boolean {
  return (box.left <= view.left + 2 && view.left > 0) || (box.right >= view.right - 2 && view.right < raster.width)
}

function common(one: Region, other: Region): Region {
  return {
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  }
}

function isInRow({ x, y }: Point, text: Region): boolean {
  return y >= text.top - 2 && y <= text.bottom + 2 && x >= text.left - 24
}
