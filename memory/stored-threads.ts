import { createId, isId } from '../models/ids.ts'
import { joinTaint, noTaint } from '../models/taint.ts'
import { MemoryError } from './errors.ts'
import { sessionRiskRow, threadNameRow, threadRow, toolResultDocument, turnDocument } from './kinds.ts'
import { removeThread } from './removal.ts'
import { snippetOf } from './snippet.ts'
import type { Held, LogEntry, Row, Store } from './store.ts'
import { resolveThread, type ThreadFacts, toTurn } from './thread-rows.ts'
import type { NewTurn, ThreadSummary, Threads } from './threads.ts'
import { documentsOfTurn, titleOf } from './turn-documents.ts'

export interface ThreadsOptions {
  /** Decides how long texts are cut for search. */
  estimateTokens: (text: string) => number
  /** What each principal may keep in threads; without it they are bound by retention alone. */
  quota?: ThreadQuota | undefined
}

/** Whoever fills the store fills their own part alone. */
export interface ThreadQuota {
  readonly turns: number
  readonly bytes: number
  /** A turn that does not fit is refused, or the principal's threads that were not used for longest make room for it. */
  readonly whenFull: 'refuse' | 'oldest'
}

const maxNameLength = 200
const turnsPerCopy = 200

/** Room is made for more than the next turn, so that not each one has to make it again. */
const roomShare = 0.05

export function createThreads(store: Store, { estimateTokens, quota }: ThreadsOptions): Threads {
  /** @throws {MemoryError} `memory_refused` where the turns do not fit. */
  const makeRoom = async (principal: string, kept: readonly string[], turns: readonly NewTurn[]): Promise<void> => {
    if (quota === undefined) return
    const bytes = turns.reduce((sum, turn) => sum + Buffer.byteLength(JSON.stringify(turn)), 0)
    const hasRoom = ({ entries, bytes: taken }: Held, share: number) =>
      entries + turns.length <= quota.turns * share && taken + bytes <= quota.bytes * share
    let held = await store.logs.heldInThreads(principal)
    if (hasRoom(held, 1)) return
    if (quota.whenFull === 'oldest') {
      const staying = await store.logs.heldInThreads(principal, kept)
      // What does not fit beside the threads that stay makes nobody go.
      const share = [1 - roomShare, 1].find((one) => hasRoom(staying, one))
      while (share !== undefined && !hasRoom(held, share)) {
        const oldest = await leastUsed(store, principal, kept)
        if (oldest === undefined) break
        await removeThread(store, principal, oldest)
        held = await store.logs.heldInThreads(principal)
      }
    }
    if (hasRoom(held, 1)) return
    throw new MemoryError(
      `Cannot keep a turn: a caller may keep ${quota.turns} turns of ${quota.bytes} bytes together, and has ${held.entries} of ${held.bytes} where ${turns.length} of ${bytes} more are to be kept; forget a thread first`,
      { code: 'memory_refused', operation: 'append to a thread' },
    )
  }

  const create = async (principal: string, facts: ThreadFacts): Promise<ThreadSummary | undefined> => {
    const id = createId('thread')
    const name = facts.name === undefined ? [] : [{ kind: threadNameRow, id: facts.name, value: { thread: id } }]
    const done = await store.commit(principal, { insert: [...name, { kind: threadRow, id, value: facts }] })
    return done && (await summaryOf(principal, id))
  }

  const summaryOf = async (principal: string, id: string): Promise<ThreadSummary | undefined> => {
    const row = await store.rows.get<ThreadFacts>(principal, threadRow, id)
    return row && toSummary(store, row)
  }

  const append = async (
    principal: string,
    id: string,
    turns: readonly (NewTurn & { id: string; at: number })[],
    { copiedFrom }: { copiedFrom?: string } = {},
  ) => {
    const row = await store.rows.get<ThreadFacts>(principal, threadRow, id)
    if (row === undefined) return undefined
    await makeRoom(principal, copiedFrom === undefined ? [id] : [id, copiedFrom], turns)
    // The name is touched with its thread, so that both reach the end of their retention together.
    const name = row.value.name === undefined ? [] : [{ kind: threadNameRow, id: row.value.name }]
    const entries = await store.commit(principal, {
      touch: [{ kind: threadRow, id }, ...name],
      append: [{ stream: id, entries: turns.map(({ id: turn, at, ...value }) => ({ id: turn, at, value })) }],
      documents: turns.flatMap((turn) => documentsOfTurn(turn, { thread: id, project: row.value.project, estimateTokens })),
    })
    if (entries === undefined) return undefined
    const title = row.value.title === '' ? turns.map((turn) => titleOf(turn.content)).find((text) => text !== '') : undefined
    if (title !== undefined) {
      await store.rows.update<ThreadFacts>(principal, threadRow, id, (facts) => (facts.title === '' ? { ...facts, title } : undefined))
    }
    return entries.map((entry) => toTurn(entry as LogEntry<NewTurn>))
  }

  const threads: Threads = {
    async open(principal, idOrName, { project } = {}) {
      if (idOrName === undefined) return (await create(principal, { title: '', project })) ?? refuseUnknown('open', 'without a name')
      if (isId('thread', idOrName)) return (await summaryOf(principal, idOrName)) ?? refuseUnknown('open', idOrName)
      const name = checkName(idOrName)
      // Whoever is second to make a thread of this name finds the one of the first.
      for (let tries = 0; tries < 3; tries += 1) {
        const id = await resolveThread(store, principal, name)
        const found = id === undefined ? undefined : await summaryOf(principal, id)
        if (found !== undefined) return found
        if (id !== undefined) await store.rows.delete(principal, threadNameRow, name)
        const made = await create(principal, { name, title: '', project })
        if (made !== undefined) return made
      }
      return refuseUnknown('open', name)
    },

    async get(principal, idOrName) {
      const id = await resolveThread(store, principal, idOrName)
      return id === undefined ? undefined : summaryOf(principal, id)
    },

    async append(principal, thread, turns) {
      if (turns.length === 0) return []
      const id = await resolveThread(store, principal, thread)
      const at = store.now()
      const appended =
        id &&
        (await append(
          principal,
          id,
          turns.map((turn) => ({ ...turn, id: createId('turn'), at })),
        ))
      return appended || refuseUnknown('append to', thread)
    },

    async turns(principal, thread, range) {
      const id = await resolveThread(store, principal, thread)
      if (id === undefined) return []
      return (await store.logs.read<NewTurn>(principal, id, range)).map(toTurn)
    },

    async list(principal, { cursor, limit = 50 } = {}) {
      const { rows, nextCursor } = await store.rows.list<ThreadFacts>(principal, threadRow, { cursor, limit, order: 'updated' })
      const summaries = await Promise.all(rows.map((row) => toSummary(store, row)))
      return { threads: summaries, ...(nextCursor !== undefined && { nextCursor }) }
    },

    async search(principal, query, { limit = 20 } = {}) {
      const hits = await store.documents.search({ principal, text: query, kinds: [turnDocument, toolResultDocument], limit: limit * 5 })
      const best = new Map<string, string>()
      for (const { document } of hits.toSorted((left, right) => right.lexical - left.lexical)) {
        if (document.thread !== undefined && !best.has(document.thread)) best.set(document.thread, snippetOf(document.text, query))
      }
      const found = [...best].slice(0, limit).map(async ([id, snippet]) => {
        const summary = await summaryOf(principal, id)
        return summary && { ...summary, snippet }
      })
      return (await Promise.all(found)).filter((one) => one !== undefined)
    },

    async fork(principal, thread, { upTo = Number.POSITIVE_INFINITY, name } = {}) {
      const source = await threads.get(principal, thread)
      if (source === undefined) return refuseUnknown('fork', thread)
      const alias = name === undefined ? undefined : checkName(name)
      const { title, taint, project } = source
      const made = await create(principal, {
        name: alias,
        title,
        project,
        forkedFrom: source.thread,
        ...(taint !== undefined && { taint }),
      })
      if (made === undefined) {
        throw new MemoryError(`Cannot fork a thread: the name "${name}" is taken`, { code: 'memory_refused', operation: 'fork a thread' })
      }
      const risk = await store.rows.get(principal, sessionRiskRow, source.thread)
      if (risk !== undefined) await store.rows.put(principal, sessionRiskRow, made.thread, risk.value, { expiresAt: risk.expiresAt })
      try {
        for (let after = 0; ; ) {
          const page = await threads.turns(principal, source.thread, { after, limit: turnsPerCopy })
          const copied = page.filter((turn) => turn.sequence <= upTo)
          const turns = copied.map(({ sequence, ...turn }) => ({ ...turn, id: createId('turn') }))
          if (turns.length > 0) await append(principal, made.thread, turns, { copiedFrom: source.thread })
          if (page.length < turnsPerCopy || copied.length < page.length) break
          after = page.at(-1)?.sequence ?? after
        }
      } catch (error) {
        // Half a copy is none.
        await removeThread(store, principal, made.thread)
        throw error
      }
      return (await summaryOf(principal, made.thread)) ?? refuseUnknown('fork', thread)
    },

    async taint(principal, thread, taint) {
      const id = await resolveThread(store, principal, thread)
      if (id === undefined) return
      await store.rows.update<ThreadFacts>(principal, threadRow, id, (facts) => ({
        ...facts,
        taint: joinTaint(facts.taint ?? noTaint, taint),
      }))
    },

    async delete(principal, thread) {
      const id = await resolveThread(store, principal, thread)
      const removed = id === undefined ? undefined : await removeThread(store, principal, id)
      if (removed !== undefined) await store.scrub()
      return removed !== undefined
    },
  }
  return threads
}

