import { expect, test } from 'vitest'
import { createStep, readSignals } from '../../../policies/index.ts'
import { createSignal, type SignalOptions, signalSchema } from '../../../policies/signals/kinds.ts'
import type { ReadContext, SignalSurroundings } from '../../../policies/signals/signal.ts'

const live: ReadContext['live'] = {
  now: 0,
  budget: { usdPerDay: undefined, spentTodayUsd: undefined },
  pools: [],
  state: () => undefined,
}
const http = { kind: 'http', url: 'https://classifier.example/v1', labels: ['spam', 'ham'], headers: { authorization: 'Bearer key' } }
const mcp = { kind: 'mcp', tool: 'classify', argument: 'input', labels: ['spam', 'ham'] }

async function read(options: Record<string, unknown>, surroundings: Partial<SignalSurroundings>, signal?: AbortSignal) {
  const created = createSignal('s', signalSchema.parse(options) as SignalOptions, { pools: [], embedder: undefined, ...surroundings })
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'buy now' }] }]
  const step = createStep({ messages, inputTokens: 1, maxOutputTokens: 1, principal: 'local' })
  const { readings, failures } = await readSignals([created], step, { live, signal })
  return readings[0]?.value ?? failures[0]?.error
}

test('http() sends text and headers to its URL, mcp() the text in its argument, and both take the label', async () => {
  const asked: unknown[] = []
  const surroundings: Partial<SignalSurroundings> = {
    async classify({ url, headers, text }) {
      asked.push({ url, headers, text })
      return { label: 'spam', confidence: 0.9 }
    },
    async callTool({ tool, arguments: given }) {
      asked.push({ tool, given })
      return { label: 'ham', confidence: 0.9 }
    },
  }

  expect(await read(http, surroundings)).toBe('spam')
  expect(await read(mcp, surroundings)).toBe('ham')
  expect(asked).toEqual([
    { url: http.url, headers: http.headers, text: 'buy now' },
    { tool: 'classify', given: { input: 'buy now' } },
  ])
})

test('a label that is not asked for, or not sure enough, is no label', async () => {
  const answering = (label: string, confidence: number) => ({ classify: async () => ({ label, confidence }) })

  expect(await read(http, answering('eggs', 1))).toBe('')
  expect(await read(http, answering('spam', 0.4))).toBe('')
  expect(await read({ ...http, threshold: 0.3 }, answering('spam', 0.4))).toBe('spam')
})

test.each([
  ['unscored', 'refused'],
  ['no_match', ''],
  ['match', 'spam'],
])('a failed classifier with on_error: %s reads as "%s"', async (onError, expected) => {
  const classify = () => Promise.reject(new Error('refused'))

  expect(await read({ ...http, on_error: onError }, { classify })).toBe(expected)
})

test('a classifier that does not answer in time is a failure that says so', async () => {
  const classify: SignalSurroundings['classify'] = ({ signal }) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))

  expect(await read({ ...http, timeout_ms: 10 }, { classify })).toBe('no answer within 10 ms')
})

test('the caller leaving is no failure of the classifier', async () => {
  const controller = new AbortController()
  const reason = new Error('The caller left')
  const classify: SignalSurroundings['classify'] = ({ signal }) => {
    queueMicrotask(() => controller.abort(reason))
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }

  await expect(read({ ...http, on_error: 'match' }, { classify }, controller.signal)).rejects.toBe(reason)
})

test.each([
  'http://classifier.example/v1',
  'ftp://127.0.0.1/x',
  'https://me:secret@classifier.example/',
  'file:///etc/passwd',
  'http://127.0.0.1.evil.example/',
])('http() refuses %s', (url) => {
  expect(signalSchema.safeParse({ ...http, url }).success).toBe(false)
})

test.each(['http://127.0.0.1:9/x', 'http://localhost/x', 'http://[::1]:9/', 'https://classifier.example/'])('http() takes %s', (url) => {
  expect(signalSchema.safeParse({ ...http, url }).success).toBe(true)
})
