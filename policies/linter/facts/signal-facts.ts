import { leastConfidence } from '../../signals/embedding.ts'
import type { SignalOptions } from '../../signals/kinds.ts'

/**
 * What is known of a signal beyond its type and values, by its kind: which fact of the step it repeats, and how sure it always is.
 * A kind that is not here may say anything that its type allows.
 */
export interface SignalFacts {
  readonly repeats?: string | undefined
  readonly confidence?: number | undefined
  /** The words of which one stands in the step's text. */
  readonly words?: readonly string[] | undefined
  /** Whenever it names something, it is at least as sure. */
  readonly leastConfidence?: number | undefined
  /** Whether it may not be there, though it asks nobody. */
  readonly mayFail?: boolean | undefined
}

export function signalFacts(options: SignalOptions): SignalFacts {
  switch (options.kind) {
    case 'size':
      return { repeats: 'step.input_tokens', confidence: 0.9 }
    case 'turn':
      return { repeats: 'step.kind', confidence: 1 }
    case 'tool_loop':
      return { repeats: 'step.tool_loop', confidence: 1 }
    case 'modality':
      return { repeats: 'step.modality', confidence: 1 }
    case 'keyword':
      return keywordFacts(options)
    case 'budget':
    case 'pool_state':
      return { mayFail: true, confidence: 1 }
    case 'embedding':
      return { leastConfidence: leastConfidence(options) }
    default:
      return {}
  }
}

/** Only whole words of which one must be there can be reasoned over as words. */
function keywordFacts({ any, all, none, method }: Extract<SignalOptions, { kind: 'keyword' }>): SignalFacts {
  if (method === 'bm25' || method === 'ngram') return {}
  return { words: method === 'literal' && all === undefined && none === undefined ? any : undefined, confidence: 1 }
}
