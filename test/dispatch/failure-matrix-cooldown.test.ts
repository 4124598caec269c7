import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PolicyDeniedError, PoolExhaustedError } from '../../src/dispatch/errors.ts'
import { deployment, pool } from '../support/deployments.ts'
import { failingLine, wireFormats } from '../support/failing-line.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/* What a failure means for the steps after it: cooldown, probe, credential, and the four clocks over several attempts. */

describe.each(wireFormats)('dispatchStep() while models cool down, %s', (format) => {
  let cloud: ScriptedProvider
  beforeAll(async () => {
    cloud = await startScriptedProvider()
  })
  beforeEach(() => cloud.reset())
  afterAll(() => cloud.close())

  const two = [deployment('one/alpha'), deployment('two/gamma')]
  const open = (models = two, clocks = {}) => failingLine({ cloud, format, models, clocks })

  test('all cooled by the step itself: it fails with the shortest time that is left', async () => {
    const line = await open()
    cloud.script([{ status: 429, retryAfter: 20 }], 'alpha')
    cloud.script([{ status: 429, retryAfter: 9 }], 'gamma')

    const { error, asked } = await line.step()

    expect(asked).toEqual(['alpha', 'gamma'])
    expect(error).toBeInstanceOf(PoolExhaustedError)
    expect(error).toMatchObject({
      kind: 'rate_limit',
      retryAfterMs: 9_000,
      message: expect.stringContaining('the next try makes sense in 9 s'),
    })
  })

  test('all cooled before: nobody is asked, and the shortest time that is left is said', async () => {
    const line = await open()
    cloud.answer(() => ({ status: 429, retryAfter: 20 }))
    await line.step()
    line.advance(15_000)

    const { error, asked, attempts, decision } = await line.step()

    expect(asked).toEqual([])
    expect(error).toBeInstanceOf(PoolExhaustedError)
    expect(error).toMatchObject({ kind: 'rate_limit', retryAfterMs: 5_000, message: expect.stringContaining('in 5 s') })
    expect(attempts.map(({ deployment: model, error: refusal }) => [model, refusal?.kind])).toEqual([
      ['one/alpha', 'cooling'],
      ['two/gamma', 'cooling'],
    ])
    expect(decision.plan).toMatchObject({ pool: null, rejected: [{ reason: 'it is cooling down for 5 s after a rate limit (429)' }, {}] })
  })

  test('a model that may not answer at all is no reason to wait', async () => {
    const line = await open()
    cloud.answer(() => ({ status: 429, retryAfter: 20 }))
    await line.step()

    expect((await line.step({ pool: 'deep' })).error).toBeInstanceOf(PolicyDeniedError)
  })

  test('a rate limit cools the only model of a pool where another pool can be asked instead', async () => {
    const pools = [pool('quick', [deployment('one/alpha')]), pool('deep', [deployment('two/gamma')])]
    const line = await failingLine({ cloud, format, pools })
    cloud.answer(({ model }) => (model === 'alpha' ? { status: 429 } : { text: 'Hi' }))

    expect((await line.step()).asked).toEqual(['alpha', 'gamma'])
    expect((await line.step()).asked).toEqual(['gamma'])
  })

  test('a rate limit is waited out where the caller named the model', async () => {
    const line = await open()
    cloud.script([{ status: 429 }, { status: 429 }, { text: 'Hi' }], 'alpha')

    const { result, asked } = await line.step({ model: 'one/alpha' })

    expect(asked).toEqual(['alpha', 'alpha', 'alpha'])
    expect(result?.outcome.text).toBe('Hi')
    expect(line.health.availability('one/alpha').state).toBe('ready')
  })

  test('a Retry-After of an hour counts as a minute, and is said as one', async () => {
    const line = await open([deployment('one/alpha')])
    cloud.answer(() => ({ status: 429, retryAfter: 3600 }))

    expect((await line.step()).error).toMatchObject({ retryAfterMs: 60_000 })
  })

  test('after the cooldown one step probes, and another meanwhile asks somebody else', async () => {
    const line = await open()
    cloud.script([{ status: 429, retryAfter: 5 }], 'alpha')
    cloud.answer(({ model }) => ({ text: `From ${model}` }))
    await line.step()
    line.advance(5_000)
    cloud.script([{ text: 'Probed', interrupt: { after: 'headers', how: 'stall' } }], 'alpha')
    const left = new AbortController()

    const probe = line.step({}, left.signal)
    await expect.poll(() => line.health.state('one/alpha').inFlight).toBe(1)
    const meanwhile = await line.step()
    left.abort(new Error('enough'))
    await probe
    const afterwards = await line.step()

    expect(meanwhile.result?.outcome.text).toBe('From gamma')
    expect(meanwhile.decision.plan).toMatchObject({
      rejected: [{ model: 'one/alpha', reason: 'it is being probed after a rate limit (429)' }],
    })
    expect(afterwards.result?.outcome.text).toBe('From alpha')
    expect(line.health.availability('one/alpha')).toEqual({ state: 'ready' })
  })

  test('a probe that fails cools for twice as long', async () => {
    const line = await open()
    cloud.answer(({ model }) => (model === 'alpha' ? { status: 500 } : { text: 'Hi' }))
    for (let time = 0; time < 5; time += 1) await line.step()
    line.advance(5_000)

    const { asked } = await line.step()

    expect(asked).toEqual(['alpha', 'gamma'])
    line.advance(9_999)
    expect((await line.step()).asked).toEqual(['gamma'])
    line.advance(1)
    expect((await line.step()).asked).toEqual(['alpha', 'gamma'])
  })

  test('a refused key is not tried again until it is another, or a probe after five minutes', async () => {
    const line = await open()
    cloud.answer(({ model }) => (model === 'alpha' ? { status: 401 } : { text: 'Hi' }))
    await line.step()
    line.advance(299_999)
    expect((await line.step()).asked).toEqual(['gamma'])

    line.health.providerChanged('one')

    expect((await line.step()).asked).toEqual(['alpha', 'gamma'])
    line.advance(300_000)
    expect((await line.step()).asked).toEqual(['alpha', 'gamma'])
  })

  test('the last of its pool is never cooled by an outage: each step may ask it', async () => {
    const line = await open([deployment('one/alpha')])
    cloud.answer(() => ({ status: 500 }))
    for (let time = 0; time < 6; time += 1) await line.step()

    expect(line.health.availability('one/alpha')).toEqual({ state: 'ready' })
    expect((await line.step()).asked).toHaveLength(3)
  })

  test('one clock holds for all attempts together, whichever of the others they keep', async () => {
    const line = await open(undefined, { totalMs: 60, firstContentMs: 60_000 })
    cloud.answer(() => ({ text: 'Hi', interrupt: { after: 'headers', how: 'stall' } }))

    const { error, attempts } = await line.step()

    expect(error).toBeInstanceOf(PoolExhaustedError)
    expect(attempts[0]?.error).toEqual({ kind: 'timeout', message: 'one/alpha took longer than 0.06 s for the whole step' })
  })

  test.each([
    ['the response headers', { connectMs: 40 }, 'request'],
    ['the first content', { firstContentMs: 40 }, 'headers'],
    ['the next event', { stallMs: 40 }, 'first-content'],
  ] as const)('a time-out names its clock and closes the connection: %s', async (name, clocks, after) => {
    const line = await open([deployment('one/alpha')], clocks)
    cloud.answer(() => ({ text: 'One two', interrupt: { after, how: 'stall' } }))

    const { attempts } = await line.step()

    expect(attempts.map((one) => one.error)).toEqual([{ kind: 'timeout', message: `one/alpha took longer than 0.04 s for ${name}` }])
    await expect.poll(() => cloud.requests.map(({ outcome }) => outcome)).toEqual(['left'])
  })

  test('a local model has the time for its first content to send its headers', async () => {
    const line = await open([deployment('one/alpha', { local: true })], { connectMs: 20 })
    cloud.script([{ text: 'Loaded', delays: { headers: 80 } }])

    expect((await line.step()).result?.outcome.text).toBe('Loaded')
  })
})
