import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Raster } from '../../../models/images/raster.ts'
import {
  changedTiles,
  crop,
  dHash,
  findChanges,
  greyCrop,
  hammingDistance,
  hashTiles,
  maskBoxes,
  sliceTall,
  structuralSimilarity,
} from '../../../models/images.ts'

type Colour = readonly [number, number, number]

function plain(width: number, height: number, colour: Colour = [250, 250, 250]): Raster {
  const data = new Uint8Array(width * height * 3)
  for (let at = 0; at < data.length; at += 3) data.set(colour, at)
  return { width, height, data }
}

function withBox(raster: Raster, box: { left: number; top: number; right: number; bottom: number }, colour: Colour): Raster {
  const data = new Uint8Array(raster.data)
  for (let y = box.top; y < box.bottom; y += 1) {
    for (let x = box.left; x < box.right; x += 1) data.set(colour, (y * raster.width + x) * 3)
  }
  return { ...raster, data }
}

const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom })

/** Pixels of an odd width, each with a colour of its own. */
function coloured(width: number, height: number): Raster {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 37 + (at >> 7)) % 251) }
}

describe('crop()', () => {
  test('gives the pixels of the region', () => {
    const raster = coloured(13, 9)

    const part = crop(raster, box(3, 2, 7, 5))

    expect([part.width, part.height]).toEqual([4, 3])
    expect([...part.data.subarray(0, 3)]).toEqual([...raster.data.subarray((2 * 13 + 3) * 3, (2 * 13 + 3) * 3 + 3)])
    expect([...part.data.subarray(-3)]).toEqual([...raster.data.subarray((4 * 13 + 6) * 3, (4 * 13 + 6) * 3 + 3)])
  })

  test('leaves out what lies outside, and refuses a region with nothing inside', () => {
    const raster = coloured(13, 9)

    expect(crop(raster, box(-5, -5, 2.5, 100))).toMatchObject({ width: 3, height: 9 })
    expect(() => crop(raster, box(13, 0, 20, 9))).toThrow(RangeError)
  })
})

describe('maskBoxes()', () => {
  test('blackens each box, touched pixels as a whole, and nothing else', async () => {
    const raster = plain(20, 10)

    const masked = await maskBoxes(raster, [box(1.5, 2, 3.2, 4), box(18, 8, 40, 40), box(7, 7, 7, 7)])

    const black = Array.from({ length: 200 }, (_, at) => at).filter((at) => masked.data[at * 3] === 0)
    expect(black).toEqual([41, 42, 43, 61, 62, 63, 178, 179, 198, 199])
    expect(raster.data.every((value) => value === 250)).toBe(true)
  })
})

describe('hashTiles() and changedTiles()', () => {
  test('name the tiles that hold a changed pixel, at the edges as well', async () => {
    const before = coloured(150, 130)
    const after = withBox(withBox(before, box(70, 10, 71, 11), [1, 2, 3]), box(149, 129, 150, 130), [1, 2, 3])

    const tiles = await hashTiles(before)
    const changed = changedTiles(tiles, await hashTiles(after))

    expect([tiles.columns, tiles.rows, tiles.hashes.length]).toEqual([3, 3, 9])
    expect(changed).toEqual([box(64, 0, 128, 64), box(128, 128, 192, 192)])
    expect(changedTiles(tiles, await hashTiles(coloured(150, 130)))).toEqual([])
  })

  test('of pictures of different size there is nothing to say', async () => {
    expect(changedTiles(await hashTiles(plain(64, 64)), await hashTiles(plain(65, 64)))).toBeUndefined()
  })
})

describe('dHash()', () => {
  test('is 64 bits, the same for a larger copy, and far for another picture', async () => {
    const steps = (width: number, height: number): Raster => ({
      width,
      height,
      data: Uint8Array.from({ length: width * height * 3 }, (_, at) => {
        const [x, y] = [Math.floor((((at / 3) % width) / width) * 9), Math.floor((Math.floor(at / 3 / width) / height) * 8)]
        return ((x * 5 + y * 3) % 7) * 30
      }),
    })

    const hash = dHash(steps(180, 160))

    expect(hash).toMatch(/^[0-9a-f]{16}$/)
    expect(hammingDistance(hash, dHash(steps(360, 320)))).toBe(0)
    expect(hammingDistance(hash, dHash(plain(180, 160)))).toBeGreaterThan(15)
  })
})

