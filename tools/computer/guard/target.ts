import type { Point, Region } from '../../../models/computer/action.ts'
import { areaOf, overlaps, unionOf } from '../../../models/computer/region.ts'
import type { Raster } from '../../../models/images/raster.ts'
import { createPause } from '../../../models/images.ts'
import type { Ocr, TextBox } from '../../../models/local/ocr/ocr.ts'
import { type Claim, fitOf, ofOneScript, type Wanted, wantedBy } from './claim.ts'
import { meaningsOf } from './concepts.ts'
import { labelAt, type TargetLabel } from './label.ts'
import { type Surface, surfaceAt } from './surface.ts'
import type { TargetImages, TargetKnowledge } from './target-knowledge.ts'
import type { Finding, LayerReport } from './verdict.ts'

/** What looks at a target; each is asked alone, and none can excuse what another finds. */
export interface TargetChannels {
  readonly ocr?: Ocr | undefined
  /** The kinds of consequences that a text announces (`classifyAction` of the consent layer), none for a harmless one. */
  readonly risksOf?: ((text: string) => readonly string[]) | undefined
  readonly knowledge?: TargetKnowledge | undefined
  readonly images?: TargetImages | undefined
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
  /** The control that was recognised, or the text under the point. */
  readonly box?: Region | undefined
  /** Lines around the target, from top to bottom. */
  readonly nearby: readonly string[]
}

const near = { width: 256, height: 128 }
const far = { width: 384, height: 192 }
/** In which a control is looked for, and the most that is read of it. */
export const outer = { width: 640, height: 320 }
/** Around a control: where the name of a field stands. */
const names = { before: 170, above: 34 }

const matches = 0.72
const nearlyMatches = 0.6
const differs = 0.5
const hardlyFits = 0.4
const surelyRead = 0.75
/** A surface that is higher is a card or a dialog. */
const highestControl = 72

/**
 * Whether a click hits what its agent says that it hits, judged by the pixels around the point and by nothing else that the page says of
 * itself.
 *
 * A target without letters is `unscored` unless an image channel knows it, and a claim that names nothing leaves only the label's risk.
 *
 * @throws {OcrError} If texts cannot be read.
 */
export async function checkTarget(input: TargetInput, channels: TargetChannels): Promise<TargetReport> {
  const startedAt = performance.now()
  const wanted = input.claim && wantedBy(input.claim)
  const view = await look(input, channels)
  const pause = createPause()
  const { label } = view
  const report = (findings: readonly Finding[], unscored?: string): TargetReport => ({
    layer: 'target',
    findings,
    unscored,
    ms: performance.now() - startedAt,
    label: label?.text,
    box: label?.box ?? view.surface,
    nearby: view.boxes.map(({ text }) => text),
  })
  if (view.unread) return report([], 'nothing reads the texts of pictures')

  const findings = [...risks(label, wanted, input.claim, channels), ...(await known(label, channels, input.signal))]
  await pause()
  if (!wanted) return report(findings, input.claim ? 'the claim names no target' : 'the click comes without a claim')

  const placed = placement(input.at, wanted, view)
  await pause()
  if (placed) return report([...findings, placed])
  if (label && fitOf(label.text, wanted) >= matches) return report(findings)
  if (isNamedField(wanted, view)) return report(findings)
  const empty = emptiness(input, wanted, view)
  if (empty) return report([...findings, empty])
  if (!label) return await ofIcon(input, { view, wanted, channels, findings, report })
  if (!isReadable(label.text)) return report(findings, 'the label under the point is a sign without letters')
  const fit = fitOf(label.text, wanted)
  if (fit >= (label.how === 'on' || label.how === 'field' ? nearlyMatches : differs)) return report(findings)
  if (fit >= hardlyFits && isHardlyRead(label.text, view)) return report(findings, 'the label under the point can hardly be read')
  if (!ofOneScript(label.text, wanted) && (meaningsOf(label.text).size === 0 || wanted.meanings.size === 0)) {
    return report(findings, 'the label and the claim are in different scripts')
  }
  if (label.how === 'near') return report(findings, 'nothing stands on the target, and what stands beside it does not name it')
  if (label.how === 'card' && !isWithin(label.box, view.region)) return report(findings, 'the target is a part of something large')
  return report([...findings, mismatch(label.text, wanted, fit, input.claim, channels)])
}

interface View {
  readonly boxes: readonly TextBox[]
  readonly label: TargetLabel | undefined
  readonly surface: Surface | undefined
  readonly region: Region
  readonly raster: Raster
  readonly unread?: boolean
}

