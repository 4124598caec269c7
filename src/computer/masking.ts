import type { Region } from '../../models/computer/action.ts'
import type { ImageRule, Images } from '../../models/images.ts'
import type { TextBox } from '../../models/local/ocr/index.ts'
import type { ImageMediaType } from '../../models/message.ts'
import type { OpenFrame } from '../../tools/computer/frame.ts'
import type { Frames } from '../../tools/computer/frames.ts'
import { redact, type SecretBox } from '../../tools/computer/redact.ts'
import type { Frames as Originals } from '../operations/frames.ts'
import { createBegun } from './begun.ts'
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
  /**
   * `undefined` when the frame is gone. Nothing moves: coordinates are those of the whole picture.
   *
   * @param sentBy - Rules of the models that may get it: what can be read at one of their sizes alone is masked as well.
   */
  image(principal: string, id: string, sentBy?: readonly ImageRule[]): Promise<MaskedImage | undefined>
}

/** A copy keeps its size, however large: whoever sends it makes it fit, and a place on it is one on the screen. */
const asItIs: ImageRule = { name: 'as-it-is', maxBytes: 20_000_000, fit: (width, height) => ({ width, height, tokens: 0 }) }
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
  const known = createBegun<MaskedImage | undefined>(remembered)

  async function mask(principal: string, id: string, sentBy: readonly ImageRule[]): Promise<MaskedImage | undefined> {
    const [frame, original] = await Promise.all([frames.open(principal, id), originals.get(principal, id)])
    if (frame === undefined || original === undefined) return undefined
    const { mediaType, bytes } = original
    const read = await reader.read(principal, frame, undefined)
    if (typeof read === 'string') return { mediaType, bytes, masked: [], unread: read }
    const { secretBoxes } = await loadSecretBoxes()
    const boxes = await secretBoxes(read.text, { raster: frame.raster })
    const kept = frame.views ?? []
    const views = kept.map(({ text }) => text)
    for (const rule of sentBy) {
      if (kept.some((one) => one.rule === rule.name)) continue
      const view = await reader.read(principal, frame, undefined, rule)
      if (typeof view === 'string') return { mediaType, bytes, masked: [], unread: view }
      if (view.asSent !== undefined) views.push(view.asSent)
    }
    for (const view of views) {
      const found = await secretBoxes(view, { raster: frame.raster })
      boxes.push(...found.filter((box) => !boxes.some((other) => isMostlyIn(box, other))))
    }
    const { raster, masked } = await redact(frame.raster, boxes)
    if (masked.length === 0) return { mediaType, bytes, masked }
    const copy = await images.fit(raster, { rule: asItIs })
    return { mediaType: copy.mediaType, bytes: copy.bytes, masked }
  }

  return {
    image(principal, id, sentBy = []) {
      return known.once([principal, id, ...sentBy.map(({ name }) => name)].join(' '), () => mask(principal, id, sentBy))
    },
  }
}

/** The same value, found again at another size: its edges differ by a pixel or two. */
function isMostlyIn(box: Region, other: Region): boolean {
  const space = 3
  return (
    box.left >= other.left - space && box.top >= other.top - space && box.right <= other.right + space && box.bottom <= other.bottom + space
  )
}

/** Known forms of keys are many: they are loaded with the first screen. */
function loadSecretBoxes() {
  return import('../../tools/computer/guard/secret-boxes.ts')
}

/** By frame and how often it was read: each is asked about at every later action of its work. */
const knownLines = createBegun<string[]>(200)

/** What a text on a screen gives away, for the comparison with what is typed elsewhere later: lines that hold a secret. */
export function secretLines({ id, text = [], views = [] }: Pick<OpenFrame, 'id' | 'text' | 'views'>): Promise<string[]> {
  return knownLines.once(`${id} ${text.length} ${views.length}`, () => linesOfAll([text, ...views.map((view) => view.text)]))
}

async function linesOfAll(texts: readonly (readonly TextBox[])[]): Promise<string[]> {
  const lines: string[] = []
  for (const text of texts) lines.push(...(await linesWithSecrets(text)))
  return [...new Set(lines)]
}

async function linesWithSecrets(text: readonly TextBox[]): Promise<string[]> {
  const { secretBoxes } = await loadSecretBoxes()
  const boxes = await secretBoxes(text)
  return text.flatMap((line) =>
    boxes.some((box) => box.top < line.bottom && line.top < box.bottom && box.left < line.right && line.left < box.right)
      ? [line.text]
      : [],
  )
}