describe('structuralSimilarity()', () => {
  const size = { width: 32, height: 24 }
  const grey = (raster: Raster) => greyCrop(raster, box(0, 0, raster.width, raster.height), size)

  test('is 1 for the same picture and falls with what changes', () => {
    const before = withBox(plain(64, 48), box(10, 10, 30, 20), [20, 20, 20])
    const little = withBox(before, box(12, 12, 14, 14), [250, 250, 250])
    const much = withBox(before, box(0, 24, 64, 48), [20, 20, 20])

    expect(structuralSimilarity(grey(before), grey(before))).toEqual({ mean: 1, least: 1 })
    const [near, far] = [structuralSimilarity(grey(before), grey(little)), structuralSimilarity(grey(before), grey(much))]
    expect(near.mean).toBeLessThan(1)
    expect(far.mean).toBeLessThan(near.mean)
    expect(near.least).toBeLessThan(near.mean)
  })

  test('refuses pictures of different size', () => {
    expect(() => structuralSimilarity(grey(plain(64, 48)), greyCrop(plain(64, 48), box(0, 0, 9, 9), { width: 9, height: 9 }))).toThrow(
      RangeError,
    )
  })
})

describe('findChanges()', () => {
  test('finds boxes to the pixel, near ones together and far ones apart, and not what is masked', async () => {
    const before = plain(301, 200)
    const boxes = [box(20, 30, 60, 40), box(70, 30, 90, 40), box(200, 100, 300, 180), box(5, 150, 8, 170)]
    const after = boxes.reduce((raster, one) => withBox(raster, one, [200, 0, 0]), before)

    const { regions, share } = await findChanges(before, after, { masks: [box(0, 140, 20, 199)] })

    expect(regions).toEqual([
      { ...box(200, 100, 300, 180), pixels: 8000 },
      { ...box(20, 30, 90, 40), pixels: 600 },
    ])
    expect(share).toBeCloseTo(8600 / (301 * 200))
  })

  test('a box anywhere is found whole', async () => {
    const before = plain(120, 90)
    const side = (start: number, length: number, whole: number): [number, number] => [start, Math.min(whole, start + length)]
    await fc.assert(
      fc.asyncProperty(
        fc.nat(118),
        fc.nat(88),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        async (x, y, wide, high) => {
          const [left, right] = side(x, wide, 120)
          const [top, bottom] = side(y, high, 90)

          const { regions } = await findChanges(before, withBox(before, box(left, top, right, bottom), [0, 0, 0]))

          expect(regions).toEqual([{ left, top, right, bottom, pixels: (right - left) * (bottom - top) }])
        },
      ),
      { numRuns: 25 },
    )
  })

  test('does not take the noise of a compression for a change, and still sees what changed', async () => {
    const page = withBox(plain(320, 240), box(40, 40, 280, 60), [30, 30, 30])
    const raw = (raster: Raster) => sharp(raster.data, { raw: { width: 320, height: 240, channels: 3 } })
    const lossy = async (raster: Raster, quality: number): Promise<Raster> => ({
      ...raster,
      data: await raw({ ...raster, data: raster.data.map((value, at) => Math.max(0, value - ((at * 7919) % 23))) })
        .jpeg({ quality })
        .toBuffer()
        .then((bytes) => sharp(bytes).raw().toBuffer()),
    })

    const quiet = await findChanges(await lossy(page, 80), await lossy(page, 90))
    const loud = await findChanges(await lossy(page, 80), await lossy(withBox(page, box(100, 100, 200, 200), [0, 0, 200]), 90))

    expect(quiet.regions).toEqual([])
    expect(loud.minDifference).toBe(quiet.minDifference)
    expect(loud.regions).toHaveLength(1)
  })

  test('refuses pictures of different size', async () => {
    await expect(findChanges(plain(10, 10), plain(10, 11))).rejects.toThrow(RangeError)
  })
})

describe('sliceTall()', () => {
  test('leaves a page alone that is not tall', () => {
    expect(sliceTall({ width: 1280, height: 1900 })).toEqual([box(0, 0, 1280, 1900)])
  })

  test('covers a tall page with parts of one height that overlap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 3000 }), fc.integer({ min: 1, max: 30_000 }), (width, height) => {
        const slices = sliceTall({ width, height })

        expect(slices.length).toBeLessThanOrEqual(12)
        expect(slices[0]?.top).toBe(0)
        expect(slices.at(-1)?.bottom).toBe(height)
        for (const [index, slice] of slices.entries()) {
          expect([slice.left, slice.right]).toEqual([0, width])
          if (slices.length > 1) expect(slice.bottom - slice.top).toBeGreaterThanOrEqual(Math.round(width * 1.5))
          const next = slices[index + 1]
          if (next !== undefined) expect(slice.bottom).toBeGreaterThan(next.top)
        }
      }),
      { numRuns: 60 },
    )
  })
})
