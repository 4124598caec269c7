import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ImageError } from '../../../models/errors.ts'
import { imageRule, imageRuleFor, imageRules, roundHalfEven, withinSize } from '../../../models/images/rules.ts'

const sides = fc.integer({ min: 1, max: 12_000 })

/** Qwen's own preprocessing refuses other shapes. */
const takenBy = (name: string, width: number, height: number) =>
  !name.startsWith('qwen-') || Math.max(width, height) <= 200 * Math.min(width, height)

describe('imageRule() gives the published size and tokens', () => {
  test.each([
    ['anthropic-standard', 200, 200, 200, 200, 64],
    ['anthropic-standard', 1280, 720, 1280, 720, 1196],
    ['anthropic-standard', 1440, 900, 1389, 868, 1550],
    ['anthropic-standard', 1075, 1520, 924, 1307, 1551],
    ['anthropic-standard', 1080, 1920, 819, 1456, 1560],
    ['anthropic-standard', 1920, 1080, 1456, 819, 1560],
    ['anthropic-standard', 2000, 1500, 1270, 952, 1564],
    ['anthropic-standard', 2560, 1440, 1456, 819, 1560],
    ['anthropic-standard', 3840, 2160, 1456, 819, 1560],
    ['anthropic-standard', 1568, 7698, 319, 1568, 672],
    ['anthropic-standard', 1024, 768, 1024, 768, 1036],
    ['anthropic-standard', 1280, 800, 1280, 800, 1334],
    ['anthropic-standard', 1366, 768, 1366, 768, 1372],
    ['anthropic-high', 200, 200, 200, 200, 64],
    ['anthropic-high', 1280, 720, 1280, 720, 1196],
    ['anthropic-high', 1440, 900, 1440, 900, 1716],
    ['anthropic-high', 1075, 1520, 1075, 1520, 2145],
    ['anthropic-high', 1080, 1920, 1080, 1920, 2691],
    ['anthropic-high', 1920, 1080, 1920, 1080, 2691],
    ['anthropic-high', 2000, 1500, 2000, 1500, 3888],
    ['anthropic-high', 2560, 1440, 2560, 1440, 4784],
    ['anthropic-high', 3840, 2160, 2576, 1449, 4784],
    ['anthropic-high', 1568, 7698, 525, 2576, 1748],
    ['openai-high', 1024, 768, 1024, 768, 768],
    ['openai-high', 1280, 800, 1280, 800, 1000],
    ['openai-high', 1366, 768, 1366, 768, 1032],
    ['openai-high', 1440, 900, 1440, 900, 1305],
    ['openai-high', 1920, 1080, 1920, 1080, 2040],
    ['openai-high', 2560, 1440, 2048, 1152, 2304],
    ['openai-high', 3840, 2160, 2048, 1152, 2304],
    ['openai-original', 2560, 1440, 2560, 1440, 3600],
    ['openai-original', 3840, 2160, 3840, 2160, 8160],
    ['openai-mini', 1800, 2400, 1056, 1408, 1452],
    ['openai-mini-1.62', 1024, 1024, 1024, 1024, 1659],
    ['openai-tile', 1024, 1024, 768, 768, 765],
    ['openai-tile', 2048, 4096, 768, 1536, 1105],
    ['openai-tile-computer', 1024, 768, 1024, 768, 581],
    ['openai-tile-computer', 1280, 800, 1229, 768, 839],
    ['openai-tile-computer', 1366, 768, 1366, 768, 839],
    ['openai-tile-computer', 1440, 900, 1229, 768, 839],
    ['openai-tile-computer', 3840, 2160, 1365, 768, 839],
    ['openai-tile-gpt-5', 1024, 768, 1024, 768, 630],
    ['openai-tile-o', 1024, 768, 1024, 768, 675],
    ['gemini-3', 1280, 800, 1280, 800, 1120],
    ['gemini-tile', 384, 384, 384, 384, 258],
    ['gemini-tile', 1280, 800, 1280, 800, 1032],
    ['qwen-2.5', 1024, 768, 1036, 756, 999],
    ['qwen-2.5', 1280, 800, 1288, 812, 1334],
    ['qwen-2.5', 1366, 768, 1372, 756, 1323],
    ['qwen-2.5', 1440, 900, 1428, 896, 1632],
    ['qwen-2.5', 1920, 1080, 1932, 1092, 2691],
    ['qwen-2.5', 2560, 1440, 2548, 1428, 4641],
    ['qwen-2.5', 3840, 2160, 3836, 2156, 10_549],
    ['qwen-3', 1024, 768, 1024, 768, 768],
    ['qwen-3', 1280, 800, 1280, 800, 1000],
    ['qwen-3', 1366, 768, 1366, 768, 1032],
    ['qwen-3', 1440, 900, 1440, 900, 1260],
    ['qwen-3', 1920, 1080, 1920, 1080, 2040],
    ['qwen-3', 2560, 1440, 2560, 1440, 3600],
    ['qwen-3', 3840, 2160, 3840, 2160, 8160],
    ['generic', 1280, 800, 1280, 800, 1334],
  ])('%s %ix%i', (name, width, height, fittedWidth, fittedHeight, tokens) => {
    expect(imageRule(name).fit(width, height)).toEqual({ width: fittedWidth, height: fittedHeight, tokens })
  })

  test('and the same for a turned picture, turned', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('anthropic-standard', 'anthropic-high', 'openai-high', 'openai-tile', 'qwen-2.5'),
        sides,
        sides,
        (name, a, b) => {
          fc.pre(takenBy(name, a, b))
          const upright = imageRule(name).fit(a, b)
          const turned = imageRule(name).fit(b, a)
          expect(turned).toEqual({ width: upright.height, height: upright.width, tokens: upright.tokens })
        },
      ),
    )
  })
})

