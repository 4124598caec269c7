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
  /** Whether `find` was found; `undefined` when nothing was sought. */
  readonly found: boolean | undefined
}

const kind = 'result'
/** How much is shown before the place that was sought. */
const before = 200

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
      const text = Buffer.from(blob.bytes).toString('utf8')
      const place = find === undefined ? offset : text.toLowerCase().indexOf(find.toLowerCase(), offset)
      const start = place === -1 ? text.length : Math.min(text.length, find === undefined ? place : Math.max(0, place - before))
      const end = Math.min(text.length, start + limit)
      return {
        text: text.slice(start, end),
        offset: start,
        total: text.length,
        nextOffset: end < text.length ? end : undefined,
        found: find === undefined ? undefined : place !== -1,
      }
    },
  }
}
