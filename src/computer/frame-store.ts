import type { Store } from '../../memory/index.ts'
import type { Frame } from '../../tools/computer/frame.ts'
import type { FrameStore } from '../../tools/computer/frames.ts'

/** Under the name by which `signalbox://frame/{id}` finds the original. */
const imageBlob = 'frame'
const factsRow = 'frame-facts'
/** The frames of a thread, oldest first. */
const threadRow = 'thread-frames'

/** Facts of frames outlast the moment, so that a restarted process knows the newest one; a screen of last week tells nothing. */
const keepMs = 7 * 24 * 3600_000

/** Frames in the shared store: originals as blobs, facts as rows. */
export function createFrameStore({ rows, blobs, now }: Pick<Store, 'rows' | 'blobs' | 'now'>): FrameStore {
  return {
    async keepImage(principal, id, { mediaType, bytes, width, height }) {
      await blobs.put(principal, imageBlob, id, { mediaType, bytes, facts: { width, height } })
    },

    async image(principal, id) {
      return (await blobs.get(principal, imageBlob, id))?.bytes
    },

    async keepFacts(principal, frame) {
      await rows.put(principal, factsRow, frame.id, frame, { expiresAt: now() + keepMs })
    },

    async facts(principal, id) {
      return (await rows.get<Frame>(principal, factsRow, id))?.value
    },

    async addToThread(principal, thread, id, keep) {
      const expiresAt = now() + keepMs
      if (await rows.insert(principal, threadRow, thread, [id], { expiresAt })) return
      await rows.update<string[]>(principal, threadRow, thread, (ids) => [...ids, id].slice(-keep))
    },

    async ofThread(principal, thread) {
      return (await rows.get<string[]>(principal, threadRow, thread))?.value ?? []
    },
  }
}
