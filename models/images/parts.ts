import type { FitTarget, FittedImage, Images } from './image.ts'
import { crop } from './raster.ts'
import { sliceTall } from './slices.ts'

export interface FittedParts {
  /** Of the whole picture, as taken. */
  source: FittedImage['source']
  /** From top to bottom; a coordinate of a part times its `scale`, plus its `left` and `top`, is one of the picture. */
  parts: (Omit<FittedImage, 'source'> & { left: number; top: number })[]
}

/** Beyond it letters of a usual size are lost. */
const mostShrunk = 2

/**
 * A picture for a model, in parts from top to bottom where it is so tall that as one its text would be lost; else as one part.
 *
 * `maxBytes` is for all of them together.
 *
 * @throws {ImageError} As `Images.fit` does.
 */
export async function fitParts(
  images: Images,
  bytes: Uint8Array,
  { rule, maxBytes = Number.POSITIVE_INFINITY }: FitTarget,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<FittedParts> {
  const picture = await images.open(bytes, { signal })
  const { width, height } = picture
  const source = { width, height, mediaType: picture.facts.mediaType }
  const slices = sliceTall(picture)
  const shrunk = (high: number) => high / rule.fit(width, high).height
  const [{ bottom: partHeight } = { bottom: height }] = slices
  if (shrunk(height) <= mostShrunk || shrunk(partHeight) >= shrunk(height)) {
    return { source, parts: [{ ...(await images.fit(picture, { rule, maxBytes }, { signal })), left: 0, top: 0 }] }
  }
  const parts: FittedParts['parts'] = []
  for (const slice of slices) {
    const fitted = await images.fit(crop(picture, slice), { rule, maxBytes: Math.floor(maxBytes / slices.length) }, { signal })
    parts.push({ ...fitted, left: slice.left, top: slice.top })
  }
  return { source, parts }
}
