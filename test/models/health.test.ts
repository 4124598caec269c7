import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ProviderErrorKind } from '../../models/errors.ts'
import { createHealth } from '../../models/health.ts'
import type { CallFailure } from '../../models/pool.ts'

const model = 'cloud/a'

function setUp() {
  let now = 1_000_000
  const health = createHealth({ clock: () => now })
  const fail = (deployment: string, failure: Partial<CallFailure> & { kind: ProviderErrorKind }) => {
    expect(health.begin(deployment)).toBe(true)
    health.failed(deployment, { message: 'it failed', alone: false, ...failure })
  }
  const succeed = (deployment: string) => {
    expect(health.begin(deployment)).toBe(true)
    health.succeeded(deployment, { firstContentMs: 100, durationMs: 1100, outputTokens: 50 })
  }
  return { health, fail, succeed, pass: (ms: number) => (now += ms), now: () => now }
}

function failTimes(
  times: number,
  fail: (deployment: string, failure: { kind: ProviderErrorKind }) => void,
  kind: ProviderErrorKind = 'unavailable',
) {
  for (let index = 0; index < times; index += 1) fail(model, { kind })
}

describe('createHealth()', () => {
  test('a deployment that nobody has called is ready and knows nothing', () => {
    const { health } = setUp()

    expect(health.state(model)).toEqual({
      deployment: model,
      availability: { state: 'ready' },
      inFlight: 0,
      failureRate: undefined,
      firstContentMs: undefined,
      tokensPerSecond: undefined,
      firstContent: undefined,
      perToken: undefined,
      calls: 0,
      failures: 0,
      servedOther: 0,
      lastError: undefined,
    })
  })

  test.each([
    ['unavailable', 'the provider failed'],
    ['timeout', 'a time-out'],
    ['bad_response', 'an answer that could not be read'],
  ] as const)('%s cools at the fifth failure in a row, for 5 s', (kind, reason) => {
    const { health, fail, now } = setUp()

    failTimes(4, fail, kind)
    expect(health.availability(model)).toEqual({ state: 'ready' })
    failTimes(1, fail, kind)

    expect(health.availability(model)).toEqual({ state: 'cooling', until: now() + 5000, reason })
    expect(health.begin(model)).toBe(false)
  })

  test('failures that are few among successes do not cool', () => {
    const { health, fail, succeed } = setUp()

    for (let round = 0; round < 20; round += 1) {
      succeed(model)
      succeed(model)
      fail(model, { kind: 'unavailable' })
    }

    expect(health.availability(model)).toEqual({ state: 'ready' })
    expect(health.state(model).failureRate).toBeGreaterThan(0.3)
  })

  test('a failure of half the weight takes longer to cool', () => {
    const { health, fail } = setUp()

    for (let index = 0; index < 30; index += 1) fail(model, { kind: 'bad_response', weight: 0.5 })

    expect(health.availability(model)).toEqual({ state: 'ready' })
  })

  test('after the cooldown one probe may go, and its success makes it ready with a clean slate', () => {
    const { health, fail, pass } = setUp()
    failTimes(5, fail)
    pass(5000)
    expect(health.availability(model)).toMatchObject({ state: 'half-open', probing: false })

    expect(health.begin(model)).toBe(true)
    expect(health.availability(model)).toMatchObject({ state: 'half-open', probing: true })
    expect(health.begin(model)).toBe(false)
    health.succeeded(model, { durationMs: 10, outputTokens: 1 })

    expect(health.availability(model)).toEqual({ state: 'ready' })
    failTimes(3, fail)
    expect(health.availability(model)).toEqual({ state: 'ready' })
  })

  test('a probe that fails cools at once, twice as long each time, up to 300 s', () => {
    const { health, fail, pass, now } = setUp()
    failTimes(5, fail)

    const times = [10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * 1000)
    for (const time of times) {
      pass(300_000)
      failTimes(1, fail)
      expect(health.availability(model)).toMatchObject({ state: 'cooling', until: now() + time })
    }
  })

  test('a probe whose caller left is no verdict: another may go', () => {
    const { health, fail, pass } = setUp()
    failTimes(5, fail)
    pass(5000)

    health.begin(model)
    health.abandoned(model)

    expect(health.availability(model)).toMatchObject({ state: 'half-open', probing: false })
  })

  test('no second probe goes while the first is under way, even where an older call fails in between', () => {
    const { health, fail, pass } = setUp()
    const limited = { kind: 'rate_limit', message: 'slow down', status: 429, retryAfterMs: 1000, alone: false } as const
    health.begin(model)
    fail(model, limited)
    pass(1000)
    expect(health.begin(model), 'the first probe').toBe(true)

    health.failed(model, limited)
    pass(1000)

    expect(health.availability(model)).toMatchObject({ state: 'half-open', probing: true })
    expect(health.begin(model)).toBe(false)
    health.abandoned(model)
    expect(health.begin(model)).toBe(true)
  })

  test('calls that fail together cool once, not for longer', () => {
    const { health, now } = setUp()
    for (let index = 0; index < 20; index += 1) health.begin(model)

    for (let index = 0; index < 20; index += 1) health.failed(model, { kind: 'unavailable', message: 'gone', alone: false })

    expect(health.availability(model)).toMatchObject({ state: 'cooling', until: now() + 5000 })
  })

  test.each([
    [2000, 2000],
    [600_000, 60_000],
    [0, 0],
  ])('a 429 that says %s ms cools for %s ms', (retryAfterMs, expected) => {
    const { health, fail, now } = setUp()

    fail(model, { kind: 'rate_limit', status: 429, retryAfterMs, alone: true })

    const availability = health.availability(model)
    if (expected === 0) expect(availability.state).toBe('half-open')
    else expect(availability).toEqual({ state: 'cooling', until: now() + expected, reason: 'a rate limit (429)' })
  })

  test('a 429 that does not say cools for 5 s, unless nobody else is there', () => {
    const { health, fail, now } = setUp()

    fail(model, { kind: 'rate_limit', status: 429, alone: true })
    expect(health.availability(model)).toEqual({ state: 'ready' })
    fail(model, { kind: 'rate_limit', status: 429 })

    expect(health.availability(model)).toMatchObject({ state: 'cooling', until: now() + 5000 })
  })

  test('the last deployment of a pool is never cooled for an outage', () => {
    const { health, fail } = setUp()

    for (let index = 0; index < 50; index += 1) fail(model, { kind: 'unavailable', status: 500, alone: true })

    expect(health.availability(model)).toEqual({ state: 'ready' })
  })

  test('a refused key cools every deployment of the provider, and no other', () => {
    const { health, fail, now } = setUp()

    fail(model, { kind: 'auth', status: 401, alone: true })

    expect(health.availability(model)).toEqual({ state: 'cooling', until: now() + 300_000, reason: 'its key was refused (401)' })
    expect(health.availability('cloud/b')).toMatchObject({ state: 'cooling' })
    expect(health.availability('other/a')).toEqual({ state: 'ready' })
  })

  test('a refused key is probed once for all deployments of the provider', () => {
    const { health, fail, pass } = setUp()
    fail(model, { kind: 'auth', status: 401 })
    pass(300_000)

    expect(health.begin('cloud/b')).toBe(true)
    expect(health.begin(model)).toBe(false)
    health.succeeded('cloud/b', { durationMs: 1, outputTokens: 1 })

    expect(health.availability(model)).toEqual({ state: 'ready' })
  })

  test.each([
    ['auth', 403],
    ['not_found', 404],
  ] as const)('%s (%s) cools the deployment and not its neighbours', (kind, status) => {
    const { health, fail, now } = setUp()

    fail(model, { kind, status, alone: true })

    expect(health.availability(model)).toMatchObject({ state: 'cooling', until: now() + 300_000 })
    expect(health.availability('cloud/b')).toEqual({ state: 'ready' })
  })

  test('another key or address of the provider makes its deployments ready again', () => {
    const { health, fail } = setUp()
    fail(model, { kind: 'auth', status: 401 })
    fail('other/a', { kind: 'not_found' })

    health.providerChanged('cloud')
    health.providerChanged('unknown')

    expect(health.availability(model)).toEqual({ state: 'ready' })
    expect(health.availability('other/a')).toMatchObject({ state: 'cooling' })
  })

  test.each(['bad_request', 'input_too_long', 'content_filter'] as const)('%s is the request’s and counts for nothing', (kind) => {
    const { health, fail } = setUp()

    failTimes(50, fail, kind)

    expect(health.state(model)).toMatchObject({
      availability: { state: 'ready' },
      failures: 0,
      failureRate: undefined,
      lastError: undefined,
      inFlight: 0,
    })
  })

  test('tells times, speed, calls and the last error', () => {
    const { health, fail, succeed, now } = setUp()

    succeed(model)
    fail(model, { kind: 'timeout', message: 'too slow' })
    health.begin(model)

    expect(health.state(model)).toMatchObject({
      firstContentMs: 100,
      tokensPerSecond: 50,
      calls: 3,
      failures: 1,
      inFlight: 1,
      lastError: { kind: 'timeout', message: 'too slow', at: now() },
    })
  })

  test('releasing what was not claimed is a mistake of the caller', () => {
    const { health } = setUp()

    expect(() => health.abandoned(model)).toThrow(RangeError)
  })
})

