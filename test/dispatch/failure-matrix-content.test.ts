import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AnswerCutError } from '../../src/dispatch/errors.ts'
import { deployment } from '../support/deployments.ts'
import { failingLine, wireFormats } from '../support/failing-line.ts'
import {
  type Answer,
  type FailureName,
  type Interruption,
  type ScriptedProvider,
  startScriptedProvider,
} from '../support/scripted-provider/index.ts'

/*
 * The failure matrix after content: what was received is kept and paid for, and nobody else is asked. Then what ends an
 * answer without being a failure: a caller who leaves, and usage as each format counts it.
 */

interface Row {
  failure: string
  interrupt: Interruption
  kind: string
  /** Whether the failure counts against the deployment. */
  counts: boolean
}

const after = 'first-content'
const eventOf = (fail: FailureName): Interruption => ({ after, how: 'error', fail })

const rows: Row[] = [
  { failure: 'the connection is reset', interrupt: { after, how: 'reset' }, kind: 'unavailable', counts: true },
  { failure: 'the stream is cut', interrupt: { after, how: 'end' }, kind: 'unavailable', counts: true },
  { failure: 'all content and no last event', interrupt: { after: 'content', how: 'end' }, kind: 'unavailable', counts: true },
  { failure: 'a stall', interrupt: { after, how: 'stall' }, kind: 'timeout', counts: true },
  { failure: 'garbage', interrupt: { after, how: 'garbage' }, kind: 'bad_response', counts: true },
  { failure: 'an error event: 500', interrupt: eventOf('server-error'), kind: 'unavailable', counts: true },
  { failure: 'an error event: overload', interrupt: eventOf('overloaded'), kind: 'unavailable', counts: true },
  { failure: 'an error event: 429', interrupt: eventOf('rate-limit'), kind: 'rate_limit', counts: true },
  { failure: 'an error event: content filter', interrupt: eventOf('content-filter'), kind: 'content_filter', counts: false },
  { failure: 'an error event: 400', interrupt: eventOf('bad-request'), kind: 'bad_request', counts: false },
]

const add = { name: 'add', description: 'Adds two numbers', inputSchema: { type: 'object' } }