/** Reads around the point: as much as the control and its name take, and more where that holds no text or cuts the label. */
async function look({ raster, at, text, signal }: TargetInput, { ocr }: TargetChannels): Promise<View> {
  const most = around(at, outer, raster)
  const surface = surfaceAt(raster, at, most)
  const viewOf = (region: Region, read: readonly TextBox[]): View => {
    const boxes = read.filter((box) => !isFrame(box))
    return { boxes, label: labelAt(boxes, at, surface), surface, region, raster }
  }
  if (text) {
    return viewOf(
      most,
      text.filter((box) => overlaps(box, most)),
    )
  }
  if (!ocr) return { ...viewOf(most, []), unread: true }
  const read = async (region: Region) => viewOf(region, await ocr.read(raster, { within: region, signal }))

  const first = await read(common(unionOf(around(at, near, raster), surface && withName(surface)), most))
  const { label } = first
  const isCut = label !== undefined && touches(label.box, first.region, raster) && !surface
  if (isCut) return await read(common({ ...first.region, left: most.left, right: most.right }, most))
  const larger = around(at, far, raster)
  return label || isWithin(larger, first.region) ? first : await read(unionOf(first.region, larger))
}

/** An empty box for a tick, a radio button or a ring: a reader takes it for a letter. */
function isFrame({ text, left, top, right, bottom }: TextBox): boolean {
  const [wide, high] = [right - left, bottom - top]
  return /^[0OoD口回□☐○◯]$/u.test(text.trim()) && wide < high * 1.6 && high < wide * 1.6
}

/** Whether it looks like a field with a value in it: wide, its text at the beginning and much of it empty, where that of a button is in the middle. */
function isFilled({ left, right, top, bottom, isRow }: Surface, boxes: readonly TextBox[]): boolean {
  const [wide, high] = [right - left, bottom - top]
  if (isRow || high > 64 || wide < 3 * high) return false
  const on = boxes.filter((box) => within(middle(box), { left, top, right, bottom }, 2))
  const [first, last] = [Math.min(...on.map((box) => box.left)), Math.max(...on.map((box) => box.right))]
  return on.length > 0 && right - last > 3 * Math.max(6, first - left)
}

/** Whether it is a field with a value, and what is beside or above it is what the claim names. */
function isNamedField(wanted: Wanted, { surface, boxes }: View): boolean {
  if (!surface || !isFilled(surface, boxes)) return false
  return boxes.some((box) => isNameOf(box, surface) && fitOf(box.text, wanted) >= matches)
}

function withName({ left, top, right, bottom, isRow }: Surface): Region {
  const isField = !isRow && bottom - top <= 64 && right - left >= 80
  return { left: left - (isField ? names.before : 4), top: top - (isField ? names.above : 4), right: right + 4, bottom: bottom + 4 }
}

/**
 * Whether what was claimed stands elsewhere: near the point, and not on what the point is on. Of texts that fit alike, one that holds the
 * point is enough.
 */
function placement(at: Point, wanted: Wanted, view: View): Finding | undefined {
  const { boxes, label, raster, region } = view
  const underFit = label && label.how === 'on' ? fitOf(label.text, wanted) : 0
  const fitting = boxes
    .map((box) => ({ box, fit: fitOf(box.text, wanted) }))
    .filter(({ box, fit }) => fit >= (label?.text.includes(box.text) ? matches : 0.85))
    .toSorted((a, b) => b.fit - a.fit || distance(at, a.box) - distance(at, b.box))
  const best = fitting[0]
  if (!best) return undefined
  const alike = fitting.filter(({ fit }) => fit >= best.fit - 0.1)
  if (alike.some(({ box }) => holdsPoint(at, box, view))) return undefined
  const own = controlOf(best.box, view)
  // What is read under the point fits as well: that counts unless the text that fits has a face of its own, and the point is beside it.
  if (underFit >= matches && (own === undefined || !label?.text.includes(best.box.text))) return undefined
  if (underFit < matches && best.fit < underFit + 0.1) return undefined
  const row = own ? undefined : surfaceAt(raster, middle(best.box), region)
  if (row?.isRow && within(at, row, 2)) return undefined
  return {
    layer: 'target',
    verdict: 'reobserve',
    code: 'off-target',
    reason: `The click is ${Math.round(distance(at, own ?? best.box))} pixels beside "${shown(best.box.text)}", which it claims to hit${label && label.how === 'on' && underFit < matches ? `; it would hit "${shown(label.text)}"` : ''}`,
    score: best.fit,
  }
}

/** The face of the button or field that a text stands on, where it has one of its own. */
function controlOf(box: Region, { raster, region, surface }: View): Surface | undefined {
  const control = surfaceAt(raster, middle(box), region)
  if (!control || control.isRow || control.bottom - control.top > highestControl) return undefined
  return surface && 2 * areaOf(control) >= areaOf(surface) && within(middle(control), surface, 0) ? undefined : control
}

