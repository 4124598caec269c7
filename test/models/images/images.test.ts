import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { ImageError } from '../../../models/errors.ts'
import { createImages, fitParts, imageRule, imageRules } from '../../../models/images.ts'

const images = createImages()
const standard = imageRule('anthropic-standard')

function raw(width: number, height: number, pixel: (x: number, y: number) => [number, number, number]) {
  const data = Buffer.alloc(width * height * 3)
  for (let at = 0; at < width * height; at += 1) data.set(pixel(at % width, Math.floor(at / width)), at * 3)
  return sharp(data, { raw: { width, height, channels: 3 } })
}

/** Hard edges and few colours, as a page of text has. */
const screen = (width: number, height: number) =>
  raw(width, height, (x, y) => (((x >> 3) + (y >> 4)) % 3 === 0 ? [20, 20, 20] : [250, 250, 245]))
const gradient = (width: number, height: number) =>
  raw(width, height, (x, y) => [(x * 255) / width, (y * 255) / height, ((x + y) * 127) / (width + height)])

/** Cannot be compressed; the same on every run. */
function noise(width: number, height: number) {
  let state = 12345
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 24
  }
  return raw(width, height, () => [next(), next(), next()])
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}

function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', Buffer.alloc(20)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** Behind the header, so that everything after it is still there. */
const withPngChunk = (png: Buffer, type: string, data: Buffer) =>
  Buffer.concat([png.subarray(0, 33), pngChunk(type, data), png.subarray(33)])

async function refusal(work: Promise<unknown>): Promise<ImageError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ImageError)
  return error as ImageError
}

