import { expect, test } from 'vitest'
import { confidenceOf, difficultyOf, neededConfidence } from '../../../tools/computer/difficulty.ts'

const plain = { width: 200, height: 200, data: new Uint8Array(200 * 200 * 3).fill(240) }
const crowded = { ...plain, data: plain.data.map((_, at) => (Math.floor(at / 3) % 4 < 2 ? 0 : 255)) }
const click = { type: 'click', at: { x: 100, y: 100 }, button: 'left', count: 1, modifiers: [] } as const

test('difficultyOf() finds a click among much without words harder than one on a labelled button, and typing easy', () => {
  const hard = difficultyOf({ action: click, raster: crowded, label: 'none' })
  const easy = difficultyOf({ action: click, raster: plain, label: 'matches' })
  expect(hard).toBeGreaterThan(0.7)
  expect(easy).toBeLessThan(0.3)
  expect(difficultyOf({ action: { type: 'type', text: 'hello' }, raster: crowded })).toBeLessThan(easy)
})

test('neededConfidence() rises from .80 to .92 between a difficulty of .3 and one of .7', () => {
  expect([0, 0.3, 0.5, 0.7, 1].map((one) => Number(neededConfidence(one).toFixed(3)))).toEqual([0.8, 0.8, 0.86, 0.92, 0.92])
})

test('confidenceOf() is near 1 where all tokens are sure, lower with a doubted one, and unknown without any', () => {
  expect(confidenceOf([])).toBeUndefined()
  expect(confidenceOf([-0.001, -0.001])).toBeCloseTo(0.999)
  expect(confidenceOf([-0.01, -0.01, -4])).toBeLessThan(0.8)
})
