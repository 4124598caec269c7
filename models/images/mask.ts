import type { Region } from '../computer/action.ts'
import { createPause } from './pause.ts'
import { pixelsWithin, type Raster } from './raster.ts'

const bandRows = 64

/** A copy with the boxes filled with black. No pixel moves, so coordinates stay what they are. */
export async function maskBoxes({ width, height, data }: Raster, boxes: readonly Region[]): Promise<Raster> {
  const masked = new Uint8Array(data.length)
  const pause = createPause()
  for (let band = 0; band < height; band += bandRows) {
    await pause()
    const start = band * width * 3
    masked.set(data.subarray(start, start + bandRows * width * 3), start)
  }
  for (const box of boxes) {
    const { left, top, right, bottom } = pixelsWithin({ width, height }, box)
    for (let y = top; y < bottom; y += 1) masked.fill(0, (y * width + left) * 3, (y * width + Math.max(left, right)) * 3)
  }
  return { width, height, data: masked }
}
