import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import type { Raster } from '../../models/images/raster.ts'
import type { Ocr, TextBox } from '../../models/local/ocr/index.ts'

/** A page of settings, rendered once, so that no font of this machine has a part in it. */
export async function settingsPage(): Promise<Raster> {
  const file = fileURLToPath(new URL('../fixtures/ocr/settings.png', import.meta.url))
  const { data, info } = await sharp(file).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8Array(data) }
}

const squeezed = (text: string) => text.replaceAll(/\s/g, '')
export const boxOf = (boxes: readonly TextBox[], text: string) => boxes.find((box) => squeezed(box.text).includes(squeezed(text)))

/** What every reader of pictures keeps to. `missing` says why this one cannot be tried here. */
export function ocrContract(name: string, create: () => Ocr, missing: string | undefined): void {
  const title = missing === undefined ? `${name} as a reader of texts` : `${name} as a reader of texts (skipped: ${missing})`
  describe.skipIf(missing !== undefined)(title, () => {
    const ocr = create()
    afterAll(() => ocr.close())

    test('read() finds texts where they stand, in boxes of their own', async () => {
      const boxes = await ocr.read(await settingsPage())

      const expected = [
        ['Display name', 24, 112, 80],
        ['Language', 320, 393, 80],
        ['Your session ends in 20 minutes. Unsaved work will be lost.', 24, 384, 210],
        ['Card number 4111 1111 1111 1111', 24, 286, 260],
      ] as const
      for (const [text, left, right, baseline] of expected) {
        const box = boxOf(boxes, text)
        expect(squeezed(box?.text ?? '')).toBe(squeezed(text))
        expect(Math.abs((box?.left ?? 0) - left)).toBeLessThan(12)
        expect(Math.abs((box?.right ?? 0) - right)).toBeLessThan(16)
        expect(box?.top).toBeLessThan(baseline)
        expect(box?.bottom).toBeGreaterThan(baseline - 6)
        expect(box?.confidence).toBeGreaterThan(0.5)
      }
    })

    test('read() says of each character where it stands', async () => {
      const box = boxOf(await ocr.read(await settingsPage()), '4111')

      const centres = box?.centres ?? []
      const firstDigit = box?.text.indexOf('4') ?? -1
      expect(centres).toHaveLength(box?.text.length ?? -1)
      expect(centres).toEqual(centres.toSorted((a, b) => a - b))
      // Monospaced: the thirteenth of 31 characters from 24 to 285.
      expect(Math.abs((centres[firstDigit] ?? 0) - 128)).toBeLessThan(7)
    })

    test('read() of a part sees that part alone and answers in pixels of the whole', async () => {
      const boxes = await ocr.read(await settingsPage(), { within: { left: 200, top: 52.5, right: 460, bottom: 108 } })

      expect(boxes.map(({ text }) => text)).toEqual(['Language'])
      expect(Math.abs((boxes[0]?.left ?? 0) - 320)).toBeLessThan(10)
      expect(Math.abs((boxes[0]?.top ?? 0) - 69)).toBeLessThan(12)
    })

    test('read() of a part outside of the picture finds nothing', async () => {
      expect(await ocr.read(await settingsPage(), { within: { left: 700, top: 0, right: 900, bottom: 50 } })).toEqual([])
    })

    test('read() of a picture without text finds nothing', async () => {
      expect(await ocr.read({ width: 200, height: 80, data: new Uint8Array(200 * 80 * 3).fill(240) })).toEqual([])
    })

    test('read() rejects with the reason of the caller when aborted, before it began and while it waits', async () => {
      const page = await settingsPage()
      const reason = new Error('The caller left')
      const controller = new AbortController()

      const first = ocr.read(page)
      const waiting = ocr.read(page, { signal: controller.signal })
      controller.abort(reason)

      await expect(waiting).rejects.toBe(reason)
      await expect(ocr.read(page, { signal: controller.signal })).rejects.toBe(reason)
      expect(boxOf(await first, 'Language')).toBeDefined()
    })

    test('read() does not touch the raster, which others look at as well', async () => {
      const page = await settingsPage()
      const before = page.data.slice()

      await ocr.read(page)

      expect(Buffer.compare(page.data, before)).toBe(0)
    })

    test('a closed one refuses, and closing twice is closing once', async () => {
      const closing = create()
      await closing.close()
      await closing.close()

      await expect(closing.read(await settingsPage())).rejects.toMatchObject({ code: 'ocr_unavailable' })
    })
  })
}
