import { randomHex } from '../models/ids.ts'
import { summaryDocument, summaryDocumentId, summaryRow, threadRow } from './kinds.ts'
import { cutIntoPieces } from './pieces.ts'
import type { Store, Trust } from './store.ts'
import type { ThreadFacts } from './thread-rows.ts'

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
const mostPieces = 10

export interface SummariesOptions {
  /** Decides how summaries are cut for search. */
  estimateTokens: (text: string) => number
}

export function createSummaries(
  store: Pick<Store, 'rows' | 'documents' | 'commit' | 'now'>,
  { estimateTokens }: SummariesOptions,
): Summaries {
  const { rows, now } = store
  const read = async (principal: string, id: string) => (await rows.get<Kept>(principal, summaryRow, id))?.value.summary

  /** In the place of what was found of it before, which goes last. What is forgotten meanwhile is not found again. */
  async function makeFindable(principal: string, thread: string, summary: Summary): Promise<void> {
    const id = summaryDocumentId(thread)
    const project = (await rows.get<ThreadFacts>(principal, threadRow, thread))?.value.project
    const documents = cutIntoPieces(summary.text, { estimateTokens, maxPieces: mostPieces }).map((text, index) => ({
      id: pieceId(id, index),
      pieceOf: id,
      kind: summaryDocument,
      thread,
      project,
      text,
      trust: summary.trust,
      createdAt: summary.at,
      facts: { by: summary.by, upTo: summary.upTo },
    }))
    await store.commit(principal, { touch: [{ kind: summaryRow, id: thread }], documents })
    // One that was longer had more of them.
    const ids = Array.from({ length: mostPieces }, (_, index) => pieceId(id, index)).slice(documents.length)
    if (ids.length > 0) await store.documents.delete(principal, { ids })
    const still = await read(principal, thread)
    if (still?.at !== summary.at) await store.documents.delete(principal, { ids: [id] })
  }

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
          if (kept?.summary === undefined || kept.work !== undefined) return false
          if (thread !== overviewId) await makeFindable(principal, thread, kept.summary)
          return true
        },
      }
    },
  }
}

function pieceId(summary: string, index: number): string {
  return `${summary}.${index + 1}`
}
