import { Buffer } from 'node:buffer'
import { webcrypto } from 'node:crypto'
import type { Size } from '../../models/computer/space.ts'
import { createId, isId } from '../../models/ids.ts'
import type { Raster } from '../../models/images/raster.ts'
import { dHash, hashTiles, type ImageRule, type Images } from '../../models/images.ts'
import type { TextBox } from '../../models/local/ocr/ocr.ts'
import type { ImageMediaType } from '../../models/message.ts'
import type { Frame, OpenFrame, SentView } from './frame.ts'
import { createRasterCache } from './raster-cache.ts'

/** Where frames live longer than the process. Another principal's id or thread answers like an unknown one. */
export interface FrameStore {
  /** The original, as it was taken. */
  keepImage(principal: string, id: string, image: Size & { readonly mediaType: ImageMediaType; readonly bytes: Uint8Array }): Promise<void>
  image(principal: string, id: string): Promise<Uint8Array | undefined>
  keepFacts(principal: string, frame: Frame): Promise<void>
  facts(principal: string, id: string): Promise<Frame | undefined>
  /** As the newest of its thread. */
  addToThread(principal: string, thread: string, id: string): Promise<void>
  /** The newest ones, oldest first. */
  ofThread(principal: string, thread: string, last: number): Promise<readonly string[]>
}

export interface Shot {
  readonly bytes: Uint8Array
  readonly url?: string | undefined
  /** Title or id of the window that has the focus. */
  readonly window?: string | undefined
}

export interface TakenFrame {
  readonly frame: OpenFrame
}

export interface Frames {
  /**
   * A screenshot becomes a frame, the newest of its thread.
   *
   * @throws {ImageError} If it is no picture that is taken, or cannot be made to fit.
   */
  take(principal: string, thread: string | undefined, shot: Shot, options?: { signal?: AbortSignal | undefined }): Promise<TakenFrame>
  get(principal: string, id: string): Promise<Frame | undefined>
  /** With its pixels, decoded from the original if nothing else has them any more; `undefined` when that is gone. */
  open(principal: string, id: string): Promise<OpenFrame | undefined>
  newest(principal: string, thread: string): Promise<Frame | undefined>
  /** Oldest first, the newest last. */
  ofThread(principal: string, thread: string): Promise<Frame[]>
  /** What was read on it. */
  keepText(principal: string, id: string, text: readonly TextBox[]): Promise<void>
  /**
   * The pixels that a model sees whose rule makes the picture smaller, with the hash of its file; `undefined` where it gets the picture's
   * own.
   *
   * @throws {ImageError} If the rule takes no picture of this shape.
   */
  asSent(principal: string, frame: OpenFrame, rule: ImageRule): Promise<{ readonly raster: Raster; readonly sha256: string } | undefined>
  keepView(principal: string, id: string, view: SentView): Promise<void>
}

export interface FramesOptions {
  images: Images
  store: FrameStore
  now?: (() => number) | undefined
  /** Of a thread, how many `ofThread` gives. */
  keep?: number | undefined
  /** Of decoded pixels of all threads, for the comparison with the next frame. */
  maxRasterBytes?: number | undefined
}

/**
 * Frames of computer-use threads: decoded once, and kept so that after a restart it is known what the newest frame of a thread was.
 */
export function createFrames({ images, store, now = Date.now, keep = 24, maxRasterBytes = 64_000_000 }: FramesOptions): Frames {
  const rasters = createRasterCache(maxRasterBytes)
  const framesOf = async (principal: string, ids: readonly string[]): Promise<Frame[]> => {
    const found = await Promise.all(ids.map((id) => store.facts(principal, id)))
    return found.filter((frame) => frame !== undefined)
  }

  /** One after the other, so that none undoes another. */
  let changing: Promise<unknown> = Promise.resolve()
  const change = (principal: string, id: string, made: (frame: Frame) => Frame): Promise<void> => {
    const changed = changing.then(async () => {
      const frame = await store.facts(principal, id)
      if (frame !== undefined) await store.keepFacts(principal, made(frame))
    })
    changing = changed.catch(() => undefined)
    return changed
  }

  return {
    async take(principal, thread, { bytes, url, window }, { signal } = {}) {
      const opened = await images.open(bytes, { signal })
      const source = { width: opened.width, height: opened.height }
      const [sha256, tiles] = await Promise.all([sha256Of(bytes), hashTiles(opened)])
      signal?.throwIfAborted()
      const facts: Frame = {
        id: createId('frame'),
        sha256,
        source,
        sent: { ...source, space: { kind: 'pixels', ...source } },
        url,
        window,
        tiles,
        dhash: dHash(opened),
        takenAt: now(),
      }
      const { mediaType } = opened.facts
      await Promise.all([store.keepImage(principal, facts.id, { mediaType, bytes, ...source }), store.keepFacts(principal, facts)])
      if (thread !== undefined) await store.addToThread(principal, thread, facts.id)
      // The raster alone: the file would be held as long as its pixels are.
      const raster: Raster = { ...source, data: opened.data }
      rasters.add(facts.id, raster)
      return { frame: { ...facts, raster } }
    },

    async get(principal, id) {
      return isId('frame', id) ? store.facts(principal, id) : undefined
    },

    async open(principal, id) {
      const frame = isId('frame', id) ? await store.facts(principal, id) : undefined
      if (frame === undefined) return undefined
      const known = rasters.get(id)
      if (known !== undefined) return { ...frame, raster: known }
      const bytes = await store.image(principal, id)
      if (bytes === undefined) return undefined
      const { width, height, data } = await images.open(bytes)
      const raster: Raster = { width, height, data }
      rasters.add(id, raster)
      return { ...frame, raster }
    },

    async newest(principal, thread) {
      return (await framesOf(principal, await store.ofThread(principal, thread, 1))).at(0)
    },

    async ofThread(principal, thread) {
      return framesOf(principal, await store.ofThread(principal, thread, keep))
    },

    keepText: (principal, id, text) => change(principal, id, (frame) => ({ ...frame, text })),

    async asSent(principal, { id, source, raster }, rule) {
      const size = rule.fit(source.width, source.height)
      if (size.width === source.width && size.height === source.height) return undefined
      const fitted = await images.fit((await store.image(principal, id)) ?? raster, { rule })
      // Decoded from its file and not resized a second time: its compression is part of what the model sees.
      const { width, height, data } = await images.open(fitted.bytes)
      return { raster: { width, height, data }, sha256: await sha256Of(fitted.bytes) }
    },

    keepView: (principal, id, view) =>
      change(principal, id, (frame) => ({ ...frame, views: [...(frame.views ?? []).filter(({ rule }) => rule !== view.rule), view] })),
  }
}

/** Off the event loop: a screenshot may have megabytes. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex')
}