/** The thread that nothing was said in for longest, but for these. */
async function leastUsed(store: Store, principal: string, kept: readonly string[]): Promise<string | undefined> {
  const { rows } = await store.rows.list<ThreadFacts>(principal, threadRow, { limit: kept.length + 1, order: 'least-updated' })
  return rows.find(({ id }) => !kept.includes(id))?.id
}

async function toSummary(store: Store, { principal, id, value, createdAt, updatedAt }: Row<ThreadFacts>): Promise<ThreadSummary> {
  return { thread: id, ...value, turns: await store.logs.length(principal, id), createdAt, updatedAt }
}

function checkName(text: string): string {
  const name = text.normalize('NFC').trim()
  if (name === '' || name.length > maxNameLength || /\p{C}/u.test(name)) {
    throw new MemoryError(
      `Cannot name a thread: a name must have 1 to ${maxNameLength} visible characters, received ${JSON.stringify(text.slice(0, 40))} of ${text.length}`,
      { code: 'memory_refused', operation: 'name a thread' },
    )
  }
  if (isId('thread', name)) {
    throw new MemoryError('Cannot name a thread: the name has the form of an id', { code: 'memory_refused', operation: 'name a thread' })
  }
  return name
}

function refuseUnknown(verb: string, thread: string): never {
  throw new MemoryError(`Cannot ${verb} a thread: there is no thread "${thread}"`, {
    code: 'memory_not_found',
    operation: `${verb} a thread`,
  })
}
