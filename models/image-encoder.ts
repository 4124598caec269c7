import type { Raster } from './images/raster.ts'

/** Turns pictures into unit vectors, so that a dot product is a cosine. */
export interface ImageEncoder {
  /** Model and where it runs. */
  readonly id: string
  /**
   * One vector a picture, in order.
   *
   * @throws {EmbedderError} If the model cannot run.
   */
  encode(pictures: readonly Raster[], options?: { signal?: AbortSignal | undefined }): Promise<Float32Array[]>
  close(): Promise<void>
}
