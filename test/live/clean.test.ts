import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cassette, Exchange } from './cassette.ts'
import { cassetteText } from './clean.ts'

function cassette(exchange: { request?: Partial<Exchange['request']>; body?: string; headers?: Record<string, string> }): Cassette {
  const request = { method: 'POST', path: '/v1/responses', headers: {}, body: '{}', ...exchange.request }
  const response = { status: 200, headers: exchange.headers ?? {}, body: exchange.body ?? '', open: false }
  return {
    target: 'openai',
    format: 'openai-responses',
    row: 'plain',
    model: 'm',
    recorded: '2026-01-01',
    verdict: 'holds',
    exchanges: [{ request, response }],
  }
}

/** What stands in the response's body after cleaning. */
function cleaned(body: string, secrets: readonly string[] = []): string {
  const { exchanges } = JSON.parse(cassetteText(cassette({ body }), secrets)) as Cassette
  const response = exchanges[0]?.response
  return response !== undefined && 'body' in response ? response.body : ''
}

describe('cassetteText()', () => {
  const keyOf = fc
    .array(fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'), { minLength: 20, maxLength: 120 })
    .map((letters) => `sk-${letters.join('')}`)
  const printableKey = fc
    .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 20, maxLength: 80 })
    .map((codes) => String.fromCharCode(...codes))
  const forms: ((key: string) => string)[] = [
    (key) => key,
    (key) => JSON.stringify({ error: { message: `Incorrect API key provided: ${key}.` } }),
    (key) => JSON.stringify(JSON.stringify({ key })),
    (key) => `?key=${encodeURIComponent(key)}`,
    (key) => Buffer.from(key).toString('base64'),
    (key) => Buffer.from(key).toString('base64url'),
    (key) => `${key.slice(0, 12)}****${key.slice(-9)}`,
  ]

  test('no piece of a key of eight characters is kept, wherever and however it stood', () => {
    fc.assert(
      fc.property(fc.oneof(keyOf, printableKey), fc.constantFrom(...forms), fc.string(), fc.string(), (key, form, before, after) => {
        const said = `${before}${form(key)}${after}`
        const given = cassette({
          request: {
            path: `/v1/${encodeURIComponent(said)}`,
            headers: { authorization: `Bearer ${key}`, accept: said },
            body: JSON.stringify({ [said]: said }),
          },
          headers: { 'content-type': said, 'set-cookie': said, [`x-${key}`]: 'a' },
          body: `event: a\ndata: ${said}\n\n`,
        })

        const text = cassetteText({ ...given, verdict: said }, [key])

        for (let at = 0; at + 8 <= key.length; at += 1) expect(text).not.toContain(key.slice(at, at + 8))
        for (const encoded of [Buffer.from(key).toString('base64'), encodeURIComponent(key)]) expect(text).not.toContain(encoded)
      }),
    )
  })

  test('the vendors’ ids become numbers, the same id the same number', () => {
    const body =
      '{"id":"resp_68af4030592c8193","call":"call_Ab3dEf6hIj","again":"call_Ab3dEf6hIj","org":"org-aB3dEf6h","u":"3f0e7b1c-0d5a-4c57-9c53-0a8f3b1f2d11"}'

    expect(cleaned(body)).toBe('{"id":"resp_1","call":"call_2","again":"call_2","org":"org-3","u":"00000000-0000-4000-8000-000000000004"}')
  })

  test('what names the account, and what only its key can read, is gone', () => {
    const body =
      '{"user":"jo@corp.example","system_fingerprint":"fp_44709d6fcb","encrypted_content":"gAAAA\\"B","signature":"","mail":"jo@corp.example"}'

    expect(cleaned(body)).toBe(
      '{"user":"cleaned","system_fingerprint":"cleaned","encrypted_content":"cleaned","signature":"","mail":"person@example.com"}',
    )
  })

  test('event names, tool names and words stay as they are', () => {
    const body =
      'event: response.function_call_arguments.delta\ndata: {"type":"file_search_call","item_id":"x","name":"run_tests","text":"a call to message_stop"}\n\n'

    expect(cleaned(body)).toBe(body)
  })

  test('headers of the account and of the connection are left out', () => {
    const headers = {
      'content-type': 'text/event-stream',
      'retry-after': '2',
      'openai-organization': 'corp',
      'x-request-id': 'r',
      'x-ratelimit-limit-tokens': '9',
    }

    const { exchanges } = JSON.parse(
      cassetteText(cassette({ headers, request: { headers: { 'x-api-key': 'k', accept: 'a' } } }), []),
    ) as Cassette

    expect(exchanges[0]?.request.headers).toEqual({ accept: 'a' })
    expect(exchanges[0]?.response).toMatchObject({ headers: { 'content-type': 'text/event-stream', 'retry-after': '2' } })
  })

  test('long strings of a request are cut, and it stays JSON', () => {
    const body = JSON.stringify({ image: 'é"\\'.repeat(100_000), text: 'short' })

    const { exchanges } = JSON.parse(cassetteText(cassette({ request: { body } }), [])) as Cassette

    const kept = JSON.parse(exchanges[0]?.request.body ?? '') as { image: string; text: string }
    expect(kept.image).toMatch(/^é"\\.*… \(300000 characters\)$/)
    expect(kept.text).toBe('short')
  })

  test('a key that cleaning itself would put together is an error, and nothing is given', () => {
    // The cassette's own words are a part of this one.
    expect(() => cassetteText(cassette({}), ['"exchanges": ['])).toThrow('a piece of a key would stand in it')
  })
})
