import type { DecisionRecord } from './decisions.ts'
import {
  computerSessionRow,
  conversationRow,
  decisionRow,
  frameRow,
  pastStepsRow,
  sessionRiskRow,
  sessionSpendRow,
  summaryDocumentId,
  summaryRow,
  threadFramesRow,
  threadNameRow,
  threadRow,
} from './kinds.ts'
import { everyRow } from './pages.ts'
import type { Store } from './store.ts'
import { overviewId } from './summaries.ts'
import type { ThreadFacts } from './thread-rows.ts'

/**
 * Removes a thread with its turns, documents, vectors, decisions and screenshots. Most of it goes in slices; the last transaction takes the
 * row together with whatever was appended meanwhile, so a removal that was cut short can be asked for again.
 *
 * @returns What is gone, or `undefined` when there is no such thread.
 */
export async function removeThread(store: Store, principal: string, id: string): Promise<{ turns: number } | undefined> {
  const row = await store.rows.get<ThreadFacts>(principal, threadRow, id)
  if (row === undefined) return undefined
  const turns = await store.logs.length(principal, id)
  await removeDecisions(store, principal, (decision) => decision.thread === id)
  await removeFrames(store, principal, id)
  await store.documents.delete(principal, { thread: id })
  await store.logs.delete(principal, id)
  const name = row.value.name === undefined ? [] : [{ kind: threadNameRow, id: row.value.name }]
  await store.commit(principal, {
    remove: {
      rows: [
        ...name,
        { kind: conversationRow, id },
        { kind: computerSessionRow, id },
        { kind: sessionRiskRow, id },
        { kind: sessionSpendRow, id },
        { kind: summaryRow, id },
        { kind: summaryRow, id: overviewId },
        { kind: threadRow, id },
      ],
      streams: [id],
      threads: [id],
    },
  })
  return { turns }
}

async function removeFrames(store: Store, principal: string, thread: string): Promise<void> {
  const row = await store.rows.get<{ ids: readonly string[] }>(principal, threadFramesRow, thread)
  if (row === undefined) return
  const { ids } = row.value
  await store.blobs.delete(principal, frameRow, ids)
  const rows = ids.map((id) => ({ kind: frameRow, id }))
  await store.commit(principal, { remove: { rows: [...rows, { kind: threadFramesRow, id: thread }] } })
}

export async function removeDecisions(store: Store, principal: string, which: (decision: DecisionRecord) => boolean): Promise<number> {
  let removed = 0
  for await (const { id, value } of everyRow<DecisionRecord>(store.rows, principal, decisionRow)) {
    if (which(value) && (await store.rows.delete(principal, decisionRow, id))) removed += 1
  }
  return removed
}

/**
 * What was made in the background of a thread's turns, when some of them go: a summary says what they said.
 *
 * @returns Whether there was one. Then the decision on it (`isOnSummaryOf`) has the same words.
 */
export async function removeSummary(store: Store, principal: string, thread: string): Promise<boolean> {
  await store.rows.delete(principal, summaryRow, overviewId)
  const wasThere = await store.rows.delete(principal, summaryRow, thread)
  await store.documents.delete(principal, { ids: [summaryDocumentId(thread)] })
  return wasThere
}

export function isOnSummaryOf(threads: ReadonlySet<string>): (decision: DecisionRecord) => boolean {
  return ({ thread, recorded }) => thread !== undefined && threads.has(thread) && isBackground(recorded)
}

function isBackground(recorded: unknown): boolean {
  return (recorded as { step?: { kind?: unknown } } | undefined)?.step?.kind === 'background'
}

/** What is known of screens and of the work on them, also where it belongs to no thread; the pictures are blobs. */
export async function removeScreens(store: Store, principal: string): Promise<void> {
  for (const kind of [frameRow, threadFramesRow, computerSessionRow, pastStepsRow]) {
    for (let cursor: string | undefined; ; ) {
      const { rows, nextCursor } = await store.rows.list(principal, kind, { cursor, limit: 200 })
      if (rows.length > 0) await store.commit(principal, { remove: { rows: rows.map(({ id }) => ({ kind, id })) } })
      if (nextCursor === undefined) break
      cursor = nextCursor
    }
  }
}
