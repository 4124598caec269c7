import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { costOf, describeDeployment, type ProviderFacts, worstCaseCost } from '../../models/catalogue.ts'
import type { Price } from '../../models/deployment.ts'
import { imageRules } from '../../models/images.ts'

const openai: ProviderFacts = { name: 'openai', baseUrl: 'https://api.openai.com/v1', loopback: false, trustedLocal: false }
const anthropic: ProviderFacts = { ...openai, name: 'anthropic', baseUrl: 'https://api.anthropic.com' }
const local: ProviderFacts = { name: 'local', baseUrl: 'http://127.0.0.1:8000/v1', loopback: true, trustedLocal: false }
const lan: ProviderFacts = { name: 'lan', baseUrl: 'http://10.0.0.5:8000/v1', loopback: false, trustedLocal: true }

describe('describeDeployment()', () => {
  test('takes price and window from the price package, and says so', async () => {
    expect(await describeDeployment(anthropic, 'claude-haiku-4-5')).toEqual({
      id: 'anthropic/claude-haiku-4-5',
      provider: 'anthropic',
      model: 'claude-haiku-4-5',
      local: false,
      contextTokens: 200_000,
      maxOutputTokens: 64_000,
      modalities: ['text', 'image', 'file'],
      toolCalls: true,
      imageRule: 'anthropic-standard',
      price: {
        inputPerMillion: 1,
        outputPerMillion: 5,
        cacheReadPerMillion: 0.1,
        cacheWritePerMillion: 1.25,
        cacheWrite1hPerMillion: 2,
        source: '@pydantic/genai-prices 0.1.8',
      },
      source: '@pydantic/genai-prices 0.1.8, built-in table',
    })
  })

  test.each([
    [anthropic, 'claude-haiku-4-5-20251001', 1],
    [anthropic, 'claude-opus-4-6', 5],
    [anthropic, 'claude-3-5-haiku-latest', 0.8],
    [openai, 'gpt-5-mini', 0.25],
    [openai, 'gpt-5-mini-2025-08-07', 0.25],
    [openai, 'gpt-5-chat-latest', 1.25],
  ])('%# $name %s: a name of the same model has its price', async (provider, model, inputPerMillion) => {
    expect((await describeDeployment(provider, model)).price?.inputPerMillion).toBe(inputPerMillion)
  })

  test.each([
    // The package would price these as claude-sonnet-5 and claude-haiku-4-5, whose names they begin with.
    [anthropic, 'claude-sonnet-5-5'],
    [anthropic, 'claude-haiku-4-5-turbo'],
    [openai, 'gpt-nowhere'],
    [openai, 'claude-haiku-4-5'],
    [{ ...openai, baseUrl: 'https://llm.example.com/v1' }, 'gpt-5'],
    [{ ...openai, baseUrl: 'https://api.openai.com.example.com/v1' }, 'gpt-nowhere'],
    [lan, 'gpt-5'],
  ])('%# %s has no price where nobody knows it', async (provider, model) => {
    expect((await describeDeployment(provider, model)).price).toBeNull()
  })

  test('a model on this machine costs nothing unless told, and is local', async () => {
    const told = await describeDeployment(
      { ...local, price: { inputPerMillion: 1, outputPerMillion: 2, source: 'configuration' } },
      'qwen3-32b',
    )

    expect(await describeDeployment(local, 'qwen3-32b')).toMatchObject({
      local: true,
      price: { inputPerMillion: 0, outputPerMillion: 0, source: 'loopback' },
    })
    expect(told.price).toMatchObject({ inputPerMillion: 1, source: 'configuration' })
    expect((await describeDeployment(lan, 'qwen3-32b')).local).toBe(true)
  })

  test('the price of the configuration wins over the package', async () => {
    const price: Price = { inputPerMillion: 9, outputPerMillion: 9, source: 'configuration' }

    expect((await describeDeployment({ ...anthropic, price }, 'claude-haiku-4-5')).price).toBe(price)
  })

  test('tiers are kept with the tokens above which they count', async () => {
    const { price } = await describeDeployment(openai, 'gpt-5.6')

    expect(price).toMatchObject({
      inputPerMillion: 4,
      tiers: [{ aboveInputTokens: 271_999, price: { inputPerMillion: 8, outputPerMillion: 30 } }],
    })
  })

  test.each([
    ['gpt-oss-120b', ['text'], true],
    ['Qwen/Qwen3-VL-8B-Instruct', ['text', 'image'], true],
    ['Qwen/Qwen2.5-VL-7B-Instruct', ['text', 'image'], true],
    ['qwen3-coder:30b', ['text'], true],
    ['meta-llama/Llama-3.3-70B-Instruct', ['text'], true],
    ['llama3:8b', ['text'], false],
    ['gemma3:27b', ['text', 'image'], false],
    ['mistral-small-3.2', ['text', 'image'], true],
    ['gpt-4o-mini', ['text', 'image', 'file'], true],
    ['o4-mini', ['text', 'image', 'file'], true],
    ['o3-mini', ['text'], true],
    ['claude-3-haiku-20240307', ['text', 'image'], true],
  ])('%s takes %j, tools: %s', async (model, modalities, toolCalls) => {
    expect(await describeDeployment(local, model)).toMatchObject({ modalities, toolCalls, source: 'built-in table' })
  })

  test('an unknown model is taken for a small one, and what is declared of it counts', async () => {
    expect(await describeDeployment(local, 'my-own')).toMatchObject({
      contextTokens: 32_768,
      maxOutputTokens: 4096,
      modalities: ['text'],
      imageRule: 'generic',
      source: 'unknown model, cautious limits',
    })
    expect(await describeDeployment(local, 'my-own', { contextTokens: 2048, modalities: ['text', 'image'] })).toMatchObject({
      contextTokens: 2048,
      maxOutputTokens: 2048,
      modalities: ['text', 'image'],
      source: 'declared, unknown model, cautious limits',
    })
  })

  test.each(['claude-opus-4-7', 'gpt-5', 'gpt-4o', 'gemini-3-pro', 'qwen2.5-vl', 'qwen3-vl', 'nothing'])(
    '%s has an image rule that exists',
    async (model) => {
      expect(imageRules.map((rule) => rule.name)).toContain((await describeDeployment(local, model)).imageRule)
    },
  )
})

