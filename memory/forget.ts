import { isId } from '../models/ids.ts'
import { MemoryError } from './errors.ts'
import { decisionRow, factDocument, summaryDocument, summaryDocumentId, summaryRow, threadRow } from './kinds.ts'
import { everyRow, factsOf } from './pages.ts'
import { isOnSummaryOf, removeDecisions, removeScreens, removeSummary, removeThread } from './removal.ts'
import type { Store } from './store.ts'
import { overviewId } from './summaries.ts'
import { textFilter, valueFilter } from './text-filter.ts'
import { resolveThread, type ThreadFacts, toTurn } from './thread-rows.ts'
import type { NewTurn, Turn } from './threads.ts'
import { titleOf } from './turn-documents.ts'

/** Exactly one of them. */
export interface ForgetFilter {
  /** Of a memory, a turn, a piece of one, a thread or a decision. */
  id?: string | undefined
  thread?: string | undefined
  /** Whatever holds these words. */
  text?: string | undefined
  all?: boolean | undefined
}

export interface Forgotten {
  memories: number
  threads: number
  turns: number
}

/** Removes what a person wants gone, wherever memory holds it, and then scrubs the store of it. */
export async function forget(store: Store, principal: string, { id, thread, text, all }: ForgetFilter): Promise<Forgotten> {
  const given = [id, thread, text, all === true ? true : undefined].filter((one) => one !== undefined)
  if (given.length !== 1) refuse(`exactly one of id, thread, text and all must be given, received ${given.length}`)
  if (text?.trim() === '') refuse('the text must have words')

  const forgotten = { memories: 0, threads: 0, turns: 0 }
  if (id !== undefined) await forgetId(store, principal, id, forgotten)
  else if (thread !== undefined) await forgetThread(store, principal, thread, forgotten)
  else if (text !== undefined) await forgetText(store, principal, text, forgotten)
  else await forgetAll(store, principal, forgotten)
  await store.scrub()
  return forgotten
}

async function forgetId(store: Store, principal: string, id: string, forgotten: Forgotten): Promise<void> {
  if (isId('thread', id)) return forgetThread(store, principal, id, forgotten)
  if (isId('decision', id)) return void (await store.rows.delete(principal, decisionRow, id))
  const { documents } = await store.documents.list(principal, { ids: [id], limit: 1 })
  const found = documents[0]
  if (found?.kind === factDocument) {
    forgotten.memories += (await store.documents.delete(principal, { ids: [found.pieceOf ?? found.id] })).length
    return
  }
  if (found?.kind === summaryDocument && found.thread !== undefined) {
    await removeSummary(store, principal, found.thread)
    await removeDecisions(store, principal, isOnSummaryOf(new Set([found.thread])))
    forgotten.memories += 1
    return
  }
  const turn = found?.pieceOf ?? found?.id ?? id
  if (!isId('turn', turn)) return
  const summarised = new Set<string>()
  for (const thread of found?.thread === undefined ? await threadIds(store, principal) : [found.thread]) {
    forgotten.turns += await removeTurns(store, principal, thread, { which: (one) => one.id === turn, summarised })
  }
  if (summarised.size > 0) await removeDecisions(store, principal, isOnSummaryOf(summarised))
}

async function forgetThread(store: Store, principal: string, idOrName: string, forgotten: Forgotten): Promise<void> {
  const id = await resolveThread(store, principal, idOrName)
  if (id === undefined) return
  const facts = await countFacts(store, principal, id)
  const removed = await removeThread(store, principal, id)
  if (removed === undefined) return
  forgotten.threads += 1
  forgotten.turns += removed.turns
  forgotten.memories += facts
}

