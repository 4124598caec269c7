import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ocr } from '../../models/local/ocr/index.ts'
import { benchFolder, sha256 } from './rendered.ts'

/** Reads each picture once and for all runs: it takes longer than all else. Who changes the reader deletes the folder. */
export function readsOnce(ocr: Ocr): Ocr {
  mkdirSync(benchFolder, { recursive: true })
  return {
    ...ocr,
    async read(raster, options = {}) {
      const { within } = options
      const place = within && [within.left, within.top, within.right, within.bottom].join()
      const key = sha256([ocr.id, `${raster.width}x${raster.height}`, place ?? 'whole', raster.data])
      const file = join(benchFolder, `${key}.read.json`)
      if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
      const boxes = await ocr.read(raster, options)
      writeFileSync(file, JSON.stringify(boxes))
      return boxes
    },
  }
}
