import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { ImageError } from '../../../models/errors.ts'
import { createImages, imageRule } from '../../../models/images.ts'
import { createFrames } from '../../../tools/computer/frames.ts'
import { createFrameStore } from '../../support/frame-store.ts'

const images = createImages()

let wide: Buffer
let small: Buffer

beforeAll(async () => {
  const page = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#f4f4f0' } })
      .png()
      .toBuffer()
  ;[wide, small] = await Promise.all([page(1920, 1080), page(640, 400)])
})

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function setUp({ keep = 24 } = {}) {
  const store = createFrameStore()
  let clock = 1000
  const now = () => {
    clock += 1
    return clock
  }
  return { store, frames: createFrames({ images, store, now, keep }), again: () => createFrames({ images, store, now, keep }) }
}

describe('take()', () => {
  test('says what was taken', async () => {
    const { frames } = setUp()

    const { frame } = await frames.take('local', 'th', { bytes: wide, url: 'https://shop.test/', window: 'Shop' })

    expect(frame).toMatchObject({
      sha256: sha256(wide),
      source: { width: 1920, height: 1080 },
      sent: { width: 1920, height: 1080, space: { kind: 'pixels', width: 1920, height: 1080 } },
      url: 'https://shop.test/',
      window: 'Shop',
      tiles: { columns: 30, rows: 17 },
      takenAt: 1001,
    })
    expect(frame.id).toMatch(/^fr_[0-9a-f]{32}$/)
    expect(frame.raster).toMatchObject({ width: 1920, height: 1080 })
  })

  test('asSent() has the pixels and the hash of the file that a model gets whose rule makes it smaller', async () => {
    const { frames } = setUp()
    const rule = imageRule('anthropic-standard')
    const { frame } = await frames.take('local', 'th', { bytes: wide })
    const kept = await frames.take('local', 'th', { bytes: small })

    const sent = await frames.asSent('local', frame, rule)
    const { bytes } = await images.fit(wide, { rule })

    expect(sent?.raster).toMatchObject({ width: 1456, height: 819 })
    expect(sent?.sha256).toBe(sha256(bytes))
    expect(await frames.asSent('local', kept.frame, rule), 'its own pixels').toBeUndefined()
  })

  test('what was read is kept beside what was read before, whichever ends first', async () => {
    const { frames } = setUp()
    const { frame } = await frames.take('local', 'th', { bytes: wide })
    const line = { left: 1, top: 1, right: 9, bottom: 9, text: 'Pay', confidence: 1 }
    const view = { rule: 'anthropic-standard', width: 1456, height: 819, sha256: 'a', text: [line] }

    await Promise.all([frames.keepView('local', frame.id, view), frames.keepText('local', frame.id, [line])])

    expect(await frames.get('local', frame.id)).toMatchObject({ text: [line], views: [view] })
  })

  test('refuses what is no picture, and keeps nothing of it', async () => {
    const { frames } = setUp()

    await expect(frames.take('local', 'th', { bytes: Buffer.from('hello') })).rejects.toThrow(ImageError)
    expect(await frames.newest('local', 'th')).toBeUndefined()
  })
})

describe('after a restart', () => {
  test('the newest frame and those before it are known, and opened from the original', async () => {
    const { frames, again } = setUp({ keep: 2 })
    const taken = []
    for (const bytes of [wide, small, small]) taken.push((await frames.take('local', 'th', { bytes })).frame)

    const restarted = again()

    expect((await restarted.newest('local', 'th'))?.id).toBe(taken[2]?.id)
    expect((await restarted.ofThread('local', 'th')).map(({ id }) => id)).toEqual([taken[1]?.id, taken[2]?.id])
    const opened = await restarted.open('local', taken[0]?.id ?? '')
    expect(opened?.raster).toMatchObject({ width: 1920, height: 1080 })
    expect(opened?.tiles).toEqual(taken[0]?.tiles)
  })

  test('the text that was read is known', async () => {
    const { frames, again } = setUp()
    const { frame } = await frames.take('local', 'th', { bytes: small })
    const text = [{ left: 1, top: 2, right: 30, bottom: 12, text: 'Buy', confidence: 0.9 }]

    await frames.keepText('local', frame.id, text)

    expect((await again().get('local', frame.id))?.text).toEqual(text)
  })
})

test('get(), open() and newest() answer another principal like an unknown id', async () => {
  const { frames } = setUp()
  const { frame } = await frames.take('local', 'th', { bytes: small })

  const answers = [frames.get('other', frame.id), frames.open('other', frame.id), frames.newest('other', 'th'), frames.get('local', 'x')]

  expect(await Promise.all(answers)).toEqual([undefined, undefined, undefined, undefined])
})