describe('inspect()', () => {
  test.each([
    ['image/png', () => screen(300, 200).png()],
    ['image/jpeg', () => screen(300, 200).jpeg()],
    ['image/jpeg', () => screen(300, 200).jpeg({ progressive: true })],
    ['image/webp', () => screen(300, 200).webp()],
    ['image/webp', () => screen(300, 200).webp({ lossless: true })],
    ['image/webp', () => screen(300, 200).ensureAlpha(0.5).webp()],
    ['image/gif', () => screen(300, 200).gif()],
  ])('reads type and size of %s', async (mediaType, make) => {
    const bytes = await make().toBuffer()

    await expect(images.inspect(bytes)).resolves.toEqual({ mediaType, width: 300, height: 200, frames: 1, rotated: false })
  })

  test.each(['gif', 'webp'] as const)('counts the frames of an animated %s', async (format) => {
    const frames = await Promise.all(
      [10, 90, 200].map((level) =>
        raw(40, 30, () => [level, 0, 0])
          .png()
          .toBuffer(),
      ),
    )
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer()

    await expect(images.inspect(bytes)).resolves.toMatchObject({ width: 40, height: 30, frames: 3 })
  })

  test('counts the frames that an animated PNG claims', async () => {
    const control = Buffer.alloc(8)
    control.writeUInt32BE(7, 0)
    const bytes = withPngChunk(await screen(40, 30).png().toBuffer(), 'acTL', control)

    await expect(images.inspect(bytes)).resolves.toMatchObject({ frames: 7 })
  })

  test('says that a picture has to be turned, and gives the size before that', async () => {
    const bytes = await screen(300, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer()

    await expect(images.inspect(bytes)).resolves.toMatchObject({ width: 300, height: 200, rotated: true })
  })

  test('does not change when the file lies in the middle of a larger buffer', async () => {
    const bytes = await screen(30, 20).png().toBuffer()
    const within = new Uint8Array(bytes.length + 20).fill(7)
    within.set(bytes, 10)

    await expect(images.inspect(within.subarray(10, 10 + bytes.length))).resolves.toMatchObject({ width: 30, height: 20 })
  })
})

describe('refusals, each by the rule broken', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
  test.each([
    ['SVG', () => Buffer.from(svg)],
    ['SVG behind an XML declaration', () => Buffer.from(`<?xml version="1.0"?>${svg}`)],
    ['PDF', () => Buffer.from('%PDF-1.7\n%âãÏÓ\n')],
    ['TIFF', () => screen(20, 20).tiff().toBuffer()],
    ['AVIF', () => screen(20, 20).avif().toBuffer()],
    ['text', () => Buffer.from('hello')],
    ['nothing', () => Buffer.alloc(0)],
    ['PNG behind other bytes', async () => Buffer.concat([Buffer.from('%PDF'), await screen(20, 20).png().toBuffer()])],
    ['PNG of which only the magic bytes are there', () => Buffer.from('89504e470d0a1a0a', 'hex')],
    ['PNG without a header chunk', () => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), pngChunk('IDAT', Buffer.alloc(40))])],
    ['JPEG without a frame', () => Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')],
    ['WebP that stops after its container', () => Buffer.from('524946460400000057454250', 'hex')],
    ['GIF that stops after its version', () => Buffer.from('GIF89a')],
    ['PNG of no width', () => pngHeader(0, 10)],
  ])('format: %s', async (_what, make) => {
    expect((await refusal(images.fit(await make(), { rule: standard }))).rule).toBe('format')
  })

  test('max_pixels: a header that claims 60,000 x 60,000 is refused before it is decoded', async () => {
    const error = await refusal(images.inspect(pngHeader(60_000, 60_000)))

    expect(error.rule).toBe('max_pixels')
    expect(error.message).toContain('60000x60000')
  })

  test('max_bytes', async () => {
    const error = await refusal(createImages({ maxBytes: 1000 }).inspect(await noise(60, 60).png().toBuffer()))

    expect(error.rule).toBe('max_bytes')
  })

  test('max_frames', async () => {
    const frames = await Promise.all(
      [1, 2, 3, 4].map((level) =>
        raw(10, 10, () => [level * 50, 0, 0])
          .png()
          .toBuffer(),
      ),
    )
    const bytes = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()

    expect((await refusal(createImages({ maxFrames: 3 }).fit(bytes, { rule: standard }))).rule).toBe('max_frames')
  })

  test.each([
    ['png', 0.5],
    ['jpeg', 0.5],
    ['webp', 0.5],
    ['gif', 0.5],
  ] as const)('decodable: a %s that breaks off', async (format, share) => {
    const bytes = await noise(200, 150).toFormat(format).toBuffer()

    const error = await refusal(images.fit(bytes.subarray(0, bytes.length * share), { rule: standard }))

    expect(error.rule).toBe('decodable')
    expect(error.message).not.toContain('\n')
  })

  test('decodable: pixels that are not what the header promises', async () => {
    expect((await refusal(images.fit(pngHeader(100, 100), { rule: standard }))).rule).toBe('decodable')
  })

  test('target_bytes: not even a thumbnail is small enough', async () => {
    const error = await refusal(images.fit(await noise(300, 300).png().toBuffer(), { rule: standard, maxBytes: 200 }))

    expect(error.rule).toBe('target_bytes')
  })

  test('aspect: a shape that the model does not take', async () => {
    const bytes = await raw(4, 1000, () => [1, 2, 3])
      .png()
      .toBuffer()

    expect((await refusal(images.fit(bytes, { rule: imageRule('qwen-2.5') }))).rule).toBe('aspect')
  })

  test.each([0, -1, 1.5, Number.NaN])('createImages() refuses a limit of %d', (maxPixels) => {
    expect(() => createImages({ maxPixels })).toThrow(RangeError)
  })
})

