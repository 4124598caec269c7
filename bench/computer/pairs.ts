import type { Point } from '../../models/computer/action.ts'
import type { Random } from './random.ts'
import { type Box, makeScene, phrase, type Scene, type Shape, shape } from './scene.ts'

/** Two screens, the one an action was decided on and the one there is when it happens. */
export interface ScreenPair {
  readonly kind: string
  readonly isRace: boolean
  readonly before: Scene
  readonly after: Scene
  /** Absent for what is typed where the focus is. */
  readonly point?: Point | undefined
  readonly window?: readonly [string, string] | undefined
  /** Of a JPEG, when both are compressed like photographs. */
  readonly quality?: number | undefined
}

interface Start {
  readonly scene: Scene
  readonly target: Shape
  readonly point: Point
}

type Change = (start: Start, random: Random) => Partial<ScreenPair> & { after: Scene }

const clickable = ['button', 'plain-button', 'link', 'row', 'field']

function begin(random: Random): Start {
  for (;;) {
    const scene = makeScene(random)
    const targets = scene.shapes.filter(
      (one) => clickable.includes(one.kind) && one.y + one.height < scene.height && one.x + one.width <= scene.width,
    )
    if (targets.length < 3) continue
    const target = random.pick(targets)
    // A link is as wide as its text, and clicks go to the text of a row.
    const reach = target.kind === 'link' || target.kind === 'row' ? Math.min(target.width, target.label.length * 8) : target.width
    const point = {
      x: target.x + reach * (0.3 + 0.4 * random.next()),
      y: target.y + target.height * (0.35 + 0.3 * random.next()),
    }
    return { scene, target, point }
  }
}

const over = (scene: Scene, ...shapes: readonly Shape[]): Scene => ({ ...scene, shapes: [...scene.shapes, ...shapes] })
const changed = (scene: Scene, old: Shape, now: Shape): Scene => ({
  ...scene,
  shapes: scene.shapes.map((one) => (one === old ? now : one)),
})
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

function dialog(random: Random, box: Box): Shape[] {
  const { x, y, width, height } = box
  return [
    shape('panel', box),
    shape('text', { x: x + 20, y: y + 16, width: width - 40, height: 24 }, phrase(random, 3), { size: 18 }),
    shape('text', { x: x + 20, y: y + 52, width: width - 40, height: 20 }, phrase(random, Math.floor(width / 80))),
    ...(height > 120 ? [shape('button', { x: x + width - 120, y: y + height - 52, width: 100, height: 36 }, phrase(random, 1))] : []),
  ]
}

/** A box of this size that covers the point, within the screen. */
function covering({ scene, point }: Start, random: Random, width: number, height: number): Box {
  return {
    x: Math.round(clamp(point.x - width * (0.2 + 0.6 * random.next()), 0, scene.width - width)),
    y: Math.round(clamp(point.y - height * (0.2 + 0.6 * random.next()), 0, scene.height - height)),
    width,
    height,
  }
}

function shifted(scene: Scene, dx: number, dy: number, isMoved: (one: Shape) => boolean): Scene {
  return { ...scene, shapes: scene.shapes.map((one) => (isMoved(one) ? { ...one, x: one.x + dx, y: one.y + dy } : one)) }
}

const ring = (scene: Scene, { x, y, width, height }: Box, thick: number, colour = scene.theme.accent): Shape =>
  shape('raw', { x: x - thick, y: y - thick, width: width + 2 * thick, height: height + 2 * thick }, '', {
    svg: `<rect x="${thick / 2}" y="${thick / 2}" width="${width + thick}" height="${height + thick}" rx="${scene.theme.radius}" fill="none" stroke="${colour}" stroke-width="${thick}"/>`,
  })

const caret = (scene: Scene, { x, y, height }: Box, at: number): Shape =>
  shape('raw', { x: x + at, y: y + 8, width: 2, height: height - 16 }, '', {
    svg: `<rect width="${at % 2 === 0 ? 1 : 2}" height="${height - 16}" fill="${scene.theme.text}"/>`,
  })

