import { setTimeout as sleep } from 'node:timers/promises'

/** So many calls a minute: a bucket that holds as many, and fills evenly. */
export interface Rate {
  /**
   * Resolves when the call may go, in the order in which they came. Resolves to milliseconds, at once, when that would take
   * longer than `maxWaitMs`: the call may not go then.
   *
   * @throws The signal's reason, when it aborts first.
   */
  take(maxWaitMs: number, signal: AbortSignal): Promise<number | undefined>
  change(perMinute: number | undefined): void
}

export function createRate(perMinute: number | undefined, now: () => number = () => performance.now()): Rate {
  let limit = perMinute
  // Below zero by those who wait.
  let left = limit ?? 0
  let filledAt = now()

  function fill(of: number): void {
    left = Math.min(of, left + ((now() - filledAt) / 60_000) * of)
    filledAt = now()
  }

  return {
    async take(maxWaitMs, signal) {
      if (limit === undefined) return undefined
      fill(limit)
      const waitMs = Math.ceil((Math.max(0, 1 - left) / limit) * 60_000)
      if (waitMs > maxWaitMs) return waitMs
      left -= 1
      if (waitMs === 0) return undefined
      try {
        await sleep(waitMs, undefined, { signal })
      } catch {
        left += 1
        throw signal.reason
      }
      return undefined
    },

    change(next) {
      if (next === limit) return
      if (limit === undefined || next === undefined) left = next ?? 0
      else {
        fill(limit)
        left = Math.min(left, next)
      }
      filledAt = now()
      limit = next
    },
  }
}
