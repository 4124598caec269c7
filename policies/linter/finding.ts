import type { WitnessView } from './witness-view.ts'

export const findingCodes = {
  contradiction: 'a rule can never fire',
  shadowed: 'a rule never decides, since others decide before it',
  redundant: 'without the rule nothing would change',
  conflict: 'two rules of the same tier and priority can both fire and choose differently',
  default_never: 'the default is never reached',
  default_always: 'no rule can ever decide',
  pool_unreachable: 'no rule and not the default chooses a pool first',
  tool_allowed_and_blocked: 'a tool is allowed and kept away at once',
  label_never_named: 'a label of an embedding signal can never be named',
  examples_taken: 'an earlier rule decides examples for which a later one waits',
  co_fire: 'two rules that choose differently fired on the same steps',
  soft_shadowing: 'a rule decided although another one was much surer',
  calibration_conflict: 'two signals fire together at the edge of their thresholds',
  not_analysed: 'a part of a condition was not looked into',
} as const

export type FindingCode = keyof typeof findingCodes

/** Something about a policy that its author will want to know. An error keeps it from being served. */
export interface Finding {
  readonly code: FindingCode
  /** 1: crisp conditions; 2: thresholds of embedding signals; 3: what recorded steps show. */
  readonly level: 1 | 2 | 3
  readonly severity: 'error' | 'warning' | 'report'
  /** Names of those concerned; `default` is the default. */
  readonly rules: readonly string[]
  /** Plain words, with the proof where something can never happen. */
  readonly message: string
  /** A step that shows it, on which the conditions were evaluated; `null` where there can be none. */
  readonly witness: WitnessView | null
  readonly mend: string
}
