import { describe, expect, test } from 'vitest'
import { anthropicFailures } from '../../../models/providers/anthropic-failures.ts'
import {
  type FailureContext,
  type FailureRule,
  failureOf,
  kindOfStatus,
  retryAfterMs,
  vendorErrorIn,
} from '../../../models/providers/failure.ts'
import { openaiFailures } from '../../../models/providers/openai-failures.ts'

describe.each([
  ['OpenAI', openaiFailures],
  ['Anthropic', anthropicFailures],
])('the wordings of %s', (_, rules: readonly FailureRule[]) => {
  test.each(rules.map((rule) => [rule.sample, rule] as const))('%s', (sample, rule) => {
    const first = rules.find(({ pattern }) => pattern.test(sample))

    expect(rule.pattern.test(sample)).toBe(true)
    expect(first?.kind, 'an earlier rule takes this sample for something else').toBe(rule.kind)
    expect(first?.code).toBe(rule.code)
  })
})

describe('failureOf()', () => {
  const context: FailureContext = { deployment: 'cloud/m', rules: openaiFailures, secret: 'abc-key-123', secretVariable: 'CLOUD_KEY' }

  test('a refused key names the variable and repeats nothing that the vendor said', () => {
    const error = failureOf({ status: 401, message: 'Incorrect API key provided: abc-k***123', code: 'invalid_api_key' }, context)

    expect(error.message).toBe('cloud/m refused the key (401): set CLOUD_KEY to a valid key')
  })

  test('the vendor’s words are cut and lose their keys', () => {
    const error = failureOf({ status: 400, message: `bad\n\nabc-key-123 sk-proj-abcdef12 ${'x'.repeat(2000)}` }, context)

    expect(error.message).toMatch(/^cloud\/m refused the request \(400\): bad \[key\] \[key\] x+$/)
    expect(error.message.length).toBeLessThan(500)
  })

  test('the vendor’s own words are kept as they are, without its keys, and those about a refused key are not', () => {
    const said = { status: 400, message: `a: b\n\nabc-key-123 ${'x'.repeat(5000)}`, type: 'invalid_request_error', code: 'c' }

    const { vendor } = failureOf(said, context)

    expect(vendor).toMatchObject({ type: 'invalid_request_error', code: 'c' })
    expect(vendor?.message).toMatch(/^a: b\n\n\[key\] x+$/)
    expect(vendor?.message).toHaveLength(2000)
    expect(failureOf({ status: 401, message: 'Incorrect API key: abc-k***123' }, context).vendor).toBeUndefined()
  })

  test('a key at the place where words are cut is not left in half', () => {
    const error = failureOf({ status: 400, message: `${'x'.repeat(395)} abc-key-123` }, context)

    expect(error.message).not.toContain('abc')
  })

  test.each([
    [401, 'auth'],
    [402, 'auth'],
    [403, 'auth'],
    [404, 'not_found'],
    [408, 'unavailable'],
    [413, 'input_too_long'],
    [422, 'bad_request'],
    [429, 'rate_limit'],
    [500, 'unavailable'],
    [529, 'unavailable'],
    [302, 'unavailable'],
    [undefined, 'unavailable'],
  ] as const)('status %s without known words is %s', (status, kind) => {
    expect(kindOfStatus(status)).toBe(kind)
  })
})

describe('vendorErrorIn()', () => {
  test.each([
    [{ error: { message: 'm', type: 't', code: 'c' } }, { message: 'm', type: 't', code: 'c' }],
    [
      { type: 'error', error: { message: 'm', type: 't', details: { error_code: 'd' } } },
      { message: 'm', type: 't', code: 'd' },
    ],
    [{ error: 'words' }, { message: 'words' }],
    [
      { object: 'error', message: 'm', code: 400 },
      { message: 'm', status: 400 },
    ],
    [{ error: { message: 'm', code: 502 } }, { message: 'm', status: 502 }],
    [
      { type: 'error', code: 'server_error', message: 'm' },
      { message: 'm', code: 'server_error' },
    ],
  ])('%j', (body, expected) => {
    expect(vendorErrorIn(body)).toMatchObject(expected)
  })

  test.each([[{ error: null }], [{ choices: [] }], ['text'], [undefined], [[]]])('%j holds none', (body) => {
    expect(vendorErrorIn(body)).toBeUndefined()
  })
})

describe('retryAfterMs()', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  test.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' }, 10_000],
    [{ 'retry-after': 'Thu, 01 Jan 2025 00:00:10 GMT' }, 0],
    [{ 'retry-after': '-4' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
    [{}, undefined],
  ] as const)('%j is %s ms', (headers, expected) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>), now)).toBe(expected)
  })
})
