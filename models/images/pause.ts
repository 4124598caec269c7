import { setImmediate } from 'node:timers/promises'

const turnMs = 4

/** For loops over pixels: awaited at the head of a band of rows, it lets others have their turn when this one has lasted long enough. */
export function createPause(): () => Promise<void> | undefined {
  let startedAt = performance.now()
  return () => {
    if (performance.now() - startedAt < turnMs) return undefined
    return setImmediate().then(() => {
      startedAt = performance.now()
    })
  }
}
