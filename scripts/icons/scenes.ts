import sharp from 'sharp'
import type { Point, Region } from '../../models/computer/action.ts'
import type { Raster } from '../../models/images/raster.ts'
import { signsAt } from '../../tools/computer/guard/sign-place.ts'
import { type Drawing, drawingSide } from './drawings.ts'

/** Everything that stands by chance comes from one number, so that the same number makes the same scenes. */
export type Random = () => number

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A piece of a screen with a click on it. */
export interface Scene {
  readonly raster: Raster
  readonly at: Point
  /** Of the ink of what is clicked; of a face with nothing on it, the face. */
  readonly ink: Region
  readonly face: Region | undefined
}

const side = 152
type Colour = readonly [number, number, number]

/** One drawing on a page or on a button, at a size that screens have, with what stands beside it there. */
export async function sceneOf(
  cover: Uint8Array,
  random: Random,
  { others, letters }: { others: readonly Drawing[]; letters: readonly Uint8Array[] },
): Promise<Scene> {
  const density = pick(random, [1, 1, 1, 1, 1, 1.25, 1.5, 2, 2, 2])
  const size =
    pick(random, [14, 16, 16, 16, 18, 18, 20, 20, 20, 24, 24, 24, 28, 32]) * density * (random() < 0.3 ? 0.8 + 0.3 * random() : 1)
  const { paper, face, ink } = colours(random)
  const canvas = createCanvas(paper, random)
  const middle = { x: side / 2 + (random() - 0.5) * 16, y: side / 2 + (random() - 0.5) * 16 }
  const hasFace = random() < 0.55
  const room = (3 + Math.floor(random() * 11)) * density
  const shape = { radius: pick(random, [0, 2, 4, 6, 8, 99]) * density, border: random() < 0.4 ? Math.max(1, Math.round(density)) : 0 }
  const wide = hasFace && random() < 0.15 ? 1 + random() * 0.8 : 1
  const half = { x: (size / 2 + room) * wide, y: size / 2 + room }
  const filled = !hasFace || (shape.border > 0 && random() < 0.5) ? undefined : face
  const place = (centre: Point, drawing: Uint8Array, colour: Colour): Region | undefined => {
    if (hasFace) drawFace(canvas, boxAround(centre, half), shape, { fill: filled, line: mixed(paper, ink, 0.15 + 0.6 * random()) })
    return drawCover(canvas, drawing, { centre, size }, colour)
  }
  // What stands beside it, first: it never covers what is clicked.
  const step = hasFace ? 2 * half.x + (4 + random() * 12) * density : size + (6 + random() * 18) * density
  for (const direction of [-1, 1]) {
    if (random() > 0.4) continue
    if (!hasFace && random() < 0.35)
      writeWord(
        canvas,
        { x: middle.x + direction * (size / 2 + (5 + random() * 8) * density), y: middle.y },
        { direction, height: 9 * density, colour: ink, letters, random },
      )
    else place({ x: middle.x + direction * step, y: middle.y }, pick(random, others).cover, ink)
  }
  if (random() < 0.1)
    place({ x: middle.x, y: middle.y + pick(random, [-1, 1]) * (2 * half.y + 6 * density) }, pick(random, others).cover, ink)
  const drawn = place(middle, cover, ink)
  const faceBox = hasFace ? boxAround(middle, half) : undefined
  const raster = await spoiled({ width: side, height: side, data: canvas }, random)
  const reach = faceBox ?? boxAround(middle, { x: size / 2 + 3, y: size / 2 + 3 })
  const at = {
    x: (reach.left + reach.right) / 2 + ((random() + random() - 1) / 2) * (reach.right - reach.left) * 0.95,
    y: (reach.top + reach.bottom) / 2 + ((random() + random() - 1) / 2) * (reach.bottom - reach.top) * 0.95,
  }
  return { raster, at, ink: drawn ?? reach, face: faceBox }
}

export interface Sample {
  readonly ink: Uint8Array
  /** Whether it is what was drawn: the whole drawing, or the face with it. Nothing for a part of it. */
  readonly isWhole: boolean
}