/** Whether a click at the point goes to what a text stands on, or to what it names. */
function holdsPoint(at: Point, box: TextBox, view: View): boolean {
  const { label, surface, boxes } = view
  if (within(at, box, 3)) return true
  const own = controlOf(box, view)
  if (own) return within(at, own, 2)
  const high = box.bottom - box.top
  if (surface && within(middle(box), surface, 2)) {
    const isCard = !surface.isRow && surface.bottom - surface.top > highestControl
    // A card may be one target by the name of its heading; beside a word further down on it there is nothing.
    const isHeading = boxes.every((other) => other.top >= box.top - high || !within(middle(other), surface, 2))
    return !isCard || isHeading || within(at, { ...box, left: box.left - high, right: box.right + high }, high * 0.6)
  }
  // A label beside, above or below a field or a box for a tick names it: the point may be on those.
  if (surface) return (label?.how !== 'on' || isFilled(surface, boxes)) && isNameOf(box, surface)
  return label?.how !== 'on' && isInRow(at, box)
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
  if (label?.how !== 'on' || !risksOf) return []
  // Named as it stands there, nothing is kept back, whatever words the sentence has around it.
  if (wanted && fitOf(label.text, wanted) >= matches) return []
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
  report(findings: readonly Finding[], unscored?: string): TargetReport
}

async function ofIcon({ raster, at, signal }: TargetInput, { view, wanted, channels, findings, report }: IconCase): Promise<TargetReport> {
  const unscored = 'the target carries no text'
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

function isHardlyRead(text: string, { boxes }: View): boolean {
  return boxes.some((box) => box.confidence < surelyRead && text.includes(box.text))
}

/** Controls that are no wider than what stands on them: of a field or a row much is empty. */
const smallControls =
  /(?<!\p{L})(?:button|checkbox|tick ?box|radio|icon|switch|toggle|schaltfläche|knopf|kästchen|symbol|schalter|botón|casilla|icono|bouton|case|icône|interrupteur)(?!\p{L})|按钮|按鈕|复选框|图标|开关|单选|ボタン|アイコン/iu
/** How far around a point an icon or a tick would be seen. */
const emptyReach = 16

/** Whether a small control is claimed where the background goes on, without a line, a sign or a text nearby. */
function emptiness({ at, raster, claim }: TargetInput, wanted: Wanted, { label, surface, boxes }: View): Finding | undefined {
  if (surface || (label && label.how !== 'near') || !claim || !smallControls.test(textOf(claim))) return undefined
  if (boxes.some((box) => distance(at, box) < emptyReach || isInRow(at, box))) return undefined
  const [x, y] = [Math.round(at.x), Math.round(at.y)]
  const { width, height, data } = raster
  const [left, right] = [Math.max(0, x - emptyReach), Math.min(width, x + emptyReach)]
  const first = (Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))) * 3
  for (let row = Math.max(0, y - emptyReach); row < Math.min(height, y + emptyReach); row += 1)
    for (let column = left; column < right; column += 1)
      for (let channel = 0; channel < 3; channel += 1)
        if (Math.abs((data[(row * width + column) * 3 + channel] ?? 0) - (data[first + channel] ?? 0)) > 10) return undefined
  return {
    layer: 'target',
    verdict: 'reobserve',
    code: 'off-target',
    reason: `Nothing stands where the click would go, which claims to hit "${shown(wanted.texts[0] ?? '')}"`,
  }
}

function isReadable(text: string): boolean {
  return /\p{L}{2}|\p{sc=Han}|\d/u.test(text) || meaningsOf(text).size > 0
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

function middle({ left, top, right, bottom }: Region): Point {
  return { x: (left + right) / 2, y: (top + bottom) / 2 }
}

function within({ x, y }: Point, { left, top, right, bottom }: Region, margin: number): boolean {
  return x >= left - margin && x <= right + margin && y >= top - margin && y <= bottom + margin
}

function common(one: Region, other: Region): Region {
  return {
    left: Math.max(one.left, other.left),
    top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
  }
}

function isWithin(inner: Region, whole: Region): boolean {
  return inner.left >= whole.left - 1 && inner.top >= whole.top - 1 && inner.right <= whole.right + 1 && inner.bottom <= whole.bottom + 1
}

function distance({ x, y }: Point, { left, top, right, bottom }: Region): number {
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom))
}

/** Whether a text stands where the name of a field stands: before, behind, above or below it, with little between them. */
function isNameOf(text: Region, control: Region): boolean {
  const apartX = Math.max(control.left - text.right, text.left - control.right)
  const apartY = Math.max(control.top - text.bottom, text.top - control.bottom)
  return (apartY < 0 && apartX <= 160) || (apartX < 0 && apartY <= 24)
}

function isInRow({ x, y }: Point, text: Region): boolean {
  return y >= text.top - 2 && y <= text.bottom + 2 && x >= text.left - 24
}
