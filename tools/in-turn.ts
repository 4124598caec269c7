/**
 * `work`, one run at a time. Who asks while it runs waits for the next run, which is one for all of them: what twenty servers have to
 * say at the same moment is taken up twice, not twenty times.
 *
 * @returns Asks for a run that begins after this moment, and resolves or fails with it.
 */
export function inTurn(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return () => {
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return work()
      })
    running = next
    return next
  }
}