/** What the guard's own search for signs finds in a scene. */
export function samplesOf({ raster, at, ink, face }: Scene): Sample[] {
  return signsAt(raster, at).flatMap((sign): Sample[] => {
    if (shared(sign.box, ink) >= 0.7 || (face && shared(sign.box, face) >= 0.75)) return [{ ink: sign.ink, isWhole: true }]
    // Of a part, or of a hole in it, nobody can say what it is; with its neighbours it is no sign any more.
    const isMore = sign.box.right - sign.box.left > 1.3 * (ink.right - ink.left) && holds(sign.box, ink)
    return isMore ? [{ ink: sign.ink, isWhole: false }] : []
  })
}

/** What is no sign: letters, words, halves, pairs, strokes, patches of pictures, bare faces. */
export function nonsense(random: Random, { others, letters }: { others: readonly Drawing[]; letters: readonly Uint8Array[] }): Uint8Array {
  const kind = random()
  if (kind < 0.25) return pick(random, letters)
  if (kind < 0.4) return half(pick(random, others).cover, random)
  if (kind < 0.5) return pair(pick(random, others).cover, pick(random, others).cover)
  if (kind < 0.65) return strokes(random)
  if (kind < 0.9) return patches(random)
  return bareFace(random)
}

function half(cover: Uint8Array, random: Random): Uint8Array {
  const way = Math.floor(random() * 4)
  const from = drawingSide * (0.4 + 0.2 * random())
  return cover.map((value, at) => {
    const place = way < 2 ? at % drawingSide : Math.floor(at / drawingSide)
    return way % 2 === 0 ? (place < from ? value : 0) : place >= from ? value : 0
  })
}

function pair(one: Uint8Array, other: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: one.length }, (_, at) => {
    const [x, y] = [at % drawingSide, Math.floor(at / drawingSide)]
    const row = y * 2 - drawingSide / 2
    if (row < 0 || row >= drawingSide) return 0
    const column = (x * 2) % drawingSide
    return (x * 2 < drawingSide ? one : other)[row * drawingSide + column] ?? 0
  })
}

function strokes(random: Random): Uint8Array {
  const cover = new Uint8Array(drawingSide * drawingSide)
  const thick = 3 + random() * 5
  for (let left = 3 + Math.floor(random() * 7); left > 0; left -= 1) {
    const angle = pick(random, [0, 0, 0.5, 0.5, 0.25, 0.75]) * Math.PI
    const [x, y, long] = [
      drawingSide * (0.15 + 0.7 * random()),
      drawingSide * (0.15 + 0.7 * random()),
      drawingSide * (0.15 + 0.5 * random()),
    ]
    for (let t = -long / 2; t < long / 2; t += 1) {
      for (let w = -thick / 2; w < thick / 2; w += 1) {
        const column = Math.round(x + t * Math.cos(angle) - w * Math.sin(angle))
        const row = Math.round(y + t * Math.sin(angle) + w * Math.cos(angle))
        if (column >= 0 && column < drawingSide && row >= 0 && row < drawingSide) cover[row * drawingSide + column] = 255
      }
    }
  }
  return cover
}

/** Of a photograph or a face: soft patches in a square or a circle. */
function patches(random: Random): Uint8Array {
  const waves = Array.from({ length: 4 }, () => ({
    x: (random() - 0.5) * 0.3,
    y: (random() - 0.5) * 0.3,
    phase: random() * 7,
    strength: random(),
  }))
  const isRound = random() < 0.5
  const steps = random() < 0.5 ? 3 + Math.floor(random() * 4) : 64
  return Uint8Array.from({ length: drawingSide * drawingSide }, (_, at) => {
    const [x, y] = [(at % drawingSide) - drawingSide / 2, Math.floor(at / drawingSide) - drawingSide / 2]
    if (isRound && Math.hypot(x, y) > drawingSide / 2 - 2) return 0
    const value = waves.reduce((sum, wave) => sum + wave.strength * Math.sin(x * wave.x + y * wave.y + wave.phase), 0)
    return Math.max(0, Math.min(255, Math.round((Math.round((value / 4 + 0.5) * steps) / steps) * 255)))
  })
}

