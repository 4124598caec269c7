/**
 * What can be seen of how a step turned out. `good` is what it says of the model that answered it, `weight` how much, against a
 * plain verdict. What says something of a tool call alone has no weight for the step.
 */
export const signs = {
  good: { good: true, weight: 1 },
  overkill: { good: true, weight: 1 },
  wrong: { good: false, weight: 1 },
  failed: { good: false, weight: 1 },
  tests_passed: { good: true, weight: 1 },
  tests_failed: { good: false, weight: 0.5 },
  tool_ok: { good: true, weight: 0 },
  tool_error: { good: false, weight: 0.5 },
  repeated: { good: false, weight: 0.5 },
  retried: { good: false, weight: 0.5 },
  corrected: { good: false, weight: 0.7 },
  satisfied: { good: true, weight: 0.5 },
  grounded: { good: true, weight: 0.3 },
  ungrounded: { good: false, weight: 0.5 },
  abandoned: { good: false, weight: 0.3 },
} as const

export type Sign = keyof typeof signs

/** Who says so: what happened counts before what a person said, and that before what a model thinks of its own work. */
export type VerdictSource = 'harness' | 'person' | 'model'
const sourceWeights: Readonly<Record<VerdictSource, number>> = { harness: 1, person: 0.8, model: 0.4 }

export interface SeenSign {
  readonly sign: Sign
  readonly source: VerdictSource
  /** Of a sign about a call. */
  readonly tool?: string | undefined
  readonly call?: string | undefined
}

export function weightOf({ sign, source }: Pick<SeenSign, 'sign' | 'source'>): number {
  return signs[sign].weight * sourceWeights[source]
}
