import { expect, test, vi } from 'vitest'
import { costOf } from '../../models/catalogue.ts'
import { createHealth } from '../../models/health.ts'
import { noUsage } from '../../models/outcome.ts'
import { type AttemptsOptions, runAttempts } from '../../src/dispatch/attempt.ts'
import { defaultClocks } from '../../src/dispatch/clocks.ts'
import { AnswerCutError, PoolExhaustedError } from '../../src/dispatch/errors.ts'
import { sending } from '../../src/dispatch/sending.ts'
import { deployment } from '../support/deployments.ts'
import { type StandIn, standIn, type Turn } from '../support/stand-in-provider.ts'

interface Settlement {
  deployment: string
  usd: number | null
}

function setUp(providers: readonly StandIn[], facts: Partial<AttemptsOptions> = {}) {
  const settled: Settlement[] = []
  const prepared: { at: number; withoutReasoning: boolean }[] = []
  const health = createHealth({ clock: facts.clock })
  const options: AttemptsOptions = {
    candidates: providers.map((provider) => ({
      deployment: deployment(`${provider.name}/m`),
      alone: providers.length === 1,
      async prepare({ withoutReasoning }) {
        prepared.push({ at: Date.now(), withoutReasoning })
        return sending(provider, { model: 'm', messages: [] })
      },
    })),
    reserve: async (one) => ({
      settle: async (usd) => {
        settled.push({ deployment: one.id, usd })
      },
    }),
    cost: (one, usage) => (one.price === null ? null : costOf(usage, one.price)),
    brokenUsage: (characters) => ({ ...noUsage, inputTokens: 100, outputTokens: characters }),
    health,
    clocks: defaultClocks,
    signal: new AbortController().signal,
    clock: Date.now,
    random: () => 0,
    ...facts,
  }
  return { options, settled, prepared, health }
}

const resultOf = runAttempts

async function errorOf(options: AttemptsOptions): Promise<unknown> {
  return resultOf(options).then(
    () => undefined,
    (error: unknown) => error,
  )
}

test('runAttempts() gives the answer of the first candidate and settles its cost', async () => {
  const { options, settled } = setUp([standIn('a', { text: 'Hi' }), standIn('b')])

  const { finish, attempts } = await resultOf(options)

  expect(finish.message.content).toEqual([{ type: 'text', text: 'Hi' }])
  expect(attempts).toHaveLength(1)
  expect(settled).toEqual([{ deployment: 'a/m', usd: 0.00014 }])
})

test.each<Turn>([
  { fails: 'unavailable' },
  { fails: 'timeout' },
  { fails: 'auth' },
  { fails: 'not_found' },
  { fails: 'bad_response' },
  { fails: 'rate_limit' },
  { cut: true },
])('runAttempts() goes on to the next candidate before any content: %o', async (turn) => {
  const first = standIn('a', turn)
  const { options, settled } = setUp([first, standIn('b', { text: 'Hi' })])

  const { deployment: answered, attempts } = await resultOf(options)

  expect(answered.id).toBe('b/m')
  expect(attempts.map((attempt) => attempt.deployment)).toEqual(['a/m', 'b/m'])
  expect(first.requests).toHaveLength(1)
  expect(settled[0]).toEqual({ deployment: 'a/m', usd: 0 })
})

test.each<Turn>([
  { text: 'Half', fails: 'unavailable' },
  { text: 'Half', cut: true },
  { text: 'Half', fails: 'timeout' },
])('runAttempts() tries nothing else after content, keeps what had arrived and pays for it: %o', async (turn) => {
  const spare = standIn('b', { text: 'unused' })
  const { options, settled } = setUp([standIn('a', turn), spare])

  const error = await errorOf(options)

  expect(error).toBeInstanceOf(AnswerCutError)
  expect(error).toMatchObject({ received: 'Half', attempts: [{ deployment: 'a/m', usage: { inputTokens: 100, outputTokens: 4 } }] })
  expect(spare.requests).toHaveLength(0)
  expect(settled).toEqual([{ deployment: 'a/m', usd: 0.000116 }])
})

test.each<Turn>([{ fails: 'bad_request' }, { fails: 'content_filter' }])(
  'runAttempts() asks nobody else when the request itself is refused: %o',
  async (turn) => {
    const spare = standIn('b', { text: 'unused' })
    const { options, health } = setUp([standIn('a', turn), spare])

    expect(await errorOf(options)).toMatchObject({ kind: turn.fails })
    expect(spare.requests).toHaveLength(0)
    expect(health.state('a/m').failures).toBe(0)
  },
)

test('runAttempts() goes on only to a larger window when the input was too long', async () => {
  const same = standIn('b', { text: 'unused' })
  const larger = standIn('c', { text: 'Hi' })
  const { options } = setUp([standIn('a', { fails: 'input_too_long' }), same, larger])
  const candidates = options.candidates.map((one, index) => ({
    ...one,
    deployment: { ...one.deployment, contextTokens: [1000, 1000, 2000][index] ?? 0 },
  }))

  const { deployment: answered } = await resultOf({ ...options, candidates })

  expect(answered.id).toBe('c/m')
  expect(same.requests).toHaveLength(0)
})

test('runAttempts() asks the only deployment again after a wait', async () => {
  const only = standIn('a', { fails: 'unavailable' }, { text: 'Hi' })
  const { options } = setUp([only], { clocks: { ...defaultClocks, firstWaitMs: 1 } })

  const { attempts } = await resultOf(options)

  expect(attempts).toHaveLength(2)
})

