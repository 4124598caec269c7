import type { BlobStore } from '../memory/index.ts'
import type { ToolSearch } from '../tools/search.ts'
import type { Log } from './log.ts'

const kind = 'tool-words'
const id = 'index'
/** The catalogue is the instance's own: what of it a caller may see is settled at each search. */
const principal = 'instance'
/** Fewer are read in no time. */
const fewestTools = 1000
/** Servers list one after another, and each makes another index. */
const keepAfterMs = 10_000

export interface ToolWords {
  load(): Promise<Uint8Array | undefined>
  /** Once the catalogue has stayed for a while. */
  keepSoon(): void
  close(): void
}

/** Keeps the index of words of a large catalogue, so that the next start finds tools at once. It is a matter of speed alone. */
export function toolWords({ blobs, search, log }: { blobs: BlobStore; search: ToolSearch; log: Log }): ToolWords {
  let timer: NodeJS.Timeout | undefined
  return {
    load: async () => (await blobs.get(principal, kind, id))?.bytes,

    keepSoon() {
      clearTimeout(timer)
      timer = setTimeout(async () => {
        const bytes = search.state().tools < fewestTools ? undefined : search.keptWords()
        if (bytes === undefined) return
        await blobs
          .put(principal, kind, id, { mediaType: 'application/octet-stream', bytes })
          .catch((error: unknown) => log.debug('The index of words cannot be kept', { error }))
      }, keepAfterMs).unref()
    },

    close: () => clearTimeout(timer),
  }
}