function bareFace(random: Random): Uint8Array {
  const high = drawingSide * (0.3 + 0.45 * random())
  const radius = random() * (high / 2)
  return Uint8Array.from({ length: drawingSide * drawingSide }, (_, at) => {
    const [x, y] = [Math.abs((at % drawingSide) - drawingSide / 2 + 0.5), Math.abs(Math.floor(at / drawingSide) - drawingSide / 2 + 0.5)]
    const [outX, outY] = [Math.max(0, x - (drawingSide / 2 - 3 - radius)), Math.max(0, y - (high / 2 - radius))]
    return Math.hypot(outX, outY) <= radius ? 255 : 0
  })
}

function colours(random: Random): { paper: Colour; face: Colour; ink: Colour } {
  const grey = (value: number): Colour => [value, value, value]
  const bright = (): Colour => hue(random(), 0.5 + 0.5 * random(), 0.35 + 0.3 * random())
  const isDark = random() < 0.35
  const paper = isDark ? tinted(grey(12 + random() * 50), random) : random() < 0.6 ? grey(255) : tinted(grey(225 + random() * 30), random)
  const kind = random()
  const face =
    kind < 0.35
      ? tinted(mixed(paper, grey(isDark ? 255 : 0), 0.06 + 0.14 * random()), random)
      : kind < 0.75
        ? bright()
        : grey(random() * 255)
  const on = random() < 0.5 ? paper : face
  const candidates = [grey(random() * 40), grey(215 + random() * 40), grey(60 + random() * 80), bright(), bright()]
  const contrast = (one: Colour, other: Colour) => Math.max(...one.map((value, channel) => Math.abs(value - (other[channel] ?? 0))))
  const clear = candidates.filter((ink) => contrast(ink, paper) > 90 && contrast(ink, face) > 90)
  const ink = clear.length > 0 ? pick(random, clear) : on[0] + on[1] + on[2] > 380 ? grey(0) : grey(255)
  // A face that the ink does not stand out from is none.
  return { paper, face: contrast(ink, face) > 70 ? face : mixed(paper, ink, 0.1), ink }
}

function tinted(colour: Colour, random: Random): Colour {
  return colour.map((value) => Math.max(0, Math.min(255, value + (random() - 0.5) * 14))) as unknown as Colour
}

function mixed(one: Colour, other: Colour, share: number): Colour {
  return one.map((value, channel) => value + ((other[channel] ?? 0) - value) * share) as unknown as Colour
}

function hue(turn: number, saturation: number, light: number): Colour {
  const channel = (shift: number) => {
    const k = (shift + turn * 12) % 12
    return 255 * (light - saturation * Math.min(light, 1 - light) * Math.max(-1, Math.min(k - 3, 9 - k, 1)))
  }
  return [channel(0), channel(8), channel(4)]
}

function createCanvas(paper: Colour, random: Random): Uint8Array {
  const data = new Uint8Array(side * side * 3)
  const slope = random() < 0.08 ? (random() - 0.5) * 0.25 : 0
  for (let y = 0; y < side; y += 1) {
    const row = paper.map((value) => Math.max(0, Math.min(255, Math.round(value + slope * y))))
    for (let at = y * side * 3; at < (y + 1) * side * 3; at += 3) {
      data[at] = row[0] as number
      data[at + 1] = row[1] as number
      data[at + 2] = row[2] as number
    }
  }
  return data
}

function drawFace(
  canvas: Uint8Array,
  box: Region,
  { radius, border }: { radius: number; border: number },
  { fill, line }: { fill: Colour | undefined; line: Colour },
): void {
  const round = Math.min(radius, (box.right - box.left) / 2, (box.bottom - box.top) / 2)
  const [middleX, middleY] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
  const inside = (x: number, y: number, by: number) => {
    const r = Math.max(0, round - by)
    const outX = Math.max(0, Math.abs(x - middleX) - ((box.right - box.left) / 2 - by - r))
    const outY = Math.max(0, Math.abs(y - middleY) - ((box.bottom - box.top) / 2 - by - r))
    return Math.max(0, Math.min(1, r + 0.5 - Math.hypot(outX, outY)))
  }
  for (let y = Math.max(0, Math.floor(box.top) - 1); y < Math.min(side, box.bottom + 1); y += 1) {
    for (let x = Math.max(0, Math.floor(box.left) - 1); x < Math.min(side, box.right + 1); x += 1) {
      const whole = inside(x + 0.5, y + 0.5, 0)
      if (fill) blend(canvas, x, y, fill, whole)
      if (border > 0) blend(canvas, x, y, line, Math.max(0, whole - inside(x + 0.5, y + 0.5, border)))
    }
  }
}

