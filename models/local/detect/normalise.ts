import { type InvisibleKind, invisibleKind, lookAlike, tagCharacter } from './characters.ts'

/** Longer texts are read to here, and say so. */
export const longestText = 200_000

/** A stretch of the original text, in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Neighbouring characters that were taken out because a person does not see them. */
export interface Removed extends Span {
  readonly kind: InvisibleKind
  readonly count: number
}

/** Text that is in the original, but not where a person reads it. */
export interface Concealed extends Span {
  readonly kind: 'tags' | 'variation-selectors' | 'comment' | 'base64'
  readonly text: string
}

export interface Normalised {
  /** Lower case, without marks, look-alikes and invisible characters; each run of white space is one space, or one line end. */
  readonly text: string
  /** The part of the original that was read. */
  readonly read: string
  readonly removed: readonly Removed[]
  readonly concealed: readonly Concealed[]
  /** Whether something was left unread: nothing may be said of it. */
  readonly truncated: boolean
  /** Where a stretch of `text` stands in the original. */
  toOriginal(span: Span): Span
}

/**
 * The text as its reader would understand it, so that a phrase is one phrase however it is spelled.
 *
 * Cyrillic and Greek letters become Latin ones in words that also have Latin letters, or that consist of look-alikes alone;
 * words of those languages stay. Comments, tag characters and Base64 are not part of `text`: they are decoded once, beside it.
 */
export function normalise(original: string, { maxCharacters = longestText }: { maxCharacters?: number } = {}): Normalised {
  const source = original.length > maxCharacters ? original.slice(0, maxCharacters) : original
  if (plain.test(source)) return asItIs(original, source)
  const comments = commentsIn(source)
  const writer = createWriter()
  const removed: Removed[] = []
  const concealed: Concealed[] = comments.map(({ start, end }) => ({ kind: 'comment', start, end, text: commentText(source, start, end) }))

  let next = 0
  for (let at = 0; at < source.length; ) {
    const comment = comments[next]
    if (comment && at === comment.start) {
      at = comment.end
      next += 1
      continue
    }
    const code = source.codePointAt(at) as number
    const kind = invisibleKind(code)
    if (kind) {
      at = takeOut(source, at, kind, removed, concealed)
      continue
    }
    const entity = code === 0x26 ? entityAt(source, at) : undefined
    const end = entity ? entity.end : at + (code > 0xffff ? 2 : 1)
    // What an entity hides is not shown either.
    if (!entity || invisibleKind(entity.code) === undefined) writer.write(entity ? entity.code : code, at, end)
    else removed.push({ kind: invisibleKind(entity.code) as InvisibleKind, start: at, end, count: 1 })
    at = end
  }

  const blobs = base64In(source)
  concealed.push(...blobs.found)
  const { text, starts, ends } = writer.finish()
  return {
    text,
    read: source,
    removed,
    concealed,
    truncated: source.length < original.length || blobs.truncated,
    toOriginal({ start, end }) {
      if (start >= end) return { start: starts[start] ?? source.length, end: starts[start] ?? source.length }
      return { start: starts[start] ?? source.length, end: ends[end - 1] ?? source.length }
    },
  }
}

