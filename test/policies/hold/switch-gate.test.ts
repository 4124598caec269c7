import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type GateInput, type GateSide, weighSwitch } from '../../../policies/hold/switch-gate.ts'

const cache = { ttlMs: 300_000, minTokens: 1024 }
const rates = (inputPerMillion: number, outputPerMillion: number, cacheReadPerMillion: number, cacheWritePerMillion: number) => ({
  inputPerMillion,
  outputPerMillion,
  cacheReadPerMillion,
  cacheWritePerMillion,
  source: 'test',
})
const opus: GateSide = { model: 'opus', price: rates(5, 25, 0.5, 6.25), cache, warmTokens: 0 }
const sonnet: GateSide = { model: 'sonnet', price: rates(3, 15, 0.3, 3.75), cache, warmTokens: 0 }
const haiku: GateSide = { model: 'haiku', price: rates(1, 5, 0.1, 1.25), cache, warmTokens: 0 }

/** As the examples of the formula have it: so many tokens are warm at the model that is left, nothing at the other one. */
function weigh(from: GateSide, to: GateSide, warm: number, steps: number, more: Partial<GateInput> = {}) {
  return weighSwitch({
    from: { ...from, warmTokens: warm },
    to,
    promptTokens: warm + 1500,
    pace: { newTokens: 1500, outputTokens: 500, gapMs: 0 },
    steps,
    margin: { share: 0, usd: 0 },
    ...more,
  })
}

function breakEven(from: GateSide, to: GateSide, warm: number): number {
  for (let steps = 1; steps < 100; steps += 1) if (weigh(from, to, warm, steps).wins) return steps
  return Number.POSITIVE_INFINITY
}

test.each<[string, GateSide, GateSide, number, number]>([
  ['Opus to Haiku, 10 K', opus, haiku, 10_000, 1],
  ['Opus to Haiku, 50 K', opus, haiku, 50_000, 2],
  ['Opus to Haiku, 150 K', opus, haiku, 150_000, 3],
  ['Opus to Sonnet, 10 K', opus, sonnet, 10_000, 4],
  ['Sonnet to Haiku, 10 K', sonnet, haiku, 10_000, 2],
  ['Sonnet to Haiku, 50 K', sonnet, haiku, 50_000, 4],
])('weighSwitch() pays from the step on that the published example says: %s', (_name, from, to, warm, steps) => {
  expect(breakEven(from, to, warm)).toBe(steps)
})

test('weighSwitch() prices a cold step at the dear model against a warm one at the cheap one as the examples do', () => {
  const up = weigh({ ...haiku }, opus, 50_000, 1)

  expect(up.stay_usd).toBeCloseTo(0.0094, 4)
  expect(up.switch_usd).toBeCloseTo(0.334, 3)
  expect(up.wins).toBe(false)
})

test('weighSwitch() counts a way back in full where the cache that is left is cold already, and by its lifetime where it is warm', () => {
  const slow = { newTokens: 1500, outputTokens: 500, gapMs: 60_000 }

  expect(weigh(opus, haiku, 50_000, 4).return_usd).toBe(0)
  expect(weigh(opus, haiku, 50_000, 10, { pace: slow }).return_usd).toBeCloseTo(0.5 * 51_500 * 5.75e-6, 5)
  const cold = weigh(opus, haiku, 0, 4, { promptTokens: 51_500 })
  expect(cold.return_usd).toBeCloseTo(51_500 * 5.75e-6, 5)
})

test('weighSwitch() weighs nothing where a price is not known, and says whose', () => {
  expect(weigh(opus, { ...haiku, price: null }, 50_000, 30)).toMatchObject({ wins: false, note: 'the price of haiku is not known' })
})

test('weighSwitch() gives figures that add up, and never wins less with more steps to a model whose every rate is lower', () => {
  const side = fc.record({ input: fc.integer({ min: 1, max: 20 }), output: fc.integer({ min: 1, max: 100 }) })
  const property = fc.property(
    side,
    side,
    fc.integer({ min: 0, max: 180_000 }),
    fc.integer({ min: 1, max: 29 }),
    fc.double({ min: 0, max: 0.5, noNaN: true }),
    (left, right, warm, steps, share) => {
      const of = ({ input, output }: { input: number; output: number }, model: string) => ({
        model,
        price: rates(input, output, input / 10, input * 1.25),
        cache,
        warmTokens: 0,
      })
      const [from, to] = [of(left, 'from'), of(right, 'to')]
      const margin = { share, usd: 0.01 }
      const verdict = weigh(from, to, warm, steps, { margin })
      const sum = verdict.stay_usd - verdict.switch_usd - verdict.return_usd - verdict.margin_usd
      expect(verdict.gain_usd).toBeCloseTo(sum, 5)
      expect(verdict.wins).toBe(verdict.gain_usd > 0 || (verdict.wins && verdict.gain_usd === 0))
      const isCheaper = to.price.inputPerMillion <= from.price.inputPerMillion * (1 - share)
      if (isCheaper && to.price.outputPerMillion <= from.price.outputPerMillion * (1 - share) && verdict.wins && warm >= 1024) {
        expect(weigh(from, to, warm, steps + 1, { margin }).wins).toBe(true)
      }
    },
  )
  fc.assert(property)
})