describe('costOf()', () => {
  const price: Price = {
    inputPerMillion: 3,
    outputPerMillion: 15,
    cacheReadPerMillion: 0.3,
    cacheWritePerMillion: 3.75,
    cacheWrite1hPerMillion: 6,
    tiers: [
      { aboveInputTokens: 100, price: { inputPerMillion: 6, outputPerMillion: 30 } },
      { aboveInputTokens: 1000, price: { inputPerMillion: 60, outputPerMillion: 300 } },
    ],
    source: 'test',
  }
  const million = (dollars: number) => dollars / 1_000_000
  const usage = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 }

  test.each([
    ['nothing', usage, 0],
    ['input', { ...usage, inputTokens: 10 }, 30],
    ['output', { ...usage, outputTokens: 10 }, 150],
    ['cache read', { ...usage, cacheReadTokens: 10 }, 3],
    ['cache write', { ...usage, cacheWriteTokens: 10 }, 37.5],
    ['cache write for an hour', { ...usage, cacheWriteTokens: 10, cacheWrite1hTokens: 4 }, 6 * 3.75 + 4 * 6],
    ['at the edge of a tier', { ...usage, inputTokens: 60, cacheReadTokens: 40 }, 60 * 3 + 40 * 0.3],
    ['above it, for the whole request', { ...usage, inputTokens: 61, cacheReadTokens: 40, outputTokens: 1 }, 101 * 6 + 30],
    ['above the next', { ...usage, inputTokens: 1001, outputTokens: 1 }, 1001 * 60 + 300],
  ])('%s', (_, used, expected) => {
    expect(costOf(used, price)).toBeCloseTo(million(expected), 12)
  })

  test('a cache rate that is not known counts as the input rate', () => {
    const plain = { inputPerMillion: 3, outputPerMillion: 15, source: 'test' }

    expect(costOf({ ...usage, cacheReadTokens: 10, cacheWriteTokens: 10, cacheWrite1hTokens: 5 }, plain)).toBeCloseTo(million(60), 12)
  })

  test('worstCaseCost() is never below what the same tokens cost, however the cache took them', () => {
    const tokens = fc.nat(3000)
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, fc.nat(3000), (inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, spare) => {
        const used = { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens }

        expect(worstCaseCost(inputTokens + cacheReadTokens + cacheWriteTokens, outputTokens + spare, price) + 1e-12).toBeGreaterThanOrEqual(
          costOf(used, price),
        )
      }),
    )
  })
})
