import { asObject } from '../definitions.ts'
import { htmlToText, isHtml } from './html.ts'

/** A text made short, and in words what was cut. */
export interface Condensed {
  readonly text: string
  readonly cut: string
}

/** From the mildest to the hardest: how many items of a list, members of a mapping and characters of a text stay. */
const measures = [
  { items: 10, members: 60, characters: 1000 },
  { items: 5, members: 40, characters: 400 },
  { items: 3, members: 30, characters: 160 },
  { items: 1, members: 20, characters: 60 },
]
const deepest = 12
/** What is larger is kept by its handle only: parsing it would hold up everybody else. */
const mostCharacters = 16_000_000

/**
 * A shorter text for a long one that is JSON or HTML, as near to `maxBytes` as its shape allows; `undefined` for any other.
 *
 * Of JSON each list keeps its first items with how many there were, each text its beginning: what it looks like and how much
 * there is stays visible. Of HTML the readable text stays, with its links.
 */
export function condense(text: string, maxBytes: number): Condensed | undefined {
  if (text.length > mostCharacters) return undefined
  if (isHtml(text)) {
    const readable = htmlToText(text)
    return readable.length < text.length ? { text: readable, cut: `HTML of ${text.length} characters, here as its text` } : undefined
  }
  const value = parsed(text)
  if (typeof value !== 'object' || value === null) return undefined
  const plain = JSON.stringify(value)
  for (const measure of measures) {
    const counts = { items: 0, members: 0, texts: 0 }
    const short = JSON.stringify(shorten(value, measure, counts, 0))
    if (Buffer.byteLength(short) > maxBytes && measure !== measures.at(-1)) continue
    if (short.length >= text.length) return undefined
    return { text: short, cut: short.length >= plain.length ? 'spaces of JSON' : cutInWords(counts, text.length) }
  }
  return undefined
}

type Measure = (typeof measures)[number]
interface Counts {
  items: number
  members: number
  texts: number
}

function shorten(value: unknown, measure: Measure, counts: Counts, depth: number): unknown {
  if (typeof value === 'string') return shortText(value, measure, counts)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return Array.isArray(value) ? `… a list of ${value.length}` : `… an object of ${Object.keys(value).length}`
  const inside = (inner: unknown) => shorten(inner, measure, counts, depth + 1)
  if (Array.isArray(value)) {
    // The note takes a place itself.
    if (value.length <= measure.items + 1) return value.map(inside)
    counts.items += value.length - measure.items
    return [...value.slice(0, measure.items).map(inside), `… ${value.length - measure.items} more of ${value.length}`]
  }
  const members = Object.entries(asObject(value) ?? {})
  const shown = members.length <= measure.members + 1 ? members : members.slice(0, measure.members)
  const short = Object.fromEntries(shown.map(([key, inner]) => [key, inside(inner)]))
  if (shown.length === members.length) return short
  counts.members += members.length - shown.length
  return { ...short, '…': `${members.length - shown.length} more members of ${members.length}` }
}

function shortText(text: string, { characters }: Measure, counts: Counts): string {
  if (text.length <= characters + 30) return text
  counts.texts += 1
  return `${text.slice(0, characters).replace(/[\ud800-\udbff]$/, '')}… (${text.length} characters)`
}

function cutInWords({ items, members, texts }: Counts, characters: number): string {
  const parts = [
    ...(items > 0 ? [`${items} items of lists`] : []),
    ...(members > 0 ? [`${members} members of objects`] : []),
    ...(texts > 0 ? [`the ends of ${texts} texts`] : []),
  ]
  return `JSON of ${characters} characters, without ${parts.join(', ') || 'its deepest levels'}`
}

function parsed(text: string): unknown {
  try {
    return /^\s*[[{]/.test(text) ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}
