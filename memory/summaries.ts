import { randomHex } from '../models/ids.ts'
import { summaryRow } from './kinds.ts'
import type { Store, Trust } from './store.ts'

/** What a thread was about, up to one of its turns; or what all threads were about. */
export interface Summary {
  readonly text: string
  /** The sequence of the last turn that is in it; of all threads, how many there are in it. */
  readonly upTo: number
  /** The model that wrote it; `extractive` where it is made of what was said, word for word. */
  readonly by: string
  /** The lowest of all that is in it. */
  readonly trust: Trust
  readonly at: number
}

/** Summaries by principal. They are made in the background, and go with anything that they were made of. */
export interface Summaries {
  get(principal: string, thread: string): Promise<Summary | undefined>
  /** Of all threads. */
  overview(principal: string): Promise<Summary | undefined>
  /**
   * Begins the work on a thread's summary, or on the overview. What comes of it is kept only if nothing was forgotten meanwhile, and nobody
   * else began later. `undefined` when another process is at it.
   */
  begin(principal: string, thread: string | undefined): Promise<SummaryWork | undefined>
}

export interface SummaryWork {
  readonly before: Summary | undefined
  /** `false` when it was not kept. */
  keep(summary: Omit<Summary, 'at'>): Promise<boolean>
}

interface Kept {
  readonly summary?: Summary | undefined
  readonly work?: { readonly id: string; readonly at: number } | undefined
}

/** The id of the row that no thread has. */
export const overviewId = 'all threads'
/** Work that took longer is taken for given up. */
const workMs = 120_000

export function createSummaries({ rows, now }: Pick<Store, 'rows' | 'now'>): Summaries {
  const read = async (principal: string, id: string) => (await rows.get<Kept>(principal, summaryRow, id))?.value.summary

  return {
    get: read,
    overview: (principal) => read(principal, overviewId),

    async begin(principal, thread = overviewId) {
      const work = { id: randomHex(), at: now() }
      let before: Summary | undefined
      if (!(await rows.insert<Kept>(principal, summaryRow, thread, { work }))) {
        const kept = await rows.update<Kept>(principal, summaryRow, thread, (value) => {
          before = value.summary
          const isTaken = value.work !== undefined && now() - value.work.at < workMs
          return isTaken ? undefined : { ...value, work }
        })
        if (kept?.work?.id !== work.id) return undefined
      }
      return {
        before,
        async keep(summary) {
          const kept = await rows.update<Kept>(principal, summaryRow, thread, (value) =>
            value.work?.id === work.id ? { summary: { ...summary, at: now() } } : undefined,
          )
          return kept !== undefined && kept.work === undefined
        },
      }
    },
  }
}