/** Printable ASCII with single spaces, and nothing that could be an entity or a comment: most texts. */
const plain = /^(?:[!-%'-;=-~]+[ \n])*[!-%'-;=-~]*$/

function asItIs(original: string, source: string): Normalised {
  const { found, truncated } = base64In(source)
  return {
    text: source.toLowerCase(),
    read: source,
    removed: [],
    concealed: found,
    truncated: truncated || source.length < original.length,
    toOriginal: ({ start, end }) => ({ start: Math.min(start, source.length), end: Math.min(Math.max(start, end), source.length) }),
  }
}

/** What a name looks like: two names with one skeleton are hard to tell apart. */
export function skeleton(name: string): string {
  const letters = Array.from(normalise(name).text, (letter) => lookAlike(letter) ?? letter)
  return letters.join('').replaceAll('1', 'l').replaceAll('|', 'l').replaceAll('0', 'o')
}

interface Writer {
  write(code: number, start: number, end: number): void
  finish(): { text: string; starts: number[]; ends: number[] }
}

/** Gathers words and white space, and keeps for each unit where it came from. */
function createWriter(): Writer {
  const units: string[] = []
  const starts: number[] = []
  const ends: number[] = []
  let word: { letter: string; start: number; end: number }[] = []
  let latin = false
  let foreign = false

  const push = (letters: string, start: number, end: number) => {
    for (let index = 0; index < letters.length; index += 1) {
      units.push(letters[index] as string)
      starts.push(start)
      ends.push(end)
    }
  }
  const endWord = () => {
    const folds = latin || !foreign
    for (const { letter, start, end } of word) push(folds ? (lookAlike(letter) ?? letter) : letter, start, end)
    word = []
    latin = false
    foreign = false
  }
  const space = (isLine: boolean, start: number, end: number) => {
    endWord()
    const last = units.length - 1
    const before = units[last]
    if (before === ' ' || before === '\n') {
      if (isLine) units[last] = '\n'
      ends[last] = end
    } else push(isLine ? '\n' : ' ', start, end)
  }

  return {
    write(code, start, end) {
      if (code < 0x80) {
        const letter = String.fromCharCode(code).toLowerCase()
        if (code <= 0x20) return space(code !== 0x20 && code !== 0x09, start, end)
        if (letter >= 'a' && letter <= 'z') {
          latin = true
          word.push({ letter, start, end })
          return
        }
        endWord()
        return push(letter, start, end)
      }
      const folded = String.fromCodePoint(code)
        .normalize('NFKD')
        .replace(/[\u0300-\u036f]/g, '')
        .toLowerCase()
        .normalize('NFKC')
      for (const letter of folded) {
        if (/\s/u.test(letter)) space(letter === '\u2028' || letter === '\u2029' || letter === '\u0085', start, end)
        else if (/\p{L}/u.test(letter)) {
          if (letter >= 'a' && letter <= 'z') latin = true
          else if (lookAlike(letter) === undefined) foreign = true
          word.push({ letter, start, end })
        } else {
          endWord()
          push(letter, start, end)
        }
      }
    },
    finish() {
      endWord()
      return { text: units.join(''), starts, ends }
    },
  }
}

/** Takes out one run of characters of a kind. @returns Where the text goes on. */
function takeOut(source: string, from: number, kind: InvisibleKind, removed: Removed[], concealed: Concealed[]): number {
  let at = from
  let count = 0
  const codes: number[] = []
  while (at < source.length) {
    const code = source.codePointAt(at) as number
    if (invisibleKind(code) !== kind) break
    codes.push(code)
    count += 1
    at += code > 0xffff ? 2 : 1
  }
  removed.push({ kind, start: from, end: at, count })
  if (kind === 'tag') {
    const text = codes.map(tagCharacter).join('')
    if (text !== '') concealed.push({ kind: 'tags', start: from, end: at, text })
  }
  if (kind === 'variation-selector' && count > 3) {
    // Selector n can carry byte n: 16 in the first block, 240 in the second.
    const bytes = codes.map((code) => (code >= 0xe0100 ? code - 0xe0100 + 16 : code - 0xfe00))
    const text = printable(Uint8Array.from(bytes))
    if (text !== undefined) concealed.push({ kind: 'variation-selectors', start: from, end: at, text })
  }
  return at
}

/** HTML comments; one without an end runs to the end of the text, as a browser reads it. */
function commentsIn(source: string): Span[] {
  const found: Span[] = []
  let at = source.indexOf('<!--')
  while (at >= 0) {
    const close = source.indexOf('-->', at + 4)
    const end = close < 0 ? source.length : close + 3
    found.push({ start: at, end })
    at = source.indexOf('<!--', end)
  }
  return found
}

function commentText(source: string, start: number, end: number): string {
  return source.slice(start + 4, source.startsWith('-->', end - 3) ? end - 3 : end).trim()
}

const namedEntities = new Map([
  ['lt', 0x3c],
  ['gt', 0x3e],
  ['amp', 0x26],
  ['quot', 0x22],
  ['apos', 0x27],
  ['nbsp', 0x20],
  ['shy', 0xad],
  ['zwj', 0x200d],
  ['zwnj', 0x200c],
  ['lrm', 0x200e],
  ['rlm', 0x200f],
])

function entityAt(source: string, at: number): { code: number; end: number } | undefined {
  const match = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/.exec(source.slice(at, at + 12))
  if (!match) return undefined
  const [whole, decimal, hex, name] = match
  const code = decimal ? Number.parseInt(decimal, 10) : hex ? Number.parseInt(hex, 16) : namedEntities.get(name as string)
  if (code === undefined || code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return { code, end: at + whole.length }
}

const mostBlobs = 50
const longestBlob = 20_000

/** Base64 that decodes to text. What is an image or a key decodes to no text and is left alone. */
function base64In(source: string): { found: Concealed[]; truncated: boolean } {
  const found: Concealed[] = []
  let truncated = false
  for (const match of source.matchAll(/[A-Za-z0-9+/_-]{24,}={0,2}/g)) {
    const blob = match[0].slice(0, longestBlob)
    const text = printable(Buffer.from(blob, 'base64'))
    if (text === undefined || !/[\s_]/.test(text)) continue
    if (found.length === mostBlobs || blob.length < match[0].length) {
      truncated = true
      if (found.length === mostBlobs) break
    }
    found.push({ kind: 'base64', start: match.index, end: match.index + match[0].length, text })
  }
  return { found, truncated }
}

/** The bytes as text when they are text to their end. */
function printable(bytes: Uint8Array): string | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
  return /^[\t\n\r\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u.test(text) && /\p{L}{2}/u.test(text) ? text : undefined
}
