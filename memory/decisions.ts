import type { PrincipalFilter } from './store.ts'

/** A plan and its outcome, as one row that can be read back and replayed. `plan` and `outcome` are JSON of other folders. */
export interface DecisionRecord {
  readonly id: string
  readonly thread?: string | undefined
  /** The decision that started the loop this one belongs to. */
  readonly parent?: string | undefined
  readonly plan: unknown
  readonly outcome?: unknown
  readonly at: number
  /** Verdicts that came later, oldest first. */
  readonly verdicts: readonly Verdict[]
}

export interface Verdict {
  readonly outcome: 'good' | 'wrong' | 'overkill' | 'failed'
  readonly note?: string | undefined
  readonly at: number
  /** Who said it: `person`, `harness`, `model`. */
  readonly by: 'person' | 'harness' | 'model'
}

export interface DecisionLog {
  record(principal: string, decision: Omit<DecisionRecord, 'at' | 'verdicts'>): Promise<void>
  get(principal: PrincipalFilter, id: string): Promise<DecisionRecord | undefined>
  /** `undefined` when the principal has no such decision. */
  rate(principal: string, id: string, verdict: Omit<Verdict, 'at'>): Promise<DecisionRecord | undefined>
  /** Newest first. */
  list(
    principal: PrincipalFilter,
    options?: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<{ decisions: DecisionRecord[]; nextCursor?: string }>
}
