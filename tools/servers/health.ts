import { ToolError } from '../tool.ts'

const firstWaitMs = 1000
const mostWaitMs = 60_000
/** After so many failures in a row nothing is started but for a call. */
const patience = 5
/** A connection that lived so long starts with a clean slate. */
const provenMs = 60_000

/** Whether a server may be started now, so that one that cannot be is answered for at once. */
export interface Health {
  /** In a sentence that names the mend. */
  readonly error: string | undefined
  /** When the next start is allowed, epoch ms. */
  readonly retryAt: number | undefined
  failed(error: string, options?: { livedMs?: number }): void
  /** An answer came. */
  worked(): void
  /** How long until a start by ourselves; `undefined` when we have given up. */
  nextStartMs(): number | undefined
  /** @throws {ToolError} Kind `unavailable`, while the server is not to be tried. */
  assertMayStart(called: string): void
}

export function createHealth({ clock }: { clock: () => number }): Health {
  let failures = 0
  let error: string | undefined
  let retryAt: number | undefined

  return {
    get error() {
      return error
    },
    get retryAt() {
      return retryAt
    },
    failed(reason, { livedMs = 0 } = {}) {
      failures = livedMs >= provenMs ? 1 : failures + 1
      error = reason
      // The first time may be an accident: it is tried again at once.
      retryAt = clock() + (failures === 1 ? 0 : Math.min(mostWaitMs, firstWaitMs * 2 ** (failures - 2)))
    },
    worked() {
      failures = 0
      error = undefined
      retryAt = undefined
    },
    nextStartMs: () => (failures > patience ? undefined : Math.max(0, (retryAt ?? 0) - clock())),
    assertMayStart(called) {
      const waitMs = (retryAt ?? 0) - clock()
      if (waitMs <= 0) return
      const text = `${error}. It is tried again in ${Math.ceil(waitMs / 1000)} s`
      throw new ToolError(`"${called}" is not available: ${text}`, { tool: called, stage: 'run', kind: 'unavailable' })
    },
  }
}
