import { expect, test } from 'vitest'
import { isServedAs } from '../../src/dispatch/served-model.ts'

test.each([
  ['gpt-5', 'gpt-5-2025-08-07'],
  ['gpt-4', 'gpt-4-0613'],
  ['claude-haiku-4-5', 'claude-haiku-4-5-20251001'],
  ['claude-sonnet-4-0', 'claude-sonnet-4-20250514'],
  ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
  ['anthropic/claude-opus-4.6', 'claude-opus-4-6'],
  ['llama3', 'llama3:latest'],
  ['Qwen/Qwen3-32B', 'qwen3-32b'],
  ['m', undefined],
])('isServedAs() takes %s and %s for one model', (asked, served) => {
  expect(isServedAs(asked, served)).toBe(true)
})

test.each([
  ['gpt-5', 'gpt-5-mini'],
  ['gpt-5', 'gpt-5-mini-2025-08-07'],
  ['gpt-5-mini', 'gpt-5'],
  ['claude-opus-4-6', 'claude-opus-4-5'],
  ['claude-sonnet-5', 'claude-sonnet-5-5'],
  ['llama3:70b', 'llama3:8b'],
  ['gpt-5', ''],
])('isServedAs() takes %s and %s for two models', (asked, served) => {
  expect(isServedAs(asked, served)).toBe(false)
})
