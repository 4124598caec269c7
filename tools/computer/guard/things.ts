import { normalise } from '../../../models/local/detect/index.ts'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'

/** Between the middles of two letters, in heights of their line: a space is less, also where each letter has the same width. */
const furthest = { letters: 1.15, signs: 1.1 }
/** Between signs, in their own usual distance. */
const apartSigns = 1.5
/** Digits of one number are nearer to each other. */
const apartDigits = 0.53
const betweenThings = /[/／|·•›»>‹«→]/u
/** Of a line, so much may be what is looked for without being all of it. */
const mostOfLine = 0.6

/**
 * A line that was read, as the things that stand in it: a reader joins what stands in one row, like the links at the head of a page or of
 * a path. A line whose letters have no places stays as it is.
 */
export function thingsOf(line: TextBox): TextBox[] {
  const { text, centres } = line
  if (centres?.length !== text.length) return [line]
  const things: TextBox[] = []
  let begin = 0
  const end = (at: number) => {
    const thing = stretchOf(line, begin, at)
    if (thing) things.push(thing)
  }
  const high = line.bottom - line.top
  const usual = usualDistance(line)
  // The numbers of pages are read as one number.
  const isPages = /^\d[\d\s]*\d$/.test(text) && usual > apartDigits * high
  let last: number | undefined
  for (const [at, centre] of centres.entries()) {
    const sign = text[at] ?? ''
    if (sign.trim() === '') continue
    const isBetween = betweenThings.test(sign) && /\p{L}\P{L}*$/u.test(text.slice(0, at)) && /^\P{L}*\p{L}/u.test(text.slice(at + 1))
    const apart = last === undefined ? 0 : centre - (centres[last] ?? centre)
    const isSigns = /\p{sc=Han}/u.test(`${sign}${text[last ?? at]}`)
    const isApart = isSigns ? apart > Math.max(furthest.signs * high, apartSigns * usual) : apart > furthest.letters * high
    if (isBetween || isApart || (isPages && last !== undefined)) {
      end(at)
      begin = isBetween ? at + 1 : at
    }
    last = at
  }
  end(text.length)
  return things.length > 1 ? things : [line]
}

function usualDistance({ text, centres = [] }: TextBox): number {
  const own = centres.filter((_, at) => text[at]?.trim() !== '')
  const distances = own.slice(1).map((centre, index) => centre - (own[index] ?? centre))
  return distances.toSorted((a, b) => a - b)[Math.floor((distances.length - 1) / 2)] ?? 0
}

/** Whether the second of two boxes goes on in what the first says, as far as their letters tell. */
export function goesOn(one: TextBox, other: TextBox): boolean | undefined {
  const [first, second] = one.left <= other.left ? [one, other] : [other, one]
  const [from, to] = [first.centres?.at(-1), second.centres?.[0]]
  if (from === undefined || to === undefined) return undefined
  const isSigns = /\p{sc=Han}/u.test(`${first.text.at(-1)}${second.text[0]}`)
  return to - from <= (isSigns ? furthest.signs : 0.8) * Math.min(one.bottom - one.top, other.bottom - other.top)
}

/** Where one of the texts stands in a line that says more than it, as a link does in a sentence. */
export function partOf(line: TextBox, texts: readonly string[]): TextBox | undefined {
  if (line.centres?.length !== line.text.length) return undefined
  const letters = [...line.text].flatMap((sign, at) => (/[\p{L}\p{N}]/u.test(sign) ? [{ sign: normalise(sign).text, at }] : []))
  const folded = letters.map(({ sign }) => sign).join('')
  // A sign that is several letters has no one place.
  if (folded.length !== letters.length || line.text.length !== [...line.text].length) return undefined
  for (const text of texts) {
    const wanted = normalise(text).text.replaceAll(/[^\p{L}\p{N}]/gu, '')
    const found = wanted.length < 2 || wanted.length > mostOfLine * folded.length ? -1 : folded.indexOf(wanted)
    if (found >= 0) return stretchOf(line, letters[found]?.at ?? 0, (letters[found + wanted.length - 1]?.at ?? 0) + 1)
  }
  return undefined
}

function stretchOf(line: TextBox, from: number, to: number): TextBox | undefined {
  const { text, centres = [] } = line
  const own = text.slice(from, to)
  const [first, last] = [from + own.search(/\S/u), from + own.trimEnd().length - 1]
  if (own.trim() === '') return undefined
  const half = (line.bottom - line.top) * (/\p{sc=Han}/u.test(own) ? 0.45 : 0.3)
  return {
    ...line,
    text: own.trim(),
    left: first <= text.search(/\S/u) ? line.left : Math.max(line.left, (centres[first] ?? line.left) - half),
    right: last >= text.trimEnd().length - 1 ? line.right : Math.min(line.right, (centres[last] ?? line.right) + half),
    centres: centres.slice(first, last + 1),
  }
}
