import type { CoordinateSpace, Size } from '../../models/computer/space.ts'
import type { Raster } from '../../models/images/raster.ts'
import type { TextBox } from '../../models/local/ocr/ocr.ts'

/** A screenshot as the guard knows it. The id is random; the hash is of the bytes that were taken. */
export interface Frame {
  readonly id: string
  readonly sha256: string
  /** As taken. */
  readonly source: Size
  /** What coordinates on it are measured in. */
  readonly sent: Size & { readonly space: CoordinateSpace }
  readonly url?: string | undefined
  readonly window?: string | undefined
  /** One 32-bit hash for each tile of 64 pixels, row by row. */
  readonly tiles: { readonly columns: number; readonly rows: number; readonly hashes: readonly number[] }
  /** 64 bits of `dHash` as hexadecimal. */
  readonly dhash: string
  /** Milliseconds since 1970. */
  readonly takenAt: number
  readonly text?: readonly TextBox[] | undefined
  /** As models got it, whose rules make it smaller. */
  readonly views?: readonly SentView[] | undefined
}

/** A screenshot at the size of a destination: a text may appear only when a picture is made smaller. */
export interface SentView extends Size {
  /** By which it was resized. */
  readonly rule: string
  /** Of the file as it is sent. */
  readonly sha256: string
  /** What was read on it, in pixels as taken. */
  readonly text: readonly TextBox[]
}

/** A frame with its pixels, as taken, at hand. */
export interface OpenFrame extends Frame {
  readonly raster: Raster
}