const races: Record<string, Change> = {
  'overlay: dialog before a dimmed page': ({ scene }, random) => {
    const [width, height] = [random.between(320, 620), random.between(180, 420)]
    const box = { x: Math.floor((scene.width - width) / 2), y: Math.floor((scene.height - height) / 2), width, height }
    const dim = shape('dim', { x: 0, y: 0, width: scene.width, height: scene.height }, '', { size: 0.2 + 0.5 * random.next() })
    return { after: over(scene, dim, ...dialog(random, box)) }
  },
  'overlay: dialog over the target': (start, random) => ({
    after: over(start.scene, ...dialog(random, covering(start, random, random.between(260, 520), random.between(130, 320)))),
  }),
  'overlay: the page dimmed, dialog not drawn yet': ({ scene }, random) => ({
    after: over(scene, shape('dim', { x: 0, y: 0, width: scene.width, height: scene.height }, '', { size: 0.25 + 0.4 * random.next() })),
  }),
  'overlay: menu over the target': (start, random) => {
    const count = random.between(3, 7)
    const box = covering(start, random, random.between(140, 240), count * 32 + 8)
    const items = Array.from({ length: count }, (_, index) =>
      shape('text', { x: box.x + 12, y: box.y + 8 + index * 32, width: box.width - 20, height: 24 }, phrase(random, 1)),
    )
    return { after: over(start.scene, shape('panel', box), ...items) }
  },
  'overlay: small pop-up over the target': (start, random) => {
    const box = covering(start, random, random.between(90, 180), random.between(28, 60))
    const { theme } = start.scene
    const fill = random.pick([theme.surface, theme.accent, theme.page])
    return { after: over(start.scene, shape('plain-button', box, phrase(random, 1), { fill })) }
  },
  'overlay: message in a corner': ({ scene }, random) => {
    const [width, height] = [random.between(240, 380), random.between(64, 120)]
    const x = random.pick([16, scene.width - width - 16])
    const y = random.pick([70, scene.height - height - 16])
    return { after: over(scene, ...dialog(random, { x, y, width, height })) }
  },
  'overlay: consent bar': ({ scene }, random) => {
    const height = random.between(72, 180)
    const y = scene.height - height
    const text = shape('text', { x: 24, y: y + 14, width: 700, height: 22 }, phrase(random, 10))
    const buttons = [0, 1].map((index) =>
      shape('button', { x: scene.width - 280 + index * 132, y: y + 16, width: 120, height: 38 }, phrase(random, 1)),
    )
    return { after: over(scene, shape('panel', { x: 0, y, width: scene.width, height }), text, ...buttons) }
  },
  'overlay: gone from under the click': (start, random) => {
    const box = covering(start, random, random.between(240, 420), random.between(110, 260))
    return { before: over(start.scene, ...dialog(random, box)), after: start.scene }
  },
  'overlay: empty white sheet': ({ scene }, random) => ({
    after: over(
      scene,
      shape('dim', { x: 0, y: 56, width: scene.width, height: scene.height - 56 }, '', {
        fill: '#ffffff',
        size: 0.6 + 0.4 * random.next(),
      }),
    ),
  }),
  'shift: a notice came in on top': (start, random) => {
    const dy = random.between(24, 140)
    const { scene, target } = start
    const from = Math.min(target.y, random.between(56, 140))
    const notice = shape('panel', { x: 0, y: from, width: scene.width, height: dy }, phrase(random, 6), {
      fill: random.pick([scene.theme.surface, scene.theme.accent, '#fff3cd']),
    })
    return {
      after: over(
        shifted(scene, 0, dy, ({ y }) => y >= from),
        notice,
      ),
    }
  },
  'shift: scrolled': ({ scene, target }, random) => {
    const isHead = target.y < 56
    const dy = random.between(10, 300) * random.pick([1, -1])
    const moved = shifted(scene, 0, dy, ({ y }) => isHead || y >= 56)
    const head = isHead ? [] : scene.shapes.filter(({ y }) => y < 56)
    return { after: over(moved, ...head) }
  },
  'shift: a little': ({ scene, target }, random) => ({
    after: shifted(scene, 0, random.between(6, 24) * random.pick([1, -1]), ({ y }) => y + 20 >= target.y),
  }),
  'shift: a column opened': ({ scene }, random) => ({
    after: shifted(scene, random.between(24, 220), 0, ({ kind }) => kind !== 'bar'),
  }),
  'shift: an entry came in above': ({ scene, target }, random) => {
    const dy = Math.max(28, target.height)
    const moved = shifted(scene, 0, dy, ({ y }) => y >= target.y)
    return { after: over(moved, { ...target, label: phrase(random, 2) }) }
  },
  'shift: the target only': ({ scene, target }, random) => ({
    after: changed(scene, target, { ...target, x: target.x + random.pick([-1, 1]) * (target.width + random.between(8, 60)) }),
  }),
  'swap: another label': ({ scene, target }, random) => ({
    after: changed(scene, target, { ...target, label: other(random, target.label) }),
  }),
  'swap: with a neighbour': ({ scene, target }, random) => {
    const others = scene.shapes.filter((one) => one.kind === target.kind && one.label !== target.label)
    const other_ = others.length === 0 ? undefined : random.pick(others)
    if (other_ === undefined) return { after: changed(scene, target, { ...target, label: other(random, target.label) }) }
    const shapes = scene.shapes.map((one) =>
      one === target ? { ...one, label: other_.label } : one === other_ ? { ...one, label: target.label } : one,
    )
    return { after: { ...scene, shapes } }
  },
  'swap: target gone': ({ scene, target }) => ({ after: { ...scene, shapes: scene.shapes.filter((one) => one !== target) } }),
  'focus: ring at another field': ({ scene, target }, random) => {
    const others = scene.shapes.filter((one) => ['field', 'plain-button', 'button'].includes(one.kind) && one !== target)
    const [thick, from] = [random.pick([2, 3]), target.kind === 'field' ? [ring(scene, target, 2)] : []]
    return { before: over(scene, ...from), after: over(scene, ring(scene, random.pick(others), thick)) }
  },
  'focus: typed text would go elsewhere': ({ scene, target }, random) => {
    const others = scene.shapes.filter((one) => ['field', 'plain-button', 'button'].includes(one.kind) && one !== target)
    const second = random.pick(others)
    const thick = random.pick([2, 3])
    return { before: over(scene, ring(scene, target, thick)), after: over(scene, ring(scene, second, thick)), point: undefined }
  },
  'focus: another window, same pixels': ({ scene }) => ({ after: scene, window: ['Editor', 'Terminal'] }),
  'focus: another window came up': ({ scene }, random) => {
    const [width, height] = [random.between(420, 800), random.between(320, 600)]
    const x = random.between(0, scene.width - width)
    const y = random.between(0, Math.max(0, scene.height - height))
    const title = shape('bar', { x, y, width, height: 32 }, '', { fill: scene.theme.line })
    const lines = Array.from({ length: Math.floor(height / 30) - 2 }, (_, index) =>
      shape('text', { x: x + 12, y: y + 40 + index * 26, width: width - 24, height: 20 }, phrase(random, Math.floor(width / 90))),
    )
    return { after: over(scene, shape('panel', { x, y, width, height }), title, ...lines) }
  },
  'navigation: another page': ({ scene }, random) => {
    for (;;) {
      const next = makeScene(random)
      if (next.width === scene.width && next.height === scene.height) return { after: { ...next, theme: scene.theme } }
    }
  },
  'navigation: same layout, address unknown': ({ scene }, random) => {
    const shapes = scene.shapes.map((one) =>
      one.y < 56 || one.label === '' ? one : { ...one, label: phrase(random, Math.max(1, one.label.split(' ').length)) },
    )
    return { after: { ...scene, shapes, url: '' } }
  },
  'navigation: address alone': ({ scene }) => ({ after: { ...scene, url: `${scene.url}/confirm` } }),
}