/** @returns The box of its ink. */
function drawCover(
  canvas: Uint8Array,
  cover: Uint8Array,
  { centre, size }: { centre: Point; size: number },
  colour: Colour,
): Region | undefined {
  const [left, top] = [centre.x - size / 2, centre.y - size / 2]
  const scale = drawingSide / size
  const box = { left: side, top: side, right: 0, bottom: 0 }
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(side, top + size); y += 1) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(side, left + size); x += 1) {
      const share = mean(cover, {
        left: (x - left) * scale,
        top: (y - top) * scale,
        right: (x + 1 - left) * scale,
        bottom: (y + 1 - top) * scale,
      })
      if (share <= 0) continue
      blend(canvas, x, y, colour, share)
      if (share < 0.25) continue
      box.left = Math.min(box.left, x)
      box.top = Math.min(box.top, y)
      box.right = Math.max(box.right, x + 1)
      box.bottom = Math.max(box.bottom, y + 1)
    }
  }
  return box.right > box.left ? box : undefined
}

/** Of sixteen places in it: drawings are kept larger than they are drawn. */
function mean(cover: Uint8Array, { left, top, right, bottom }: Region): number {
  let sum = 0
  for (let down = 0.125; down < 1; down += 0.25) {
    const y = Math.floor(top + down * (bottom - top))
    if (y < 0 || y >= drawingSide) continue
    for (let along = 0.125; along < 1; along += 0.25) {
      const x = Math.floor(left + along * (right - left))
      if (x >= 0 && x < drawingSide) sum += cover[y * drawingSide + x] as number
    }
  }
  return sum / (255 * 16)
}

function writeWord(
  canvas: Uint8Array,
  from: Point,
  {
    direction,
    height,
    colour,
    letters,
    random,
  }: { direction: number; height: number; colour: Colour; letters: readonly Uint8Array[]; random: Random },
): void {
  for (let place = 0; place < 5; place += 1)
    drawCover(
      canvas,
      pick(random, letters),
      { centre: { x: from.x + direction * (place + 0.5) * height * 0.9, y: from.y }, size: height },
      colour,
    )
}

function blend(canvas: Uint8Array, x: number, y: number, colour: Colour, share: number): void {
  const at = (y * side + x) * 3
  const some = Math.min(1, share)
  for (let channel = 0; channel < 3; channel += 1) {
    const old = canvas[at + channel] ?? 0
    canvas[at + channel] = Math.round(old + ((colour[channel] ?? 0) - old) * some)
  }
}

/** As pictures come: some are compressed, some were made smaller and are soft. */
async function spoiled(raster: Raster, random: Random): Promise<Raster> {
  const how = random()
  if (how > 0.22) return raster
  const { width, height } = raster
  const picture = sharp(raster.data, { raw: { width, height, channels: 3 } })
  const bytes =
    how < 0.13
      ? await sharp(await picture.jpeg({ quality: 55 + Math.floor(random() * 40) }).toBuffer())
          .raw()
          .toBuffer()
      : await picture
          .blur(0.4 + 0.5 * random())
          .raw()
          .toBuffer()
  return { width, height, data: bytes }
}

function boxAround({ x, y }: Point, half: { readonly x: number; readonly y: number }): Region {
  return { left: Math.round(x - half.x), top: Math.round(y - half.y), right: Math.round(x + half.x), bottom: Math.round(y + half.y) }
}

function shared(one: Region, other: Region): number {
  const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left)
  const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)
  if (wide <= 0 || high <= 0) return 0
  const area = (box: Region) => (box.right - box.left) * (box.bottom - box.top)
  return (wide * high) / (area(one) + area(other) - wide * high)
}

function holds(outer: Region, inner: Region): boolean {
  return outer.left <= inner.left + 1 && outer.top <= inner.top + 1 && outer.right >= inner.right - 1 && outer.bottom >= inner.bottom - 1
}

export function pick<Thing>(random: Random, things: readonly Thing[]): Thing {
  return things[Math.floor(random() * things.length)] as Thing
}