describe('fit()', () => {
  test.each(imageRules.map(({ name }) => name))('gives the size and tokens of %s, and the scale back to the source', async (name) => {
    const bytes = await screen(2600, 1500).png().toBuffer()
    const rule = imageRule(name)

    const result = await images.fit(bytes, { rule })

    const { width, height } = await sharp(result.bytes).metadata()
    expect({ width, height, tokens: result.tokens }).toEqual(rule.fit(2600, 1500))
    expect(result).toMatchObject({ width, height, source: { width: 2600, height: 1500, mediaType: 'image/png' } })
    expect(result.scale).toEqual({ x: 2600 / width, y: 1500 / height })
  })

  test.each(['png', 'jpeg', 'webp'] as const)('keeps the bytes of a %s that fits already', async (format) => {
    const bytes = await screen(800, 600).toFormat(format).toBuffer()

    const result = await images.fit(bytes, { rule: standard })

    expect(result.changed).toBe(false)
    expect(Buffer.from(result.bytes).equals(bytes)).toBe(true)
    expect(result.scale).toEqual({ x: 1, y: 1 })
  })

  test('turns the picture upright and drops the mark', async () => {
    // Red on the left as stored; orientation 6 shows the left side on top.
    const bytes = await raw(400, 200, (x) => (x < 200 ? [255, 0, 0] : [0, 0, 255]))
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer()

    const result = await images.fit(bytes, { rule: standard })

    expect(result).toMatchObject({ width: 200, height: 400, changed: true, source: { width: 200, height: 400 } })
    const metadata = await sharp(result.bytes).metadata()
    expect(metadata.orientation).toBeUndefined()
    const pixels = await sharp(result.bytes).raw().toBuffer()
    const top = pixels.subarray((50 * 200 + 100) * 3)
    const bottom = pixels.subarray((350 * 200 + 100) * 3)
    expect(top[0]).toBeGreaterThan(200)
    expect(bottom[2]).toBeGreaterThan(200)
  })

  test.each([
    [
      'EXIF of a JPEG',
      () =>
        screen(300, 200)
          .jpeg()
          .withExif({ IFD0: { Copyright: 'a secret place' } })
          .toBuffer(),
    ],
    [
      'EXIF of a PNG',
      () =>
        screen(300, 200)
          .png()
          .withExif({ IFD0: { Copyright: 'a secret place' } })
          .toBuffer(),
    ],
    [
      'EXIF of a WebP',
      () =>
        screen(300, 200)
          .webp()
          .withExif({ IFD0: { Copyright: 'a secret place' } })
          .toBuffer(),
    ],
    ['text of a PNG', async () => withPngChunk(await screen(300, 200).png().toBuffer(), 'tEXt', Buffer.from('Comment\0a secret place'))],
    ['unknown chunk of a PNG', async () => withPngChunk(await screen(300, 200).png().toBuffer(), 'prVt', Buffer.from('a secret place'))],
    ['bytes after the end of a PNG', async () => Buffer.concat([await screen(300, 200).png().toBuffer(), Buffer.from('a secret place')])],
    [
      'bytes after the end of a JPEG that end like a JPEG',
      async () => Buffer.concat([await screen(300, 200).jpeg().toBuffer(), Buffer.from('a secret place\xff\xd9', 'latin1')]),
    ],
    ['bytes after the end of a WebP', async () => Buffer.concat([await screen(300, 200).webp().toBuffer(), Buffer.from('a secret place')])],
    [
      'comment of a JPEG',
      async () => {
        const jpeg = await screen(300, 200).jpeg().toBuffer()
        const comment = Buffer.from('\xff\xfe\x00\x10a secret place', 'latin1')
        return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)])
      },
    ],
  ])('removes %s', async (_what, make) => {
    const bytes = await make()
    expect(bytes.toString('latin1')).toContain('a secret place')

    const result = await images.fit(bytes, { rule: standard })

    expect(result).toMatchObject({ width: 300, height: 200, changed: true })
    expect(Buffer.from(result.bytes).toString('latin1')).not.toContain('a secret place')
    const { exif, xmp, icc, comments } = await sharp(result.bytes).metadata()
    expect([exif, xmp, icc, comments]).toEqual([undefined, undefined, undefined, undefined])
  })

  test.each(['gif', 'webp'] as const)('takes the first frame of an animated %s', async (format) => {
    const frames = await Promise.all(
      [250, 90, 10].map((level) =>
        raw(64, 48, () => [level, 0, 0])
          .png()
          .toBuffer(),
      ),
    )
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer()

    const result = await images.fit(bytes, { rule: standard })

    expect(result).toMatchObject({ width: 64, height: 48, changed: true })
    const { data, info } = await sharp(result.bytes).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 64, height: 48 })
    expect(data[0]).toBeGreaterThan(235)
  })

  test('writes a screen as PNG and keeps its pixels', async () => {
    const bytes = await screen(300, 200)
      .webp({ lossless: true })
      .withExif({ IFD0: { Copyright: 'x' } })
      .toBuffer()

    const result = await images.fit(bytes, { rule: standard })

    expect(result.mediaType).toBe('image/png')
    expect((await sharp(result.bytes).removeAlpha().raw().toBuffer()).equals(await screen(300, 200).raw().toBuffer())).toBe(true)
  })

  test('writes a photograph as JPEG, from a PNG as well', async () => {
    const photo = await noise(1700, 500).blur(0.6).png().toBuffer()

    const result = await images.fit(photo, { rule: standard })

    expect(result.mediaType).toBe('image/jpeg')
  })

  test('writes a JPEG as JPEG', async () => {
    const result = await images.fit(await gradient(2000, 1000).jpeg().toBuffer(), { rule: standard })

    expect(result.mediaType).toBe('image/jpeg')
  })

  test('lets the quality fall before the size', async () => {
    const bytes = await noise(500, 400).png().toBuffer()

    const result = await images.fit(bytes, { rule: standard, maxBytes: 160_000 })

    expect(result).toMatchObject({ width: 500, height: 400, mediaType: 'image/jpeg' })
    expect(result.bytes.length).toBeLessThanOrEqual(160_000)
  })

  test.each(['anthropic-standard', 'qwen-2.5', 'openai-high'])('then lets the size fall, along %s', async (name) => {
    const rule = imageRule(name)

    const result = await images.fit(await noise(800, 600).png().toBuffer(), { rule, maxBytes: 30_000 })

    expect(result.bytes.length).toBeLessThanOrEqual(30_000)
    expect(result.width).toBeLessThan(800)
    expect(rule.fit(result.width, result.height)).toEqual({ width: result.width, height: result.height, tokens: result.tokens })
    expect(result.scale.x).toBeCloseTo(800 / result.width)
  })

  test('never exceeds the limit of the rule, whatever the caller allows', async () => {
    const rule = { ...standard, maxBytes: 30_000 }

    const result = await images.fit(await noise(600, 400).png().toBuffer(), { rule, maxBytes: 10_000_000 })

    expect(result.bytes.length).toBeLessThanOrEqual(30_000)
  })

  test('keeps transparency while the file is small, and puts white behind it when it is not', async () => {
    const bytes = await sharp({ create: { width: 2000, height: 300, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
      .png()
      .toBuffer()
    const cloudy = await noise(400, 400).ensureAlpha(0).png().toBuffer()

    const kept = await images.fit(bytes, { rule: standard })
    const flattened = await images.fit(cloudy, { rule: standard, maxBytes: 20_000 })

    expect(kept.mediaType).toBe('image/png')
    expect((await sharp(kept.bytes).metadata()).hasAlpha).toBe(true)
    expect(flattened.mediaType).toBe('image/jpeg')
    expect((await sharp(flattened.bytes).raw().toBuffer())[0]).toBeGreaterThan(250)
  })

  test('drops an alpha channel that hides nothing', async () => {
    const bytes = await screen(2000, 400).ensureAlpha(1).png().toBuffer()

    const result = await images.fit(bytes, { rule: standard })

    expect((await sharp(result.bytes).metadata()).hasAlpha).toBe(false)
  })

  test.each([
    ['grey', () => gradient(1800, 300).greyscale().png()],
    ['palette', () => screen(1800, 300).png({ palette: true })],
    ['16 bit', () => gradient(1800, 300).toColourspace('rgb16').png()],
    ['CMYK', () => gradient(300, 200).toColourspace('cmyk').jpeg()],
  ])('takes %s and gives pixels of eight bits that look the same', async (_what, make) => {
    const bytes = await make().toBuffer()

    const result = await images.fit(bytes, { rule: standard })

    const metadata = await sharp(result.bytes).metadata()
    expect(metadata.depth).toBe('uchar')
    expect(metadata.space).toMatch(/^(srgb|b-w)$/)
    const meanRed = async (file: Uint8Array) => {
      const pixels = await sharp(file).toColourspace('srgb').removeAlpha().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
      return (await sharp(pixels.data, { raw: pixels.info }).stats()).channels[0]?.mean ?? Number.NaN
    }
    expect(Math.abs((await meanRed(bytes)) - (await meanRed(result.bytes)))).toBeLessThan(2)
  })

  test('rejects with the reason of the caller when aborted, before and during its work', async () => {
    const bytes = await noise(1500, 1500).png().toBuffer()
    const controller = new AbortController()
    const reason = new Error('The caller left')

    const running = images.fit(bytes, { rule: standard, maxBytes: 50_000 }, { signal: controller.signal })
    controller.abort(reason)

    await expect(running).rejects.toBe(reason)
    await expect(images.fit(bytes, { rule: standard }, { signal: controller.signal })).rejects.toBe(reason)
  })

  test('does not stop the event loop while it decodes', async () => {
    const bytes = await noise(3000, 2000).png().toBuffer()
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 1)

    await images.fit(bytes, { rule: standard })
    clearInterval(timer)

    expect(turns).toBeGreaterThan(5)
  })
})

