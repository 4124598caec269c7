/*
 * What single characters are to a reader: shown or not, and which Latin letter they pass for.
 * Code points are written as numbers, because most of them cannot be seen in a source file.
 */

/** Why a character that a person does not see may still reach a model. */
export type InvisibleKind = 'tag' | 'zero-width' | 'bidi' | 'variation-selector' | 'private-use' | 'control' | 'soft-hyphen' | 'filler'

/** @returns Nothing for a character that is shown or that is ordinary white space. */
export function invisibleKind(code: number): InvisibleKind | undefined {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d || code === 0x0c || code === 0x0b ? undefined : 'control'
  if (code < 0x7f) return undefined
  if (code <= 0x9f) return code === 0x85 ? undefined : 'control'
  if (code === 0xad) return 'soft-hyphen'
  if (code < 0x034f) return undefined
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return 'bidi'
  if (code >= 0x200b && code <= 0x200f) return 'zero-width'
  if (code === 0x034f || code === 0x061c || code === 0x180e || code === 0xfeff || (code >= 0x2060 && code <= 0x206f)) return 'zero-width'
  if ((code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef)) return 'variation-selector'
  if (code === 0x115f || code === 0x1160 || code === 0x3164 || code === 0xffa0 || code === 0x2800) return 'filler'
  if (code >= 0xe0000 && code <= 0xe0fff) return 'tag'
  if ((code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000) return 'private-use'
  return undefined
}

/** The ASCII character that a tag character (U+E0020 to U+E007E) stands for. */
export function tagCharacter(code: number): string {
  return code >= 0xe0020 && code <= 0xe007e ? String.fromCharCode(code - 0xe0000) : ''
}

/** Cyrillic and Greek letters that look like a Latin one in common typefaces; lower-cased before they are looked up. */
const lookAlikes = new Map(
  Object.entries({
    a: 'аα',
    b: 'ьвβ',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еєε',
    g: 'ԍ',
    h: 'һн',
    i: 'іι',
    j: 'јϳ',
    k: 'кκ',
    l: 'ӏ',
    m: 'м',
    n: 'пη',
    o: 'оοσ',
    p: 'рρ',
    q: 'ԛ',
    r: 'г',
    s: 'ѕ',
    t: 'тτ',
    u: 'υ',
    v: 'νѵ',
    w: 'ԝω',
    x: 'хχ',
    y: 'уγ',
  }).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)),
)

/** The Latin letter that a lower-case Cyrillic or Greek letter passes for. */
export function lookAlike(letter: string): string | undefined {
  return lookAlikes.get(letter)
}
