import type { Metadata, Sharp } from 'sharp'
import { ImageError } from '../errors.ts'
import { encodeWithin, type Picture } from './encode.ts'
import { type ImageHeader, readImageHeader } from './header.ts'
import type { FitTarget, FittedImage, FittedSize, Images, OpenImage } from './image.ts'
import type { Raster } from './raster.ts'
import { loadSharp } from './sharp.ts'

export interface ImagesOptions {
  /** Of a source image. Four bytes of memory each while one is decoded. */
  maxPixels?: number | undefined
  /** Of a source file. */
  maxBytes?: number | undefined
  /** Of an animation, of which only the first picture is used. */
  maxFrames?: number | undefined
}

interface Opened {
  header: ImageHeader
  metadata: Metadata
  rotated: boolean
  decode(): Sharp
}

/**
 * Images as models take them, decoded by `sharp` on threads of its own.
 *
 * Format, bytes, pixels and frames are checked on the file's structure before a decoder sees it, and the decoder must find the same
 * size again. A picture that fits already and carries nothing else keeps its bytes, so that a prompt cache still knows it. Every
 * other is written anew: a JPEG as JPEG, anything else as PNG while that is small (text stays sharp), and then as JPEG of falling
 * quality and size until it is within the limit.
 */
export function createImages({ maxPixels = 40_000_000, maxBytes = 20_000_000, maxFrames = 1000 }: ImagesOptions = {}): Images {
  for (const [name, value] of Object.entries({ maxPixels, maxBytes, maxFrames })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Cannot take images: ${name} must be an integer from 1, received ${value}`)
    }
  }

  const checkedHeader = (bytes: Uint8Array): ImageHeader => {
    if (bytes.length > maxBytes) {
      throw new ImageError(`Cannot take an image: it must have at most ${maxBytes} bytes, received ${bytes.length}`, 'max_bytes')
    }
    const header = readImageHeader(bytes)
    if (!header) {
      const start = Buffer.from(bytes.subarray(0, 8)).toString('hex')
      throw new ImageError(
        `Cannot take an image: it must be a whole PNG, JPEG, WebP or GIF, received ${start === '' ? 'nothing' : `bytes that start ${start}`}`,
        'format',
      )
    }
    const { width, height, frames } = header
    if (width * height > maxPixels) {
      throw new ImageError(`Cannot take an image: it must have at most ${maxPixels} pixels, received ${width}x${height}`, 'max_pixels')
    }
    if (frames > maxFrames) {
      throw new ImageError(`Cannot take an image: it must have at most ${maxFrames} frames, received ${frames}`, 'max_frames')
    }
    return header
  }

  const open = async (bytes: Uint8Array): Promise<Opened> => {
    const header = checkedHeader(bytes)
    const sharp = await loadSharp()
    const decode = () => sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' }).timeout({ seconds: 20 })
    const metadata = await decoded(decode().metadata())
    if (metadata.width !== header.width || metadata.height !== header.height) {
      const claimed = `${header.width}x${header.height}`
      throw new ImageError(
        `Cannot take an image: its header says ${claimed}, its decoder ${metadata.width}x${metadata.height}`,
        'decodable',
      )
    }
    return { header, metadata, rotated: (metadata.orientation ?? 1) !== 1, decode }
  }

  return {
    async inspect(bytes) {
      const { header, rotated } = await open(bytes)
      const { mediaType, width, height, frames } = header
      return { mediaType, width, height, frames, rotated }
    },

    async open(bytes, { signal } = {}) {
      signal?.throwIfAborted()
      const { header, metadata, rotated, decode } = await open(bytes)
      signal?.throwIfAborted()
      const { data, info } = await decoded(
        decode()
          .autoOrient()
          .flatten({ background: '#ffffff' })
          .toColourspace('srgb')
          .raw({ depth: 'uchar' })
          .toBuffer({ resolveWithObject: true }),
      )
      signal?.throwIfAborted()
      const { mediaType, width, height, frames, bare, lossy } = header
      return {
        width: info.width,
        height: info.height,
        data,
        facts: { mediaType, width, height, frames, rotated },
        bytes,
        isPlain: bare && !rotated && hasPlainPixels(metadata) && !metadata.hasAlpha,
        isLossy: lossy,
      }
    },

    async fit(image, target, { signal } = {}) {
      signal?.throwIfAborted()
      if (!(image instanceof Uint8Array)) return fitPixels(image, target, signal)
      const { rule } = target
      const limit = limitOf(target)
      const { header, metadata, rotated, decode } = await open(image)
      signal?.throwIfAborted()
      const source = { width: metadata.autoOrient.width, height: metadata.autoOrient.height, mediaType: header.mediaType }
      const size = rule.fit(source.width, source.height)

      if (isSame(size, source) && !rotated && header.bare && hasPlainPixels(metadata) && image.length <= limit) {
        // Decoded all the same, to a thumbnail: a file that breaks off must be refused here and not by the provider.
        await decoded(decode().resize(8, 8, { fit: 'fill' }).raw().toBuffer())
        signal?.throwIfAborted()
        return fitted(source, size, { bytes: image, mediaType: header.mediaType, changed: false })
      }

      const { data, info } = await decoded(
        decode()
          .autoOrient()
          .resize(size.width, size.height, { fit: 'fill' })
          .raw({ depth: 'uchar' })
          .toBuffer({ resolveWithObject: true }),
      )
      const picture: Picture = { data, width: info.width, height: info.height, channels: info.channels, lossy: header.lossy }
      const result = await encodeWithin(await loadSharp(), picture, { limit, rule, signal })
      return fitted(source, result.size, { bytes: result.bytes, mediaType: result.mediaType, changed: true })
    },
  }
}

/** From pixels that were decoded before; of an opened file that fits as it is the bytes are kept. */
async function fitPixels(image: Raster | OpenImage, target: FitTarget, signal: AbortSignal | undefined): Promise<FittedImage> {
  const { rule } = target
  const limit = limitOf(target)
  const file = 'facts' in image ? image : undefined
  const source = { width: image.width, height: image.height, mediaType: file?.facts.mediaType ?? ('image/png' as const) }
  const size = rule.fit(source.width, source.height)
  if (file?.isPlain && isSame(size, source) && file.bytes.length <= limit) {
    return fitted(source, size, { bytes: file.bytes, mediaType: source.mediaType, changed: false })
  }
  const sharp = await loadSharp()
  const raw = { width: image.width, height: image.height, channels: 3 as const }
  const whole = sharp(image.data, { raw, limitInputPixels: false })
  const data = isSame(size, source) ? image.data : await decoded(whole.resize(size.width, size.height, { fit: 'fill' }).raw().toBuffer())
  const picture: Picture = { data, width: size.width, height: size.height, channels: 3, lossy: file?.isLossy ?? false }
  const result = await encodeWithin(sharp, picture, { limit, rule, signal })
  return fitted(source, result.size, { bytes: result.bytes, mediaType: result.mediaType, changed: true })
}

function limitOf({ rule, maxBytes = rule.maxBytes }: FitTarget): number {
  return Math.min(maxBytes, rule.maxBytes)
}

function isSame(left: { width: number; height: number }, right: { width: number; height: number }): boolean {
  return left.width === right.width && left.height === right.height
}

function hasPlainPixels({ depth, space }: Metadata): boolean {
  return depth === 'uchar' && space !== 'cmyk'
}

function fitted(source: FittedImage['source'], size: FittedSize, file: Pick<FittedImage, 'bytes' | 'mediaType' | 'changed'>): FittedImage {
  const { width, height, tokens } = size
  return { ...file, width, height, tokens, source, scale: { x: source.width / width, y: source.height / height } }
}

/** Its own words say what is wrong with the pixels; the file's content is not in them. */
async function decoded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ImageError(`Cannot decode an image: ${reason.replace(/\s+/g, ' ').trim()}`, 'decodable', { cause })
  }
}
