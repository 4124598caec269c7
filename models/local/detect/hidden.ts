import { invisibleKind, lookAlike } from './characters.ts'
import { type Normalised, normalise, type Span } from './normalise.ts'

export type HiddenKind =
  | 'tag-characters'
  | 'bidi-control'
  | 'zero-width'
  | 'variation-selectors'
  | 'private-use'
  | 'control'
  | 'filler'
  | 'mixed-script'
  | 'html-comment'
  | 'css-hidden'
  | 'ansi-escape'
  | 'encoded-text'

export interface HiddenFinding extends Span {
  readonly kind: HiddenKind
  /** 0 to 1: how seldom an honest text has it. */
  readonly weight: number
}

export interface HiddenScan {
  readonly findings: readonly HiddenFinding[]
  /** Whether a part was not read: of that part nothing is known. */
  readonly truncated: boolean
}

/** How seldom an honest text has each kind, by eye over public tool definitions; Base64 and comments count by what they say. */
const weights: Record<HiddenKind, number> = {
  'tag-characters': 1,
  'bidi-control': 0.8,
  'zero-width': 0.6,
  'variation-selectors': 0.9,
  'private-use': 0.3,
  control: 0.5,
  filler: 0.5,
  'mixed-script': 0.8,
  'html-comment': 0.3,
  'css-hidden': 0.7,
  'ansi-escape': 0.7,
  'encoded-text': 0.2,
}

/** What a text has that a person who looks at it does not see. Characters that a script or an emoji needs are no finding. */
export function findHidden(text: string, normalised: Normalised = normalise(text)): HiddenScan {
  const { read } = normalised
  const findings: HiddenFinding[] = []
  const add = (kind: HiddenKind, start: number, end: number) => findings.push({ kind, start, end, weight: weights[kind] })

  const isRightToLeft = rightToLeft.test(read)
  for (const { kind, start, end, count } of normalised.removed) {
    if (text[start] === '&') add(kind === 'bidi' ? 'bidi-control' : 'zero-width', start, end)
    else if (kind === 'tag') {
      if (!isFlag(text, start, end)) add('tag-characters', start, end)
    } else if (kind === 'bidi') {
      if (hasOverride(text, start, end) || !isRightToLeft) add('bidi-control', start, end)
    } else if (kind === 'zero-width') {
      if (!isNeeded(text, start, end, isRightToLeft)) add('zero-width', start, end)
    } else if (kind === 'variation-selector') {
      if (count > 1 || !mayVary(before(text, start))) add('variation-selectors', start, end)
    } else if (kind === 'private-use') add('private-use', start, end)
    else if (kind === 'filler') {
      // The blank braille cell is a letter among braille; the Hangul fillers among Hangul.
      if (!/[\p{Script=Braille}\p{Script=Hangul}]/u.test(before(text, start) + after(text, end))) add('filler', start, end)
    } else if (kind === 'control' && !beginsEscape(text, start, end)) add('control', start, end)
  }
  for (const { index, 0: found } of read.matchAll(ansiEscape)) add('ansi-escape', index, index + found.length)
  for (const { index, 0: found } of read.matchAll(cssHidden)) add('css-hidden', index, index + found.length)
  for (const { index, 0: word } of read.matchAll(mixedWord)) if (isDisguised(word)) add('mixed-script', index, index + word.length)
  for (const { kind, start, end } of normalised.concealed) {
    if (kind === 'comment') add('html-comment', start, end)
    if (kind === 'base64') add('encoded-text', start, end)
  }
  return { findings: findings.sort((a, b) => a.start - b.start), truncated: normalised.truncated }
}

const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u
/** Scripts whose joiners and spaces of no width belong to their spelling. */
const joining =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u
const pictographic = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{1f1e6}-\u{1f1ff}]/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const ansiEscape = /(?:\u001b\[|\u009b)[0-9;:?]{0,20}[A-Za-z]|\u001b\]|\u001b[()#PX^_]/g
const cssHidden =
  /(?:display|visibility)\s{0,3}:\s{0,3}(?:none|hidden)|(?:font-size|opacity|max-height|max-width)\s{0,3}:\s{0,3}0(?![.\d]*[1-9])|text-indent\s{0,3}:\s{0,3}-\d{3}|color\s{0,3}:\s{0,3}transparent|<[a-z]{1,10}\s[^<>]{0,80}\bhidden(?:\s|>|=)/gi
const mixedWord = /[\p{L}\p{M}]{3,64}/gu

/** Latin letters and look-alikes of other scripts in one word, and no letter that could only be of the other script. */
function isDisguised(word: string): boolean {
  if (!/[a-z]/i.test(word) || !/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word)) return false
  return Array.from(word.toLowerCase()).every(
    (letter) => !/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(letter) || lookAlike(letter) !== undefined,
  )
}

/** Told as an escape sequence, not as a control character. */
function beginsEscape(text: string, start: number, end: number): boolean {
  const run = text.slice(start, end)
  return run.includes('\u001b') || run.includes('\u009b')
}

/** The flags of England, Scotland and Wales are spelled with tag characters; no other is in use. */
function isFlag(text: string, start: number, end: number): boolean {
  const letters = Array.from(text.slice(start, end), (one) => String.fromCharCode((one.codePointAt(0) as number) - 0xe0000)).join('')
  return before(text, start) === '\u{1f3f4}' && /^gb(?:eng|sct|wls)\u007f$/.test(letters)
}

function hasOverride(text: string, start: number, end: number): boolean {
  return /[\u202d\u202e]/.test(text.slice(start, end))
}

function isNeeded(text: string, start: number, end: number, isRightToLeft: boolean): boolean {
  const run = text.slice(start, end)
  if (start === 0 && run === '\ufeff') return true
  if (run.length > 2) return false
  if (/^[\u200e\u200f\u061c]+$/.test(run)) return isRightToLeft
  const [left, right] = [before(text, start), after(text, end)]
  if (run === '\u200d' && (pictographic.test(left) || left === '\ufe0f') && pictographic.test(right)) return true
  if (/^[\u200b\u200c\u200d]+$/.test(run) && (joining.test(left) || joining.test(right))) return true
  // A word joiner or a break that is allowed between words of East Asian scripts.
  return /^[\u200b\u2060]$/.test(run) && /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(left + right)
}

/** What one selector may follow: an emoji or symbol, a sign that has an emoji form, Chinese characters, Mongolian. */
function mayVary(character: string): boolean {
  return /[\p{Emoji}\p{Extended_Pictographic}\p{S}\p{Script=Han}\p{Script=Mongolian}\p{Script=Myanmar}\p{Po}]/u.test(character)
}

function before(text: string, at: number): string {
  if (at <= 0) return ''
  const low = text.charCodeAt(at - 1)
  return low >= 0xdc00 && low <= 0xdfff && at >= 2 ? text.slice(at - 2, at) : text.slice(at - 1, at)
}

function after(text: string, at: number): string {
  const code = text.codePointAt(at)
  return code === undefined || invisibleKind(code) === 'control' ? '' : String.fromCodePoint(code)
}
