import type { BlobStore } from '../../memory/index.ts'
import { createId, isId } from '../../models/ids.ts'
import type { ImageMediaType } from '../../models/message.ts'

export interface Frame {
  readonly id: string
  readonly mediaType: ImageMediaType
  readonly bytes: Uint8Array
}

/** Original images, kept as they came so that `signalbox://frame/{id}` can give them back. */
export interface Frames {
  /** @returns The frame's id. */
  keep(principal: string, image: { mediaType: ImageMediaType; bytes: Uint8Array; width: number; height: number }): Promise<string>
  get(principal: string, id: string): Promise<Frame | undefined>
}

const kind = 'frame'

export function createFrames(blobs: BlobStore): Frames {
  return {
    async keep(principal, { mediaType, bytes, width, height }) {
      const id = createId('frame')
      await blobs.put(principal, kind, id, { mediaType, bytes, facts: { width, height } })
      return id
    },

    async get(principal, id) {
      if (!isId('frame', id)) return undefined
      const blob = await blobs.get(principal, kind, id)
      return blob && { id, mediaType: blob.mediaType as ImageMediaType, bytes: blob.bytes }
    },
  }
}
