import type { Raster } from '../../images/raster.ts'

/** A line of text where it stands on the picture, in pixels of the raster that was read. */
export interface TextBox {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly text: string
  /** 0 to 1. */
  readonly confidence: number
  /** For each UTF-16 unit of the text the middle of its character, in pixels, where the engine knows it. */
  readonly centres?: readonly number[] | undefined
}

/** Reads the texts of a picture, off the event loop. */
export interface Ocr {
  /** `ppocr-v4`, `tesseract`. */
  readonly id: string
  /**
   * @param within Only this part is read; boxes stay in pixels of the whole raster.
   * @throws {OcrError} If the packages are not installed or the worker dies; the message says what to install.
   */
  read(
    raster: Raster,
    options?: { within?: { left: number; top: number; right: number; bottom: number } | undefined; signal?: AbortSignal | undefined },
  ): Promise<TextBox[]>
  close(): Promise<void>
}