describe.each(imageRules.map((rule) => [rule.name, rule] as const))('%s', (name, rule) => {
  test('fit() never enlarges beyond the grid and the smallest size of its model', () => {
    const step = name === 'qwen-2.5' ? 28 : 0

    fc.assert(
      fc.property(sides, sides, (width, height) => {
        fc.pre(takenBy(name, width, height))
        const fitted = rule.fit(width, height)
        // Below the smallest area, Qwen 2.5 enlarges: four patches at least.
        if (step > 0 && width * height < 4 * 28 ** 2 * 4) return
        expect(fitted.width).toBeLessThanOrEqual(Math.max(width + step / 2, step))
        expect(fitted.height).toBeLessThanOrEqual(Math.max(height + step / 2, step))
      }),
    )
  })

  test('fit() gives whole sides from 1 and whole tokens from 1', () => {
    fc.assert(
      fc.property(sides, sides, (width, height) => {
        fc.pre(takenBy(name, width, height))
        const fitted = rule.fit(width, height)
        for (const number of [fitted.width, fitted.height, fitted.tokens]) {
          expect(Number.isInteger(number) && number >= 1).toBe(true)
        }
      }),
    )
  })

  test('fit() leaves alone what it has fitted, so that the provider does not resize again', () => {
    fc.assert(
      fc.property(sides, sides, (width, height) => {
        fc.pre(takenBy(name, width, height))
        const fitted = rule.fit(width, height)
        fc.pre(takenBy(name, fitted.width, fitted.height))
        expect(rule.fit(fitted.width, fitted.height)).toEqual(fitted)
      }),
      { numRuns: 500 },
    )
  })

  test('fit() keeps the shape within rounding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 8000 }), fc.integer({ min: 300, max: 8000 }), (width, height) => {
        const fitted = rule.fit(width, height)
        const step = name.startsWith('qwen-') ? 33 : 1.5
        expect(Math.abs(fitted.width - (fitted.height * width) / height)).toBeLessThanOrEqual(step * Math.max(1, width / height) + step)
      }),
    )
  })

  test.each([
    [0, 10],
    [10, -1],
    [1.5, 10],
    [Number.NaN, 10],
  ])('fit() refuses %d x %d', (width, height) => {
    expect(() => rule.fit(width, height)).toThrow(RangeError)
  })
})

