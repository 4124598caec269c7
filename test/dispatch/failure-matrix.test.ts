import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ProviderError } from '../../models/errors.ts'
import type { Clocks } from '../../src/dispatch/clocks.ts'
import { PoolExhaustedError } from '../../src/dispatch/errors.ts'
import { deployment } from '../support/deployments.ts'
import { failingLine, threeModels, wireFormats } from '../support/failing-line.ts'
import { freePort } from '../support/free-port.ts'
import {
  emptyStream,
  type FailureName,
  garbageStream,
  htmlPage,
  type Reply,
  type ScriptedProvider,
  startScriptedProvider,
} from '../support/scripted-provider/index.ts'

/*
 * The failure matrix before any content, row by row on each wire format: real providers, real sockets, the whole line.
 * The pool has alpha and beta of one credential and gamma of another; the first asked, alpha, fails as the row says.
 */

interface Row {
  failure: string
  /** As alpha answers. */
  reply: Reply
  /** As the attempt is recorded. */
  kind: string
  /** Who is asked after alpha. Nobody: the failure is the answer. */
  next: 'beta' | 'gamma' | 'nobody'
  /** What alpha's health makes of it. */
  health: 'counts' | 'counts half' | 'nothing' | { coolsMs: number; credential?: boolean }
  /** How often the only model of a plan is asked before the step fails. */
  aloneTimes: number
  clocks?: Partial<Clocks>
}

const refusal = (fail: FailureName, status?: number): Reply => ({ fail, ...(status !== undefined && { status }) })
const inBody = (fail: FailureName): Reply => ({ fail, delivery: 'body' })
const asFirstEvent = (fail: FailureName): Reply => ({ fail, delivery: 'event' })
const outage = { kind: 'unavailable', next: 'beta', health: 'counts' } as const
const noSense = { kind: 'bad_response', next: 'beta', health: 'counts', aloneTimes: 2 } as const
const callersOwn = { kind: 'bad_request', next: 'nobody', health: 'nothing', aloneTimes: 1 } as const
const tooLong = { kind: 'input_too_long', next: 'gamma', health: 'nothing', aloneTimes: 1 } as const
const filtered = { kind: 'content_filter', next: 'nobody', health: 'nothing', aloneTimes: 1 } as const
const wrongKey = { kind: 'auth', next: 'gamma', health: { coolsMs: 300_000, credential: true }, aloneTimes: 1 } as const
const notThere = { kind: 'not_found', next: 'beta', health: { coolsMs: 300_000 }, aloneTimes: 1 } as const
const late = { kind: 'timeout', next: 'beta', health: 'counts', aloneTimes: 1 } as const
const limited = (coolsMs: number, aloneTimes: number) => ({ kind: 'rate_limit', next: 'beta' as const, health: { coolsMs }, aloneTimes })

