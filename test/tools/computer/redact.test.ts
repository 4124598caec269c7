import sharp from 'sharp'
import { expect, test } from 'vitest'
import { createImages, imageRule } from '../../../models/images.ts'
import { redact } from '../../../tools/computer/redact.ts'

const white = (width: number, height: number) => ({ width, height, data: new Uint8Array(width * height * 3).fill(255) })

test('redact() masks the boxes with a margin in a copy, and says kinds and boxes', async () => {
  const raster = white(40, 20)

  const { raster: copy, masked, share } = await redact(raster, [{ left: 10, top: 5, right: 14, bottom: 8, kind: 'card' }])

  expect(masked).toEqual([{ left: 9, top: 4, right: 15, bottom: 9, kind: 'card' }])
  expect(share).toBe(30 / 800)
  expect(copy.data.filter((value) => value === 0)).toHaveLength(30 * 3)
  expect(raster.data.every((value) => value === 255)).toBe(true)
})

test('redact() counts a pixel once where boxes overlap, and cuts what reaches outside', async () => {
  const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom, kind: 'password' })

  const { share, raster } = await redact(white(40, 20), [box(4, 4, 10, 10), box(8, 4, 14, 10), box(36, 16, 90, 90), box(60, 60, 70, 70)])

  expect(share * 800).toBe(raster.data.filter((value) => value === 0).length / 3)
})

test('redact() gives the raster itself when there is nothing to mask', async () => {
  const raster = white(40, 20)

  expect(await redact(raster, [])).toEqual({ raster, masked: [], share: 0 })
})

test('a redacted frame that is made smaller keeps no shade of what was masked, and its coordinates', async () => {
  const secret = { left: 300, top: 200, right: 500, bottom: 230, kind: 'password' }
  const page = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="1200"><rect width="2000" height="1200" fill="#fff"/><rect x="300" y="200" width="200" height="30" fill="#f00"/></svg>',
  )
  const images = createImages()
  const opened = await images.open(await sharp(page).png().toBuffer())

  const { raster } = await redact(opened, [secret])
  const { bytes, scale } = await images.fit(raster, { rule: imageRule('anthropic-standard') })

  const { data, width } = await images.open(bytes)
  const isRed = (at: number) => (data[at] ?? 0) > (data[at + 1] ?? 0) + 20
  expect(Array.from({ length: data.length / 3 }, (_, pixel) => pixel * 3).some(isRed)).toBe(false)
  const middle = (Math.round(215 / scale.y) * width + Math.round(400 / scale.x)) * 3
  expect([...data.subarray(middle, middle + 3)]).toEqual([0, 0, 0])
})
