import type { Region } from '../../models/computer/action.ts'
import { overlaps, unionOf } from '../../models/computer/region.ts'
import { OcrError } from '../../models/errors.ts'
import { changedTiles } from '../../models/images.ts'
import type { Ocr, TextBox } from '../../models/local/ocr/index.ts'
import type { OpenFrame } from '../../tools/computer/frame.ts'
import type { Frames } from '../../tools/computer/frames.ts'

export interface ScreenText {
  readonly text: readonly TextBox[]
  /** What was not there on the screen that was read before. */
  readonly appeared: readonly Region[]
}

/** Reads whole screens, each picture once. */
export interface ScreenReader {
  /** @returns Why it could not be read, in a sentence, where it could not. */
  read(principal: string, frame: OpenFrame, before: OpenFrame | undefined): Promise<ScreenText | string>
}

/** Of a screen that changed so much the whole is read: to read it in parts takes longer. */
const mostChanged = 0.4
const remembered = 32

/** Of a screen that follows another, only what changed is read; the rest is known. */
export function createScreenReader(ocr: Ocr | undefined, frames: Pick<Frames, 'keepText'>): ScreenReader {
  const reading = new Map<string, Promise<ScreenText | string>>()
  /** By the picture's hash: another frame of it holds the same text. */
  const texts = new Map<string, Promise<ScreenText>>()

  /** What stands there does not depend on what stood there before; what has appeared does. */
  const readOnce = async (ocr: Ocr, frame: OpenFrame, changed: readonly Region[] | undefined, earlier: readonly TextBox[]) => {
    const known = texts.get(frame.sha256)
    if (known !== undefined) return { text: (await known).text, appeared: appearedIn(frame, changed) }
    const result = readChanged(ocr, frame, changed, earlier)
    texts.set(frame.sha256, result)
    result.catch(() => texts.delete(frame.sha256))
    if (texts.size > remembered) texts.delete(texts.keys().next().value ?? frame.sha256)
    return result
  }

  async function readNow(principal: string, frame: OpenFrame, before: OpenFrame | undefined): Promise<ScreenText | string> {
    if (ocr === undefined) return 'nothing reads the texts of pictures'
    const known = before === undefined ? undefined : await reading.get(before.id)
    const earlier = known === undefined || typeof known === 'string' ? before?.text : known.text
    const changed = before === undefined || earlier === undefined ? undefined : changedTiles(before.tiles, frame.tiles)
    try {
      const result = await readOnce(ocr, frame, changed, earlier ?? [])
      await frames.keepText(principal, frame.id, result.text)
      return result
    } catch (error) {
      if (error instanceof OcrError) return error.message
      throw error
    }
  }

  return {
    read(principal, frame, before) {
      const begun = reading.get(frame.id)
      if (begun !== undefined) return begun
      const result =
        frame.text === undefined
          ? readNow(principal, frame, before?.id === frame.id ? undefined : before)
          : Promise.resolve({ text: frame.text, appeared: [] })
      reading.set(frame.id, result)
      result.catch(() => reading.delete(frame.id))
      if (reading.size > remembered) reading.delete(reading.keys().next().value ?? frame.id)
      return result
    },
  }
}

async function readChanged(
  ocr: Ocr,
  frame: OpenFrame,
  changed: readonly Region[] | undefined,
  earlier: readonly TextBox[],
): Promise<ScreenText> {
  if (changed?.length === 0) return { text: earlier, appeared: [] }
  const appeared = appearedIn(frame, changed)
  const [region] = appeared
  if (region === undefined) return { text: await ocr.read(frame.raster), appeared }
  // A line that is cut by the edge of what changed is read whole.
  const within = grown(region, 48, frame.raster)
  const read = await ocr.read(frame.raster, { within })
  const kept = earlier.filter((box) => !overlaps(box, within))
  return { text: [...kept, ...read].toSorted((a, b) => a.top - b.top || a.left - b.left), appeared }
}

/** Where something has come up; a screen that changed as a whole is another one. */
function appearedIn(frame: OpenFrame, changed: readonly Region[] | undefined): Region[] {
  if (changed === undefined || changed.length === 0) return []
  return changed.length / frame.tiles.hashes.length > mostChanged ? [] : [changed.reduce(unionOf)]
}

function grown({ left, top, right, bottom }: Region, by: number, { width, height }: { width: number; height: number }): Region {
  return {
    left: Math.max(0, left - by),
    top: Math.max(0, top - by),
    right: Math.min(width, right + by),
    bottom: Math.min(height, bottom + by),
  }
}