describe('open()', () => {
  const pixel = ({ data, width }: { data: Uint8Array; width: number }, x: number, y: number) => [
    ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
  ]
  const flat = (level: number) => raw(60, 40, () => [level, level, level])

  test.each([
    ['RGB', () => flat(100).png(), 100],
    ['RGB as JPEG', () => flat(100).jpeg(), 100],
    ['RGB as WebP', () => flat(100).webp({ lossless: true }), 100],
    ['palette', () => flat(100).png({ palette: true }), 100],
    ['grey', () => flat(100).toColourspace('b-w').png(), 100],
    ['16 bit', () => flat(100).toColourspace('rgb16').png(), 100],
    ['16 bit grey', () => flat(100).toColourspace('grey16').png(), 100],
    ['CMYK', () => flat(100).toColourspace('cmyk').jpeg(), 100],
    ['half transparent, on white', () => flat(100).ensureAlpha(0.5).png(), 177],
    ['transparent, on white', () => flat(100).ensureAlpha(0).webp(), 255],
  ])('gives three bytes a pixel of %s', async (_what, make, level) => {
    const opened = await images.open(await make().toBuffer())

    expect([opened.width, opened.height, opened.data.length]).toEqual([60, 40, 60 * 40 * 3])
    for (const channel of pixel(opened, 30, 20)) expect(Math.abs(channel - level)).toBeLessThan(14)
  })

  test('takes the first frame of an animation', async () => {
    const frames = await Promise.all([250, 10].map((level) => flat(level).png().toBuffer()))
    const bytes = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer()

    const opened = await images.open(bytes)

    expect([opened.width, opened.height, opened.facts.frames]).toEqual([60, 40, 2])
    expect(pixel(opened, 5, 5)[0]).toBeGreaterThan(235)
  })

  test('turns the picture upright', async () => {
    const bytes = await raw(40, 20, (x) => (x < 20 ? [255, 0, 0] : [0, 0, 255]))
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer()

    const opened = await images.open(bytes)

    expect([opened.width, opened.height, opened.isPlain]).toEqual([20, 40, false])
    expect(pixel(opened, 10, 4)[0]).toBeGreaterThan(200)
  })

  test.each([
    ['decodable', async () => (await noise(200, 150).png().toBuffer()).subarray(0, 30_000)],
    ['decodable', () => pngHeader(100, 100)],
    ['max_pixels', () => pngHeader(60_000, 60_000)],
    ['format', () => Buffer.from('%PDF-1.7')],
  ])('refuses by %s', async (rule, make) => {
    expect((await refusal(images.open(await make()))).rule).toBe(rule)
  })

  test('does not unpack what stands beside the pixels, however large it would become', async () => {
    const packed = deflateSync(Buffer.alloc(64_000_000))
    const bytes = withPngChunk(await flat(100).png().toBuffer(), 'zTXt', Buffer.concat([Buffer.from('Comment\0\0'), packed]))

    const opened = await images.open(bytes)

    expect([opened.width, opened.isPlain]).toEqual([60, false])
  })

  test('rejects with the reason of the caller when aborted', async () => {
    const reason = new Error('The caller left')

    await expect(images.open(await flat(1).png().toBuffer(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('fit() of pixels at hand', () => {
  test('gives what it gives of the file', async () => {
    const bytes = await screen(2600, 1500).png().toBuffer()

    const [ofPixels, ofFile] = await Promise.all([
      images.open(bytes).then((opened) => images.fit(opened, { rule: standard })),
      images.fit(bytes, { rule: standard }),
    ])

    expect({ ...ofPixels, bytes: [] }).toEqual({ ...ofFile, bytes: [] })
    const [left, right] = await Promise.all([ofPixels, ofFile].map(({ bytes: file }) => sharp(file).raw().toBuffer()))
    expect(left?.equals(right as Buffer)).toBe(true)
  })

  test('keeps the bytes of a file that fits, but not where something is transparent', async () => {
    const [file, clear] = await Promise.all([screen(300, 200).png().toBuffer(), screen(300, 200).ensureAlpha(0.5).png().toBuffer()])

    const kept = await images.fit(await images.open(file), { rule: standard })
    const flattened = await images.fit(await images.open(clear), { rule: standard })

    expect([kept.changed, kept.bytes]).toEqual([false, file])
    expect(flattened.changed).toBe(true)
    expect((await sharp(flattened.bytes).metadata()).hasAlpha).toBe(false)
  })

  test('writes a raster that came from no file', async () => {
    const { data } = await images.open(await screen(300, 200).png().toBuffer())

    const result = await images.fit({ width: 300, height: 200, data }, { rule: standard })

    expect(result).toMatchObject({ width: 300, height: 200, mediaType: 'image/png', changed: true, scale: { x: 1, y: 1 } })
    expect((await sharp(result.bytes).raw().toBuffer()).equals(Buffer.from(data))).toBe(true)
  })
})

describe('fitParts()', () => {
  test('leaves a picture whole that a model can read as one', async () => {
    const phone = await screen(1080, 2400).png().toBuffer()
    const { source, parts } = await fitParts(images, phone, { rule: standard })
    const whole = await images.fit(phone, { rule: standard })

    expect(source).toEqual(whole.source)
    expect(parts).toEqual([{ ...whole, left: 0, top: 0 }])
  })

  test('cuts a tall page into parts of its own pixels, as large as the model takes them', async () => {
    const page = await raw(640, 6000, (_, y) => [(y / 6000) * 255, y % 256, 90])
      .png()
      .toBuffer()
    const { source, parts } = await fitParts(images, page, { rule: standard })

    expect(source).toEqual({ width: 640, height: 6000, mediaType: 'image/png' })
    expect(parts.length).toBeGreaterThan(5)
    expect(parts.at(-1)).toMatchObject({ left: 0, top: 6000 - 960 })
    for (const { top, width, height, scale, bytes } of parts) {
      expect([width, height, scale]).toEqual([640, 960, { x: 1, y: 1 }])
      const [red] = await sharp(bytes).extract({ left: 0, top: 480, width: 1, height: 1 }).removeAlpha().raw().toBuffer()
      expect(red).toBe(Math.trunc(((top + 480) / 6000) * 255))
    }
  })

  test('keeps all parts together below a limit, and makes at most twelve', async () => {
    const page = await noise(300, 20_000).png().toBuffer()
    const { parts } = await fitParts(images, page, { rule: standard, maxBytes: 600_000 })

    expect(parts).toHaveLength(12)
    expect(parts.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(600_000)
  })
})
