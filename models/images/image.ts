import type { ImageMediaType } from '../message.ts'
import type { Raster } from './raster.ts'

/** The published rule by which a family of models resizes and counts images. */
export interface ImageRule {
  /** A deployment names one in `imageRule`; `imageRules` lists them. */
  readonly name: string
  /**
   * The size at which the model sees a picture of this size, and what it costs. An image that was resized to it is not
   * resized again at the provider, so the model's pixels are those of the image that was sent.
   *
   * Larger than the source only by the rounding of a rule that snaps to a grid, or up to the smallest size that it takes (Qwen 2.5).
   *
   * @throws {RangeError} Unless both sides are integers from 1.
   * @throws {ImageError} If the model takes no image of this shape.
   */
  fit(width: number, height: number): FittedSize
  /** Of the file itself, before it is written as base64. */
  readonly maxBytes: number
}

export interface FittedSize {
  width: number
  height: number
  tokens: number
}

/** What an image is, read from its header alone. */
export interface ImageFacts {
  mediaType: ImageMediaType
  width: number
  height: number
  frames: number
  /** Whether the pixels have to be turned before they are shown (EXIF). Width and height are those before turning. */
  rotated: boolean
}

export interface FittedImage {
  mediaType: ImageMediaType
  bytes: Uint8Array
  width: number
  height: number
  /** Tokens by the rule. */
  tokens: number
  /** Size as taken, after turning. Multiply a coordinate of the fitted image by `scale` to be in the source. */
  source: { width: number; height: number; mediaType: ImageMediaType }
  scale: { x: number; y: number }
  /** Whether the bytes differ from the source's. */
  changed: boolean
}

/**
 * A picture decoded once: upright, of its animation the first frame, eight bits a channel, what is transparent on white.
 *
 * It is a raster for whoever looks at it, and `fit` makes from it what is sent, so that nobody decodes it again.
 */
export interface OpenImage extends Raster {
  readonly facts: ImageFacts
  /** The file. */
  readonly bytes: Uint8Array
  /** Whether the file may stand for these pixels: it holds nothing else, and any decoder sees the same in it. */
  readonly isPlain: boolean
  /** Whether its compression is one for photographs. */
  readonly isLossy: boolean
}

export interface FitTarget {
  rule: ImageRule
  /** A tighter limit than the rule's, such as that of the client's results. */
  maxBytes?: number | undefined
}

export interface Images {
  /** @throws {ImageError} Unless the bytes are a PNG, JPEG, WebP or GIF within the limits, by magic bytes and header. */
  inspect(bytes: Uint8Array): Promise<ImageFacts>
  /**
   * Decodes, off the event loop.
   *
   * @throws {ImageError} If the image is refused or cannot be decoded.
   */
  open(bytes: Uint8Array, options?: { signal?: AbortSignal | undefined }): Promise<OpenImage>
  /**
   * Turned, stripped of metadata, resized to the rule, and small enough. Off the event loop.
   *
   * From pixels that are at hand (`open`, a masked copy of it) nothing is decoded again.
   *
   * @throws {ImageError} If the image is refused, cannot be decoded, or cannot be made small enough.
   */
  fit(image: Uint8Array | Raster | OpenImage, target: FitTarget, options?: { signal?: AbortSignal | undefined }): Promise<FittedImage>
}
