import sharp from 'sharp'
import type { Raster } from '../../models/images/raster.ts'

/** Drawings of our own, on a square of 24. */
export const drawnSigns = {
  delete: '<path d="M3 6h18M8 6V4a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v2M5 6l1 14a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1l1-14M10 11v6M14 11v6"/>',
  search: '<circle cx="10.5" cy="10.5" r="7"/><path d="M15.5 15.5L21 21"/>',
  close: '<path d="M5 5l14 14M19 5L5 19"/>',
  add: '<path d="M12 4v16M4 12h16"/>',
  menu: '<path d="M3 6h18M3 12h18M3 18h18"/>',
  download: '<path d="M12 3v12M7 10l5 5 5-5M4 17v3h16v-3"/>',
  mail: '<rect x="2.5" y="5" width="19" height="14" rx="2"/><path d="M3 7l9 6 9-6"/>',
  star: '<path d="M12 2.5l2.9 6 6.6.9-4.8 4.6 1.2 6.5-5.9-3.1-5.9 3.1 1.2-6.5L2.5 9.4l6.6-.9z"/>',
} as const

export interface PlacedSign {
  readonly sign: keyof typeof drawnSigns
  /** Of the drawing's upper left corner. */
  readonly x: number
  readonly y: number
  readonly size?: number
  readonly ink?: string
  /** Of a face around it. */
  readonly face?: string
}

/** A screen with these signs and nothing else. */
export async function screenWith(signs: readonly PlacedSign[], { paper = '#ffffff' }: { paper?: string } = {}): Promise<Raster> {
  const drawn = signs.map(({ sign, x, y, size = 24, ink = '#222222', face }) => {
    const around =
      face === undefined ? '' : `<rect x="${x - 8}" y="${y - 8}" width="${size + 16}" height="${size + 16}" rx="6" fill="${face}"/>`
    const strokes = `fill="none" stroke="${ink}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"`
    return `${around}<g transform="translate(${x} ${y}) scale(${size / 24})" ${strokes}>${drawnSigns[sign]}</g>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><rect width="640" height="400" fill="${paper}"/>${drawn.join('')}</svg>`
  const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}
