import { type Images, imageRule } from '../../models/images.ts'
import type { ImageMediaType } from '../../models/message.ts'
import type { OpenFrame } from '../../tools/computer/frame.ts'
import type { Frames } from '../../tools/computer/frames.ts'
import { redact, type SecretBox } from '../../tools/computer/redact.ts'
import type { Frames as Originals } from '../operations/frames.ts'
import type { ScreenReader } from './reading.ts'

export interface MaskedImage {
  readonly mediaType: ImageMediaType
  readonly bytes: Uint8Array
  /** Kinds and places of what was masked; no value is in it. */
  readonly masked: readonly SecretBox[]
  /** Why it is not known whether anything had to be masked. */
  readonly unread?: string | undefined
}

/** Screenshots for a destination that may not see keys, tokens and personal numbers. */
export interface Masking {
  /** `undefined` when the frame is gone. Nothing moves: coordinates are those of the whole picture. */
  image(principal: string, id: string): Promise<MaskedImage | undefined>
}

/** Pictures keep their size: whoever sends one makes it fit. */
const asItIs = imageRule('openai-original')
const remembered = 16

/** What was masked once is kept for a while: a conversation shows its last screens again and again, and must show them alike. */
export function createMasking({
  images,
  frames,
  originals,
  reader,
}: {
  images: Images
  frames: Frames
  originals: Originals
  reader: ScreenReader
}): Masking {
  const known = new Map<string, Promise<MaskedImage | undefined>>()

  async function mask(principal: string, id: string): Promise<MaskedImage | undefined> {
    const [frame, original] = await Promise.all([frames.open(principal, id), originals.get(principal, id)])
    if (frame === undefined || original === undefined) return undefined
    const { mediaType, bytes } = original
    const read = await reader.read(principal, frame, undefined)
    if (typeof read === 'string') return { mediaType, bytes, masked: [], unread: read }
    const { secretBoxes } = await loadSecretBoxes()
    const { raster, masked } = await redact(frame.raster, await secretBoxes(read.text, { raster: frame.raster }))
    if (masked.length === 0) return { mediaType, bytes, masked }
    const copy = await images.fit(raster, { rule: asItIs })
    return { mediaType: copy.mediaType, bytes: copy.bytes, masked }
  }

  return {
    image(principal, id) {
      const key = `${principal} ${id}`
      const found = known.get(key)
      if (found !== undefined) return found
      const result = mask(principal, id)
      known.set(key, result)
      result.catch(() => known.delete(key))
      if (known.size > remembered) known.delete(known.keys().next().value ?? key)
      return result
    },
  }
}

/** Known forms of keys are many: they are loaded with the first screen. */
function loadSecretBoxes() {
  return import('../../tools/computer/guard/secret-boxes.ts')
}

/** What a text on a screen gives away, for the comparison with what is typed elsewhere later: lines that hold a secret. */
export async function secretLines(frame: Pick<OpenFrame, 'text'>): Promise<string[]> {
  const text = frame.text ?? []
  const { secretBoxes } = await loadSecretBoxes()
  const boxes = await secretBoxes(text)
  return text.flatMap((line) =>
    boxes.some((box) => box.top < line.bottom && line.top < box.bottom && box.left < line.right && line.left < box.right)
      ? [line.text]
      : [],
  )
}
