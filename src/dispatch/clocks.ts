import { ProviderError } from '../../models/errors.ts'
import type { ModelEvent, RelayChunk } from '../../models/provider.ts'

/** What came from a provider at one moment: what it says and, where it is relayed, its bytes. */
export interface Arrival {
  readonly events: readonly ModelEvent[]
  readonly bytes?: Uint8Array | undefined
  readonly sent?: RelayChunk['sent']
  readonly isWords?: RelayChunk['isWords']
  /** How many values of each kind the model did not see. */
  readonly redacted?: Readonly<Record<string, number>> | undefined
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

/** What is made of an arrival; where it takes time, nothing more is asked for meanwhile. */
export type Hear = (arrival: Arrival) => void | Promise<void>

/**
 * Hears all that a provider sends as long as it comes in time. One timer watches over the whole call: a stream has hundreds of pieces.
 *
 * @throws {ProviderError} Of kind `timeout`, naming the clock. The provider's call is aborted then, and when the caller leaves.
 */
export async function hearInTime(
  send: (signal: AbortSignal) => AsyncIterable<Arrival>,
  { deployment, local, clocks, leftMs, signal }: ClockedOptions,
  hear: Hear,
): Promise<void> {
  const controller = new AbortController()
  const startedAt = performance.now()
  const total: Clock = { name: 'the whole step', at: startedAt + leftMs, ms: clocks.totalMs }
  const firstContent: Clock = { name: 'the first content', at: startedAt + clocks.firstContentMs, ms: clocks.firstContentMs }
  const nextEvent: Clock = { name: 'the next event', at: 0, ms: clocks.stallMs }
  let clock = local ? firstContent : { name: 'the response headers', at: startedAt + clocks.connectMs, ms: clocks.connectMs }
  let hasContent = false
  let isWhole = false
  let giveUp: ((error: unknown) => void) | undefined
  let timer: NodeJS.Timeout | undefined
  let timerAt = Number.POSITIVE_INFINITY

  const onLeft = () => {
    controller.abort(signal.reason)
    giveUp?.(signal.reason)
  }
  /** The time that a reader takes between two events is not the provider's: it counts from when the next one is asked for. */
  const watch = () => {
    timer = undefined
    if (giveUp === undefined) return
    const limit = clock.at < total.at ? clock : total
    const left = limit.at - performance.now()
    if (left > 0) {
      timer = setTimeout(watch, left)
      timerAt = limit.at
    } else {
      const message = `${deployment} took longer than ${limit.ms / 1000} s for ${limit.name}`
      giveUp(new ProviderError(message, { kind: 'timeout', deployment }))
    }
  }
  if (signal.aborted) onLeft()
  else signal.addEventListener('abort', onLeft, { once: true })
  const iterator = send(controller.signal)[Symbol.asyncIterator]()

  try {
    while (true) {
      if (hasContent) {
        nextEvent.at = performance.now() + clocks.stallMs
        clock = nextEvent
      }
      const next = await new Promise<IteratorResult<Arrival, unknown>>((resolve, reject) => {
        giveUp = reject
        iterator.next().then(resolve, (error: unknown) => reject(signal.aborted ? signal.reason : error))
        if (signal.aborted) reject(signal.reason)
        // One that is due too early looks again by itself.
        if (timer === undefined || Math.min(clock.at, total.at) < timerAt) {
          clearTimeout(timer)
          watch()
        }
      })
      giveUp = undefined
      if (next.done === true) return
      const { value } = next
      hasContent ||= value.events.some(isContent)
      if (!hasContent) clock = firstContent
      isWhole = value.events.at(-1)?.type === 'finish'
      const heard = hear(value)
      if (heard !== undefined) await heard
      if (isWhole) return
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onLeft)
    if (!isWhole) controller.abort(callOver)
    // A provider that does not end on its abort must not hold the step.
    void iterator.return?.()?.catch(() => undefined)
  }
}

interface Clock {
  readonly name: string
  /** Of `performance.now()`. */
  at: number
  readonly ms: number
}
