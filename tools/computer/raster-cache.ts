import type { Raster } from '../../models/images/raster.ts'

export interface RasterCache {
  get(id: string): Raster | undefined
  add(id: string, raster: Raster): void
}

/** The pixels that were used last, within a number of bytes; a single picture above it is not kept. */
export function createRasterCache(maxBytes: number): RasterCache {
  // The order of the map is that of the last use.
  const rasters = new Map<string, Raster>()
  let bytes = 0

  const remove = (id: string) => {
    bytes -= rasters.get(id)?.data.length ?? 0
    rasters.delete(id)
  }

  return {
    get(id) {
      const raster = rasters.get(id)
      if (raster === undefined) return undefined
      rasters.delete(id)
      rasters.set(id, raster)
      return raster
    },

    add(id, raster) {
      remove(id)
      rasters.set(id, raster)
      bytes += raster.data.length
      for (const oldest of rasters.keys()) {
        if (bytes <= maxBytes) return
        remove(oldest)
      }
    },
  }
}
