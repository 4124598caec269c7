import { frameRow, type Store, threadFramesRow } from '../../memory/index.ts'
import type { Frame } from '../../tools/computer/frame.ts'
import type { FrameStore } from '../../tools/computer/frames.ts'

const dayMs = 24 * 3_600_000
/** So that a restarted process knows the newest one; a screen of last week tells nothing. */
const keptMs = 7 * dayMs
/** A thread may go on for long, and takes all of its screenshots along when it is removed. */
const threadKeptMs = 365 * dayMs
const mostFrames = 5000

/** Screenshots in the stores of memory. `signalbox://frame/{id}` gives the pictures, like those of any image that was made smaller. */
export function createFrameStore({ rows, blobs, now }: Pick<Store, 'rows' | 'blobs' | 'now'>): FrameStore {
  return {
    async keepImage(principal, id, { mediaType, bytes, width, height }) {
      await blobs.put(principal, frameRow, id, { mediaType, bytes, facts: { width, height } })
    },

    async image(principal, id) {
      return (await blobs.get(principal, frameRow, id))?.bytes
    },

    async keepFacts(principal, frame) {
      await rows.put(principal, frameRow, frame.id, frame, { expiresAt: now() + keptMs })
    },

    async facts(principal, id) {
      return (await rows.get<Frame>(principal, frameRow, id))?.value
    },

    async addToThread(principal, thread, id) {
      const expiresAt = now() + threadKeptMs
      if (await rows.insert(principal, threadFramesRow, thread, { ids: [id] }, { expiresAt })) return
      await rows.update<{ ids: readonly string[] }>(principal, threadFramesRow, thread, ({ ids }) => ({
        ids: [...ids, id].slice(-mostFrames),
      }))
    },

    async ofThread(principal, thread, last) {
      return (await rows.get<{ ids: readonly string[] }>(principal, threadFramesRow, thread))?.value.ids.slice(-last) ?? []
    },
  }
}
