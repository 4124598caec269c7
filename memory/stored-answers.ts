import { dot } from '../models/embedder.ts'
import type { AnswerLimits, Answers, KeptAnswer, KeptQuestion, NearAnswer, SeenPair } from './answers.ts'
import { toInt8 } from './int8.ts'
import { answerRow } from './kinds.ts'
import { everyRow } from './pages.ts'
import { anyPrincipal, type PrincipalFilter, type Store } from './store.ts'

/** As a row holds it: of the vector 8 bits a number, which no comparison shows. */
interface StoredAnswer extends Omit<KeptAnswer, 'question'> {
  readonly question?: (Omit<KeptQuestion, 'vector'> & { readonly vector: string }) | undefined
}

/** What is held in memory of a caller's answers: all but their texts. */
interface Held {
  readonly question: KeptQuestion | undefined
  readonly domain: string | undefined
  readonly seen: readonly SeenPair[]
  readonly bytes: number
  usedAt: number
}

interface Shelf {
  readonly held: Map<string, Held>
  /** Up to when rows of other processes are known. */
  lookedAt: number
}

const mostBytes = 20_000_000
const mostShelves = 64
/** Answers of other processes are seen after this long. What they removed is never given: each answer is read anew. */
const lookEveryMs = 30_000
const mostSeen = 40

