import { greyCrop } from './grey.ts'
import type { Raster } from './raster.ts'

/**
 * Of a grid of 9x8 greys whether each is darker than its right neighbour: 64 bits as 16 hexadecimal digits. Pictures that look alike
 * have hashes with few different bits.
 */
export function dHash(raster: Raster): string {
  const { width, height } = raster
  const { data } = greyCrop(raster, { left: 0, top: 0, right: width, bottom: height }, { width: 9, height: 8 })
  let bits = 0n
  for (let row = 0; row < 8; row += 1) {
    for (let column = 0; column < 8; column += 1) {
      const at = row * 9 + column
      bits = (bits << 1n) | ((data[at] ?? 0) < (data[at + 1] ?? 0) ? 1n : 0n)
    }
  }
  return bits.toString(16).padStart(16, '0')
}

/** How many of the 64 bits differ. */
export function hammingDistance(left: string, right: string): number {
  let differing = BigInt(`0x${left}`) ^ BigInt(`0x${right}`)
  let count = 0
  for (; differing > 0n; differing &= differing - 1n) count += 1
  return count
}
