import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { createImages } from '../../../../models/images.ts'
import type { OpenFrame } from '../../../../tools/computer/frame.ts'
import { createFrames } from '../../../../tools/computer/frames.ts'
import { type FreshnessQuestion, judgeFreshness } from '../../../../tools/computer/guard/freshness.ts'
import { createFrameStore } from '../../../support/frame-store.ts'

const frames = createFrames({ images: createImages(), store: createFrameStore() })

interface Screen {
  /** SVG over the page. */
  over?: string
  /** SVG under its buttons. */
  under?: string
  /** Of the button that is clicked. */
  label?: string
  fill?: string
  dy?: number
  url?: string
  window?: string
}

const text = (x: number, y: number, words: string, size = 15, fill = '#222') =>
  `<text x="${x}" y="${y}" font-family="DejaVu Sans, sans-serif" font-size="${size}" fill="${fill}">${words}</text>`

async function screen({
  over = '',
  under = '',
  label = 'Archive',
  fill = '#1a66d6',
  dy = 0,
  url,
  window,
}: Screen = {}): Promise<OpenFrame> {
  const lines = Array.from({ length: 6 }, (_, line) => text(40, 220 + line * 26, `Line ${line} of a letter that nobody has answered yet`))
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="500"><rect width="800" height="500" fill="#fff"/>
    <rect width="800" height="50" fill="#eef0f4"/>${text(20, 32, 'Mail', 20)}${under}
    <g transform="translate(0 ${dy})"><rect x="40" y="100" width="130" height="38" rx="5" fill="${fill}"/>${text(60, 125, label, 15, '#fff')}
    <rect x="200" y="100" width="260" height="38" fill="#fff" stroke="#999"/>${text(212, 125, 'Search')}${lines.join('')}</g>${over}</svg>`
  const bytes = await sharp(Buffer.from(svg)).removeAlpha().png({ compressionLevel: 1 }).toBuffer()
  return (await frames.take('local', undefined, { bytes, url, window })).frame
}

const point = { x: 105, y: 119 }
let plain: OpenFrame

beforeAll(async () => {
  plain = await screen()
})

async function codes(after: Screen, { before, ...question }: Partial<FreshnessQuestion> & { before?: Screen } = {}): Promise<string[]> {
  const decidedOn = before === undefined ? plain : await screen(before)
  const { findings } = await judgeFreshness({ decidedOn, newest: await screen(after), point, ...question })
  return findings.map(({ code }) => code)
}

const dialog = `<rect x="80" y="90" width="360" height="170" fill="#fff" stroke="#888"/>${text(100, 130, 'Delete all 400 letters?', 18)}<rect x="100" y="200" width="100" height="36" fill="#c22"/>`
const focusRing = (x: number, width: number) =>
  `<rect x="${x}" y="98" width="${width}" height="42" fill="none" stroke="#1a66d6" stroke-width="3"/>`

describe('judgeFreshness() asks for another look', () => {
  test.each<[string, string, Screen, (Partial<FreshnessQuestion> & { before?: Screen })?]>([
    ['a dialog over the target', 'overlay', { over: dialog }],
    ['a dialog that is gone', 'overlay', {}, { before: { over: dialog } }],
    ['the page dimmed', 'overlay', { over: '<rect width="800" height="500" fill="#000" fill-opacity="0.4"/>' }],
    [
      'a message that does not keep to a corner',
      'overlay',
      { over: `<rect x="450" y="300" width="280" height="80" fill="#323"/>${text(470, 345, 'Sent', 16, '#fff')}` },
    ],
    ['another digit of a price on the button', 'changed', { label: 'Pay $90' }, { before: { label: 'Pay $10' } }],
    ['all moved down', 'moved', { dy: 31 }],
    ['another label on the button', 'changed', { label: 'Delete' }],
    ['the button gone', 'changed', { over: '<rect x="35" y="95" width="140" height="48" fill="#fff"/>' }],
    ['the focus at another field', 'focus', { over: focusRing(198, 264) }, { before: { over: focusRing(38, 134) } }],
    ['the focus elsewhere for what is typed', 'focus', { over: focusRing(198, 264) }, { point: undefined }],
    ['another address', 'navigated', { url: 'https://b.test/' }, { before: { url: 'https://a.test/' } }],
    ['another window', 'focus', { window: 'Terminal' }, { before: { window: 'Mail' } }],
  ])('%s: %s', async (_what, code, after, question) => {
    expect(await codes(after, question)).toEqual([code])
  })

  test('two signs that have changed places on a card whose middle is the same', async () => {
    const cross = '<path d="M 510 180 l 14 14 m 0 -14 l -14 14" stroke="#000" stroke-width="3"/>'
    const card = (sign: string) => `<rect x="60" y="160" width="500" height="120" fill="#eee"/>${text(80, 200, 'Casa')}${sign}`
    const disc = '<circle cx="517" cy="187" r="8" fill="#000"/>'
    const question = { point: { x: 517, y: 187 }, target: { left: 60, top: 160, right: 560, bottom: 280 } }

    expect(await codes({ over: card(disc) }, { ...question, before: { over: card(cross) } })).toEqual(['changed'])
  })

  test('a screen of another size', async () => {
    const bytes = await sharp({ create: { width: 640, height: 400, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
    const { frame } = await frames.take('local', undefined, { bytes })

    const { findings } = await judgeFreshness({ decidedOn: plain, newest: frame, point })

    expect(findings).toMatchObject([{ code: 'moved', verdict: 'reobserve' }])
  })

  test('a consequential action after others of the same turn, with no newer frame', async () => {
    const ask = (block: number, isConsequential: boolean) =>
      judgeFreshness({ decidedOn: plain, newest: plain, point, block, isConsequential })

    expect((await ask(1, true)).findings).toMatchObject([{ code: 'stale-batch', verdict: 'reobserve' }])
    expect((await ask(0, true)).findings).toEqual([])
    expect((await ask(1, false)).findings).toEqual([])
  })

  test('and says why in words without the address', async () => {
    const [before, after] = [await screen({ url: 'https://a.test/reset?token=s3cret' }), await screen({ url: 'https://b.test/s3cret' })]

    const { findings } = await judgeFreshness({ decidedOn: before, newest: after, point })

    expect(findings[0]?.reason).toBe('The page is another one: it was of a.test and is of b.test')
  })
})

describe('judgeFreshness() does not mind', () => {
  const spinner = (degrees: number) =>
    `<g transform="rotate(${degrees} 700 300)"><circle cx="700" cy="300" r="18" fill="none" stroke="#ddd" stroke-width="5"/><path d="M 700 282 A 18 18 0 0 1 718 300" fill="none" stroke="#1a66d6" stroke-width="5"/></g>`
  const advert = (fill: string, words: string) =>
    `<rect x="560" y="180" width="200" height="160" fill="${fill}"/>${text(570, 250, words, 16)}`
  test.each<[string, Screen, (Partial<FreshnessQuestion> & { before?: Screen })?]>([
    ['nothing', {}],
    ['a caret', { over: '<rect x="270" y="108" width="2" height="22" fill="#000"/>' }],
    ['a clock', { over: text(700, 32, '12:00:01') }, { before: { over: text(700, 32, '11:59:59') } }],
    ['a spinner', { over: spinner(130) }, { before: { over: spinner(20) } }],
    ['the button under a pointer', { fill: '#1552ae' }],
    ['a message in a corner', { over: `<rect x="500" y="400" width="280" height="80" fill="#323"/>${text(520, 445, 'Sent', 16, '#fff')}` }],
    [
      'another advertisement in its place',
      { over: advert('#f7c', 'Now only today') },
      { before: { over: advert('#7cf', 'New in stock') } },
    ],
    ['a line of the list under a pointer', { under: '<rect x="30" y="227" width="500" height="26" fill="#e8f0fe"/>' }],
  ])('%s', async (_what, after, question) => {
    expect(await codes(after, question)).toEqual([])
  })

  test('what moves where it is known to move, unless the click goes there', async () => {
    const advert = { over: `<rect x="480" y="150" width="300" height="250" fill="#f7c"/>${text(500, 250, 'Now only today', 24)}` }
    const masks = [{ left: 470, top: 140, right: 800, bottom: 410 }]

    expect(await codes(advert)).toEqual(['overlay'])
    expect(await codes(advert, { masks })).toEqual([])
    expect(await codes(advert, { masks, point: { x: 600, y: 245 } })).not.toEqual([])
  })
})

describe('judgeFreshness() without the pixels', () => {
  const bare = ({ raster: _, ...frame }: OpenFrame) => frame

  test('compares tiles, and says that it saw no more', async () => {
    const [clock, dialogOver] = [await screen({ over: text(700, 32, '12:00') }), await screen({ over: dialog })]

    const calm = await judgeFreshness({ decidedOn: bare(plain), newest: clock, point })
    const alarmed = await judgeFreshness({ decidedOn: bare(plain), newest: dialogOver, point })

    expect(calm).toMatchObject({ findings: [], unscored: expect.stringContaining('tiles') })
    expect(alarmed).toMatchObject({ findings: [{ code: 'changed' }], unscored: expect.stringContaining('tiles') })
  })
})
