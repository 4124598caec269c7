import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cacheRuleOf, cutTo, expectUsage, warmTokens, withPrompt } from '../../models/prompt-cache.ts'

const minute = 60_000

test.each([
  ['claude-opus-5', 512],
  ['claude-opus-4-6', 4096],
  ['claude-sonnet-4-5', 1024],
  ['claude-haiku-4-5', 4096],
  ['gpt-5-mini', 1024],
  ['gemini-3-pro', 1024],
])('cacheRuleOf() knows the shortest prompt that %s keeps: %i tokens', (model, minTokens) => {
  expect(cacheRuleOf({ provider: 'p', model, local: false })).toMatchObject({ minTokens })
})

test('cacheRuleOf() promises nothing of a model that it does not know', () => {
  expect(cacheRuleOf({ provider: 'p', model: 'some-new-model', local: false })).toBeUndefined()
  expect(cacheRuleOf({ provider: 'extractive', model: 'sentences', local: true })).toBeUndefined()
  expect(warmTokens(undefined, { tokens: 10_000, at: 0 }, 20_000, 1)).toBe(0)
})

const rule = { ttlMs: 5 * minute, minTokens: 1024 }

test('warmTokens() is what was seen, while its lifetime lasts, and never more than the prompt', () => {
  const { a } = withPrompt({}, 'a', 10_000, 0)

  expect(warmTokens(rule, a, 12_000, 5 * minute)).toBe(10_000)
  expect(warmTokens(rule, a, 9000, 1)).toBe(9000)
  expect(warmTokens(rule, a, 12_000, 5 * minute + 1)).toBe(0)
})

test('warmTokens() is nothing for a beginning that is too short to be kept', () => {
  expect(warmTokens(rule, { tokens: 1023, at: 0 }, 12_000, 1)).toBe(0)
})

test('withPrompt() renews one deployment and leaves the others as they were', () => {
  const seen = withPrompt(withPrompt({}, 'a', 5000, 0), 'b', 6000, 7)

  expect(seen).toEqual({ a: { tokens: 5000, at: 0 }, b: { tokens: 6000, at: 7 } })
  expect(cutTo(seen, 5500)).toEqual({ a: { tokens: 5000, at: 0 }, b: { tokens: 5500, at: 7 } })
})

test('expectUsage() bills every token of a prompt once, whatever is warm', () => {
  const property = fc.property(fc.nat(200_000), fc.nat(200_000), fc.nat(1000), fc.boolean(), (prompt, seen, output, known) => {
    const cache = known ? rule : undefined
    const usage = expectUsage(cache, prompt, warmTokens(cache, { tokens: seen, at: 0 }, prompt, 1), output)
    expect(usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens).toBe(prompt)
    expect(usage.outputTokens).toBe(output)
    if (prompt < rule.minTokens) expect(usage.cacheWriteTokens).toBe(0)
  })
  fc.assert(property)
})
