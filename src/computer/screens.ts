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
  given: { screenshot: string; decidedOn?: string | undefined; url?: string | undefined },
  { caller, thread, signal }: { caller: Caller; thread: string | undefined; signal: AbortSignal },
): Promise<Seen> {
  const { principal } = caller
  const take = async (source: string, inThread: boolean) => {
    const { bytes } = await files.read(source, caller)
    const again = inThread && thread !== undefined ? await sameAgain(frames, principal, thread, { bytes, url: given.url }) : undefined
    if (again !== undefined) return again
    return (await frames.take(principal, inThread ? thread : undefined, { bytes, url: inThread ? given.url : undefined }, { signal })).frame
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
  return { decidedOn: decidedOn.sha256 === newest.sha256 ? newest : decidedOn, newest }
}

/** A step that failed is tried again with its screenshot, and a screen that stands still is sent again: neither is another frame. */
async function sameAgain(
  frames: Frames,
  principal: string,
  thread: string,
  { bytes, url }: { bytes: Uint8Array; url: string | undefined },
): Promise<OpenFrame | undefined> {
  const newest = await frames.newest(principal, thread)
  if (newest === undefined || newest.url !== url || newest.sha256 !== hash('sha256', bytes)) return undefined
  return frames.open(principal, newest.id)
}
