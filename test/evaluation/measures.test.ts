import { expect, test } from 'vitest'
import { abstentionOf, rankingOf } from '../../src/evaluation/measures.ts'

const answered = (gold: string, names: string, confidence = 0) => ({ gold: [...gold], names: [...names], confidence })

test('rankingOf() counts shares of the right tools, and gains by their places', () => {
  const figures = rankingOf([answered('a', 'abcdefghij'), answered('bf', 'abcdefghij'), answered('', 'abc')])

  expect(figures.recallAt1).toBe(0.5)
  expect(figures.recallAt5).toBe(0.75)
  expect(figures.recallAt10).toBe(1)
  expect(figures.allGoldAt5).toBe(0.5)
  const second = 1 / Math.log2(3)
  expect(figures.ndcgAt5).toBeCloseTo((1 + second / (1 + second)) / 2)
})

test('abstentionOf() sets needs with a tool against those without, at thresholds that keep the first', () => {
  const fitting = Array.from({ length: 10 }, (_, index) => answered('a', 'a', (index + 1) / 10))
  const none = [0.05, 0.15, 0.95].map((confidence) => answered('', 'a', confidence))

  const found = abstentionOf([...fitting, ...none])

  // 0.05 is below all ten, 0.15 below nine, 0.95 below one.
  expect(found?.auc).toBeCloseTo((10 + 9 + 1) / 30)
  expect(found?.curve).toEqual([
    { kept: 0.99, falseOffers: 2 / 3 },
    { kept: 0.95, falseOffers: 2 / 3 },
    { kept: 0.9, falseOffers: 1 / 3 },
    { kept: 0.8, falseOffers: 1 / 3 },
  ])
  expect(abstentionOf(fitting)).toBeUndefined()
})
