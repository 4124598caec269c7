import { ProviderError } from '../../models/errors.ts'
import type { ModelEvent } from '../../models/provider.ts'

/** What came from a provider at one moment: what it says and, where it is relayed, its bytes. */
export interface Arrival {
  readonly events: readonly ModelEvent[]
  readonly bytes?: Uint8Array | undefined
}

/** Limits of one step's attempts, in milliseconds. */
export interface Clocks {
  /** To the response's headers, from a provider on another machine. A local one may load a model before it sends any: it has `firstContentMs`. */
  readonly connectMs: number
  readonly firstContentMs: number
  /** Between two events. */
  readonly stallMs: number
  /** Of all attempts of a step together. */
  readonly totalMs: number
  /** Before the only deployment is asked again: at first, then twice as long each time, up to the longest. */
  readonly firstWaitMs: number
  readonly longestWaitMs: number
}

export const defaultClocks: Clocks = {
  connectMs: 30_000,
  firstContentMs: 120_000,
  stallMs: 60_000,
  totalMs: 600_000,
  firstWaitMs: 1_000,
  longestWaitMs: 30_000,
}

/** Whether something of the answer itself has arrived: before it a retry is free, after it none is made. */
export function isContent(event: ModelEvent): boolean {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return event.text !== ''
    case 'reasoning':
    case 'tool-call-delta':
    case 'tool-call':
      return true
    default:
      return false
  }
}

/** One for all: a trace of where it was made costs more than the rest of a call's end. */
const callOver = new DOMException('The call is over', 'AbortError')

export interface ClockedOptions {
  deployment: string
  local: boolean
  clocks: Clocks
  /** Milliseconds that are left of the step's total. */
  leftMs: number
  signal: AbortSignal
}

/**
 * Passes on what a provider sends as long as it comes in time.
 *
 * @throws {ProviderError} Of kind `timeout`, naming the clock. The provider's call is aborted then, and when the caller leaves.
 */
export async function* withClocks(
  send: (signal: AbortSignal) => AsyncIterable<Arrival>,
  { deployment, local, clocks, leftMs, signal }: ClockedOptions,
): AsyncGenerator<Arrival, void, undefined> {
  const controller = new AbortController()
  const onLeft = () => controller.abort(signal.reason)
  if (signal.aborted) onLeft()
  else signal.addEventListener('abort', onLeft, { once: true })
  const startedAt = performance.now()
  const total = { name: 'the whole step', at: startedAt + leftMs, ms: clocks.totalMs }
  const firstContent = { name: 'the first content', at: startedAt + clocks.firstContentMs, ms: clocks.firstContentMs }
  const nextEvent = () => ({ name: 'the next event', at: performance.now() + clocks.stallMs, ms: clocks.stallMs })
  let clock = local ? firstContent : { name: 'the response headers', at: startedAt + clocks.connectMs, ms: clocks.connectMs }
  let hasContent = false
  let isWhole = false
  const iterator = send(controller.signal)[Symbol.asyncIterator]()

  try {
    while (true) {
      // Set when the event is asked for: the time that a reader takes between two is not the provider's.
      if (hasContent) clock = nextEvent()
      const { done, value } = await inTime(iterator.next(), clock.at < total.at ? clock : total)
      if (done) return
      hasContent ||= value.events.some(isContent)
      if (!hasContent) clock = firstContent
      isWhole = value.events.at(-1)?.type === 'finish'
      yield value
    }
  } finally {
    signal.removeEventListener('abort', onLeft)
    if (!isWhole) controller.abort(callOver)
    // A provider that does not end on its abort must not hold the step.
    void iterator.return?.()?.catch(() => undefined)
  }

  function inTime<T>(next: Promise<T>, limit: { name: string; at: number; ms: number }): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const late = () => {
        const seconds = limit.ms / 1000
        end(() =>
          reject(new ProviderError(`${deployment} took longer than ${seconds} s for ${limit.name}`, { kind: 'timeout', deployment })),
        )
      }
      const timer = setTimeout(late, Math.max(0, limit.at - performance.now()))
      const onAbort = () => end(() => reject(signal.reason))
      const end = (settle: () => void) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        settle()
      }
      next.then(
        (value) => end(() => resolve(value)),
        (error: unknown) => end(() => reject(signal.aborted ? signal.reason : error)),
      )
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}