describe('createHealth(), over any sequence of calls', () => {
  const kinds = [
    'auth',
    'rate_limit',
    'input_too_long',
    'content_filter',
    'timeout',
    'unavailable',
    'bad_response',
    'bad_request',
    'not_found',
  ] as const
  const deployments = ['cloud/a', 'cloud/b', 'other/a'] as const
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('begin' as const), deployment: fc.constantFrom(...deployments) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('succeed' as const), claim: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('abandon' as const), claim: fc.nat(20) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('fail' as const),
        claim: fc.nat(20),
        kind: fc.constantFrom(...kinds),
        status: fc.constantFrom(undefined, 401, 403, 429, 500),
        retryAfterMs: fc.constantFrom(undefined, 0, 1000, 900_000),
        alone: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 1000, 6000, 70_000, 400_000) }) },
  )

  test('there are never two probes, nothing begins while it cools, and every claim is released', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120, size: 'max' }), (actions) => {
        let now = 0
        const health = createHealth({ clock: () => now })
        const claims: { deployment: string; probe: boolean }[] = []
        const open = (deployment: string) => claims.filter((claim) => claim.deployment === deployment)

        for (const one of actions) {
          if (one.do === 'pass') now += one.ms
          else if (one.do === 'begin') {
            const before = health.availability(one.deployment)
            const began = health.begin(one.deployment)
            expect(began).toBe(before.state === 'ready' || (before.state === 'half-open' && !before.probing))
            if (began) claims.push({ deployment: one.deployment, probe: before.state === 'half-open' })
          } else if (claims.length > 0) {
            const [claim] = claims.splice(one.claim % claims.length, 1)
            if (claim === undefined) continue
            if (one.do === 'succeed') health.succeeded(claim.deployment, { durationMs: 1, outputTokens: 1 })
            else if (one.do === 'abandon') health.abandoned(claim.deployment)
            else health.failed(claim.deployment, { message: 'x', ...one })
          }
          for (const deployment of deployments) {
            // A probe is one until its deployment is ready again.
            if (health.availability(deployment).state === 'ready') for (const claim of open(deployment)) claim.probe = false
            expect(open(deployment).filter((claim) => claim.probe).length).toBeLessThanOrEqual(1)
            expect(health.state(deployment).inFlight).toBe(open(deployment).length)
          }
        }
        for (const { deployment } of claims.splice(0)) health.abandoned(deployment)
        now += 1_000_000
        for (const deployment of deployments) {
          expect(health.begin(deployment), 'it may always be tried again').toBe(true)
          health.abandoned(deployment)
        }
      }),
      { numRuns: 200 },
    )
  })
})
