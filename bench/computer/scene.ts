import sharp from 'sharp'
import type { Random } from './random.ts'

/** A screen as drawn by hand: enough of a page that a comparison of two of them meets what real ones have. */
export interface Scene {
  readonly width: number
  readonly height: number
  readonly theme: Theme
  readonly url: string
  readonly shapes: readonly Shape[]
}

export interface Theme {
  readonly page: string
  readonly surface: string
  readonly text: string
  readonly faint: string
  readonly line: string
  readonly accent: string
  readonly onAccent: string
  readonly font: string
  /** Of corners. */
  readonly radius: number
  readonly textSize: number
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type ShapeKind = 'button' | 'plain-button' | 'field' | 'link' | 'row' | 'text' | 'card' | 'bar' | 'picture' | 'panel' | 'dim' | 'raw'

export interface Shape extends Box {
  readonly kind: ShapeKind
  readonly label: string
  readonly fill?: string | undefined
  readonly stroke?: string | undefined
  readonly ink?: string | undefined
  readonly underlined?: boolean | undefined
  readonly size?: number | undefined
  /** SVG of its own, placed at `x`, `y`. */
  readonly svg?: string | undefined
}

const words =
  'account address amount archive basket billing button calendar cancel change checkout city close comment confirm contact country coupon customer date default delete delivery details discount document download draft edit email export filter folder forward help history home import inbox invoice item label language later list manage message month name network notes offer open options order overview page password payment people phone plan price print privacy product profile project quantity rate receipt recent remove reply report request review save schedule search security select send settings share shipping sort status stock store street subject submit summary support table team terms title today total track update upload user version view week welcome window year'.split(
    ' ',
  )

const themes: readonly Omit<Theme, 'font' | 'radius' | 'textSize'>[] = [
  { page: '#ffffff', surface: '#f6f7f9', text: '#1c1e21', faint: '#767a80', line: '#d4d8de', accent: '#1a66d6', onAccent: '#ffffff' },
  { page: '#f3f1ec', surface: '#ffffff', text: '#2b2622', faint: '#8a8078', line: '#ddd5ca', accent: '#b3471f', onAccent: '#ffffff' },
  { page: '#15181d', surface: '#20252c', text: '#e8eaed', faint: '#98a0a9', line: '#39414b', accent: '#5aa2f2', onAccent: '#0b1118' },
  { page: '#ffffff', surface: '#ffffff', text: '#111111', faint: '#5f5f5f', line: '#bbbbbb', accent: '#0f7a4a', onAccent: '#ffffff' },
  { page: '#0d1117', surface: '#161b22', text: '#c9d1d9', faint: '#8b949e', line: '#30363d', accent: '#238636', onAccent: '#ffffff' },
]
const fonts = ['DejaVu Sans', 'DejaVu Serif', 'DejaVu Sans Condensed', 'sans-serif']
const sizes = [
  [1280, 800],
  [1280, 720],
  [1366, 768],
  [1440, 900],
  [1920, 1080],
  [1024, 768],
] as const

export function phrase(random: Random, count: number): string {
  const text = Array.from({ length: count }, () => random.pick(words)).join(' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A page of one of a few layouts: form, table, shop, mail, article. */
export function makeScene(random: Random): Scene {
  const [width, height] = random.pick(sizes)
  const theme: Theme = {
    ...random.pick(themes),
    font: random.pick(fonts),
    radius: random.pick([0, 3, 6, 12]),
    textSize: random.pick([13, 14, 15, 16]),
  }
  const layout = random.pick([form, table, shop, mail, article])
  const head = header(random, width)
  const url = `https://${random.pick(words)}.test/${random.pick(words)}/${random.between(1, 9999)}`
  return { width, height, theme, url, shapes: [...head, ...layout(random, width, height)].filter(({ y }) => y < height) }
}

const headerHeight = 56

function header(random: Random, width: number): Shape[] {
  const bar = shape('bar', { x: 0, y: 0, width, height: headerHeight })
  const links = Array.from({ length: 4 }, (_, index) =>
    shape('link', { x: 200 + index * 120, y: 16, width: 100, height: 24 }, phrase(random, 1)),
  )
  return [
    bar,
    shape('text', { x: 24, y: 14, width: 150, height: 28 }, phrase(random, 1), { size: 20 }),
    ...links,
    shape('button', { x: width - 140, y: 11, width: 116, height: 34 }, phrase(random, 1)),
  ]
}

function form(random: Random, width: number): Shape[] {
  const left = random.between(40, Math.max(40, Math.floor(width / 3)))
  const shapes = [shape('text', { x: left, y: 90, width: 400, height: 34 }, phrase(random, 3), { size: 24 })]
  const fields = random.between(3, 6)
  for (let index = 0; index < fields; index += 1) {
    const y = 150 + index * 78
    shapes.push(shape('text', { x: left, y, width: 200, height: 20 }, phrase(random, 2)))
    shapes.push(shape('field', { x: left, y: y + 24, width: random.between(260, 420), height: 38 }, phrase(random, random.between(1, 3))))
  }
  const y = 166 + fields * 78
  shapes.push(shape('button', { x: left, y, width: 132, height: 40 }, phrase(random, 1)))
  shapes.push(shape('plain-button', { x: left + 148, y, width: 120, height: 40 }, phrase(random, 1)))
  shapes.push(shape('link', { x: left + 290, y: y + 8, width: 150, height: 22 }, phrase(random, 2)))
  return shapes
}

function table(random: Random, width: number, height: number): Shape[] {
  const [left, wide] = [random.between(24, 240), width - 300]
  const shapes = [shape('text', { x: left, y: 84, width: 300, height: 30 }, phrase(random, 2), { size: 22 })]
  const step = random.between(36, 52)
  for (let y = 130; y + step < height - 20; y += step) {
    shapes.push(shape('row', { x: left, y, width: wide, height: step }, phrase(random, 3)))
    shapes.push(shape('text', { x: left + wide * 0.45, y: y + step / 2 - 10, width: 160, height: 20 }, phrase(random, 2)))
    shapes.push(shape('text', { x: left + wide * 0.68, y: y + step / 2 - 10, width: 90, height: 20 }, `${random.between(1, 9999)}.00`))
    shapes.push(shape('plain-button', { x: left + wide - 100, y: y + step / 2 - 14, width: 84, height: 28 }, phrase(random, 1)))
  }
  return shapes
}

function shop(random: Random, width: number, height: number): Shape[] {
  const shapes: Shape[] = []
  const [wide, high] = [random.between(200, 270), random.between(260, 320)]
  for (let y = 84; y + high < height; y += high + 20) {
    for (let x = 24; x + wide < width; x += wide + 20) {
      shapes.push(shape('card', { x, y, width: wide, height: high }))
      shapes.push(shape('picture', { x: x + 12, y: y + 12, width: wide - 24, height: high - 130 }, '', { fill: hue(random) }))
      shapes.push(shape('text', { x: x + 12, y: y + high - 110, width: wide - 24, height: 20 }, phrase(random, 2)))
      shapes.push(shape('text', { x: x + 12, y: y + high - 84, width: 90, height: 20 }, `${random.between(2, 900)}.99`))
      shapes.push(shape('button', { x: x + 12, y: y + high - 50, width: 110, height: 36 }, phrase(random, 1)))
    }
  }
  return shapes
}

function mail(random: Random, width: number, height: number): Shape[] {
  const shapes = Array.from({ length: 7 }, (_, index) =>
    shape('link', { x: 24, y: 90 + index * 34, width: 140, height: 22 }, phrase(random, 1)),
  )
  const step = random.between(40, 64)
  for (let y = 80; y + step < height; y += step) {
    shapes.push(shape('row', { x: 200, y, width: width - 220, height: step }, phrase(random, 2)))
    shapes.push(shape('text', { x: 440, y: y + step / 2 - 10, width: width - 700, height: 20 }, phrase(random, 6)))
  }
  return shapes
}

function article(random: Random, width: number, height: number): Shape[] {
  const left = random.between(40, Math.floor(width / 4))
  const shapes = [shape('text', { x: left, y: 84, width: 600, height: 40 }, phrase(random, 4), { size: 28 })]
  for (let y = 140; y < height - 60; y += 26) {
    if (random.next() < 0.12) continue
    shapes.push(shape('text', { x: left, y, width: 640, height: 20 }, phrase(random, 9)))
  }
  for (let index = 0; index < 6; index += 1) {
    shapes.push(shape('link', { x: Math.min(width - 200, left + 720), y: 140 + index * 44, width: 170, height: 22 }, phrase(random, 2)))
  }
  shapes.push(shape('button', { x: Math.min(width - 200, left + 720), y: 430, width: 140, height: 40 }, phrase(random, 2)))
  return shapes
}

export function shape(kind: ShapeKind, box: Box, label = '', more: Partial<Shape> = {}): Shape {
  // On whole pixels, as a browser draws borders.
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(Math.round) as [number, number, number, number]
  return { kind, x, y, width, height, label, ...more }
}

function hue(random: Random): string {
  return `hsl(${random.between(0, 359)} 45% 62%)`
}

export interface DrawOptions {
  /** Quality of a JPEG; PNG when absent. */
  readonly quality?: number | undefined
}

export async function draw(scene: Scene, { quality }: DrawOptions = {}): Promise<Buffer> {
  const { width, height, theme } = scene
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="${theme.page}"/>${scene.shapes.map((one) => svgOf(one, theme)).join('')}</svg>`
  const image = sharp(Buffer.from(svg)).removeAlpha()
  return quality === undefined ? image.png({ compressionLevel: 1 }).toBuffer() : image.jpeg({ quality }).toBuffer()
}

function svgOf(one: Shape, theme: Theme): string {
  const { x, y, width, height, label } = one
  const rect = (fill: string, stroke?: string, radius = theme.radius) =>
    `<rect x="${x + 0.5}" y="${y + 0.5}" width="${width - 1}" height="${height - 1}" rx="${radius}" fill="${fill}"${stroke === undefined ? '' : ` stroke="${stroke}"`}/>`
  const size = one.size ?? theme.textSize
  const text = (fill: string, at: 'start' | 'middle', left: number) =>
    `<text x="${left}" y="${y + height / 2 + size * 0.36}" font-family="${theme.font}" font-size="${size}" fill="${fill}" text-anchor="${at}"${one.underlined === true ? ' text-decoration="underline"' : ''}>${escaped(label)}</text>`
  const ink = one.ink ?? theme.text
  switch (one.kind) {
    case 'button':
      return rect(one.fill ?? theme.accent, one.stroke) + text(one.ink ?? theme.onAccent, 'middle', x + width / 2)
    case 'plain-button':
      return rect(one.fill ?? theme.surface, one.stroke ?? theme.line) + text(ink, 'middle', x + width / 2)
    case 'field':
      return rect(one.fill ?? theme.surface, one.stroke ?? theme.line) + text(ink, 'start', x + 10)
    case 'link':
      return text(one.ink ?? theme.accent, 'start', x)
    case 'row':
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${one.fill ?? theme.page}"/><rect x="${x}" y="${y + height - 1}" width="${width}" height="1" fill="${theme.line}"/>${text(ink, 'start', x + 12)}`
    case 'text':
      return text(ink, 'start', x)
    case 'card':
    case 'panel':
      return rect(one.fill ?? theme.surface, one.stroke ?? theme.line) + text(ink, 'start', x + 16)
    case 'bar':
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${one.fill ?? theme.surface}"/>`
    case 'picture':
      return rect(one.fill ?? theme.line)
    case 'dim':
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${one.fill ?? '#000000'}" fill-opacity="${one.size ?? 0.5}"/>`
    case 'raw':
      return `<g transform="translate(${x} ${y})">${one.svg ?? ''}</g>`
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
