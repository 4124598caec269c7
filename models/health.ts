import { type Breaker, createBreaker } from './breaker.ts'
import type { ProviderErrorKind } from './errors.ts'
import { createPercentileWindow, type PercentileWindow } from './percentile-window.ts'
import type { Availability, DeploymentState, Health } from './pool.ts'

export interface HealthOptions {
  clock?: (() => number) | undefined
}

const failureWeight = 0.3
const timingWeight = 0.2
/** A kind of failure cools a deployment above this share, once there is enough to judge by. */
const coolAbove = 0.5
const enoughSamples = 5
const longestRetryAfterMs = 60_000
/** A wrong key or model name does not mend itself; one probe now and then notices what was mended elsewhere. */
const configurationCooldownMs = 300_000

/** What says nothing about the deployment, since another would have refused it as well. */
const ofTheRequest: ReadonlySet<ProviderErrorKind> = new Set(['bad_request', 'input_too_long', 'content_filter'])

interface Watched {
  readonly breaker: Breaker
  /** Exponentially weighted share of calls that failed in this way. */
  readonly rates: Map<ProviderErrorKind, number>
  samples: number
  failureRate: number | undefined
  firstContentMs: number | undefined
  tokensPerSecond: number | undefined
  readonly firstContent: PercentileWindow
  readonly perToken: PercentileWindow
  calls: number
  failures: number
  servedOther: number
  lastError: DeploymentState['lastError']
}

/**
 * The live state of deployments, by the failure matrix.
 *
 * - A failure that says when to come back (429, 503) cools for so long, 60 s at most; another 429 for 5 s.
 * - 401 cools the credential, so every deployment of that provider; 403 and 404 the deployment alone.
 * - Other failures of the provider cool once more than half of the recent calls failed in that way, of five at least.
 *   The last deployment of a pool is never cooled for these: a poor chance is better than none.
 * - Errors of the request count for nothing.
 */
export function createHealth({ clock = Date.now }: HealthOptions = {}): Health {
  const records = new Map<string, Watched>()
  const credentials = new Map<string, Breaker>()

  const recordOf = (deployment: string) => getOrCreate(records, deployment, createWatched)
  const credentialOf = (deployment: string) => getOrCreate(credentials, providerOf(deployment), createBreaker)

  const availability: Health['availability'] = (deployment) => {
    const now = clock()
    const states = [recordOf(deployment).breaker.availability(now), credentialOf(deployment).availability(now)]
    return states.reduce((worst, state) => (hindrance(state) > hindrance(worst) ? state : worst))
  }

  return {
    availability,

    begin(deployment) {
      const state = availability(deployment)
      if (state.state === 'cooling' || (state.state === 'half-open' && state.probing)) return false
      const record = recordOf(deployment)
      record.breaker.begin(clock())
      credentialOf(deployment).begin(clock())
      record.calls += 1
      return true
    },

    succeeded(deployment, { firstContentMs, durationMs, outputTokens, servedOther = false }) {
      const record = recordOf(deployment)
      if (servedOther) record.servedOther += 1
      record.breaker.ok()
      credentialOf(deployment).ok()
      sample(record, 0)
      for (const [kind, rate] of record.rates) record.rates.set(kind, mix(rate, 0, failureWeight))
      if (firstContentMs !== undefined) {
        record.firstContentMs = mix(record.firstContentMs ?? firstContentMs, firstContentMs, timingWeight)
        record.firstContent.add(firstContentMs)
      }
      const writingMs = durationMs - (firstContentMs ?? 0)
      if (outputTokens > 0 && writingMs > 0) {
        const speed = outputTokens / (writingMs / 1000)
        record.tokensPerSecond = mix(record.tokensPerSecond ?? speed, speed, timingWeight)
        record.perToken.add(writingMs / outputTokens)
      }
    },

    failed(deployment, { kind, message, status, retryAfterMs, alone, weight = 1 }) {
      const now = clock()
      const record = recordOf(deployment)
      const credential = credentialOf(deployment)
      const reason = reasonInWords(kind, status)
      credential.release()
      const wasProbe = record.breaker.release()
      if (ofTheRequest.has(kind)) return

      record.lastError = { kind, message, at: now }
      record.failures += 1
      sample(record, weight)
      const rate = mix(record.rates.get(kind) ?? 0, weight, failureWeight)
      record.rates.set(kind, rate)

      if (kind === 'auth' && status !== 403) return credential.cool(now, reason, configurationCooldownMs)
      if (kind === 'auth' || kind === 'not_found') return cool(record, now, reason, configurationCooldownMs)
      if (retryAfterMs !== undefined) return cool(record, now, reason, Math.min(retryAfterMs, longestRetryAfterMs))
      const often = rate > coolAbove && record.samples >= enoughSamples
      if (!alone && (wasProbe || often || kind === 'rate_limit')) cool(record, now, reason)
    },

    abandoned(deployment) {
      recordOf(deployment).breaker.release()
      credentialOf(deployment).release()
    },

    state(deployment) {
      const record = recordOf(deployment)
      const { breaker, failureRate, firstContentMs, tokensPerSecond, calls, failures, servedOther, lastError } = record
      return {
        deployment,
        availability: availability(deployment),
        inFlight: breaker.inFlight,
        failureRate,
        firstContentMs,
        tokensPerSecond,
        firstContent: record.firstContent.read(),
        perToken: record.perToken.read(),
        calls,
        failures,
        servedOther,
        lastError,
      }
    },

    providerChanged(provider) {
      credentials.get(provider)?.reset()
      for (const [deployment, record] of records) {
        if (providerOf(deployment) !== provider) continue
        record.breaker.reset()
        forgetRates(record)
      }
    },
  }
}

const words: Partial<Record<ProviderErrorKind, string>> = {
  auth: 'its key was refused',
  not_found: 'its model was not found',
  rate_limit: 'a rate limit',
  timeout: 'a time-out',
  unavailable: 'the provider failed',
  bad_response: 'an answer that could not be read',
}

/** For people, who read it behind "cooling down after". */
function reasonInWords(kind: ProviderErrorKind, status: number | undefined): string {
  return `${words[kind] ?? kind}${status === undefined ? '' : ` (${status})`}`
}

/** Afterwards a probe decides, and what was before it counts no more. */
function cool(record: Watched, now: number, reason: string, ms?: number): void {
  record.breaker.cool(now, reason, ms)
  forgetRates(record)
}

function forgetRates(record: Watched): void {
  record.rates.clear()
  record.samples = 0
}

function sample(record: Watched, failed: number): void {
  record.samples += 1
  record.failureRate = mix(record.failureRate ?? failed, failed, failureWeight)
}

function hindrance(availability: Availability): number {
  if (availability.state === 'ready') return 0
  if (availability.state === 'half-open') return availability.probing ? 2 : 1
  return availability.until
}

function createWatched(): Watched {
  return {
    breaker: createBreaker(),
    rates: new Map(),
    samples: 0,
    failureRate: undefined,
    firstContentMs: undefined,
    tokensPerSecond: undefined,
    firstContent: createPercentileWindow(),
    perToken: createPercentileWindow(),
    calls: 0,
    failures: 0,
    servedOther: 0,
    lastError: undefined,
  }
}

/** A deployment is `provider/model`, and a provider has one credential. */
function providerOf(deployment: string): string {
  const slash = deployment.indexOf('/')
  return slash === -1 ? deployment : deployment.slice(0, slash)
}

function mix(average: number, sample: number, weight: number): number {
  return average + weight * (sample - average)
}

function getOrCreate<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = create()
  map.set(key, made)
  return made
}
