import type { Frame } from '../../tools/computer/frame.ts'
import type { FrameStore } from '../../tools/computer/frames.ts'

/** A store in memory. What it holds outlives the frames that are made on it, as a restart wants it. */
export function createFrameStore(): FrameStore {
  const images = new Map<string, Uint8Array>()
  const facts = new Map<string, Frame>()
  const threads = new Map<string, string[]>()
  const key = (principal: string, id: string) => `${principal} ${id}`
  return {
    async keepImage(principal, id, { bytes }) {
      images.set(key(principal, id), bytes)
    },
    image: async (principal, id) => images.get(key(principal, id)),
    async keepFacts(principal, frame) {
      facts.set(key(principal, frame.id), structuredClone(frame))
    },
    facts: async (principal, id) => facts.get(key(principal, id)),
    async addToThread(principal, thread, id) {
      threads.set(key(principal, thread), [...(threads.get(key(principal, thread)) ?? []), id])
    },
    ofThread: async (principal, thread, last) => (threads.get(key(principal, thread)) ?? []).slice(-last),
  }
}