function other(random: Random, label: string): string {
  for (;;) {
    const next = phrase(random, Math.max(1, label.split(' ').length))
    if (next !== label) return next
  }
}

function clockShape({ scene, target }: Start, random: Random, time: string, size: number): Shape {
  const places = [
    { x: scene.width - 420, y: 16 },
    { x: 20, y: scene.height - size - 24 },
    { x: scene.width - 230, y: scene.height - size - 20 },
  ]
  const isFree = ({ x, y }: Point) =>
    x > target.x + target.width || x + 230 < target.x || y > target.y + target.height + 20 || y + size + 28 < target.y
  return shape('text', { ...random.pick(places.filter(isFree)), width: 200, height: size + 8 }, time, { size })
}

function spinner(scene: Scene, side: number, degrees: number, at: Point): Shape {
  const half = side / 2
  const radius = half - side / 12
  return shape('raw', { x: at.x, y: at.y, width: side, height: side }, '', {
    svg: `<g transform="rotate(${degrees} ${half} ${half})"><circle cx="${half}" cy="${half}" r="${radius}" fill="none" stroke="${scene.theme.line}" stroke-width="${side / 8}"/><path d="M ${half} ${half - radius} A ${radius} ${radius} 0 0 1 ${half + radius} ${half}" fill="none" stroke="${scene.theme.accent}" stroke-width="${side / 8}"/></g>`,
  })
}

