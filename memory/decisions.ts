import { MemoryError } from './errors.ts'
import { decisionRow } from './kinds.ts'
import type { PrincipalFilter, Store, WriteOptions } from './store.ts'

/** A plan and its outcome, as one row that can be read back and replayed. `plan` and `outcome` are JSON of other folders. */
export interface DecisionRecord {
  readonly id: string
  readonly thread?: string | undefined
  /** The decision that started the loop this one belongs to. */
  readonly parent?: string | undefined
  readonly plan: unknown
  /** What is needed to make the decision again. */
  readonly recorded?: unknown
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
  /** A decision recorded again keeps its time and verdicts: an outcome follows its plan. */
  record(principal: string, decision: Omit<DecisionRecord, 'at' | 'verdicts'>, options?: WriteOptions): Promise<void>
  get(principal: PrincipalFilter, id: string): Promise<DecisionRecord | undefined>
  /** `undefined` when the principal has no such decision. */
  rate(principal: string, id: string, verdict: Omit<Verdict, 'at'>): Promise<DecisionRecord | undefined>
  /** Newest first. */
  list(
    principal: PrincipalFilter,
    options?: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<{ decisions: (DecisionRecord & { readonly principal: string })[]; nextCursor?: string }>
}

/** Decisions as rows; how long they are kept is the store's retention. */
export function createDecisionLog({ rows, now }: Store): DecisionLog {
  return {
    async record(principal, decision, options) {
      const record: DecisionRecord = { ...decision, at: now(), verdicts: [] }
      if (await rows.insert(principal, decisionRow, decision.id, record, options)) return
      await rows.update<DecisionRecord>(principal, decisionRow, decision.id, ({ at, verdicts }) => ({ ...decision, at, verdicts }))
    },

    async get(principal, id) {
      return (await rows.get<DecisionRecord>(principal, decisionRow, id))?.value
    },

    async rate(principal, id, verdict) {
      return rows.update<DecisionRecord>(principal, decisionRow, id, (decision) => {
        if (decision.verdicts.length >= maxVerdicts) {
          throw new MemoryError(`Cannot rate the decision "${id}": it has ${maxVerdicts} verdicts already`, {
            code: 'memory_refused',
            operation: 'rate a decision',
          })
        }
        return { ...decision, verdicts: [...decision.verdicts, { ...verdict, at: now() }] }
      })
    },

    async list(principal, { limit = 50, cursor } = {}) {
      const found = await rows.list<DecisionRecord>(principal, decisionRow, { limit, cursor })
      const decisions = found.rows.map(({ principal: whose, value }) => ({ ...value, principal: whose }))
      return { decisions, ...(found.nextCursor !== undefined && { nextCursor: found.nextCursor }) }
    },
  }
}

/** One caller cannot make a row grow without end. */
const maxVerdicts = 100
