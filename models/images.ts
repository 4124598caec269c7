import type { ImageMediaType } from './message.ts'

/** The published rule by which a family of models resizes and counts images (`computer-use.md`, sections 2 to 5). */
export interface ImageRule {
  /** `anthropic-standard`, `anthropic-high`, `openai-…`, `qwen-…`, `generic`; a deployment names one in `imageRule`. */
  readonly name: string
  /** The size at which the model sees a picture of this size, and what it costs. Never larger than the source. */
  fit(width: number, height: number): { width: number; height: number; tokens: number }
  readonly maxBytes: number
}

/** What an image is, read from its header alone. */
export interface ImageFacts {
  mediaType: ImageMediaType
  width: number
  height: number
  frames: number
  /** Whether the pixels have to be turned before they are shown (EXIF). */
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

export interface Images {
  /** @throws {ImageError} Unless the bytes are a PNG, JPEG, WebP or GIF within the limits, by magic bytes and header. */
  inspect(bytes: Uint8Array): Promise<ImageFacts>
  /** Turned, stripped of metadata, resized to the rule, and small enough. Off the event loop. */
  fit(
    bytes: Uint8Array,
    target: { rule: ImageRule; maxBytes?: number | undefined },
    options?: { signal?: AbortSignal | undefined },
  ): Promise<FittedImage>
}
