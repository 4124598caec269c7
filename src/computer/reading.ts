import type { Region } from '../../models/computer/action.ts'
import { overlaps, unionOf } from '../../models/computer/region.ts'
import { ImageError, OcrError } from '../../models/errors.ts'
import { changedTiles, type ImageRule } from '../../models/images.ts'
import type { Ocr, TextBox } from '../../models/local/ocr/index.ts'
import type { OpenFrame } from '../../tools/computer/frame.ts'
import type { Frames } from '../../tools/computer/frames.ts'
import { createBegun } from './begun.ts'

export interface ScreenText {
  readonly text: readonly TextBox[]
  /** What was not there on the screen that was read before. */
  readonly appeared: readonly Region[]
  /** What stands on the picture as its destination gets it, in pixels as taken; absent where it gets the picture's own pixels. */
  readonly asSent?: readonly TextBox[] | undefined
}

/** Reads whole screens, each picture once. */
export interface ScreenReader {
  /**
   * @param sentBy - The rule of the model that gets the screen: where it makes the picture smaller, that one is read as well.
   * @returns Why it could not be read, in a sentence, where it could not.
   */
  read(principal: string, frame: OpenFrame, before: OpenFrame | undefined, sentBy?: ImageRule): Promise<ScreenText | string>
}

/** Of a screen that changed so much the whole is read: to read it in parts takes longer. */
const mostChanged = 0.4
const remembered = 32

/** Of a screen that follows another, only what changed is read; the rest is known. */
export function createScreenReader(ocr: Ocr | undefined, frames: Pick<Frames, 'keepText' | 'asSent' | 'keepView'>): ScreenReader {
  const reading = createBegun<ScreenText | string>(remembered)
  /** By the picture's hash, and the rule of a smaller one: another frame of it holds the same text. */
  const texts = createBegun<readonly TextBox[]>(2 * remembered)
  /** By frame and rule. */
  const views = createBegun<readonly TextBox[] | string | undefined>(remembered)

  async function readNow(principal: string, frame: OpenFrame, before: OpenFrame | undefined): Promise<ScreenText | string> {
    if (ocr === undefined) return 'nothing reads the texts of pictures'
    const known = before === undefined ? undefined : await reading.get(before.id)
    const earlier = known === undefined || typeof known === 'string' ? before?.text : known.text
    const changed = before === undefined || earlier === undefined ? undefined : changedTiles(before.tiles, frame.tiles)
    try {
      const readPart = (within: Region | undefined) => ocr.read(frame.raster, { within })
      // What stands there does not depend on what stood there before; what has appeared does.
      const text = await texts.once(frame.sha256, () => readChanged(readPart, frame, changed, earlier ?? []))
      await frames.keepText(principal, frame.id, text)
      return { text, appeared: appearedIn(frame, changed) }
    } catch (error) {
      if (error instanceof OcrError) return error.message
      throw error
    }
  }

  async function readView(principal: string, frame: OpenFrame, before: OpenFrame | undefined, rule: ImageRule) {
    if (ocr === undefined) return undefined
    const kept = (one: OpenFrame) => one.views?.find((view) => view.rule === rule.name)?.text
    const own = kept(frame)
    if (own !== undefined) return own
    const known = before && (await views.get(keyOf(before, rule)))
    const earlier = known === undefined || typeof known === 'string' ? before && kept(before) : known
    const changed = before === undefined || earlier === undefined ? undefined : changedTiles(before.tiles, frame.tiles)
    try {
      const sent = await frames.asSent(principal, frame, rule)
      if (sent === undefined) return undefined
      const { width, height } = sent.raster
      const [x, y] = [frame.source.width / width, frame.source.height / height]
      const readPart = async (within: Region | undefined) => {
        const boxes = await ocr.read(sent.raster, { within: within && scaled(within, 1 / x, 1 / y) })
        return boxes.map(({ centres, ...box }) => ({ ...box, ...scaled(box, x, y), centres: centres?.map((centre) => centre * x) }))
      }
      const text = await texts.once(`${frame.sha256} ${rule.name}`, () => readChanged(readPart, frame, changed, earlier ?? []))
      await frames.keepView(principal, frame.id, { rule: rule.name, width, height, sha256: sent.sha256, text })
      return text
    } catch (error) {
      if (error instanceof OcrError || error instanceof ImageError) return error.message
      throw error
    }
  }

  return {
    async read(principal, frame, before, sentBy) {
      const earlier = before?.id === frame.id ? undefined : before
      const screen = reading.once(frame.id, () =>
        frame.text === undefined ? readNow(principal, frame, earlier) : Promise.resolve({ text: frame.text, appeared: [] }),
      )
      if (sentBy === undefined) return screen
      const [own, view] = await Promise.all([screen, views.once(keyOf(frame, sentBy), () => readView(principal, frame, earlier, sentBy))])
      if (typeof own === 'string' || view === undefined) return own
      return typeof view === 'string' ? view : { ...own, asSent: view }
    },
  }
}

function keyOf({ id }: OpenFrame, { name }: ImageRule): string {
  return `${id} ${name}`
}

/** @param readPart - In pixels as taken, as all boxes are; the whole where no part is named. */
async function readChanged(
  readPart: (within: Region | undefined) => Promise<readonly TextBox[]>,
  frame: OpenFrame,
  changed: readonly Region[] | undefined,
  earlier: readonly TextBox[],
): Promise<readonly TextBox[]> {
  if (changed?.length === 0) return earlier
  const [region] = appearedIn(frame, changed)
  if (region === undefined) return readPart(undefined)
  // A line that is cut by the edge of what changed is read whole.
  const within = grown(region, 48, frame.raster)
  const read = await readPart(within)
  const kept = earlier.filter((box) => !overlaps(box, within))
  return [...kept, ...read].toSorted((a, b) => a.top - b.top || a.left - b.left)
}

/** Where something has come up; a screen that changed as a whole is another one. */
function appearedIn(frame: OpenFrame, changed: readonly Region[] | undefined): Region[] {
  if (changed === undefined || changed.length === 0) return []
  return changed.length / frame.tiles.hashes.length > mostChanged ? [] : [changed.reduce(unionOf)]
}

function scaled({ left, top, right, bottom }: Region, x: number, y: number): Region {
  return { left: left * x, top: top * y, right: right * x, bottom: bottom * y }
}

function grown({ left, top, right, bottom }: Region, by: number, { width, height }: { width: number; height: number }): Region {
  return {
    left: Math.max(0, left - by),
    top: Math.max(0, top - by),
    right: Math.min(width, right + by),
    bottom: Math.min(height, bottom + by),
  }
}
