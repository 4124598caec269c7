import { z } from 'zod'
import type { Classification, ReadContext, Signal } from './signal.ts'

/** What both kinds that ask somebody else have in common. */
export const outsideOptions = {
  /** What it may answer; anything else counts as no label. */
  labels: z.array(z.string().min(1).max(200)).min(1).max(200),
  threshold: z.number().min(0).max(1).default(0.5),
  timeout_ms: z.int().min(10).max(30_000).default(1000),
  /**
   * What a failure is: `unscored`, so that rules which need it do not fire and the trace says why; `no_match`, an empty value; or
   * `match`, the first of `labels`, for a check that must not be passed by breaking it.
   */
  on_error: z.enum(['unscored', 'no_match', 'match']).default('unscored'),
}

interface OutsideOptions {
  readonly labels: readonly string[]
  readonly threshold: number
  readonly timeout_ms: number
  readonly on_error: 'unscored' | 'no_match' | 'match'
}

/** A signal that waits for somebody else's answer, no longer than its time limit. */
export function outsideSignal(
  name: string,
  { labels, threshold, timeout_ms: timeoutMs, on_error: onError }: OutsideOptions,
  ask: (text: string, context: Pick<ReadContext, 'signal'>) => Promise<Classification>,
): Signal {
  return {
    name,
    cost: 'wait',
    type: 'string',
    values: ['', ...labels],
    async read(step, { signal }) {
      if (step.text === '') return { value: '', confidence: 0 }
      const limit = AbortSignal.timeout(timeoutMs)
      try {
        const { label, confidence } = await ask(step.text, { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) })
        return { value: confidence >= threshold && labels.includes(label) ? label : '', confidence }
      } catch (cause) {
        signal?.throwIfAborted()
        if (onError === 'no_match') return { value: '', confidence: 0 }
        if (onError === 'match') return { value: labels[0] as string, confidence: 0 }
        throw limit.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause }) : cause
      }
    },
  }
}
