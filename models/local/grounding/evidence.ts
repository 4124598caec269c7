import { splitSentences } from '../../extractive/sentences.ts'
import type { SourceText } from '../../provider.ts'
import { identifiersToWords } from '../wordpiece.ts'

/** A piece of a source that may bear a claim: a sentence, or one record of JSON in words. */
export interface Piece {
  readonly text: string
  /** Of the source. */
  readonly source: number
}

/** More is not read: what stands behind it is as if it were not there, and the verdict says so. */
const mostPieces = 400
const longestPiece = 600

export interface Evidence {
  readonly pieces: readonly Piece[]
  readonly truncated: boolean
}

/** The pieces of all sources, in order. */
export function evidenceOf(sources: readonly Pick<SourceText, 'text'>[]): Evidence {
  const all = sources.flatMap(({ text }, source) =>
    piecesOf(text).map((piece) => ({ text: piece.slice(0, longestPiece).toWellFormed(), source })),
  )
  return { pieces: all.slice(0, mostPieces), truncated: all.length > mostPieces }
}

function piecesOf(text: string): string[] {
  const trimmed = text.trim()
  if (/^[[{]/.test(trimmed)) {
    try {
      return recordsOf(JSON.parse(trimmed), '')
    } catch {
      // Text that only begins like JSON is read as text.
    }
  }
  return splitSentences(text)
}

/** Each object with the values that it holds itself, under the name that leads to it. */
function recordsOf(value: unknown, name: string): string[] {
  if (Array.isArray(value)) {
    const scalars = value.filter((one) => one === null || typeof one !== 'object')
    const own = scalars.length === 0 ? [] : [`${name}: ${scalars.map(String).join(', ')}`]
    return [...own, ...value.filter((one) => one !== null && typeof one === 'object').flatMap((one) => recordsOf(one, name))]
  }
  if (typeof value !== 'object' || value === null) return [name === '' ? String(value) : `${name}: ${String(value)}`]
  const fields = Object.entries(value)
  const own = fields.filter(([, one]) => one === null || typeof one !== 'object')
  const inner = fields.filter(([, one]) => one !== null && typeof one === 'object')
  // A small object of values belongs to the one that holds it.
  const held = inner.filter(([, one]) => isSmall(one))
  const said = [
    ...own.map(([key, one]) => `${words(key)} ${String(one)}`),
    ...held.map(
      ([key, one]) =>
        `${words(key)}: ${Object.entries(one as object)
          .map(([field, item]) => `${words(field)} ${String(item)}`)
          .join(', ')}`,
    ),
  ]
  const piece = said.length === 0 ? [] : [`${name === '' ? '' : `${name}: `}${said.join('; ')}`]
  return [
    ...piece,
    ...inner.filter(([, one]) => !isSmall(one)).flatMap(([key, one]) => recordsOf(one, [name, words(key)].filter(Boolean).join(' '))),
  ]
}

function isSmall(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const all = Object.values(value)
  return all.length <= 8 && all.every((one) => one === null || typeof one !== 'object')
}

function words(key: string): string {
  return identifiersToWords(key)
}
