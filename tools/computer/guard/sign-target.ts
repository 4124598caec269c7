import type { Point, Region } from '../../../models/computer/action.ts'
import { distance } from '../../../models/computer/region.ts'
import { OcrError } from '../../../models/errors.ts'
import type { Raster } from '../../../models/images/raster.ts'
import type { IconReader } from '../../../models/local/icons/index.ts'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'
import type { Claim } from './claim.ts'
import type { TargetLabel } from './label.ts'
import { classOfSign, mayStandFor, signsOfClaim } from './sign-meanings.ts'
import { signsAt } from './sign-place.ts'
import type { Surface } from './surface.ts'
import type { Finding } from './verdict.ts'

/** What a sign without letters is read as. */
export interface SeenSign {
  /** `delete`, `settings`, `send`. */
  readonly meaning: string
  readonly confidence: number
}

/**
 * How sure a reading has to be: to say that a claim is right, that it is wrong, and that a sign has the consequence it stands for. Chosen
 * on sets of icons that the network had not seen.
 */
const surely = { agrees: 0.5, differs: 0.9, does: 0.85 }

/** From the point to the sign that it is on, where texts lie around. */
const onto = 8

export interface SignInput {
  readonly raster: Raster
  readonly at: Point
  /** The texts around it. */
  readonly boxes: readonly TextBox[]
  readonly label: TargetLabel | undefined
  readonly surface: Surface | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * What a click on a sign is judged by, beside the words around it. Letters under the point, on the same button or right beside the sign say
 * more than it, and count alone.
 *
 * @returns Why it could not be read, in a sentence; nothing where there is no sign, or none that is known.
 */
export async function readSign(input: SignInput, reader: IconReader): Promise<SeenSign | string | undefined> {
  const { raster, at, boxes, label, surface, signal } = input
  const isButton = label?.how === 'on' && surface !== undefined && !surface.isRow && hasLetters(label.text)
  if (isButton || boxes.some((box) => hasLetters(box.text) && distance(at, box) <= 3)) return undefined
  const isNear = (box: Region) => label === undefined || label.how === 'near' || distance(at, box) <= onto
  const places = signsAt(raster, at).filter(({ box }) => isNear(box))
  // A part of a sign is not beside what the whole is beside.
  const isNamedBeside = places.some(({ box }) => boxes.some((text) => hasLetters(text.text) && isBeside(box, text)))
  if (places.length === 0 || isNamedBeside) return undefined
  const inks = places.map(({ ink }) => ink)
  try {
    return await reader.read(inks, { signal })
  } catch (error) {
    if (!(error instanceof OcrError)) throw error
    return error.message
  }
}

/** What a box for a tick or a switch shows is its state: what it is for stands beside it. */
const states = /^(?:check$|checkbox-|radio-|toggle-)/

/** Whether a sign is read well enough to say what a target is, whatever texts lie around it. */
export function isNamed(sign: SeenSign | string | undefined): boolean {
  return typeof sign === 'object' && sign.confidence >= surely.agrees && !states.test(sign.meaning)
}

/** More than the one letter for which a reader may take a sign, or the three noughts that are the dots of a menu. */
function hasLetters(text: string): boolean {
  return (text.match(/[\p{L}\p{N}]/gu) ?? []).length > 1 && !/^[0oO.·•…\s]+$/u.test(text)
}

/** A text that goes on from a sign is its label; one that ends before it may name the row, and the sign what is done with it. */
function isBeside(sign: Region, text: Region): boolean {
  const middle = (sign.top + sign.bottom) / 2
  if (middle < text.top || middle > text.bottom) return false
  return text.right > sign.right ? text.left - sign.right <= Math.max(12, 0.7 * (sign.bottom - sign.top)) : sign.left - text.right <= 5
}

/** Whether what a sign is read as goes with the claim: a finding where it does not, nothing where it does, a sentence where neither can be said. */
export function judgeSign(sign: SeenSign | string | undefined, claim: Claim): Finding | string | undefined {
  if (typeof sign === 'string') return sign
  if (sign === undefined) return 'the target carries no text, and its sign is none that is known'
  const { meaning, confidence } = sign
  const share = confidence.toFixed(2)
  const claimed = [...signsOfClaim(`${claim.targetText ?? ''} ${claim.intent ?? ''}`)]
  if (claimed.some((one) => mayStandFor(meaning, one))) {
    return confidence >= surely.agrees
      ? undefined
      : `the target carries no text, and its sign looks like "${meaning}", which is unsure (${share})`
  }
  if (confidence < surely.differs || states.test(meaning))
    return `the target carries no text, and its sign cannot surely be read ("${meaning}", ${share})`
  if (claimed.length === 0) return `the target carries no text; its sign looks like "${meaning}", of which the claim says nothing`
  if (!isOfControl(claim))
    return `the target carries no text; its sign looks like "${meaning}", and what the claim says is no name of a sign`
  return {
    layer: 'target',
    verdict: 'reobserve',
    code: 'sign-mismatch',
    reason: `The click claims to hit "${(claim.targetText ?? claim.intent ?? '').slice(0, longestQuote)}", but the sign there looks like: ${meaning}`,
    score: confidence,
  }
}

const longestQuote = 60

/** The meaning that a sign surely has, for the layers that judge by it. */
export function sureMeaning(sign: SeenSign | string | undefined): string | undefined {
  return typeof sign === 'object' && sign.confidence >= surely.does && classOfSign(sign.meaning) !== undefined ? sign.meaning : undefined
}

const controls =
  /(?<!\p{L})(?:button|icon|sign|symbol|control|schaltfläche|knopf|zeichen|taste)(?!\p{L})|按钮|按鈕|图标|圖標|符号|ボタン|アイコン/iu
/** A sentence of more words may speak of signs by the way: "what the team that searches has written". */
const mostWords = 10

function isOfControl({ targetText = '', intent = '' }: Claim): boolean {
  if (controls.test(`${targetText} ${intent}`)) return true
  const shortest = [targetText, intent].filter((text) => text.trim() !== '')
  return shortest.some((text) => text.trim().split(/\s+/).length <= mostWords && text.length <= 80)
}
