import { afterAll, describe, expect, test } from 'vitest'
import { OcrError } from '../../models/errors.ts'
import { type IconReader, signSide } from '../../models/local/icons/index.ts'
import { signsAt } from '../../tools/computer/guard/sign-place.ts'
import { drawnSigns, screenWith } from '../support/drawn-signs.ts'

/** What any reader of signs owes. */
export function iconReaderContract(name: string, create: () => IconReader): void {
  describe(name, () => {
    const reader = create()
    afterAll(() => reader.close())
    const inksOf = async (sign: keyof typeof drawnSigns) =>
      signsAt(await screenWith([{ sign, x: 300, y: 180 }]), { x: 312, y: 192 }).map(({ ink }) => ink)

    test.each(Object.keys(drawnSigns) as (keyof typeof drawnSigns)[])('read() names a drawing of %s', async (sign) => {
      const reading = await reader.read(await inksOf(sign))

      expect(reading).toMatchObject({ meaning: sign })
      expect(reading?.confidence).toBeGreaterThan(0.5)
      expect(reading?.confidence).toBeLessThanOrEqual(1)
    })

    test('read() finds nothing where nothing is drawn', async () => {
      expect(await reader.read([])).toBeUndefined()
      expect(await reader.read([new Uint8Array(signSide * signSide)])).toBeUndefined()
    })

    test('read() refuses what is no drawing of its size', async () => {
      await expect(reader.read([new Uint8Array(7)])).rejects.toThrow(
        new RangeError('Cannot read a sign: it must have 1024 values, received 7'),
      )
    })

    test('read() rejects with the reason of the caller, and answers the next', async () => {
      const controller = new AbortController()
      const reason = new Error('The caller left')
      const inks = await inksOf('close')

      const aborted = reader.read(inks, { signal: controller.signal })
      controller.abort(reason)

      await expect(aborted).rejects.toBe(reason)
      await expect(reader.read(inks, { signal: controller.signal })).rejects.toBe(reason)
      expect(await reader.read(inks)).toMatchObject({ meaning: 'close' })
    })

    test('read() fails after close(), and what waits fails with it', async () => {
      const closing = create()
      const waiting = closing.read(await inksOf('add'))
      const refused = expect(waiting).rejects.toBeInstanceOf(OcrError)
      await closing.close()

      await refused
      await expect(closing.read(await inksOf('add'))).rejects.toMatchObject({ code: 'ocr_unavailable' })
    })
  })
}
