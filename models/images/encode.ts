import type { SharpConstructor } from 'sharp'
import { ImageError } from '../errors.ts'
import type { ImageMediaType } from '../message.ts'
import type { FittedSize, ImageRule } from './image.ts'

/** Pixels of eight bits, as decoded and resized. */
export interface Picture {
  data: Uint8Array
  width: number
  height: number
  channels: 1 | 2 | 3 | 4
  /** Whether the source's compression was one for photographs, so that a lossless copy would only be larger. */
  lossy: boolean
}

export interface EncodeLimits {
  limit: number
  rule: ImageRule
  signal: AbortSignal | undefined
}

export interface Encoded {
  bytes: Uint8Array
  mediaType: ImageMediaType
  size: FittedSize
}

// Text on a screen needs well below a byte a pixel as PNG; what needs more is a photograph or noise.
const photoBytesPerPixel = 1
const jpegQualities = [85, 70, 55, 40]
const smallestSide = 32

/**
 * The picture as PNG or JPEG within the limit: first the quality falls, then the size, along the rule.
 *
 * @throws {ImageError} If even a thumbnail is too large.
 */
export async function encodeWithin(sharp: SharpConstructor, picture: Picture, { limit, rule, signal }: EncodeLimits): Promise<Encoded> {
  const { data, channels, lossy } = picture
  const raw = { width: picture.width, height: picture.height, channels }
  const transparent = hasTransparency(picture)
  let size = rule.fit(picture.width, picture.height)

  for (;;) {
    const { width, height } = size
    const pixels = () => {
      const whole = sharp(data, { raw })
      const sized = width === raw.width && height === raw.height ? whole : whole.resize(width, height, { fit: 'fill' })
      return channels % 2 === 1 || transparent ? sized : sized.removeAlpha()
    }

    if (!lossy || transparent) {
      signal?.throwIfAborted()
      const bytes = await pixels().png().toBuffer()
      const isPhoto = bytes.length > photoBytesPerPixel * width * height
      if (bytes.length <= limit && (transparent || !isPhoto)) return { bytes, mediaType: 'image/png', size }
    }

    let smallest = 0
    for (const quality of jpegQualities) {
      signal?.throwIfAborted()
      // Colour at full resolution keeps coloured text readable; a photograph has lost it already.
      const chromaSubsampling = lossy ? '4:2:0' : '4:4:4'
      const bytes = await pixels().flatten({ background: '#ffffff' }).jpeg({ quality, chromaSubsampling }).toBuffer()
      if (bytes.length <= limit) return { bytes, mediaType: 'image/jpeg', size }
      smallest = bytes.length
    }

    const shrink = Math.min(0.8, Math.max(0.3, 0.95 * Math.sqrt(limit / smallest)))
    const next = rule.fit(Math.max(1, Math.floor(width * shrink)), Math.max(1, Math.floor(height * shrink)))
    if (Math.max(next.width, next.height) < smallestSide || next.width * next.height >= width * height) {
      const received = `${smallest} at ${width}x${height}`
      throw new ImageError(`Cannot make an image small enough: it must have at most ${limit} bytes, received ${received}`, 'target_bytes')
    }
    size = next
  }
}

function hasTransparency({ data, channels }: Picture): boolean {
  if (channels % 2 === 1) return false
  for (let at = channels - 1; at < data.length; at += channels) {
    if (data[at] !== 255) return true
  }
  return false
}