async function forgetText(store: Store, principal: string, text: string, forgotten: Forgotten): Promise<void> {
  const holds = textFilter(text)
  const isHolding = valueFilter(text)
  const summarised = new Set<string>()
  for (const thread of await threadIds(store, principal)) {
    forgotten.turns += await removeTurns(store, principal, thread, { which: (turn) => isHolding(turn.content), summarised })
  }
  const facts = await factsHolding(store, principal, holds)
  if (facts.length > 0) forgotten.memories += (await store.documents.delete(principal, { ids: facts })).length
  await store.documents.delete(principal, { text })
  // A model may have put it in words that no turn has.
  for await (const { id, value } of everyRow(store.rows, principal, summaryRow)) {
    if (!isHolding(value)) continue
    await store.rows.delete(principal, summaryRow, id)
    // The words may stand across the place where it was cut.
    await store.documents.delete(principal, { ids: [summaryDocumentId(id)] })
  }
  const isOnSummary = isOnSummaryOf(summarised)
  await removeDecisions(store, principal, (decision) => isHolding(decision) || isOnSummary(decision))
}

async function forgetAll(store: Store, principal: string, forgotten: Forgotten): Promise<void> {
  // It comes first: each thread looks through the decisions that are left. What was decided meanwhile goes at the end.
  await removeDecisions(store, principal, () => true)
  for (const thread of await threadIds(store, principal)) await forgetThread(store, principal, thread, forgotten)
  forgotten.memories += await countFacts(store, principal)
  await store.documents.delete(principal, {})
  await store.rows.delete(principal, summaryRow, overviewId)
  await removeDecisions(store, principal, () => true)
  await removeScreens(store, principal)
  await store.blobs.clear(principal)
}

interface TurnsToRemove {
  readonly which: (turn: Turn) => boolean
  /** Gets the threads whose summary went with their turns: the decisions on those are looked for once, for all of them. */
  readonly summarised: Set<string>
}

/** Removes turns with what makes them findable and what was decided on them. A title taken from one of them is taken anew. */
async function removeTurns(store: Store, principal: string, thread: string, { which, summarised }: TurnsToRemove): Promise<number> {
  const removed: Turn[] = []
  for (let after = 0; ; ) {
    const page = (await store.logs.read<NewTurn>(principal, thread, { after, limit: 200 })).map(toTurn)
    removed.push(...page.filter(which))
    if (page.length < 200) break
    after = page.at(-1)?.sequence ?? after
  }
  if (removed.length === 0) return 0
  // It comes first: what is being written of these turns is not kept then.
  if (await removeSummary(store, principal, thread)) summarised.add(thread)
  const ids = removed.map((turn) => turn.id)
  await store.documents.delete(principal, { ids })
  for (const { decision } of removed) if (decision !== undefined) await store.rows.delete(principal, decisionRow, decision)
  const count = await store.logs.remove(principal, thread, ids)
  const titles = new Set(removed.map((turn) => titleOf(turn.content)))
  const rest = (await store.logs.read<NewTurn>(principal, thread, { limit: 20 })).map((entry) => titleOf(entry.value.content))
  await store.rows.update<ThreadFacts>(principal, threadRow, thread, (facts) =>
    titles.has(facts.title) ? { ...facts, title: rest.find((title) => title !== '') ?? '' } : undefined,
  )
  return count
}

async function threadIds(store: Store, principal: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of everyRow(store.rows, principal, threadRow)) ids.push(id)
  return ids
}

async function countFacts(store: Store, principal: string, thread?: string): Promise<number> {
  let count = 0
  for await (const _ of factsOf(store, principal, thread)) count += 1
  return count
}

/** Whole memories: the words may stand across the place where one was cut. */
async function factsHolding(store: Store, principal: string, holds: (text: string) => boolean): Promise<string[]> {
  const texts = new Map<string, string>()
  for await (const { id, pieceOf = id, text } of factsOf(store, principal)) texts.set(pieceOf, (texts.get(pieceOf) ?? '') + text)
  return [...texts].filter(([, text]) => holds(text)).map(([id]) => id)
}

function refuse(rule: string): never {
  throw new MemoryError(`Cannot forget: ${rule}`, { code: 'memory_refused', operation: 'forget' })
}
