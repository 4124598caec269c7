import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { Region } from '../computer/action.ts'
import { createPause } from './pause.ts'
import type { Raster } from './raster.ts'

const tileSide = 64

/** One 32-bit hash for each tile of 64 pixels, row by row; those at the right and lower edge are smaller. */
export interface TileHashes {
  readonly columns: number
  readonly rows: number
  readonly hashes: readonly number[]
}

/**
 * Tells equal tiles from others without keeping their pixels. It is a checksum and no proof: whoever draws the screen can make two
 * tiles with the same one, so where both pictures are at hand their pixels are compared.
 */
export async function hashTiles({ width, height, data }: Raster): Promise<TileHashes> {
  const columns = Math.ceil(width / tileSide)
  const rows = Math.ceil(height / tileSide)
  const pixels = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const tile = Buffer.alloc(tileSide * tileSide * 3)
  const hashes: number[] = []
  const pause = createPause()
  for (let row = 0; row < rows; row += 1) {
    await pause()
    const bottom = Math.min(height, (row + 1) * tileSide)
    for (let column = 0; column < columns; column += 1) {
      const left = column * tileSide
      const right = Math.min(width, left + tileSide)
      let length = 0
      for (let y = row * tileSide; y < bottom; y += 1) {
        length += pixels.copy(tile, length, (y * width + left) * 3, (y * width + right) * 3)
      }
      hashes.push(crc32(tile.subarray(0, length)))
    }
  }
  return { columns, rows, hashes }
}

/** Where two pictures of the same size differ, a region a tile; `undefined` when they cannot be compared. */
export function changedTiles(before: TileHashes, after: TileHashes): Region[] | undefined {
  if (before.columns !== after.columns || before.rows !== after.rows) return undefined
  return after.hashes.flatMap((hash, index) => {
    if (hash === before.hashes[index]) return []
    const left = (index % after.columns) * tileSide
    const top = Math.floor(index / after.columns) * tileSide
    return [{ left, top, right: left + tileSide, bottom: top + tileSide }]
  })
}
