import { createImages } from '../../models/images.ts'
import { createFrameStore } from '../../test/support/frame-store.ts'
import type { OpenFrame } from '../../tools/computer/frame.ts'
import { createFrames } from '../../tools/computer/frames.ts'
import type { Screen } from './render.ts'

/** Each is looked at once. */
const forgetful = { ...createFrameStore(), keepImage: async () => undefined }
const frames = createFrames({ images: createImages(), store: forgetful, maxRasterBytes: 1 })

/** The screens of a case as the product has them: two of the same pixels and address are one frame. */
export async function framesOf(decidedOn: Screen, screen: Screen): Promise<{ decidedOn: OpenFrame; newest: OpenFrame }> {
  const before = await frameOf(decidedOn)
  if (Buffer.compare(decidedOn.png, screen.png) === 0 && decidedOn.url === screen.url) return { decidedOn: before, newest: before }
  return { decidedOn: before, newest: await frameOf(screen) }
}

export async function frameOf({ png, url }: Pick<Screen, 'png' | 'url'>): Promise<OpenFrame> {
  return (await frames.take('local', undefined, { bytes: png, url })).frame
}
