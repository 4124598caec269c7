import type { Availability } from './pool.ts'

const firstCooldownMs = 5_000
const longestCooldownMs = 300_000

/**
 * Keeps calls from what has failed, for a while: ready → cooling → half-open with one probe → ready, or cooling again.
 *
 * Claims carry no name, so an outcome that arrives while older calls are still under way is taken for one of theirs:
 * a probe may seem to last longer than it does, but there are never two.
 */
export interface Breaker {
  availability(now: number): Availability
  /** Claims a call; `false` while it is cooling or being probed. */
  begin(now: number): boolean
  /** Releases a claim that did well: a probed one is ready again. */
  ok(): void
  /** Releases a claim without a verdict: a probe leaves it half-open. Tells whether it was one. */
  release(): boolean
  /** Cools for `ms`, or for 5 s at first and twice as long each time that no probe did well in between, up to 300 s. */
  cool(now: number, reason: string, ms?: number): void
  /** Nothing holds any more that was learnt; open claims stay open. */
  reset(): void
  readonly inFlight: number
}

type State = { name: 'ready' } | { name: 'cooling'; until: number; reason: string } | { name: 'probing'; reason: string }

export function createBreaker(): Breaker {
  let state: State = { name: 'ready' }
  let inFlight = 0
  let cooldowns = 0
  /** Calls under way that were not begun as the present probe: their outcome is not its outcome. */
  let older = 0
  /** A former probe is among them, so no other may begin. */
  let probeLingers = false

  /** Ends one claim. Tells whether it was the probe's. */
  const end = (): boolean => {
    if (inFlight === 0) throw new RangeError('Cannot release a claim: none is open')
    inFlight -= 1
    const wasProbe = older === 0 && state.name === 'probing'
    older = Math.max(0, older - 1)
    if (older === 0) probeLingers = false
    return wasProbe
  }

  return {
    availability(now) {
      if (state.name === 'ready') return { state: 'ready' }
      if (state.name === 'cooling' && now < state.until) return { state: 'cooling', until: state.until, reason: state.reason }
      return { state: 'half-open', probing: state.name === 'probing' || probeLingers, reason: state.reason }
    },
    begin(now) {
      if (state.name === 'probing') return false
      if (state.name === 'cooling') {
        if (now < state.until || probeLingers) return false
        state = { name: 'probing', reason: state.reason }
        older = inFlight
      }
      inFlight += 1
      return true
    },
    ok() {
      end()
      if (state.name === 'cooling') return
      state = { name: 'ready' }
      cooldowns = 0
    },
    release() {
      const wasProbe = end()
      if (wasProbe && state.name === 'probing') state = { name: 'cooling', until: 0, reason: state.reason }
      return wasProbe
    },
    cool(now, reason, ms) {
      const cooling = state.name === 'cooling' && now < state.until ? state.until : 0
      // Calls that fail together are one reason to cool, not several.
      if (ms === undefined && cooling > 0) return
      const until = now + (ms ?? Math.min(longestCooldownMs, firstCooldownMs * 2 ** cooldowns))
      if (ms === undefined) cooldowns += 1
      probeLingers ||= state.name === 'probing'
      state = { name: 'cooling', until: Math.max(until, cooling), reason }
      older = inFlight
    },
    reset() {
      probeLingers ||= state.name === 'probing'
      state = { name: 'ready' }
      cooldowns = 0
      older = inFlight
    },
    get inFlight() {
      return inFlight
    },
  }
}
