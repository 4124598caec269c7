import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Message, Part } from '../../models/message.ts'
import { createTokenEstimator } from '../../models/tokens.ts'

const user = (...content: Part[]): Message[] => [{ role: 'user', content }]
const text = (value: string): Part => ({ type: 'text', text: value })

/** As a provider would: the same text has `bytes / ratio` tokens, whatever was estimated. */
function teach(estimator: ReturnType<typeof createTokenEstimator>, category: string, ratio: number, times = 10) {
  for (let time = 0; time < times; time += 1) {
    const bytes = 4000 + time * 100
    estimator.observe(category, estimator.estimateText('x'.repeat(bytes), category), Math.round(bytes / ratio))
  }
}

describe('estimateText()', () => {
  test('starts at four bytes a token, rounded up', () => {
    const { estimateText } = createTokenEstimator()

    expect(estimateText('')).toBe(0)
    expect(estimateText('a')).toBe(1)
    expect(estimateText('abcde')).toBe(2)
  })

  test('counts bytes and not characters', () => {
    expect(createTokenEstimator().estimateText('日本語日')).toBe(3)
  })

  test('never falls when text is added', () => {
    const { estimateText } = createTokenEstimator()

    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (start, more) => {
        expect(estimateText(start + more)).toBeGreaterThanOrEqual(estimateText(start))
      }),
    )
  })
})

describe('observe()', () => {
  test('changes nothing before its tenth sample, and then follows', () => {
    const estimator = createTokenEstimator()

    teach(estimator, 'json', 2, 9)
    const before = estimator.estimateText('x'.repeat(1000), 'json')
    teach(estimator, 'json', 2, 1)

    expect(before).toBe(250)
    expect(estimator.estimateText('x'.repeat(1000), 'json')).toBeCloseTo(500, -1)
  })

  test('learns each ratio that providers can have, without estimating lower than they count', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.2, max: 7.5, noNaN: true }), fc.integer({ min: 10, max: 60 }), (ratio, times) => {
        const estimator = createTokenEstimator()
        teach(estimator, 'a', ratio, times)
        const estimate = estimator.estimateText('x'.repeat(10_000), 'a')
        expect(estimate).toBeGreaterThanOrEqual((10_000 / ratio) * 0.99)
        expect(estimate).toBeLessThanOrEqual((10_000 / ratio) * 1.03 + 1)
      }),
    )
  })

  test('errs on the high side when the samples differ', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 2, max: 6, noNaN: true }), { minLength: 40, maxLength: 200 }), (ratios) => {
        const estimator = createTokenEstimator()
        let low = 0
        for (const [time, ratio] of ratios.entries()) {
          const estimated = estimator.estimateText('x'.repeat(8000), 'a')
          const actual = Math.round(8000 / ratio)
          if (time >= 20 && estimated < actual) low += 1
          estimator.observe('a', estimated, actual)
        }
        const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
        expect(estimator.estimateText('x'.repeat(8000), 'a')).toBeGreaterThanOrEqual((8000 / mean) * 0.98)
        expect(low / (ratios.length - 20)).toBeLessThan(0.75)
      }),
    )
  })

  test('follows a rise faster than a fall', () => {
    const rising = createTokenEstimator()
    const falling = createTokenEstimator()
    teach(rising, 'a', 4)
    teach(falling, 'a', 4)

    teach(rising, 'a', 3, 50)
    teach(falling, 'a', 5, 50)

    const [risen, fallen] = [rising, falling].map((one) => one.estimateText('x'.repeat(12_000), 'a'))
    expect((risen ?? 0) - 3000).toBeGreaterThan(3 * (3000 - (fallen ?? 0)))
  })

  test('keeps categories apart, and lends what all have shown to a new one', () => {
    const estimator = createTokenEstimator()

    teach(estimator, 'json', 2)
    teach(estimator, 'prose', 5, 30)

    const [json, prose, unknown] = ['json', 'prose', 'new'].map((category) => estimator.estimateText('x'.repeat(1000), category))
    expect(json).toBeGreaterThan(480)
    expect(prose).toBeLessThan(210)
    expect(unknown).toBeGreaterThan(250)
  })

  test.each([
    [0, 100],
    [-5, 100],
    [100, 0],
    [100, -1],
    [Number.NaN, 100],
    [100, Number.NaN],
    [100, Number.POSITIVE_INFINITY],
    [20, 49],
  ])('learns nothing from %d estimated and %d counted', (estimated, actual) => {
    const estimator = createTokenEstimator()

    for (let time = 0; time < 30; time += 1) estimator.observe('a', estimated, actual)

    expect(estimator.estimateText('x'.repeat(1000), 'a')).toBe(250)
  })

  test('never leaves one to eight bytes a token, whatever is reported', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double(), fc.double()), { maxLength: 60 }), (reports) => {
        const estimator = createTokenEstimator()
        for (const [estimated, actual] of reports) estimator.observe('a', estimated, actual)
        const estimate = estimator.estimateText('x'.repeat(8000), 'a')
        expect(estimate).toBeGreaterThanOrEqual(1000)
        expect(estimate).toBeLessThanOrEqual(8000)
      }),
    )
  })

  test('learns what a text has when it was estimated without a category', () => {
    const estimator = createTokenEstimator()

    for (let time = 0; time < 400; time += 1) {
      for (const [category, ratio] of [
        ['chat', 5],
        ['agent', 3],
      ] as const) {
        estimator.observe(category, estimator.estimateText('x'.repeat(6000)), Math.round(6000 / ratio))
      }
    }

    const [overall, chat, agent] = [undefined, 'chat', 'agent'].map((category) => estimator.estimateText('x'.repeat(6000), category))
    expect(overall).toBeGreaterThan(1700)
    expect(overall).toBeLessThanOrEqual(2000)
    expect(chat).toBeCloseTo(1200, -2)
    expect(agent).toBeCloseTo(2000, -2)
  })

  test('forgets the category that was used longest ago when there are too many', () => {
    const estimator = createTokenEstimator({ maxCategories: 2 })
    teach(estimator, 'first', 1.5)
    teach(estimator, 'second', 5)
    teach(estimator, 'first', 1.5, 1)

    teach(estimator, 'third', 5)

    const overall = estimator.estimateText('x'.repeat(3000))
    const [first, third, second] = ['first', 'third', 'second'].map((category) => estimator.estimateText('x'.repeat(3000), category))
    expect(first).toBeGreaterThan(1900)
    expect(third).toBeLessThan(700)
    expect(second).toBe(overall)
  })
})

