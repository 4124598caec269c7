import { MemoryError } from './errors.ts'
import { decisionRow } from './kinds.ts'
import { anyPrincipal, type PrincipalFilter, type Row, type Store, type WriteOptions } from './store.ts'

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
  /** Whoever made it, and who that is: for the owner of the instance, never passed on to a caller. */
  ofAnybody(id: string): Promise<OwnedDecision | undefined>
  /** `undefined` when the principal has no such decision. */
  rate(principal: string, id: string, verdict: Omit<Verdict, 'at'>): Promise<DecisionRecord | undefined>
  /** Newest first. */
  list(
    principal: PrincipalFilter,
    options?: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<{ decisions: OwnedDecision[]; nextCursor?: string }>
}

export interface OwnedDecision extends DecisionRecord {
  readonly principal: string
  /** When its outcome or a verdict last came. */
  readonly updatedAt: number
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

    async ofAnybody(id) {
      const row = await rows.get<DecisionRecord>(anyPrincipal, decisionRow, id)
      return row && toOwned(row)
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
      const decisions = found.rows.map(toOwned)
      return { decisions, ...(found.nextCursor !== undefined && { nextCursor: found.nextCursor }) }
    },
  }
}

function toOwned({ principal, value, updatedAt }: Row<DecisionRecord>): OwnedDecision {
  return { ...value, principal, updatedAt }
}

/** One caller cannot make a row grow without end. */
const maxVerdicts = 100
