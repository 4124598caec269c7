import { hash } from 'node:crypto'
import { isId } from '../../models/ids.ts'
import type { OpenFrame } from '../../tools/computer/frame.ts'
import type { Frames } from '../../tools/computer/frames.ts'
import type { Caller } from '../caller.ts'
import { InputError } from '../operations/errors.ts'
import type { GivenFiles } from '../operations/given-files.ts'

export interface Seen {
  /** What the action was decided on. */
  readonly decidedOn: OpenFrame
  /** The screen as it is now. */
  readonly newest: OpenFrame
}

/**
 * The screens that a caller names: the newest becomes a frame of its thread, unless it is its newest already; what was decided on is a frame
 * that is known, or a picture that becomes one.
 *
 * @throws {InputError} If a frame is named that is not there.
 * @throws {ImageError} If a picture is refused.
 */
export async function openScreens(
  { frames, files }: { frames: Frames; files: GivenFiles },
  given: { screenshot: string; decidedOn?: string | undefined; url?: string | undefined; window?: string | undefined },
  { caller, thread, signal }: { caller: Caller; thread: string | undefined; signal: AbortSignal },
): Promise<Seen> {
  const { principal } = caller
  const take = async (source: string, inThread: boolean) => {
    const { bytes } = await files.read(source, caller)
    // What is told of the screen is told of it as it is now.
    if (!inThread) return (await frames.take(principal, undefined, { bytes }, { signal })).frame
    const shot = { bytes, url: given.url, window: given.window }
    const again = thread !== undefined ? await sameAgain(frames, principal, thread, shot) : undefined
    return again ?? (await frames.take(principal, thread, shot, { signal })).frame
  }
  const named = async (source: string): Promise<OpenFrame | undefined> => {
    const id = source.replace(/^signalbox:\/\/frame\//, '')
    if (!isId('frame', id)) return undefined
    const frame = await frames.open(principal, id)
    if (frame === undefined) throw new InputError(`Cannot use the frame ${id}: there is no such frame`)
    return frame
  }
  const newest = (await named(given.screenshot)) ?? (await take(given.screenshot, true))
  if (given.decidedOn === undefined) return { decidedOn: newest, newest }
  const decidedOn = (await named(given.decidedOn)) ?? (await take(given.decidedOn, false))
  const isSame = decidedOn.sha256 === newest.sha256 && mayBe(decidedOn.url, newest.url) && mayBe(decidedOn.window, newest.window)
  return { decidedOn: isSame ? newest : decidedOn, newest }
}

/** Whether both may be of one place: nobody has to say. */
function mayBe(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other
}

/** A step that failed is tried again with its screenshot, and a screen that stands still is sent again: neither is another frame. */
async function sameAgain(
  frames: Frames,
  principal: string,
  thread: string,
  { bytes, url, window }: { bytes: Uint8Array; url: string | undefined; window: string | undefined },
): Promise<OpenFrame | undefined> {
  const newest = await frames.newest(principal, thread)
  if (newest === undefined || newest.url !== url || newest.window !== window || newest.sha256 !== hash('sha256', bytes)) return undefined
  return frames.open(principal, newest.id)
}
