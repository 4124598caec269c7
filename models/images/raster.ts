import type { Region } from '../computer/action.ts'

/** A decoded picture: rows of RGB, 3 bytes a pixel, no padding. Decoded once and shared by everything that looks at it. */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/**
 * A copy of the part of the region that lies within the picture. Its upper left pixel is that of `pixelsWithin(raster, region)`.
 *
 * @throws {RangeError} If nothing of it does.
 */
export function crop(raster: Raster, region: Region): Raster {
  const { left, top, right, bottom } = pixelsWithin(raster, region)
  const [width, height] = [right - left, bottom - top]
  if (width < 1 || height < 1) {
    const { width: whole, height: high } = raster
    throw new RangeError(`Cannot crop: the region must overlap the picture of ${whole}x${high}, received ${JSON.stringify(region)}`)
  }
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y += 1) {
    const start = ((top + y) * raster.width + left) * 3
    data.set(raster.data.subarray(start, start + width * 3), y * width * 3)
  }
  return { width, height, data }
}

/** The whole pixels that a region touches, those outside of the picture left out. */
export function pixelsWithin({ width, height }: { width: number; height: number }, region: Region): Region {
  const within = (value: number, side: number) => Math.min(side, Math.max(0, value))
  return {
    left: within(Math.floor(region.left), width),
    top: within(Math.floor(region.top), height),
    right: within(Math.ceil(region.right), width),
    bottom: within(Math.ceil(region.bottom), height),
  }
}
