import type { LogEntry, LogStore } from '../../../memory/index.ts'
import { createId } from '../../../models/ids.ts'
import type { LearnerChoice } from '../../../policies/index.ts'
import type { SeenSign } from './signs.ts'

/** The stream of each principal that holds which model answered which step, and what was seen of it later. */
const stepStream = 'step-outcomes'

/** A step that a model answered: no word of it is kept. */
export interface StepEntry {
  readonly decision: string
  /** The decision that began the loop it belongs to: its own where it began one. */
  readonly loop: string
  readonly thread?: string | undefined
  readonly model: string
  readonly domain?: string | undefined
  /** Tokens of input and of the answer that was allowed. */
  readonly tokens: number
  readonly propensity: number
  /** Of a selector that learns, unless the loop was held: whom it would have chosen. */
  readonly learner?: LearnerChoice | undefined
  /** For a selector that is taught by each step: what it saw, and what it expected before anything was known. */
  readonly lesson?: { readonly name: string; readonly features: readonly number[]; readonly prior: number } | undefined
  /** Whether text of others stood in the step: what is seen of it teaches nothing. */
  readonly tainted?: true | undefined
  /** Whether a cascade went on to its stronger model. */
  readonly escalated?: true | undefined
}

export interface VerdictEntry extends SeenSign {
  /** The decision that it is about. */
  readonly of: string
}

export type StepLogEntry = StepEntry | VerdictEntry

export function isVerdict(entry: StepLogEntry): entry is VerdictEntry {
  return 'of' in entry
}

export interface StepLog {
  append(principal: string, entries: readonly StepLogEntry[]): Promise<void>
  /** The newest, oldest first. */
  read(principal: string, newest: number): Promise<LogEntry<StepLogEntry>[]>
  /** All of it, oldest first, page by page. */
  all(principal: string): AsyncGenerator<LogEntry<StepLogEntry>>
  principals(): Promise<string[]>
  /** How much there is, of all. */
  size(): Promise<number>
  /** Removes the steps that are meant, with what was seen of them. */
  remove(principal: string, isMeant: (entry: StepEntry) => boolean): Promise<number>
}

const perPage = 500

export function createStepLog(logs: LogStore): StepLog {
  async function* all(principal: string): AsyncGenerator<LogEntry<StepLogEntry>> {
    for (let after = 0; ; ) {
      const page = await logs.read<StepLogEntry>(principal, stepStream, { after, limit: perPage })
      yield* page
      if (page.length < perPage) return
      after = page.at(-1)?.sequence ?? after
    }
  }

  return {
    async append(principal, entries) {
      if (entries.length === 0) return
      await logs.append(
        principal,
        stepStream,
        entries.map((value) => ({ id: createId('outcome'), value })),
        { mayWait: true },
      )
    },
    read: (principal, newest) => logs.read<StepLogEntry>(principal, stepStream, { last: newest }),
    all,
    principals: () => logs.principals(stepStream),

    async size() {
      const principals = await logs.principals(stepStream)
      const lengths = await Promise.all(principals.map((principal) => logs.length(principal, stepStream)))
      return lengths.reduce((sum, length) => sum + length, 0)
    },

    async remove(principal, isMeant) {
      const decisions = new Set<string>()
      const removed: string[] = []
      for await (const { id, value } of all(principal)) {
        if (isVerdict(value) ? !decisions.has(value.of) : !isMeant(value)) continue
        if (!isVerdict(value)) decisions.add(value.decision)
        removed.push(id)
      }
      return removed.length === 0 ? 0 : logs.remove(principal, stepStream, removed)
    },
  }
}
