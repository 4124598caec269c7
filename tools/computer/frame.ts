import type { CoordinateSpace, Size } from '../../models/computer/space.ts'
import type { Raster } from '../../models/images/raster.ts'
import type { TextBox } from '../../models/local/ocr/ocr.ts'

/** A screenshot as the guard knows it. The id is random; the hash is of the bytes that were taken. */
export interface Frame {
  readonly id: string
  readonly sha256: string
  /** As taken. */
  readonly source: Size
  /** As the model got it, and what its coordinates are measured in; as taken where nobody resized it. */
  readonly sent: Size & {
    readonly space: CoordinateSpace
    readonly tokens?: number | undefined
    /** Of the file that was sent, by which it is known again in a conversation. */
    readonly sha256?: string | undefined
  }
  readonly url?: string | undefined
  readonly window?: string | undefined
  /** One 32-bit hash for each tile of 64 pixels, row by row. */
  readonly tiles: { readonly columns: number; readonly rows: number; readonly hashes: readonly number[] }
  /** 64 bits of `dHash` as hexadecimal. */
  readonly dhash: string
  /** Milliseconds since 1970. */
  readonly takenAt: number
  readonly text?: readonly TextBox[] | undefined
}

/** A frame with its pixels, as taken, at hand. */
export interface OpenFrame extends Frame {
  readonly raster: Raster
}