const rows: Row[] = [
  ...[408, 500, 502, 503, 504, 529].map(
    (status): Row => ({
      ...outage,
      failure: `${status}`,
      reply: refusal(status === 529 ? 'overloaded' : 'server-error', status),
      aloneTimes: 3,
    }),
  ),
  { ...outage, failure: 'reset before the headers', reply: { interrupt: { after: 'request', how: 'reset' } }, aloneTimes: 2 },
  { ...outage, failure: 'reset after the headers', reply: { text: 'Hi', interrupt: { after: 'headers', how: 'reset' } }, aloneTimes: 2 },
  { ...outage, failure: 'cut before content', reply: { text: 'Hi', interrupt: { after: 1, how: 'end' } }, aloneTimes: 2 },
  { ...outage, failure: 'a stream without an event', reply: emptyStream, aloneTimes: 2 },
  { ...limited(7_000, 1), failure: '429 with Retry-After', reply: { status: 429, retryAfter: 7 } },
  { ...limited(60_000, 1), failure: '429 with a Retry-After of an hour', reply: { status: 429, retryAfter: 3600 } },
  { ...limited(5_000, 7), failure: '429 without Retry-After', reply: { status: 429 } },
  { ...wrongKey, failure: '401', reply: { status: 401 } },
  { ...wrongKey, failure: 'no credit left', reply: refusal('quota') },
  { ...wrongKey, failure: '403', reply: { status: 403 }, next: 'beta', health: { coolsMs: 300_000 } },
  { ...notThere, failure: '404 model', reply: { status: 404 } },
  { ...tooLong, failure: '400 input too long', reply: refusal('input-too-long') },
  { ...callersOwn, failure: '400 other', reply: refusal('bad-request') },
  { ...callersOwn, failure: '422', reply: refusal('bad-request', 422) },
  { ...filtered, failure: '400 content filter', reply: refusal('content-filter') },
  { ...late, failure: 'slow headers', reply: { text: 'Hi', interrupt: { after: 'request', how: 'stall' } }, clocks: { connectMs: 40 } },
  {
    ...late,
    failure: 'slow first content',
    reply: { text: 'Hi', interrupt: { after: 'headers', how: 'stall' } },
    clocks: { firstContentMs: 40 },
  },
  {
    ...late,
    failure: 'stall before content',
    reply: { text: 'Hi', interrupt: { after: 1, how: 'stall' } },
    clocks: { firstContentMs: 40 },
  },
  { ...noSense, failure: 'garbage events', reply: garbageStream },
  { ...noSense, failure: 'an HTML body', reply: htmlPage },
  { ...noSense, failure: 'unparsable JSON', reply: { raw: '{"id": "chat' } },
  { ...limited(5_000, 7), failure: '200 with a 429 in its body', reply: inBody('rate-limit') },
  {
    ...limited(7_000, 1),
    failure: '200 with a 429 in its body and Retry-After',
    reply: { ...inBody('rate-limit'), retryAfter: 7 } as Reply,
  },
  { ...wrongKey, failure: '200 with a refused key in its body', reply: inBody('auth') },
  { ...notThere, failure: '200 with a 404 in its body', reply: inBody('not-found') },
  { ...tooLong, failure: '200 with "too long" in its body', reply: inBody('input-too-long') },
  { ...filtered, failure: '200 with a content filter in its body', reply: inBody('content-filter') },
  { ...callersOwn, failure: '200 with a 400 in its body', reply: inBody('bad-request') },
  { ...outage, failure: '200 with a 500 in its body', reply: inBody('server-error'), aloneTimes: 2 },
  { ...outage, failure: 'overload as the first event', reply: asFirstEvent('overloaded'), aloneTimes: 2 },
]