test('runAttempts() waits for a limited deployment 1 s, then twice as long each time up to 30 s, and a quarter more at most', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  try {
    const { options, prepared } = setUp([standIn('a', { fails: 'rate_limit' })], { random: () => 1 })

    const answer = errorOf(options)
    await vi.runAllTimersAsync()
    const waits = prepared.slice(1).map(({ at }, index) => at - (prepared[index]?.at ?? 0))

    expect(await answer).toMatchObject({ kind: 'rate_limit' })
    expect(waits).toEqual([1250, 2500, 5000, 10_000, 20_000, 37_500])
  } finally {
    vi.useRealTimers()
  }
})

test('runAttempts() does not wait for a Retry-After: it says when the next try makes sense', async () => {
  const only = standIn('a', { fails: 'rate_limit', retryAfterMs: 7000 })
  const { options, health } = setUp([only], { clock: () => 0 })

  const error = await errorOf(options)

  expect(error).toBeInstanceOf(PoolExhaustedError)
  expect(error).toMatchObject({ kind: 'rate_limit', retryAfterMs: 7000, message: expect.stringContaining('in 7 s') })
  expect(health.availability('a/m').state).toBe('cooling')
  expect(only.requests).toHaveLength(1)
})

test('runAttempts() returns an empty answer only after one other was asked', async () => {
  const { options } = setUp([standIn('a', {}), standIn('b', {}), standIn('c', { text: 'unused' })])

  const { deployment: answered, warnings } = await resultOf(options)

  expect(answered.id).toBe('b/m')
  expect(warnings).toContain('b/m answered with nothing')
})

test('runAttempts() strips reasoning and asks the same deployment once more when its reasoning was refused', async () => {
  const provider = standIn('a', { fails: 'bad_request', code: 'reasoning_refused' }, { text: 'Hi' })
  const { options, prepared } = setUp([provider, standIn('b')])

  const { deployment: answered, warnings } = await resultOf(options)

  expect(answered.id).toBe('a/m')
  expect(prepared.map(({ withoutReasoning }) => withoutReasoning)).toEqual([false, true])
  expect(warnings[0]).toMatch(/refused its own earlier reasoning/)
})

test('runAttempts() records another served model as a warning, and takes a dated name for the same', async () => {
  const other = await resultOf(setUp([standIn('a', { text: 'Hi', servedModel: 'other' })]).options)
  const dated = await resultOf(setUp([standIn('a', { text: 'Hi', servedModel: 'm-2026-01-01' })]).options)

  expect(other.warnings).toEqual(['a/m was asked for and other answered'])
  expect(dated.warnings).toEqual([])
})

test('runAttempts() passes a deployment over that the budget has no room for, and calls nothing', async () => {
  const first = standIn('a', { text: 'unused' })
  const { options } = setUp([first], { reserve: async () => undefined })

  const error = await errorOf(options)

  expect(error).toMatchObject({ attempts: [{ error: { kind: 'budget' } }] })
  expect(first.requests).toHaveLength(0)
})

test('runAttempts() rejects with the reason of the caller and tries nothing else when aborted', async () => {
  const spare = standIn('b', { text: 'unused' })
  const controller = new AbortController()
  const { options, health, settled } = setUp([standIn('a', { hangs: true }), spare], { signal: controller.signal })
  const reason = new Error('The caller left')

  const answer = errorOf(options)
  setTimeout(() => controller.abort(reason), 20)

  expect(await answer).toBe(reason)
  expect(spare.requests).toHaveLength(0)
  expect(health.state('a/m')).toMatchObject({ failures: 0, inFlight: 0 })
  expect(settled).toEqual([{ deployment: 'a/m', usd: 0 }])
})

test('runAttempts() leaves a deployment that sends no content in time', async () => {
  const { options } = setUp([standIn('a', { hangs: true }), standIn('b', { text: 'Hi' })], {
    clocks: { ...defaultClocks, firstContentMs: 30 },
  })

  const { deployment: answered, attempts } = await resultOf(options)

  expect(answered.id).toBe('b/m')
  expect(attempts[0]?.error).toMatchObject({ kind: 'timeout', message: expect.stringContaining('the first content') })
})

test('runAttempts() ends an answer that stalls', async () => {
  const { options } = setUp([standIn('a', { text: 'Half', hangs: true })], { clocks: { ...defaultClocks, stallMs: 30 } })

  expect(await errorOf(options)).toMatchObject({ received: 'Half', attempts: [{ error: { kind: 'timeout' } }] })
})

test('runAttempts() keeps one limit for all attempts together', async () => {
  const hanging = [standIn('a', { hangs: true }), standIn('b', { hangs: true }), standIn('c', { text: 'Hi' })]
  const { options } = setUp(hanging, { clocks: { ...defaultClocks, connectMs: 50, firstContentMs: 50, totalMs: 70 } })

  const error = await errorOf(options)

  expect(error).toBeInstanceOf(PoolExhaustedError)
  expect(hanging[2]?.requests).toHaveLength(0)
})

test('runAttempts() releases the deployment when whoever hears the answer cannot go on', async () => {
  const gone = new Error('gone')
  const onArrival = () => {
    throw gone
  }
  const { options, health } = setUp([standIn('a', { text: 'Hi', hangs: true })], { onArrival })

  await expect(runAttempts(options)).rejects.toBe(gone)

  expect(health.state('a/m').inFlight).toBe(0)
})
