import { createRate, type Rate } from '../../models/rate.ts'
import type { Grant } from '../caller.ts'

/** How often holders of keys may begin a call: each key, and each link that a minted one was narrowed by, has a count of its own. */
export interface CallRates {
  /** `undefined` when the call may begin now; else after how many milliseconds the next may. */
  take(grant: Grant): Promise<number | undefined>
}

const mostCounts = 10_000
const noSignal = new AbortController().signal

export function createCallRates(): CallRates {
  const counts = new Map<string, Rate>()

  function countOf(name: string, perMinute: number): Rate {
    const known = counts.get(name) ?? createRate(perMinute)
    known.change(perMinute)
    counts.delete(name)
    counts.set(name, known)
    if (counts.size > mostCounts) counts.delete(counts.keys().next().value ?? name)
    return known
  }

  return {
    async take({ principal, callsPerMinute, limits = [] }) {
      if (callsPerMinute === undefined && limits.length === 0) return undefined
      const named = [{ id: principal, callsPerMinute }, ...limits]
      for (const { id, callsPerMinute: perMinute } of named) {
        const waitMs = perMinute === undefined ? undefined : await countOf(id, perMinute).take(0, noSignal)
        if (waitMs !== undefined) return waitMs
      }
      return undefined
    },
  }
}
