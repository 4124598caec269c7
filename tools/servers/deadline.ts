/**
 * The time that a request may take: so long without a sign of life, and so long in all.
 *
 * It stands still until it is resumed, and while the caller is asked something: a person's time is not the server's.
 */
export interface Deadline {
  /** Aborts with a {@link DeadlineError}. */
  readonly signal: AbortSignal
  /** A sign of life: the first limit begins again. */
  touch(): void
  pause(): void
  resume(): void
  /** For good. */
  dispose(): void
}

export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly limitMs: number

  constructor(limitMs: number) {
    super(`No answer within ${limitMs / 1000} s`)
    this.limitMs = limitMs
  }
}

export function createDeadline({ quietMs, totalMs }: { quietMs: number; totalMs: number }): Deadline {
  const controller = new AbortController()
  const expire = (limitMs: number) => () => controller.abort(new DeadlineError(limitMs))
  let leftMs = totalMs
  let runningSince = 0
  let pauses = 1
  let quiet: NodeJS.Timeout | undefined
  let total: NodeJS.Timeout | undefined

  const stop = () => {
    clearTimeout(quiet)
    clearTimeout(total)
    quiet = undefined
    total = undefined
  }

  return {
    signal: controller.signal,
    touch() {
      quiet?.refresh()
    },
    pause() {
      pauses += 1
      if (pauses > 1) return
      leftMs -= performance.now() - runningSince
      stop()
    },
    resume() {
      pauses -= 1
      if (pauses > 0 || controller.signal.aborted) return
      runningSince = performance.now()
      quiet = setTimeout(expire(quietMs), quietMs)
      total = setTimeout(expire(totalMs), Math.max(0, leftMs))
    },
    dispose: stop,
  }
}
