import type { BlobStore } from '../../memory/index.ts'
import { createId, isId } from '../../models/ids.ts'

/** Texts that were too large for one result: kept whole, read in pages. */
export interface LargeResults {
  /** @returns The handle under which `get_answer` reads it. */
  keep(principal: string, text: string): Promise<string>
  /** A page of at most `limit` characters from `offset`, or from the first place at or after it that holds `find`. */
  read(principal: string, handle: string, options: { offset: number; find?: string | undefined; limit: number }): Promise<Page | undefined>
}

export interface Page {
  readonly text: string
  readonly offset: number
  readonly total: number
  /** `undefined` on the last page. */
  readonly nextOffset: number | undefined
  /** Where what was sought stands; `undefined` when nothing was sought. */
  readonly found: Found | undefined
}

export interface Found {
  /** Where it begins on this page, the first ones. */
  readonly places: readonly number[]
  /** The first place after those. */
  readonly next: number | undefined
  /** How often it stands from the asked offset on. */
  readonly count: number
}

const kind = 'result'
/** How much is shown before the place that was sought. */
const before = 200
const mostPlaces = 20

export function createLargeResults(blobs: BlobStore): LargeResults {
  return {
    async keep(principal, text) {
      const handle = createId('result')
      await blobs.put(principal, kind, handle, { mediaType: 'text/plain', bytes: Buffer.from(text, 'utf8') })
      return handle
    },

    async read(principal, handle, { offset, find, limit }) {
      if (!isId('result', handle)) return undefined
      const blob = await blobs.get(principal, kind, handle)
      if (blob === undefined) return undefined
      return pageOf(Buffer.from(blob.bytes).toString('utf8'), { offset, find, limit })
    },
  }
}

/** A page of a text: see {@link LargeResults.read}. */
export function pageOf(text: string, { offset, find, limit }: { offset: number; find?: string | undefined; limit: number }): Page {
  const places = find === undefined ? undefined : placesOf(text, find, offset)
  const [place] = places ?? [offset + before]
  const start = place === undefined ? text.length : Math.min(text.length, Math.max(0, place - before))
  let end = Math.min(text.length, start + limit)
  // A page does not end inside a character.
  if (end < text.length && end - start > 1 && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1
  const shown = places?.slice(0, mostPlaces).filter((place) => place < end) ?? []
  return {
    text: text.slice(start, end),
    offset: start,
    total: text.length,
    nextOffset: end < text.length ? end : undefined,
    found: places && { places: shown, next: places[shown.length], count: places.length },
  }
}

/** In any case. Lower-case copies are not compared: they may have other lengths, and so other places. */
function placesOf(text: string, words: string, from: number): number[] {
  const pattern = new RegExp(words.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu')
  pattern.lastIndex = from
  const places: number[] = []
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) places.push(match.index)
  return places
}