describe('estimateMessages()', () => {
  const { estimateMessages } = createTokenEstimator()

  test('adds system, messages and tools', () => {
    const tool = { name: 'read', description: 'Reads', inputSchema: { type: 'object' } }
    const messages = user(text('x'.repeat(400)))

    const alone = estimateMessages(messages)
    const withSystem = estimateMessages(messages, 'y'.repeat(400))
    const withTool = estimateMessages(messages, undefined, [tool])

    expect(alone).toBeGreaterThanOrEqual(100)
    expect(alone).toBeLessThan(110)
    expect(withSystem - alone).toBeGreaterThanOrEqual(100)
    expect(withTool - alone).toBeGreaterThanOrEqual(Math.ceil(JSON.stringify(tool.inputSchema).length / 4))
  })

  test('counts what a call passes and a result returns', () => {
    const call: Part = { type: 'tool-call', id: '1', name: 'read', input: { path: 'p'.repeat(400) } }
    const result: Part = { type: 'tool-result', id: '1', name: 'read', content: [{ type: 'text', text: 'r'.repeat(800) }], isError: false }

    expect(estimateMessages(user(call))).toBeGreaterThanOrEqual(100)
    expect(estimateMessages(user(result))).toBeGreaterThanOrEqual(200)
  })

  test.each([
    [1280, 800, 1334],
    [200, 200, 64],
    [3840, 2160, 4784],
  ])('counts an image of %ix%i by its pixels, known or read from its header', async (width, height, tokens) => {
    const bytes = await sharp({ create: { width, height, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
    const data = bytes.toString('base64')
    const empty = estimateMessages(user())

    expect(estimateMessages(user({ type: 'image', mediaType: 'image/png', data: 'AAAA', width, height })) - empty).toBe(tokens)
    expect(estimateMessages(user({ type: 'image', mediaType: 'image/png', data })) - empty).toBe(tokens)
    expect(estimateMessages(user({ type: 'image-url', url: `data:image/png;base64,${data}` })) - empty).toBe(tokens)
  })

  test('reads the size of a JPEG behind its metadata', async () => {
    const bytes = await sharp({ create: { width: 280, height: 280, channels: 3, background: '#fff' } })
      .jpeg()
      .withExif({ IFD0: { Copyright: 'c'.repeat(30_000) } })
      .toBuffer()

    const tokens = estimateMessages(user({ type: 'image', mediaType: 'image/jpeg', data: bytes.toString('base64') }))

    expect(tokens - estimateMessages(user())).toBe(100)
  })

  test('never counts base64 as text', () => {
    const data = 'A'.repeat(4_000_000)

    const tokens = estimateMessages(
      user({ type: 'image', mediaType: 'image/png', data }, { type: 'image-url', url: `data:image/png;base64,${data}` }),
    )

    expect(tokens).toBeLessThan(4000)
  })

  test('counts a text file by its decoded bytes, and a PDF by its pages', () => {
    const data = Buffer.from('x'.repeat(30_000)).toString('base64')

    const file = estimateMessages(user({ type: 'file', mediaType: 'text/plain', data }))
    const pdf = estimateMessages(user({ type: 'file', mediaType: 'application/pdf', data }))

    expect(file).toBeGreaterThanOrEqual(7500)
    expect(file).toBeLessThan(7600)
    expect(pdf).toBeGreaterThanOrEqual(3000)
    expect(pdf).toBeLessThan(3100)
  })
})

test.each([0, -1, 1.5])('createTokenEstimator() refuses %d categories', (maxCategories) => {
  expect(() => createTokenEstimator({ maxCategories })).toThrow(RangeError)
})