describe.each(wireFormats)('dispatchStep() after content, %s', (format) => {
  let cloud: ScriptedProvider
  beforeAll(async () => {
    cloud = await startScriptedProvider()
  })
  beforeEach(() => cloud.reset())
  afterAll(() => cloud.close())

  const open = (stallMs = 40) => failingLine({ cloud, format, clocks: { stallMs } })

  test.each(rows)('$failure: the answer is cut, with what had arrived', async ({ interrupt, kind }) => {
    const line = await open()
    cloud.script([{ text: 'One two three', interrupt }], 'alpha')

    const { error, asked, text, attempts } = await line.step()

    expect(error).toBeInstanceOf(AnswerCutError)
    expect(error).toMatchObject({ received: text, message: expect.stringContaining('one/alpha') })
    expect(text).toMatch(/^One/)
    expect(asked).toEqual(['alpha'])
    expect(attempts).toMatchObject([{ deployment: 'one/alpha', error: { kind } }])
  })

  test.each(rows)('$failure: what had arrived is paid for, and health counts it: $counts', async ({ interrupt, kind, counts }) => {
    const line = await open()
    cloud.script([{ text: 'One two three', interrupt }], 'alpha')

    const { text, attempts, saidUsd } = await line.step()

    const [attempt] = attempts
    expect(attempt?.usage?.outputTokens).toBe(Math.ceil(text.length / 4))
    expect(attempt?.costUsd).toBeGreaterThan(0)
    expect([saidUsd, await line.spentUsd()]).toEqual([attempt?.costUsd, attempt?.costUsd])
    const { failures, lastError, inFlight } = line.health.state('one/alpha')
    expect({ failures, kind: lastError?.kind, inFlight }).toEqual({
      failures: counts ? 1 : 0,
      kind: counts ? kind : undefined,
      inFlight: 0,
    })
  })

  test('an open tool call with incomplete JSON: a failure, and the call is never presented', async () => {
    const line = await open()
    cloud.script([{ text: 'I add.', toolCalls: [{ name: 'add', input: '{"a": 1, "b"' }] }], 'alpha')

    const { error, result, asked, attempts } = await line.step({ tools: [add] })

    expect(error).toMatchObject({ received: 'I add.', cause: { providerCode: 'broken_tool_call' } })
    expect(result).toBeUndefined()
    expect(asked).toEqual(['alpha'])
    expect(attempts).toMatchObject([{ error: { kind: 'bad_response' } }])
  })

  test.each([
    ['in a tool call', { toolCalls: [{ name: 'add', input: { a: 1 } }] }],
    ['while it reasons', { reasoning: 'I think about it', text: 'Hi' }],
  ] as const)('a stream cut %s, before any text: a cut answer with nothing to show', async (_, answer) => {
    const line = await open()
    cloud.script([{ ...answer, interrupt: { after, how: 'end' } }], 'alpha')

    const { error, asked } = await line.step({ tools: [add] })

    expect(error).toBeInstanceOf(AnswerCutError)
    expect(error).toMatchObject({ received: '' })
    expect(asked).toEqual(['alpha'])
  })

  test('a stream cut at any event: a whole answer, another model, or a cut one, and never half a tool call', async () => {
    const answer: Answer = { text: 'I add.', toolCalls: [{ name: 'add', input: { a: 1, b: 2 }, id: 'call_1' }] }
    const ends = new Set<string>()

    for (let after = 0; after < 25; after += 1) {
      const line = await open()
      cloud.script([{ ...answer, interrupt: { after, how: 'end' } }], 'alpha')
      cloud.answer(() => ({ text: 'From another' }))
      const { result, error } = await line.step({ tools: [add] })
      if (error !== undefined) expect(error).toBeInstanceOf(AnswerCutError)
      for (const call of result?.outcome.toolCalls ?? []) expect(call.input).toEqual({ a: 1, b: 2 })
      if (result?.outcome.model === 'one/alpha') expect(result.outcome).toMatchObject({ finishReason: 'tool-calls', toolCalls: [{}] })
      ends.add(error === undefined ? (result?.outcome.model ?? '') : 'cut')
    }

    expect([...ends].toSorted()).toEqual(['cut', 'one/alpha', 'one/beta'])
  })

  test('an answer that ran out of tokens in a tool call: ended by its length, without the call', async () => {
    const line = await open()
    cloud.script([{ text: 'I add.', toolCalls: [{ name: 'add', input: '{"a": 1, "b"' }], finish: 'length' }], 'alpha')

    const { result } = await line.step({ tools: [add] })

    expect(result?.outcome).toMatchObject({ finishReason: 'length', text: 'I add.', toolCalls: [] })
  })

  test.each(['request', 'headers', 'first-content'] as const)(
    'a caller who leaves after %s: the call is cancelled, nobody else is asked, nothing cools',
    async (stalled) => {
      const line = await open(60_000)
      cloud.script([{ text: 'One two', interrupt: { after: stalled, how: 'stall' } }], 'alpha')
      const controller = new AbortController()
      const reason = new Error('The caller left')

      const step = line.step({}, controller.signal)
      await expect.poll(() => cloud.requests.length).toBe(1)
      setTimeout(() => controller.abort(reason), 20)
      const { error, asked, attempts, text } = await step

      expect(error).toBe(reason)
      await expect.poll(() => cloud.requests[0]?.outcome).toBe('left')
      expect(asked).toEqual(['alpha'])
      expect(attempts).toMatchObject([{ deployment: 'one/alpha', error: { kind: 'aborted' } }])
      expect(line.health.state('one/alpha')).toMatchObject({ failures: 0, inFlight: 0, availability: { state: 'ready' } })
      const spent = await line.spentUsd()
      if (text === '') expect(spent).toBe(0)
      else expect(spent).toBe(attempts[0]?.costUsd)
    },
  )

  test('usage falls into four buckets, and each has its price', async () => {
    const rates = {
      inputPerMillion: 1,
      outputPerMillion: 100,
      cacheReadPerMillion: 10_000,
      cacheWritePerMillion: 1_000_000,
      source: 'test',
    }
    const line = await failingLine({ cloud, format, models: [deployment('one/alpha', { price: rates })] })
    const usage = { inputTokens: 1, cacheReadTokens: 2, cacheWriteTokens: 3, outputTokens: 4, reasoningTokens: 2 }
    cloud.script([{ text: 'Hi', usage }], 'alpha')

    const { result, attempts } = await line.step()

    expect(result?.outcome.usage).toEqual(usage)
    expect(attempts[0]?.usage).toEqual(usage)
    expect(result?.outcome.costUsd).toBeCloseTo((1 + 4 * 100 + 2 * 10_000 + 3 * 1_000_000) / 1e6, 12)
    expect(await line.spentUsd()).toBeCloseTo(result?.outcome.costUsd ?? Number.NaN, 9)
  })
})
