import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bandsOf, ownBoxes } from '../../../../models/local/ocr/bands.ts'

test('bandsOf() covers a picture of any size with bands of bounded area, and each line belongs to exactly one that holds it whole', () => {
  const sizes = fc.record({ width: fc.integer({ min: 1, max: 6000 }), height: fc.integer({ min: 1, max: 20_000 }) })
  fc.assert(
    fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 4, max: 60 }), (size, place, high) => {
      const bands = bandsOf(size)
      const top = Math.floor(place * Math.max(0, size.height - high))
      const line = { left: 0, top, right: size.width, bottom: Math.min(size.height, top + high) }

      const owners = bands.filter((band) => {
        const seen = { ...line, top: Math.max(0, line.top - band.top), bottom: Math.min(band.bottom, line.bottom) - band.top }
        return seen.bottom > seen.top && ownBoxes([seen], band).length === 1 && band.top <= line.top && band.bottom >= line.bottom
      })

      expect(owners).toHaveLength(1)
      expect(bands[0]?.top).toBe(0)
      expect(bands.at(-1)?.bottom).toBe(size.height)
      for (const { top: start, bottom } of bands)
        expect((bottom - start) * size.width).toBeLessThanOrEqual(Math.max(600_000, 128 * size.width))
    }),
    { numRuns: 200 },
  )
})