const time = (random: Random) => {
  const two = (value: number) => String(value).padStart(2, '0')
  const [hour, minute, second] = [random.between(0, 23), random.between(0, 59), random.between(0, 59)]
  const hasSeconds = random.next() < 0.5
  return (more: number) => {
    const all = hour * 3600 + minute * 60 + second + more
    const text = `${two(Math.floor(all / 3600) % 24)}:${two(Math.floor(all / 60) % 60)}`
    return hasSeconds ? `${text}:${two(all % 60)}` : text
  }
}

function ticking(start: Start, random: Random, size: number): { before: Scene; after: Scene } {
  const at = time(random)
  const clock = clockShape(start, random, at(0), size)
  return { before: over(start.scene, clock), after: over(start.scene, { ...clock, label: at(random.pick([1, 9, 60, 600])) }) }
}

/** Where there is nothing of the target, and nothing that is drawn at the same place in both. */
function away({ scene, target }: Start, random: Random, side: number): Point {
  for (;;) {
    const at = { x: random.between(10, scene.width - side - 10), y: random.between(60, scene.height - side - 10) }
    const isFar =
      at.x > target.x + target.width + 40 ||
      at.x + side < target.x - 40 ||
      at.y > target.y + target.height + 40 ||
      at.y + side < target.y - 40
    if (isFar) return at
  }
}

function hovered(scene: Scene, one: Shape, random: Random): Scene {
  const { theme } = scene
  const mixed = (share: number) => `color-mix(${share})`
  switch (one.kind) {
    case 'button':
      return changed(scene, one, { ...one, fill: shade(theme.accent, random.pick([-30, -18, 18, 30])) })
    case 'plain-button':
      return changed(
        scene,
        one,
        random.pick([
          { ...one, fill: shade(theme.surface, -14) },
          { ...one, fill: theme.accent, ink: theme.onAccent, stroke: theme.accent },
          { ...one, stroke: theme.faint },
        ]),
      )
    case 'link':
      return changed(scene, one, { ...one, underlined: true, ink: random.pick([theme.accent, shade(theme.accent, -40)]) })
    case 'row':
      return changed(scene, one, { ...one, fill: shade(theme.page, random.pick([-8, -14, -22])) })
    case 'field':
      return changed(scene, one, { ...one, stroke: theme.faint })
    default:
      throw new RangeError(`Cannot hover over ${one.kind}: ${mixed(0)}`)
  }
}

/** A colour with each channel lighter or darker, away from the end that it is nearer to. */
function shade(colour: string, by: number): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  const isDark = channels.every((channel) => channel < 64)
  return `#${channels
    .map((channel) =>
      clamp(channel + (isDark ? Math.abs(by) : by), 0, 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`
}