describe.each(wireFormats)('dispatchStep() before content, %s', (format) => {
  let cloud: ScriptedProvider
  beforeAll(async () => {
    cloud = await startScriptedProvider()
  })
  beforeEach(() => cloud.reset())
  afterAll(() => cloud.close())

  // gamma alone has a larger window: the one that an input that was too long may still go to.
  const models = threeModels.map((one) => (one.model === 'gamma' ? { ...one, contextTokens: 400_000 } : one))
  const lineFor = (row: Partial<Row>, given = models) =>
    failingLine({ cloud, format, models: given, ...(row.clocks !== undefined && { clocks: row.clocks }) })
  const script = (row: Row, times = 1) => {
    for (let time = 0; time < times; time += 1) cloud.script([row.reply], 'alpha')
    cloud.answer(() => ({ text: 'From another' }))
  }

  test.each(rows)('$failure: asks $next next and settles nothing for the failure', async (row) => {
    const line = await lineFor(row)
    script(row)

    const { result, error, asked, attempts, saidUsd, text } = await line.step()

    expect(attempts[0]).toMatchObject({ deployment: 'one/alpha', error: { kind: row.kind } })
    expect(attempts[0]).not.toHaveProperty('usage')
    if (row.next === 'nobody') {
      expect(asked).toEqual(['alpha'])
      expect(error).toBeInstanceOf(ProviderError)
      expect(error).toMatchObject({ kind: row.kind })
      expect(await line.spentUsd()).toBe(0)
    } else {
      expect(error).toBeUndefined()
      expect(asked).toEqual(['alpha', row.next])
      expect(attempts.at(-1)).toMatchObject({ usage: { inputTokens: 10, outputTokens: 5 }, costUsd: 0.00003 })
      expect(result?.outcome).toMatchObject({ text: 'From another', attempts, costUsd: 0.00003 })
      expect([text, saidUsd, await line.spentUsd()]).toEqual(['From another', 0.00003, 0.00003])
    }
    if (row.kind === 'auth' || row.kind === 'not_found') expect(result?.warnings[0]).toContain('one/alpha')
    for (const { id } of models) expect(line.health.state(id).inFlight).toBe(0)
  })

  test.each(rows)('$failure: health counts $health', async (row) => {
    const line = await lineFor(row)
    const times = row.health === 'counts' ? 5 : 1
    script(row, times)
    for (let time = 0; time < times; time += 1) await line.step()
    const { failures, availability, lastError } = line.health.state('one/alpha')

    if (row.health === 'nothing') {
      expect({ failures, availability, lastError }).toEqual({ failures: 0, availability: { state: 'ready' }, lastError: undefined })
      return
    }
    expect({ failures, kind: lastError?.kind }).toEqual({ failures: times, kind: row.kind })
    const { coolsMs, credential = false } = typeof row.health === 'object' ? row.health : { coolsMs: 5_000 }
    expect(availability.state).toBe('cooling')
    line.advance(coolsMs - 1)
    expect(line.health.availability('one/alpha').state).toBe('cooling')
    expect(line.health.availability('one/beta').state).toBe(credential ? 'cooling' : 'ready')
    expect(line.health.availability('two/gamma').state).toBe('ready')
    line.advance(1)
    expect(line.health.availability('one/alpha').state).toBe('half-open')
  })

  test.each(rows)('$failure: alone, it is asked $aloneTimes times in all', async (row) => {
    const line = await lineFor(row, [deployment('one/alpha')])
    cloud.answer(() => row.reply)

    const { error, asked, attempts } = await line.step()

    expect(asked).toHaveLength(row.aloneTimes)
    expect(attempts.map((one) => one.error?.kind)).toEqual(asked.map(() => row.kind))
    expect(error).toBeInstanceOf(row.next === 'nobody' ? ProviderError : PoolExhaustedError)
    expect(error).toMatchObject({ kind: row.kind })
    expect(await line.spentUsd()).toBe(0)
  })

  test.each(rows.filter(({ aloneTimes }) => aloneTimes > 1))('$failure: alone, the second time may do well', async (row) => {
    const line = await lineFor(row, [deployment('one/alpha')])
    script(row)

    const { result, asked } = await line.step()

    expect(asked).toEqual(['alpha', 'alpha'])
    expect(result?.outcome.text).toBe('From another')
  })

  test.each([
    ['refused', async () => `http://127.0.0.1:${await freePort()}`],
    // Too long for any name server to be asked.
    ['no such host', async () => `http://${'a'.repeat(64)}.invalid`],
    ['no TLS where it should be', async () => cloud.url.replace('http:', 'https:')],
  ])('%s: asks another at once, and counts', async (_, url) => {
    const line = await failingLine({ cloud, format, urlOfOne: await url() })
    cloud.answer(() => ({ text: 'From another' }))

    const { asked, attempts } = await line.step()

    expect(asked).toEqual(['gamma'])
    expect(attempts.map((one) => one.error?.kind)).toEqual(['unavailable', 'unavailable', undefined])
    expect(line.health.state('one/alpha').failures).toBe(1)
  })

  test('400 signature: the same model once more without the reasoning, and no failure of it', async () => {
    const line = await lineFor({})
    cloud.script([{ fail: 'signature' }, { text: 'Repaired' }], 'alpha')

    const { result, asked, attempts } = await line.step(withReasoning(format))

    expect(asked).toEqual(['alpha', 'alpha'])
    expect(cloud.requests.map(({ bytes }) => Buffer.from(bytes).toString().includes('bWludGVk'))).toEqual([true, false])
    expect(attempts.map((one) => one.error?.kind)).toEqual(['bad_request', undefined])
    expect(result?.outcome.text).toBe('Repaired')
    expect(result?.warnings).toEqual(['one/alpha refused its own earlier reasoning; it was asked again without'])
    expect(line.health.state('one/alpha')).toMatchObject({ failures: 0, availability: { state: 'ready' }, inFlight: 0 })
  })

  test('400 signature, again after the repair: the failure is the answer, and nobody else is asked', async () => {
    const line = await lineFor({})
    cloud.answer(() => ({ fail: 'signature' }))

    const { error, asked } = await line.step(withReasoning(format))

    expect(asked).toEqual(['alpha', 'alpha'])
    expect(error).toMatchObject({ kind: 'bad_request', providerCode: 'reasoning_refused' })
  })

  test('400 input too long everywhere: no window is asked twice, and the failure says so', async () => {
    const line = await lineFor({})
    cloud.answer(() => ({ fail: 'input-too-long' }))

    const { error, asked } = await line.step()

    expect(asked).toEqual(['alpha', 'gamma'])
    expect(error).toMatchObject({ kind: 'input_too_long' })
  })

  test('200 empty: once elsewhere, and half a failure', async () => {
    const line = await lineFor({})
    cloud.script([{}], 'alpha')
    cloud.answer(() => ({ text: 'From another' }))

    const { result, asked } = await line.step()

    expect(asked).toEqual(['alpha', 'beta'])
    expect(result?.outcome).toMatchObject({ text: 'From another', usage: { inputTokens: 20, outputTokens: 10 }, costUsd: 0.00006 })
    expect(await line.spentUsd()).toBe(0.00006)
    expect(line.health.state('one/alpha')).toMatchObject({ failures: 1, failureRate: 0.5, availability: { state: 'ready' } })
  })

  test.each([
    ['elsewhere as well', {}, ['alpha', 'beta'], 'two'],
    ['and refused elsewhere', { fail: 'bad-request' }, ['alpha', 'beta'], 'one'],
    ['and nobody answers elsewhere', { fail: 'server-error' }, ['alpha', 'beta', 'gamma'], 'one'],
  ] as const)('200 empty, %s: it is returned empty', async (_, elsewhere, expected, empties) => {
    const line = await lineFor({})
    cloud.script([{}], 'alpha')
    cloud.answer(() => elsewhere)

    const { result, asked } = await line.step()

    expect(asked).toEqual(expected)
    expect(result?.outcome).toMatchObject({ text: '', finishReason: 'stop', costUsd: empties === 'two' ? 0.00006 : 0.00003 })
    expect(result?.warnings).toEqual([`${empties === 'two' ? 'one/beta' : 'one/alpha'} answered with nothing`])
  })

  test('200 empty, alone: it is returned empty at once', async () => {
    const line = await lineFor({}, [deployment('one/alpha')])
    cloud.answer(() => ({}))

    const { result, asked } = await line.step()

    expect(asked).toEqual(['alpha'])
    expect(result?.warnings).toEqual(['one/alpha answered with nothing'])
  })

  test('another model than the one asked for: recorded, warned of, and counted apart from failures', async () => {
    const line = await lineFor({})
    cloud.script([{ text: 'Hi', servedModel: 'alpha-mini' }], 'alpha')

    const { result, decision } = await line.step()

    expect(result?.warnings).toEqual(['one/alpha was asked for and alpha-mini answered'])
    expect(decision.outcome).toMatchObject({ model: 'one/alpha', servedModel: 'alpha-mini' })
    expect(line.health.state('one/alpha')).toMatchObject({ failures: 0, servedOther: 1 })
  })

  test('the content filter that ends an answer is passed on, and nobody else is asked', async () => {
    const line = await lineFor({})
    cloud.script([{ finish: 'content-filter' }], 'alpha')

    const { result, asked } = await line.step()

    expect(asked).toEqual(['alpha'])
    expect(result?.outcome.finishReason).toBe(format === 'anthropic-messages' ? 'refusal' : 'content-filter')
    expect(line.health.state('one/alpha').failures).toBe(0)
  })
})

/** A conversation in which alpha had thought before it called a tool. */
function withReasoning(format: (typeof wireFormats)[number]) {
  const raw = {
    'openai-responses': { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'bWludGVk' },
    'openai-chat': { field: 'reasoning_content', text: 'bWludGVk' },
    'anthropic-messages': { type: 'thinking', thinking: 'I add', signature: 'bWludGVk' },
  }[format]
  return {
    messages: [
      { role: 'user' as const, content: [{ type: 'text' as const, text: 'Add 1 and 2' }] },
      {
        role: 'assistant' as const,
        content: [
          { type: 'reasoning' as const, text: 'I add', mintedBy: 'one/alpha', raw },
          { type: 'tool-call' as const, id: 'call_1', name: 'add', input: { a: 1, b: 2 } },
        ],
      },
      {
        role: 'user' as const,
        content: [
          { type: 'tool-result' as const, id: 'call_1', name: 'add', content: [{ type: 'text' as const, text: '3' }], isError: false },
        ],
      },
    ],
  }
}