describe('limits', () => {
  test.each([
    ['anthropic-standard', 1568, 1568],
    ['anthropic-high', 2576, 4784],
    ['openai-high', 2048, 2500],
    ['openai-original', 6000, 10_000],
    ['openai-mini', 2048, 1536],
    ['qwen-2.5', 12_100, 16_384],
    ['qwen-3', 12_100, 16_384],
  ])('%s stays within %i pixels a side and %i tokens', (name, edge, tokens) => {
    fc.assert(
      fc.property(sides, sides, (width, height) => {
        fc.pre(takenBy(name, width, height))
        const fitted = imageRule(name).fit(width, height)
        expect(Math.max(fitted.width, fitted.height)).toBeLessThanOrEqual(edge)
        expect(fitted.tokens).toBeLessThanOrEqual(tokens)
      }),
      { numRuns: 500 },
    )
  })

  test('a larger picture that needs no resizing costs no fewer tokens', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...imageRules),
        fc.integer({ min: 60, max: 700 }),
        fc.integer({ min: 60, max: 700 }),
        (rule, width, height) => {
          expect(rule.fit(width + 40, height).tokens).toBeGreaterThanOrEqual(rule.fit(width, height).tokens)
        },
      ),
    )
  })

  test('the anthropic rules give the largest size that fits: one pixel more would not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1600, max: 9000 }), fc.integer({ min: 400, max: 1600 }), (width, height) => {
        const fitted = imageRule('anthropic-standard').fit(width, height)
        const longer = fitted.width + 1
        const [columns, rows] = [Math.ceil(longer / 28), Math.ceil(Math.max(roundHalfEven(longer / (width / height)), 1) / 28)]
        expect(columns * 28 > 1568 || columns * rows > 1568).toBe(true)
      }),
    )
  })

  test('qwen-2.5 refuses a shape that its model refuses, and says the rule', () => {
    expect(() => imageRule('qwen-2.5').fit(10, 2001)).toThrow(ImageError)
  })
})

test('imageRule() names the known rules when it does not know one', () => {
  expect(() => imageRule('claude')).toThrow(/"claude": it must be one of anthropic-standard, /)
})

test('imageRules have names of their own', () => {
  expect(new Set(imageRules.map(({ name }) => name)).size).toBe(imageRules.length)
})

test.each([
  ['claude-3-5-sonnet-20241022', 'anthropic-standard'],
  ['claude-opus-4-20250514', 'anthropic-standard'],
  ['claude-sonnet-4-5-20250929', 'anthropic-standard'],
  ['claude-opus-4-6', 'anthropic-standard'],
  ['claude-opus-4-7', 'anthropic-high'],
  ['anthropic/claude-opus-4.8', 'anthropic-high'],
  ['anthropic.claude-sonnet-5-20261001-v1:0', 'anthropic-high'],
  ['claude-haiku-5-5', 'anthropic-high'],
  ['claude-fable-5-1', 'anthropic-high'],
  ['gpt-4o-2024-11-20', 'openai-tile'],
  ['gpt-4.1', 'openai-tile'],
  ['gpt-4.1-mini', 'openai-mini-1.62'],
  ['gpt-5', 'openai-tile-gpt-5'],
  ['gpt-5-mini', 'openai-mini-1.62'],
  ['gpt-5-nano', 'openai-mini-2.46'],
  ['gpt-5.4', 'openai-high'],
  ['gpt-5.4-mini', 'openai-mini'],
  ['o3', 'openai-tile-o'],
  ['openai/o1-pro', 'openai-tile-o'],
  ['o4-mini', 'openai-mini-1.72'],
  ['computer-use-preview', 'openai-tile-computer'],
  ['gemini-2.5-flash', 'gemini-tile'],
  ['google/gemini-3.5-flash', 'gemini-3'],
  ['Qwen/Qwen2.5-VL-7B-Instruct', 'qwen-2.5'],
  ['qwen2.5vl:7b', 'qwen-2.5'],
  ['ByteDance/UI-TARS-1.5-7B', 'qwen-2.5'],
  ['Qwen/Qwen3-VL-8B', 'qwen-3'],
  ['llama-4-maverick', 'generic'],
  ['solo3', 'generic'],
])('imageRuleFor(%s) is %s', (model, rule) => {
  expect(imageRuleFor(model).name).toBe(rule)
})

test.each([
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [2.4, 2],
  [2.6, 3],
  [7, 7],
])('roundHalfEven(%d) is %d', (value, rounded) => {
  expect(roundHalfEven(value)).toBe(rounded)
})

test.each([
  ['anthropic-standard', 1920, 1080, { width: 1280, height: 720, tokens: 1196 }],
  ['openai-original', 1920, 1080, { width: 1280, height: 720, tokens: 920 }],
  ['anthropic-standard', 640, 400, { width: 640, height: 400, tokens: 345 }],
])('withinSize(%s) makes %dx%d no larger than 1280x800', (name, width, height, expected) => {
  expect(withinSize(imageRule(name), { width: 1280, height: 800 }).fit(width, height)).toEqual(expected)
})