const benign: Record<string, Change> = {
  nothing: ({ scene }) => ({ after: scene }),
  'caret in a field': ({ scene, target, point }, random) => {
    const fields = scene.shapes.filter(({ kind }) => kind === 'field')
    const field = target.kind === 'field' ? target : fields.length > 0 ? random.pick(fields) : target
    const with_ = over(scene, caret(scene, field, random.between(6, Math.max(6, Math.floor(field.width - 10)))))
    return random.next() < 0.5 ? { after: with_, point } : { before: with_, after: scene }
  },
  clock: (start, random) => ticking(start, random, random.between(12, 22)),
  'large clock': (start, random) => ticking(start, random, random.between(28, 44)),
  spinner: (start, random) => {
    const side = random.pick([16, 20, 24, 32, 48, 64, 96])
    const at = away(start, random, side)
    const degrees = random.between(0, 359)
    return {
      before: over(start.scene, spinner(start.scene, side, degrees, at)),
      after: over(start.scene, spinner(start.scene, side, degrees + random.between(10, 350), at)),
    }
  },
  'progress bar': (start, random) => {
    const width = random.between(160, 320)
    const at = away(start, random, width)
    const height = random.pick([4, 6, 8])
    const bar = (share: number) => {
      return shape('bar', { ...at, width: width * share, height }, '', { fill: start.scene.theme.accent })
    }
    const share = random.next() * 0.7
    return { before: over(start.scene, bar(share + 0.02)), after: over(start.scene, bar(share + 0.02 + 0.28 * random.next())) }
  },
  'counter in a badge': (start, random) => {
    const at = away(start, random, 24)
    const badge = (count: number) =>
      shape('button', { ...at, width: 24, height: 20 }, String(count), { fill: '#d62839', ink: '#ffffff', size: 12 })
    const count = random.between(1, 80)
    return { before: over(start.scene, badge(count)), after: over(start.scene, badge(count + random.between(1, 9))) }
  },
  'hover at the target': ({ scene, target }, random) => ({ after: hovered(scene, target, random) }),
  'hover elsewhere': ({ scene, target }, random) => {
    const others = scene.shapes.filter((one) => clickable.includes(one.kind) && one !== target)
    return { after: hovered(scene, random.pick(others), random) }
  },
  'hover leaves one for the other': ({ scene, target }, random) => {
    const others = scene.shapes.filter((one) => clickable.includes(one.kind) && one !== target)
    return { before: hovered(scene, random.pick(others), random), after: hovered(scene, target, random) }
  },
  'a card rises under the pointer': ({ scene, target }, random) => {
    const cards = scene.shapes.filter(({ kind }) => kind === 'card')
    const card = cards.length > 0 ? random.pick(cards) : target
    const isOn = ({ x, y }: Shape) => x >= card.x && y >= card.y && x < card.x + card.width && y < card.y + card.height
    return { after: shifted(scene, 0, -random.between(1, 3), isOn) }
  },
  'clock and caret': (start, random) => {
    const { before, after } = ticking(start, random, random.between(12, 18))
    return { before, after: over(after, caret(after, start.target, random.between(6, 60))) }
  },
  'clock and hover': (start, random) => {
    const { before, after } = ticking(start, random, random.between(12, 18))
    return { before, after: hovered(after, start.target, random) }
  },
  'typing dots': (start, random) => {
    const at = away(start, random, 40)
    const dots = (bright: number) =>
      [0, 1, 2].map((index) =>
        shape('raw', { x: at.x + index * 12, y: at.y, width: 8, height: 8 }, '', {
          svg: `<circle cx="4" cy="4" r="4" fill="${index === bright ? start.scene.theme.text : start.scene.theme.line}"/>`,
        }),
      )
    return { before: over(start.scene, ...dots(0)), after: over(start.scene, ...dots(random.between(1, 2))) }
  },
  'another compression': ({ scene }, random) => ({ after: scene, quality: random.pick([70, 80, 90]) }),
}

export const raceKinds = Object.keys(races)
export const benignKinds = Object.keys(benign)

export function makePair(kind: string, random: Random): ScreenPair {
  const start = begin(random)
  const change = races[kind] ?? benign[kind]
  if (change === undefined) throw new RangeError(`Cannot make a pair: there is no kind "${kind}"`)
  const quality = random.next() < 0.12 ? random.pick([75, 85, 92]) : undefined
  return { kind, isRace: kind in races, before: start.scene, point: start.point, quality, ...change(start, random) }
}
