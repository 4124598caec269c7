/** A decoded picture: rows of RGB, 3 bytes a pixel, no padding. Decoded once and shared by everything that looks at it. */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}