/** Answers as rows of the store. */
export function createAnswers({ rows, now }: Pick<Store, 'rows' | 'now'>): Answers {
  const shelves = new Map<string, Promise<Shelf>>()
  /** What is being written: a removal comes after it. */
  const writing = new Set<Promise<unknown>>()

  async function written<T>(work: Promise<T>): Promise<T> {
    writing.add(work)
    try {
      return await work
    } finally {
      writing.delete(work)
    }
  }

  /** The caller's shelf, as the store has it. */
  function shelfOf(principal: string): Promise<Shelf> {
    const known = shelves.get(principal) ?? Promise.resolve({ held: new Map(), lookedAt: Number.NEGATIVE_INFINITY })
    const fresh = known.then((shelf) => (now() - shelf.lookedAt < lookEveryMs ? shelf : look(principal, shelf)))
    shelves.delete(principal)
    shelves.set(principal, fresh)
    fresh.catch(() => shelves.delete(principal))
    for (const oldest of shelves.keys()) {
      if (shelves.size <= mostShelves) break
      shelves.delete(oldest)
    }
    return fresh
  }

  async function look(principal: string, shelf: Shelf): Promise<Shelf> {
    const startedAt = now()
    for await (const row of newest(principal)) {
      // Two writes of one millisecond must both be seen.
      if (row.updatedAt < shelf.lookedAt - 1000) break
      if (isPast(row)) shelf.held.delete(row.id)
      else shelf.held.set(row.id, toHeld(row.value))
    }
    shelf.lookedAt = startedAt
    return shelf
  }

  const newest = (principal: PrincipalFilter) => everyRow<StoredAnswer>(rows, principal, answerRow, { order: 'updated' })

  const isPast = ({ expiresAt = Number.POSITIVE_INFINITY }: { expiresAt?: number | undefined }) => expiresAt <= now()

  async function drop(principal: string, shelf: Shelf, key: string): Promise<void> {
    shelf.held.delete(key)
    await rows.delete(principal, answerRow, key)
  }

  async function makeRoom(
    principal: string,
    shelf: Shelf,
    { entries, domainEntries }: AnswerLimits,
    domain: string | undefined,
  ): Promise<void> {
    const oldestFirst = () => [...shelf.held].toSorted(([, one], [, other]) => one.usedAt - other.usedAt)
    if (domainEntries !== undefined) {
      const own = oldestFirst().filter(([, held]) => held.domain === domain)
      for (const [key] of own.slice(0, Math.max(0, own.length - domainEntries))) await drop(principal, shelf, key)
    }
    let bytes = 0
    for (const held of shelf.held.values()) bytes += held.bytes
    if (shelf.held.size <= entries && bytes <= mostBytes) return
    for (const [key, held] of oldestFirst()) {
      if (shelf.held.size <= entries && bytes <= mostBytes) return
      bytes -= held.bytes
      await drop(principal, shelf, key)
    }
  }

  async function change(principal: string, key: string, by: (stored: StoredAnswer) => StoredAnswer): Promise<void> {
    const stored = await rows.update<StoredAnswer>(principal, answerRow, key, by)
    const shelf = await shelves.get(principal)
    if (stored === undefined) shelf?.held.delete(key)
    else shelf?.held.set(key, toHeld(stored))
  }

  return {
    async get(principal, key, { ttlMs }) {
      const row = await rows.get<StoredAnswer>(principal, answerRow, key)
      if (row === undefined || isPast(row) || now() - row.value.at >= ttlMs) return undefined
      return toKept(row.value)
    },

    async near(principal, { scope, embedder, vector }, { limit }) {
      const { held } = await shelfOf(principal)
      const found: NearAnswer[] = []
      for (const [key, { question, seen }] of held) {
        if (question?.scope !== scope || question.embedder !== embedder || question.vector.length !== vector.length) continue
        found.push({ key, text: question.text, cosine: dot(question.vector, vector), seen })
      }
      return found.toSorted((one, other) => other.cosine - one.cosine).slice(0, limit)
    },

    async seen(principal, domain, { but }) {
      const { held } = await shelfOf(principal)
      return [...held].flatMap(([key, one]) => (key !== but && one.domain === domain ? one.seen : []))
    },

    async keep(principal, key, answer, limits) {
      const shelf = await shelfOf(principal)
      const usedAt = now()
      const stored = toStored({ ...answer, hits: 0, usedAt, seen: shelf.held.get(key)?.seen ?? [] })
      await written(rows.put(principal, answerRow, key, stored, { expiresAt: answer.at + limits.ttlMs, mayWait: true }))
      shelf.held.set(key, toHeld(stored))
      await makeRoom(principal, shelf, limits, answer.domain)
    },

    used: (principal, key) => change(principal, key, (stored) => ({ ...stored, hits: stored.hits + 1, usedAt: now() })),

    compared: (principal, key, pair) =>
      change(principal, key, (stored) => ({ ...stored, seen: [...(stored.seen ?? []), pair].slice(-mostSeen) })),

    async list(principal) {
      const all: (KeptAnswer & { key: string })[] = []
      for await (const row of newest(principal)) if (!isPast(row)) all.push({ ...toKept(row.value), key: row.id })
      return all
    },

    async callers() {
      const all = new Set<string>()
      for await (const row of newest(anyPrincipal)) if (!isPast(row)) all.add(row.principal)
      return [...all].toSorted()
    },

    async remove(principal, isMeant) {
      await Promise.allSettled(writing)
      const keys: string[] = []
      for await (const { id, value } of newest(principal)) if (isMeant(toKept(value))) keys.push(id)
      let removed = 0
      for (const key of keys) if (await rows.delete(principal, answerRow, key)) removed += 1
      // Whoever looked meanwhile may have seen what is gone now.
      shelves.delete(principal)
      return removed
    },
  }
}

function toStored({ question, ...answer }: KeptAnswer): StoredAnswer {
  return { ...answer, ...(question !== undefined && { question: { ...question, vector: packed(question.vector) } }) }
}

function toKept({ question, ...stored }: StoredAnswer): KeptAnswer {
  return { ...stored, ...(question !== undefined && { question: { ...question, vector: unpacked(question.vector) } }) }
}

function toHeld({ question, domain, seen = [], text, usedAt }: StoredAnswer): Held {
  const bytes = 2 * text.length + 3000
  return { question: question && { ...question, vector: unpacked(question.vector) }, domain, seen, bytes, usedAt }
}

function packed(vector: Float32Array): string {
  return Buffer.from(toInt8(vector).values.buffer).toString('base64')
}

/** Of length 1 again. */
function unpacked(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  const vector = Float32Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length))
  const length = Math.sqrt(dot(vector, vector)) || 1
  return vector.map((value) => value / length)
}
